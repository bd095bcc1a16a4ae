# SPDX-License-Identifier: Apache-2.0
"""Streams of the Storage Read API that break, end, stall or are not to be had: what is in the data source afterwards.

The rows are the emulator's; tests/helpers/bigquery_streams.py stands before it and plays the faults.
"""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import urllib.request
import uuid

import pytest
from helpers.api import Api
from helpers.bigquery_streams import Plan, Streams, streams
from helpers.cut_connections import cut_connections
from helpers.processes import wait_for

PROJECT = pathlib.Path(__file__).resolve().parents[4]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))
ROWS = 250_000


def execute(sql: str) -> None:
    url = f"{os.environ['BIGQUERY_EMULATOR_HOST']}/bigquery/v2/projects/kit/queries"
    body = json.dumps({"query": sql, "useLegacySql": False, "timeoutMs": 60_000}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"})) as answer:
        assert json.load(answer)["jobComplete"]


@pytest.fixture(scope="module")
def table():
    """A quarter of a million rows, which are three streams."""
    name = "broken_" + uuid.uuid4().hex
    execute(
        f"CREATE TABLE first.{name} AS SELECT n, CONCAT('row ', CAST(n AS STRING)) AS s "
        f"FROM UNNEST(GENERATE_ARRAY(1, {ROWS})) AS n"
    )
    yield name
    execute(f"DROP TABLE first.{name}")


@pytest.fixture
def target():
    return Api(dict(os.environ)).create("n Int64, s String")


def command(table: str, target: str, *arguments: str) -> list[str]:
    return [PROGRAM, "append", "-c", "bigquery", "-q", f"SELECT n, s FROM first.{table}", "-d", target, *arguments]


def load(address: str, table: str, target: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(table, target, *arguments),
        env={**os.environ, "BIGQUERY_STORAGE_GRPC_ENDPOINT": address, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def rows_in(target: str) -> list:
    """How many, how many different ones, their sum, and how many texts are not those of their numbers."""
    query = f"SELECT count(), uniqExact(n), sum(n), countIf(s != concat('row ', toString(n))) FROM {target}"
    return [int(value) for value in Api(dict(os.environ)).sql(query)[0]]


def all_once(target: str) -> bool:
    return rows_in(target) == [ROWS, ROWS, ROWS * (ROWS + 1) // 2, 0]


def assert_loaded(done: subprocess.CompletedProcess, target: str) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    assert all_once(target), rows_in(target)


def reads(server: Streams) -> list[tuple[str, int]]:
    return [(call["stream"], call["offset"]) for call in server.calls("rows")]


def test_streams_that_break_give_each_row_once(table, target):
    with streams(Plan(rows=7_919, breaks=["UNAVAILABLE", "INTERNAL"])) as server:
        assert_loaded(load(server.address, table, target), target)
        assert len({stream for stream, _ in reads(server)}) > 1
        assert len(server.calls("break")) > 5
        # Nobody reads a row twice: each read begins where the one before it broke.
        assert len(set(reads(server))) == len(reads(server))
        assert all(offset % 7_919 == 0 for _, offset in reads(server))


@pytest.mark.parametrize(("rows", "answer_bytes"), [(1_000, 40_000), (5_000, 400_000)])
def test_connections_that_break_anywhere_give_each_row_once(table, target, rows, answer_bytes):
    with streams(Plan(rows=rows)) as server, cut_connections(server.address, answer_bytes, 5) as relay:
        assert_loaded(load(relay.address, table, target), target)
        assert relay.cut == 5


def test_an_error_in_the_middle_ends_the_load(table, target):
    with streams(Plan(breaks=["UNAVAILABLE"], fail="DATA_LOSS")) as server:
        done = load(server.address, table, target)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BigQuery: ReadRows: the rows are gone (DATA_LOSS)" in done.stderr
    assert "https://console.cloud.google.com/bigquery?project=kit" in done.stderr
    assert rows_in(target)[0] == 0


def test_a_batch_that_is_damaged_ends_the_load(table, target):
    with streams(Plan(damage=True)) as server:
        done = load(server.address, table, target)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "rows in Arrow's format can't be read" in done.stderr
    assert rows_in(target)[0] == 0


@pytest.mark.parametrize("status", ["PERMISSION_DENIED", "UNIMPLEMENTED"])
def test_without_a_session_all_rows_come_in_pages(target, status):
    # The emulator's pages take the longer the further behind they are.
    execute(
        "CREATE TABLE first.few AS SELECT n, CONCAT('row ', CAST(n AS STRING)) AS s "
        "FROM UNNEST(GENERATE_ARRAY(1, 6000)) AS n"
    )
    try:
        with streams(Plan(refuse=status)) as server:
            done = load(server.address, "few", target)
            assert server.calls("rows") == []
    finally:
        execute("DROP TABLE first.few")
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows_in(target) == [6000, 6000, 6000 * 6001 // 2, 0]
    assert "6000 rows are read page by page" in done.stdout + done.stderr
    assert f"the caller does not have permission: 100 % ({status})" in done.stdout + done.stderr


def test_a_stop_ends_streams_that_stall(table, target):
    with streams(Plan(after=1, stall=True)) as server:
        process = subprocess.Popen(
            command(table, target),
            env={**os.environ, "BIGQUERY_STORAGE_GRPC_ENDPOINT": server.address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: '"stall"' in server.log.read_text(), process, server.log)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    assert rows_in(target)[0] == 0


def test_streams_go_over_tls_as_googles_do(table, target, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    make += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(make, check=True, capture_output=True)
    with streams(Plan(key=str(key), certificate=str(certificate), breaks=["UNAVAILABLE"])) as server:
        done = load(f"https://{server.address}", table, target, SSL_CERT_FILE=str(certificate))
        assert_loaded(done, target)
        assert len(server.calls("break")) > 1
    with streams(Plan(key=str(key), certificate=str(certificate))) as server:
        # Nobody trusts it: no session, and so pages.
        execute(
            "CREATE TABLE first.few_tls AS SELECT n, CONCAT('row ', CAST(n AS STRING)) AS s "
            "FROM UNNEST(GENERATE_ARRAY(1, 6000)) AS n"
        )
        try:
            done = load(f"https://{server.address}", "few_tls", target)
        finally:
            execute("DROP TABLE first.few_tls")
        assert server.calls("session") == []
        assert "certificate" in done.stdout + done.stderr


def test_who_asks_and_what_for_is_in_the_headers(table, target):
    with streams(Plan()) as server:
        assert_loaded(load(server.address, table, target), target)
        session = server.calls("session")[0]
        assert session["streams"] >= 2
        assert session["metadata"]["x-goog-request-params"].startswith("read_session.table=projects/kit/datasets/")


def test_memory_is_bounded_whatever_the_size_of_the_result(target, tmp_path):
    """More than the bound, and a server that has it ready at once."""
    rows, width = 420_000, 500
    name = "wide_" + uuid.uuid4().hex
    execute(
        f"CREATE TABLE first.{name} AS SELECT n, REPEAT('x', {width}) AS s FROM UNNEST(GENERATE_ARRAY(1, {rows})) AS n"
    )
    try:
        with streams(Plan(rows=4_000)) as server:
            # A program's peak is no less than that of the process that starts it, and this one may have been large.
            measured = [
                sys.executable,
                "-I",
                "-S",
                str(PROJECT / "benchmarks" / "measured.py"),
                str(tmp_path / "usage"),
            ]
            done = subprocess.run(
                [*measured, *command(name, target)],
                env={**os.environ, "BIGQUERY_STORAGE_GRPC_ENDPOINT": server.address},
                stdin=subprocess.DEVNULL,
            )
    finally:
        execute(f"DROP TABLE first.{name}")
    assert done.returncode == 0
    assert Api(dict(os.environ)).sql(f"SELECT count(), sum(length(s)) FROM {target}")[0] in (
        [rows, rows * width],
        [str(rows), str(rows * width)],
    )
    megabytes = json.loads((tmp_path / "usage").read_text())["peak_kb"] / 1024
    print(f"{megabytes:.0f} MB at most")
    assert megabytes < 200
