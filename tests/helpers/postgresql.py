# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server for tests: a cluster of its own in a temporary directory, on a free port."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from helpers.processes import free_port, running, wait_for

PASSWORD = "a password with 'quotes'"


def program(name: str) -> str:
    """Debian keeps the server's programs out of PATH, one folder per version."""
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(versions[-1]) if versions else shutil.which(name)
    if not found:
        raise RuntimeError(f"PostgreSQL's {name} is not installed")
    return found


def as_server_user() -> list[str]:
    """The server refuses to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


@contextlib.contextmanager
def postgresql(**settings: str) -> Iterator[dict[str, str]]:
    """Gives the variables that libpq reads. Durability is off: the data goes away anyway."""
    with tempfile.TemporaryDirectory(prefix="cdk_pg_") as directory:
        root = pathlib.Path(directory)
        secret = root / "password"
        secret.write_text(PASSWORD)
        log = root / "log"
        data = root / "data"
        if os.geteuid() == 0:
            shutil.chown(root, "postgres", "postgres")
            shutil.chown(secret, "postgres", "postgres")
        initdb = [
            *as_server_user(),
            program("initdb"),
            *("--pgdata", str(data), "--username", "cdk", "--pwfile", str(secret), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        ]
        done = subprocess.run(initdb, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{done.stderr}")
        port = free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(root),
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "max_connections": "50",
            "max_prepared_transactions": "5",
            **settings,
        }
        command = [*as_server_user(), program("postgres"), "-D", str(data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with running(command, log, cwd=root) as process:
            variables = {
                "PGHOST": "127.0.0.1",
                "PGPORT": str(port),
                "PGUSER": "cdk",
                "PGPASSWORD": PASSWORD,
                "PGDATABASE": "postgres",
            }
            ready = ["pg_isready", "--quiet"]
            environment = {**os.environ, **variables}
            wait_for(lambda: subprocess.run(ready, env=environment).returncode == 0, process, log)
            yield variables
            # SIGTERM waits for clients; tests are done, so their connections may be cut.
            process.send_signal(2)
