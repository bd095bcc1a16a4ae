# SPDX-License-Identifier: Apache-2.0
"""A real standby beside the server of the suite: loads go to it when a replica is asked for."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import uuid

import pytest
from helpers.postgresql import as_server_user, program
from helpers.processes import free_port, running, wait_for

PROJECT = pathlib.Path(__file__).resolve().parents[4]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))


def psql(sql: str, **variables: str) -> str:
    done = subprocess.run(
        ["psql", "-X", "-A", "-t", "-c", sql],
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@contextlib.contextmanager
def standby():
    """Gives the port of a standby that follows the suite's server."""
    with tempfile.TemporaryDirectory(prefix="cdk_standby_") as directory:
        root = pathlib.Path(directory)
        if os.geteuid() == 0:
            shutil.chown(root, "postgres", "postgres")
        data = root / "data"
        copy = [*as_server_user(), program("pg_basebackup"), "-D", str(data), "-R", "-c", "fast", "-X", "stream"]
        done = subprocess.run(copy, env=os.environ, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        port = free_port()
        command = [*as_server_user(), program("postgres"), "-D", str(data), "-c", f"port={port}"]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={root}", "-c", "fsync=off"]
        # A standby must be able to hold as much as its primary.
        for name in ("max_connections", "max_prepared_transactions"):
            command += ["-c", f"{name}={psql(f'SHOW {name}')}"]
        with running(command, root / "log", cwd=root) as process:
            wait_for(lambda: psql("SELECT 1", PGPORT=str(port)) == "1", process, root / "log")
            yield str(port)
            process.send_signal(2)


@pytest.fixture
def table():
    name = "replica_" + uuid.uuid4().hex
    psql(f"CREATE TABLE {name} AS SELECT n AS id, now() - n * interval '1 day' AS at FROM generate_series(1, 50) n")
    yield name
    psql(f"DROP TABLE {name}")


def cdk(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, **variables}
    return subprocess.run(
        [PROGRAM, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )


def test_a_replica_is_chosen_and_a_primary_refused(table):
    load = ("append", "-c", "postgresql", "--parent", "schema=public", "--parent", f"table={table}", "-d", table)
    refused = cdk(*load, "--create", "--replica")
    assert refused.returncode == 1
    assert "is not in hot standby mode" in refused.stderr
    assert "A replica was asked for" in refused.stderr
    with standby() as port:
        both = {"PGHOST": "127.0.0.1,127.0.0.1", "PGPORT": f"{os.environ['PGPORT']},{port}"}
        ask = ("query-db", "-c", "postgresql", "SELECT pg_is_in_recovery()", "--scalar")
        assert cdk(*ask, **both).stdout == "false\n"
        assert cdk(*ask, "--replica", **both).stdout == "true\n"
        # libpq's own variable says the same without the option.
        assert cdk(*ask, **both, PGTARGETSESSIONATTRS="standby").stdout == "true\n"

        # A standby sees nobody who writes to its primary.
        alone = {"PGPORT": port}
        blind = cdk(*load, "--create", "--replica", "--incremental-column", "at", **alone)
        assert blind.returncode == 1
        assert "this server is a standby" in blind.stderr
        loaded = cdk(*load, "--replica", "--incremental-column", "at", "--lag", "10s", **alone)
        assert loaded.returncode == 0, loaded.stderr
        assert cdk("query-tb", f"SELECT count() FROM {table}", "--scalar").stdout == "50\n"
