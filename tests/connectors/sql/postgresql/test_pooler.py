# SPDX-License-Identifier: Apache-2.0
"""Behind a pooler that gives one server session to all, transaction by transaction."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import uuid

import pytest
from helpers.postgresql import as_server_user
from helpers.processes import free_port, running, wait_for

PROJECT = pathlib.Path(__file__).resolve().parents[4]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))
NOTATION = ("DateStyle", "IntervalStyle", "TimeZone", "extra_float_digits", "bytea_output", "client_encoding")


@contextlib.contextmanager
def pgbouncer():
    """Gives the variables to reach the server through it."""
    with tempfile.TemporaryDirectory(prefix="cdk_pool_") as directory:
        root = pathlib.Path(directory)
        port = free_port()
        password = os.environ["PGPASSWORD"].replace("'", "''")
        server = f"host={os.environ['PGHOST']} port={os.environ['PGPORT']} user={os.environ['PGUSER']}"
        (root / "pool.ini").write_text(
            f"[databases]\n* = {server} password='{password}'\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\nunix_socket_dir =\n"
            "pool_mode = transaction\ndefault_pool_size = 1\nquery_wait_timeout = 10\n"
        )
        for path in (root, root / "pool.ini"):
            if os.geteuid() == 0:
                shutil.chown(path, "postgres", "postgres")
        command = [*as_server_user(), shutil.which("pgbouncer", path="/usr/sbin:/usr/bin"), str(root / "pool.ini")]
        variables = {"PGPORT": str(port)}
        with running(command, root / "log", cwd=root) as process:
            wait_for(lambda: psql("SELECT 1", **variables) == "1", process, root / "log")
            yield variables


def psql(sql: str, **variables: str) -> str:
    done = subprocess.run(
        ["psql", "-X", "-A", "-t", "-c", sql],
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def settings(**variables: str) -> list[str]:
    return [psql(f"SHOW {name}", **variables) for name in NOTATION]


@pytest.fixture
def table():
    name = "pool_" + uuid.uuid4().hex
    psql(
        f"CREATE TABLE {name} AS SELECT n AS id, n * interval '1 day' AS i, now() - n * interval '1 day' AS at "
        f"FROM generate_series(1, 5000) n"
    )
    yield name
    psql(f"DROP TABLE {name}")


def test_loads_work_and_leave_no_settings_behind(table):
    with pgbouncer() as pool:
        # Somebody else's session, with a notation of its own.
        psql("SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 0", **pool)
        before = settings(**pool)

        def cdk(*arguments: str) -> str:
            environment = {**os.environ, **pool}
            done = subprocess.run(
                [PROGRAM, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        source = ("-c", "postgresql", "--parent", "schema=public", "--parent", f"table={table}")
        assert "ok      source can be listed" in cdk("check", "-c", "postgresql")
        assert cdk("query-db", "-c", "postgresql", "SELECT interval '1 day'", "--scalar") == "1 day\n"
        cdk("replace", *source, "-d", table, "--create", "--dry-run")
        summary = json.loads(cdk("replace", *source, "-d", table, "--create", "--verify", "-o", "json"))
        assert summary["verification"]["proved"] == ["id", "i", "at"]
        cdk("append", *source, "-d", table, "--incremental-column", "at")
        cdk("append", *source, "-d", table, "--incremental-column", "id")
        assert cdk("query-tb", f"SELECT count() FROM {table}", "--scalar") == "5000\n"
        assert settings(**pool) == before
