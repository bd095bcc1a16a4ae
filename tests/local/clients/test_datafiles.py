# SPDX-License-Identifier: Apache-2.0
"""A data source made by `tb` from the `.datasource` file that `tb-cdk schema` writes, for the worst table of each
connector: both generations of the command line read it, and the table's rows fit."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sqlite3
import subprocess
import sys

import pytest
from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement
from helpers.api import Api
from helpers.mariadb import USER as MARIADB_USER
from helpers.mariadb import mariadb
from helpers.mariadb import program as mariadb_program
from helpers.postgresql import postgresql

PROJECT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))

# Reserved words, blanks, quotes of every kind, letters beyond ASCII, a digit in front, what looks like a comment, and
# two names that are one name where blanks can't be.
SQLITE = """
CREATE TABLE "odd table" ("select" INTEGER PRIMARY KEY, "a b" TEXT, "a_b" INTEGER, "back`tick" REAL, "naïve" TEXT,
  "q""uote" INTEGER NOT NULL, "INDEX" DATETIME NOT NULL, "x--y" BLOB, "d.d" DATE, "1st" BOOLEAN, "back\\slash" TEXT,
  "comma,name" TEXT, "apo's" TEXT, "(paren" TEXT, "ENGINE x" BLOB, "TYPE" NUMERIC);
