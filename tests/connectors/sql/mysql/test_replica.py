# SPDX-License-Identifier: Apache-2.0
"""A real primary and its replica: loads go to the replica when one is asked for."""

from __future__ import annotations

import os
import pathlib
import subprocess
import time
import uuid

from helpers.mariadb import mariadb, program

PROJECT = pathlib.Path(__file__).resolve().parents[4]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))


def mysql(server: dict[str, str], sql: str) -> str:
    command = [program("mariadb"), "--no-defaults", f"--host={server['MYSQL_HOST']}", "--batch", "-N"]
    command += [f"--port={server['MYSQL_TCP_PORT']}", f"--user={server['MYSQL_USER']}", f"--execute={sql}", "test"]
    environment = {**os.environ, "MYSQL_PWD": server["MYSQL_PWD"]}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def cdk(server: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, **server}
    return subprocess.run(
        [PROGRAM, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )


def test_a_replica_is_read_and_a_primary_refused():
    table = "replica_" + uuid.uuid4().hex
    load = ("append", "-c", "mysql", "--parent", "database=test", "--parent", f"table={table}", "-d", table)
    with mariadb("--log-bin=log", server_id="1") as primary, mariadb(server_id="2") as replica:
        # What either server did to set itself up is not to be done again.
        begin = mysql(primary, "SELECT @@gtid_current_pos")
        password = primary["MYSQL_PWD"].replace("'", "''")
        mysql(
            replica,
            f"SET GLOBAL gtid_slave_pos = '{begin}'; "
            f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={primary['MYSQL_TCP_PORT']}, "
            f"MASTER_USER='{primary['MYSQL_USER']}', MASTER_PASSWORD='{password}', MASTER_USE_GTID=slave_pos; "
            "START SLAVE",
        )
        mysql(primary, f"CREATE TABLE {table} (id int PRIMARY KEY, at timestamp(6) DEFAULT now(6))")
        mysql(primary, f"INSERT INTO {table} (id, at) VALUES (1, '2024-01-01 00:00:00'), (2, '2024-01-02 00:00:00')")
        there = f"SELECT count(*) FROM information_schema.TABLES WHERE table_name = '{table}'"
        deadline = time.monotonic() + 60
        while mysql(replica, there) != "1" or mysql(replica, f"SELECT count(*) FROM {table}") != "2":
            assert time.monotonic() < deadline, mysql(replica, "SHOW SLAVE STATUS")

        refused = cdk(primary, *load, "--create", "--replica")
        assert refused.returncode == 1
        assert "this server takes writes and replicates from no other" in refused.stderr
        # A replica sees nobody who writes to its primary.
        blind = cdk(replica, *load, "--create", "--replica", "--incremental-column", "at")
        assert blind.returncode == 1
        assert "this server replays the transactions of another one" in blind.stderr
        loaded = cdk(replica, *load, "--replica", "--incremental-column", "at", "--lag", "10s")
        assert loaded.returncode == 0, loaded.stderr
        assert cdk(replica, "query-tb", f"SELECT count() FROM {table}", "--scalar").stdout == "2\n"
