# SPDX-License-Identifier: Apache-2.0
"""The conformance suite from the command line, on SQLite files."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest
from helpers.api import Api

CASES = """
[source]
connector = sqlite
client = sqlite3 -batch -bail -noheader "$SQLITE_DATABASE"
integer = integer
hex = hex(CAST({text} AS BLOB))

[type number]
type = INTEGER
value = 1
value = NULL
target = Nullable(Int64)
"""


@pytest.fixture
def cases(tmp_path):
    def write(text):
        file = tmp_path / "some.cases"
        file.write_text(text)
        return str(file)

    return write


def tables(database: pathlib.Path) -> list[str]:
    shown = subprocess.run(
        ["sqlite3", "-cmd", ".timeout 60000", str(database), ".tables"], capture_output=True, text=True, check=True
    )
    return shown.stdout.split()


def test_built_in_cases_pass_and_leave_nothing(cdk, tinybird, database):
    done = cdk("conformance", "-c", "sqlite", "--only", "row_limit", "--only", "types", "-o", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert (report["connector"], report["failed"]) == ("sqlite", 0)
    assert {result["check"] for result in report["results"]} == {"row_limit", "types"}
    assert all(result["reason"] for result in report["results"] if result["outcome"] == "skipped")
    assert "--seed" in done.stderr
    assert tables(database) == ["orders"]
    status, answer = Api(tinybird).call("GET", "/v0/datasources")
    assert status == 200
    assert not [source["name"] for source in answer["datasources"] if source["name"].startswith("sqlite_")]


def test_a_local_tinybird_is_started_where_none_is_named(cdk):
    done = cdk("--quiet", "conformance", "-c", "sqlite", "--only", "scopes", TB_CDK_TOKEN=None, TB_CDK_ENDPOINT=None)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "scopes: lead_to_a_table  passed\n" in done.stdout
    assert done.stderr == ""


def test_a_failure_is_exit_code_3_with_what_was_expected(cdk, cases):
    wrong = cases(CASES + "target_text = 'wrong'\n")
    done = cdk("conformance", "--cases", wrong, "--only", "types", "--format", "csv")
    assert done.returncode == 3
    assert "FAILED  types: number (csv): the value 1\n" in done.stdout
    assert 'expected "1" (31)\n' in done.stdout
    assert "ndjson" not in done.stdout
    as_markdown = cdk("conformance", "--cases", wrong, "--only", "types", "-o", "markdown")
    assert as_markdown.returncode == 3
    assert "| types: number |  | FAILED |" in as_markdown.stdout


def test_the_same_seed_gives_the_same_run(cdk):
    done = cdk("conformance", "-c", "sqlite", "--only", "random_text", "--seed", "42")
    assert done.returncode == 0, done.stdout
    assert "--seed 42\n" in done.stderr


def test_bad_input_names_what_is_wrong(cdk, cases):
    for arguments, message in [
        ((), "nothing says which connector to check"),
        (("-c", "no_such"), 'there is no connector "no_such"'),
        (("-c", "sqlite", "--only", "no_such"), 'there is no check "no_such"'),
        (("--cases", "/no/such/file"), "can't read /no/such/file"),
        (("--cases", cases(CASES + "colour = red\n")), 'some.cases:13: [type] has no "colour = red"'),
        (("-c", "sqlite", "--format", "xml"), "xml"),
    ]:
        done = cdk("conformance", *arguments)
        assert done.returncode == 1, done.stdout
        assert message in done.stderr


def test_checks_are_listed(cdk):
    done = cdk("conformance", "--list")
    assert done.returncode == 0
    assert "snapshot           a load is of one snapshot" in done.stdout


def test_datafiles_are_written_and_taken(cdk, cases, tmp_path, database):
    directory = tmp_path / "files"
    done = cdk("conformance", "--cases", cases(CASES), "--datafiles", str(directory))
    assert done.returncode == 0, done.stderr
    names = ["sqlite_export_csv", "sqlite_export_ndjson", "sqlite_export_parquet", "sqlite_ingest_query"]
    assert sorted(file.stem for file in directory.iterdir()) == names
    assert "`number` Nullable(Int64)" in (directory / "sqlite_ingest_query.datasource").read_text()
    assert tables(database) == ["orders"]


def test_the_script_writes_the_same_files(tinybird, database, tmp_path):
    script = pathlib.Path(__file__).resolve().parents[1] / "scripts" / "data_sources.py"
    environment = {**os.environ, **tinybird, "SQLITE_DATABASE": str(database)}
    command = [sys.executable, str(script), "sqlite", str(tmp_path / "files")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split()) == sorted(str(file) for file in (tmp_path / "files").iterdir())
    assert "`moments` Nullable(DateTime64(6))" in (tmp_path / "files" / "sqlite_export_csv.datasource").read_text()


def test_a_taken_name_is_refused_and_kept(cdk, tinybird):
    made = cdk("replace", "-c", "sqlite", "--parent", "table=orders", "-d", "sqlite_ingest_query", "--create")
    assert made.returncode == 0, made.stderr
    done = cdk("conformance", "-c", "sqlite", "--only", "scopes")
    assert done.returncode == 1
    assert 'there is a data source "sqlite_ingest_query" already' in done.stderr
    assert cdk("query-tb", "SELECT count() FROM sqlite_ingest_query", "--scalar").stdout == "3\n"
    status, _ = Api(tinybird).call("DELETE", "/v0/datasources/sqlite_ingest_query")
    assert status in (200, 204)


def test_ctrl_c_removes_what_was_made(program, database):
    environment = {"PATH": os.environ["PATH"], "SQLITE_DATABASE": str(database)}
    if "TB_CDK_LIBCHDB" in os.environ:
        environment["TB_CDK_LIBCHDB"] = os.environ["TB_CDK_LIBCHDB"]
    command = [program, "conformance", "-c", "sqlite"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        # Tables come and go; once there are some, the suite is at work.
        while run.poll() is None and tables(database) == ["orders"]:
            pass
        run.send_signal(signal.SIGINT)
        shown, said = run.communicate(timeout=120)
    assert run.returncode == 130, shown + said
    assert tables(database) == ["orders"]