INSERT INTO "odd table" VALUES (1, 'a b', 2, 0.5, 'é', 3, '2024-02-29 12:00:00', x'00ff', '2024-02-29', 1, '\\', ',',
  '''', '(', x'01', 0.5);
INSERT INTO "odd table" ("select", "q""uote", "INDEX") VALUES (2, 4, '2024-02-29 13:00:00');
"""

POSTGRESQL = """
CREATE TYPE mood AS ENUM ('ok', 'it''s "x"');
CREATE TABLE "odd table" ("select" bigint, "a b" text, "a_b" int, "back`tick" numeric(38,10), "naïve" int[] NOT NULL,
  "q""uote" mood NOT NULL, "INDEX" timestamptz NOT NULL, "x--y" jsonb, "d.d" date, "1st" boolean, "back\\slash" uuid,
  "comma,name" float8[] NOT NULL, "apo's" interval, "(paren" numeric, "漢" bytea,
  day date NOT NULL DEFAULT '2024-02-29', PRIMARY KEY ("select", "q""uote"));
INSERT INTO "odd table" VALUES (9007199254740993, 'a b', 2, 0.0000000001, '{1,NULL}', 'it''s "x"',
  '2024-02-29 12:00+02',
  '{"a": 1}', '2024-02-29', true, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{0.1}', '1 mon', 'NaN', '\\x00ff');
INSERT INTO "odd table" ("select", "naïve", "q""uote", "INDEX", "comma,name")
  VALUES (2, '{}', 'ok', '2024-02-29', '{}');
"""

MYSQL = """
CREATE TABLE `odd table` (`select` bigint unsigned, `a b` text, `a_b` int, `back``tick` decimal(65,30), `naïve` json,
  `q"uote` enum('ok', 'it''s') NOT NULL, `INDEX` datetime(6) NOT NULL, `x--y` blob, `d.d` date, `1st` tinyint(1),
  `back\\slash` time, `comma,name` set('a', 'b'), `apo's` bit(9), `(paren` year, PRIMARY KEY (`select`, `q"uote`));
INSERT INTO `odd table` VALUES (18446744073709551615, 'a b', 2, 0.5, '{"a": 1}', 'it''s', '2024-02-29 12:00:00.000001',
  x'00ff', '2024-02-29', 1, '-838:59:59', 'a,b', b'100000001', 2155);
INSERT INTO `odd table` (`select`, `q"uote`, `INDEX`) VALUES (2, 'ok', '2024-02-29');
"""

DUCKDB = (
    "CREATE TYPE mood AS ENUM ('ok', 'it''s')",
    """CREATE TABLE "odd table" ("select" HUGEINT, "a b" VARCHAR, "a_b" INTEGER, "back`tick" DECIMAL(38,10),
    "naïve" INTEGER[] NOT NULL, "q""uote" mood NOT NULL, "INDEX" TIMESTAMPTZ NOT NULL, "x--y" BLOB, "d.d" DATE,
    "1st" BOOLEAN, "back\\slash" STRUCT(a INTEGER), "comma,name" MAP(VARCHAR, INTEGER) NOT NULL,
    "apo's" UNION(i INTEGER, t VARCHAR), "(paren" VARCHAR[][] NOT NULL, PRIMARY KEY ("select", "q""uote"))""",
    """INSERT INTO "odd table" VALUES (170141183460469231731687303715884105727, 'a b', 2, 0.5, [1, NULL], 'it''s',
    '2024-02-29 12:00:00+02', '\\x00\\xff', '2024-02-29', true, {'a': 1}, MAP {'k': 1}, 5, [['x', NULL], []])""",
    """INSERT INTO "odd table" ("select", "naïve", "q""uote", "INDEX", "comma,name", "(paren")
    VALUES (2, [], 'ok', '2024-02-29', MAP {}, [])""",
)


def sqlite_file(folder: pathlib.Path) -> pathlib.Path:
    file = folder / "odd.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript(SQLITE)
    return file


@contextlib.contextmanager
def of_sqlite(folder):
    yield {"table": "odd table"}, {"SQLITE_DATABASE": str(sqlite_file(folder))}


@contextlib.contextmanager
def of_adbc(folder):
    yield (
        {"catalog": "main", "schema": "-", "table": "odd table"},
        {
            "TB_CDK_ADBC_DRIVER": "sqlite",
            "TB_CDK_ADBC_URI": f"file:{sqlite_file(folder)}",
            "VIRTUAL_ENV": sys.prefix,
        },
    )


@contextlib.contextmanager
def of_duckdb(folder):
    file = folder / "odd.duckdb"
    library = next((PROJECT / ".deps" / "node_modules" / "@duckdb").glob("node-bindings-linux-*/libduckdb.so"))
    with (
        AdbcDatabase(driver=str(library), entrypoint="duckdb_adbc_init", path=str(file)) as database,
        AdbcConnection(database) as connection,
    ):
        for sql in DUCKDB:
            with AdbcStatement(connection) as statement:
                statement.set_sql_query(sql)
                statement.execute_update()
    yield {"schema": "main", "table": "odd table"}, {"DUCKDB_DATABASE": str(file)}


@contextlib.contextmanager
def of_postgresql(folder):
    with postgresql() as variables:
        # As a table of this size has it, so that partitions are suggested.
        large = "UPDATE pg_class SET reltuples = 2e8 WHERE relname = 'odd table'"
        run(["psql", "-q", "-v", "ON_ERROR_STOP=1"], variables, POSTGRESQL + ";" + large)
        yield {"schema": "public", "table": "odd table"}, variables


@contextlib.contextmanager
def of_mysql(folder):
    with mariadb() as variables:
        command = [mariadb_program("mariadb"), "--no-defaults", "--default-character-set=utf8mb4"]
        command += ["--host=127.0.0.1", f"--port={variables['MYSQL_TCP_PORT']}", f"--user={MARIADB_USER}", "test"]
        run(command, variables, MYSQL)
        yield {"database": "test", "table": "odd table"}, variables


def run(command, variables, sql):
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, env=environment, input=sql, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout


SOURCES = {
    "sqlite": of_sqlite,
    "duckdb": of_duckdb,
    "adbc": of_adbc,
    "postgresql": of_postgresql,
    "mysql": of_mysql,
}


@pytest.fixture(scope="module", params=SOURCES)
def cdk(request, tinybird, tmp_path_factory):
    """Runs the program on the odd table of one connector."""
    with SOURCES[request.param](tmp_path_factory.mktemp("source")) as (parents, variables):
        source = ["-c", request.param]
        for scope, name in parents.items():
            source += ["--parent", f"{scope}={name}"]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path_factory.mktemp("home")),
            **tinybird,
            **variables,
        }

        def run_program(command: str, *arguments: str) -> str:
            done = subprocess.run(
                [PROGRAM, command, *source, *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout

        run_program.connector = request.param
        yield run_program


@pytest.fixture(scope="module")
def tb(tinybird, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tb")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    environment |= {"TB_CLI_TELEMETRY_OPTOUT": "1", "TB_VERSION_WARNING": "0"}

    def run_client(program, *arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    run_client.folder = folder
    return run_client


def test_a_data_source_made_from_the_datafile_takes_the_table(cdk, tb, tinybird, programs, forward_tb):
    name = f"odd_{cdk.connector}"
    file = tb.folder / f"{name}.datasource"
    file.write_text(cdk("schema", "--output", "datafile"))
    own = ["--host", tinybird["TB_CDK_ENDPOINT"], "--token", tinybird["TB_CDK_TOKEN"]]
    assert f"'{name}' created" in tb(programs / "tb", *own, "push", file.name)
    # Forward deploys whole projects; what it makes of a file it tells without a server.
    formatted = tb(forward_tb, "--local", "fmt", file.name, "--dry-run")
    assert "ENGINE_SORTING_KEY" in formatted
    api = Api(tinybird)
    names = [column["name"] for column in api.call("GET", f"/v0/datasources/{name}")[1]["columns"]]
    for loaded, form in enumerate(("csv", "ndjson", "parquet"), 1):
        told = cdk("append", "-d", name, "--format", form, "--verify")
        assert f"verified: 2 rows; values of {len(names)} column(s)" in told
        assert api.sql(f"SELECT count() FROM {name}") == [[2 * loaded]]
    assert names[0] == "select"
    assert len(set(names)) == len(names)
    blank = next(column for column in names[1:] if column.startswith("a_b_"))
    assert api.sql(f"SELECT `{blank}`, a_b FROM {name} WHERE a_b = 2") == [["a b", 2]] * 3
    # Only that source knows of so many rows.
    assert ("ENGINE_PARTITION_KEY" in formatted) == (cdk.connector == "postgresql")
