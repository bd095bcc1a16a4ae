# SPDX-License-Identifier: Apache-2.0
"""A MariaDB server for tests: a data directory of its own in a temporary directory, on a free port."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from helpers.processes import free_port, running, wait_for

USER = "cdk"
PASSWORD = "a password with 'quotes'"


def program(name: str) -> str:
    """Debian keeps the server in /usr/sbin, which is not in everyone's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise RuntimeError(f"MariaDB's {name} is not installed")
    return found


def user_option() -> list[str]:
    """The server refuses to run as root without being told so; in a directory of its own that does no harm."""
    return ["--user=root"] if os.geteuid() == 0 else []


def make_certificates(folder: pathlib.Path) -> dict[str, str]:
    """A certificate for 127.0.0.1 only, and the authority that signed it. Gives the server's variables."""

    def openssl(*arguments: str) -> None:
        command = ["openssl", *arguments]
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test authority")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=127.0.0.1")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    sign = ["-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"]
    openssl("x509", "-req", *sign, "-out", "server.pem", "-days", "2")
    return {
        "ssl_ca": str(folder / "ca.pem"),
        "ssl_cert": str(folder / "server.pem"),
        "ssl_key": str(folder / "server.key"),
    }


@contextlib.contextmanager
def mariadb(*options: str, **settings: str) -> Iterator[dict[str, str]]:
    """Gives the variables that the kit reads, and CDK_TEST_MYSQL_SOCKET and _CA. The server has TLS, the variables say
    not to use it. Durability is off: the data goes away anyway.

    @param options more of the server's, as they stand on its command line
    @param settings the server's variables
    """
    with tempfile.TemporaryDirectory(prefix="cdk_my_") as directory:
        root = pathlib.Path(directory)
        log = root / "log"
        data = root / "data"
        socket = root / "socket"
        set_up = root / "set_up.sql"
        quoted = PASSWORD.replace("'", "''")
        set_up.write_text(
            "CREATE DATABASE test;\n"
            f"CREATE USER {USER}@'%' IDENTIFIED BY '{quoted}';\n"
            f"GRANT ALL ON *.* TO {USER}@'%' WITH GRANT OPTION;\n"
        )
        set_up.chmod(0o600)
        install = [program("mariadb-install-db"), "--no-defaults", *user_option(), f"--datadir={data}"]
        install += ["--auth-root-authentication-method=normal", "--skip-test-db"]
        done = subprocess.run(install, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"mariadb-install-db failed:\n{done.stdout}\n{done.stderr}")
        port = free_port()
        values = {
            "bind_address": "127.0.0.1",
            "port": str(port),
            "socket": str(socket),
            "datadir": str(data),
            "pid_file": str(root / "pid"),
            "init_file": str(set_up),
            "innodb_flush_log_at_trx_commit": "0",
            "innodb_doublewrite": "0",
            "max_allowed_packet": "128M",
            **make_certificates(root),
            **settings,
        }
        command = [program("mariadbd"), "--no-defaults", *user_option(), "--skip-log-bin", "--skip-name-resolve"]
        command += [f"--{name.replace('_', '-')}={value}" for name, value in values.items()] + list(options)
        with running(command, log, cwd=root) as process:
            variables = {
                "MYSQL_HOST": "127.0.0.1",
                "MYSQL_TCP_PORT": str(port),
                "MYSQL_USER": USER,
                "MYSQL_PWD": PASSWORD,
                "MYSQL_DATABASE": "test",
                "MYSQL_SSL_MODE": "DISABLED",
                "CDK_TEST_MYSQL_CA": str(root / "ca.pem"),
                "CDK_TEST_MYSQL_SOCKET": str(socket),
            }
            ask = [program("mariadb"), "--no-defaults", "--host=127.0.0.1", f"--port={port}", f"--user={USER}"]
            ask += ["--execute=SELECT 1", "test"]
            environment = {**os.environ, "MYSQL_PWD": PASSWORD}

            def is_ready() -> bool:
                done = subprocess.run(ask, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
                return done.returncode == 0

            wait_for(is_ready, process, log)
            yield variables
