# SPDX-License-Identifier: Apache-2.0
"""Imports beside other changes of their data source, and imports that a crash cuts."""

from __future__ import annotations

import contextlib
import http.client
import re
import threading
import time
import urllib.parse

import pytest
from test_restart import server

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SCHEMA = "`id` Int64 `json:$.id`"


def until(condition, seconds=30):
    """Looks again and again, without a pause: what it waits for may last for a moment only."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline


class OpenImport:
    """An import that has begun and whose body is not complete."""

    def __init__(self, api, directory, path):
        self.connection = http.client.HTTPConnection(api.host)
        self.connection.putrequest("POST", path)
        self.connection.putheader("Authorization", f"Bearer {api.token}")
        self.connection.putheader("Content-Length", "4")
        self.connection.endheaders()
        self.connection.send(b"7\n")
        staging = directory / "clickhouse" / "metadata" / "staging"
        until(lambda: staging.exists() and any(staging.glob("ready_*.sql")))

    def finish(self):
        self.connection.send(b"8\n")
        answer = self.connection.getresponse()
        text = answer.read().decode()
        self.connection.close()
        return answer.status, text


@pytest.fixture
def running_server(tmp_path):
    directory = tmp_path / "data"
    with server(directory, tmp_path) as (_, api):
        yield api, directory


def create(api, name, schema=SCHEMA, **parameters):
    form = urllib.parse.urlencode({"name": name, "schema": schema, **parameters})
    assert api.call("POST", "/v0/datasources", form, FORM)[0] == 200


@pytest.mark.parametrize("mode", ["append", "replace"])
@pytest.mark.parametrize("again", [False, True])
def test_a_deleted_data_source_does_not_come_back(running_server, mode, again):
    api, directory = running_server
    create(api, "gone")
    load = OpenImport(api, directory, f"/v1/datasources/gone/{mode}?format=csv")
    assert api.call("DELETE", "/v0/datasources/gone", parameters={"force": "true"})[0] in (200, 204)
    if again:
        create(api, "gone")
    status, text = load.finish()
    assert status == 404 and "deleted" in text
    if again:
        assert api.sql("SELECT count() FROM gone") == [[0]]
    else:
        assert api.call("GET", "/v0/datasources/gone")[0] == 404


@pytest.mark.parametrize("mode", ["append", "replace"])
def test_a_changed_data_source_keeps_its_change(running_server, mode):
    api, directory = running_server
    create(api, "changed")
    api.load("changed", "1\n")
    load = OpenImport(api, directory, f"/v1/datasources/changed/{mode}?format=csv")
    more = "`id` Int64 `json:$.id`, `note` Nullable(String) `json:$.note`"
    assert api.call("POST", "/v0/datasources/changed/alter", parameters={"schema": more})[0] == 200
    status, text = load.finish()
    assert status == 409 and "Import again" in text
    columns = api.call("GET", "/v0/datasources/changed")[1]["columns"]
    assert [one["name"] for one in columns] == ["id", "note"]
    assert api.sql("SELECT * FROM changed") == [[1, None]]
    assert api.load("changed", '2,"x"\n')["lines"] == 1


def test_a_truncated_data_source_takes_what_comes_later(running_server):
    api, directory = running_server
    create(api, "emptied")
    api.load("emptied", "1\n")
    load = OpenImport(api, directory, "/v1/datasources/emptied/append?format=csv")
    assert api.call("POST", "/v0/datasources/emptied/truncate")[0] in (200, 204, 205)
    assert load.finish()[0] == 202
    assert api.sql("SELECT groupArray(id) FROM (SELECT id FROM emptied ORDER BY id)") == [[[7, 8]]]


ROWS = "".join(f"{i}\n" for i in range(20_000)) + "bad\n" * 100


@pytest.mark.parametrize("mode", ["append", "replace"])
def test_rows_and_quarantine_agree_after_a_crash(tmp_path, mode):
    """Killed while the journal has a note, the moment between the quarantine and the rows."""
    directory = tmp_path / "data"
    with server(directory, tmp_path) as (_, api):
        # Several parts, which no rename could put in at once.
        create(api, "cut", engine_partition_key="id % 7")
        api.load("cut", ROWS)
    cut = 0
    # The moment is short, and a round may miss it.
    for _ in range(60):
        with server(directory, tmp_path) as (process, api):
            before = counts_of(api)
            load = threading.Thread(target=load_until_killed, args=(api, mode))
            load.start()
            until(lambda run=load: any((directory / "imports").glob("*.json")) or not run.is_alive())
            process.kill()
            process.wait()
            cut += any((directory / "imports").glob("*.json"))
            load.join()
        with server(directory, tmp_path) as (_, api):
            rows, quarantined = counts_of(api)
            assert not any((directory / "imports").iterdir())
            done = quarantined - before[1]
            assert done in (0, 100)
            assert rows == (before[0] + 200 * done if mode == "append" else 20_000)
        if cut == 3:
            break
    assert cut > 0


def test_a_note_without_its_exchange_takes_back_the_quarantine(tmp_path):
    directory = tmp_path / "data"
    with server(directory, tmp_path) as (_, api):
        create(api, "noted")
        api.load("noted", "1\nbad\n")
        api.load("noted", "2\nworse\n")
        ids = dict(api.sql("SELECT id, c__import_id FROM noted_quarantine"))
    table = (directory / "clickhouse" / "metadata" / "workspace" / "noted.sql").read_text()
    uuid = re.search(r"UUID '([^']+)'", table).group(1)
    notes = {"bad": "00000000-0000-0000-0000-000000000000", "worse": uuid}
    for row, table in notes.items():
        note = f'{{"import_id":"{ids[row]}","name":"noted","uuid":"{table}"}}'
        (directory / "imports" / f"{ids[row]}.json").write_text(note)
    with server(directory, tmp_path) as (_, api):
        assert api.sql("SELECT id FROM noted_quarantine") == [["worse"]]
        assert not any((directory / "imports").iterdir())


def counts_of(api):
    return api.sql("SELECT (SELECT count() FROM cut), (SELECT count() FROM cut_quarantine)")[0]


def load_until_killed(api, mode):
    with contextlib.suppress(OSError, http.client.HTTPException):
        api.load("cut", ROWS, mode=mode)
