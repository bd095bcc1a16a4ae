# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment, a full disk, and everything at once: what was promised holds."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import subprocess
import threading
import time

import pytest
from helpers.api import Api
from helpers.local_tinybird import PROGRAM
from helpers.processes import running, wait_for

ROUNDS = int(os.environ.get("TB_CDK_TEST_KILLS", "10"))
SOAK_SECONDS = float(os.environ.get("TB_CDK_TEST_SOAK_SECONDS", "10"))
SCHEMA = "id Int64 `json:$.id`, part Int32 `json:$.part`"


@contextlib.contextmanager
def server(directory, tmp_path):
    ready = tmp_path / "ready.json"
    ready.unlink(missing_ok=True)
    log = tmp_path / "log"
    command = [PROGRAM, "--port", "0", "--data-dir", str(directory), "--ready-file", str(ready), "--parent-dies"]
    with running(command, log) as process:
        wait_for(ready.exists, process, log)
        answer = json.loads(ready.read_text())
        yield process, Api({"TB_CDK_ENDPOINT": answer["endpoint"], "TB_CDK_TOKEN": answer["token"]})


def send(api, name, body, wait="true"):
    return api.call("POST", "/v0/events", body, None, {"name": name, "wait": wait})


def staging_tables(directory):
    """What the engine keeps of half-made tables, as files."""
    return [path.name for path in (directory / "clickhouse" / "metadata" / "staging").glob("*.sql")]


class Writers:
    """Threads that write until the server dies, and remember what it promised."""

    def __init__(self, api):
        self.api = api
        self.threads = []

    def start(self, step):
        def run():
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                while step():
                    pass

        thread = threading.Thread(target=run)
        thread.start()
        self.threads.append(thread)

    def join(self):
        for thread in self.threads:
            thread.join()


def test_kill_9_again_and_again(tmp_path):
    directory = tmp_path / "data"
    chance = random.Random(5)
    names = {}
    acknowledged = {"events": set(), "append": set()}
    bad_acknowledged = set()
    in_doubt = {"events": set(), "append": set(), "replace": None, "part": None}
    state = {"replace": 0, "part": 0}
    next_id = [0]
    lock = threading.Lock()

    def fresh():
        with lock:
            next_id[0] += 1
            return next_id[0]

    for round_ in range(ROUNDS + 1):
        with server(directory, tmp_path) as (process, api):
            if round_ == 0:
                names.update({kind: api.create(SCHEMA) for kind in ("events", "append", "replace", "part")})
                api.load(names["part"], "0,7\n", format="csv")
            # Every promise of the round before.
            assert not staging_tables(directory)
            for kind in ("events", "append"):
                rows = [row[0] for row in api.sql(f"SELECT id FROM {names[kind]}")]
                assert len(rows) == len(set(rows)), f"{kind}: rows come twice"
                assert acknowledged[kind] <= set(rows), f"{kind}: acknowledged rows are missing"
                assert set(rows) <= acknowledged[kind] | in_doubt[kind], f"{kind}: rows of nobody"
                acknowledged[kind] = set(rows)
                in_doubt[kind] = set()
            quarantined = [row[0] for row in api.sql(f"SELECT part FROM {names['events']}_quarantine")]
            assert len(quarantined) == len(set(quarantined))
            assert bad_acknowledged <= set(quarantined)
            for kind, where in (("replace", ""), ("part", "WHERE part = 1")):
                rows = api.sql(f"SELECT count(), min(id), max(id) FROM {names[kind]} {where}")[0]
                version = rows[1]
                assert rows in ([0, 0, 0], [1000, version, version]), f"{kind}: torn"
                assert version in (state[kind], in_doubt[kind]), f"{kind}: {version} of nobody"
                state[kind] = version
                in_doubt[kind] = None
            assert api.sql(f"SELECT count() FROM {names['part']} WHERE part = 7") == [[1]]
            if round_ == ROUNDS:
                break

            def event(api=api):
                i = fresh()
                with lock:
                    in_doubt["events"].add(i)
                body = f'{{"id":{i},"part":0}}\n{{"id":"bad","part":"{i}"}}' if i % 5 == 0 else f'{{"id":{i},"part":0}}'
                status, answer = send(api, names["events"], body)
                assert status == 200, answer
                assert answer["successful_rows"] == 1
                with lock:
                    acknowledged["events"].add(i)
                    if i % 5 == 0:
                        bad_acknowledged.add(str(i))
                return True

            def append(api=api):
                ids = [fresh() for _ in range(50)]
                with lock:
                    in_doubt["append"].update(ids)
                api.load(names["append"], "".join(f"{i},0\n" for i in ids))
                with lock:
                    acknowledged["append"].update(ids)
                return True

            def replace(api=api, kind="replace", **parameters):
                i = fresh()
                in_doubt[kind] = i
                api.load(names[kind], f"{i},1\n" * 1000, mode="replace", **parameters)
                state[kind] = i
                return True

            writers = Writers(api)
            for _ in range(4):
                writers.start(event)
            writers.start(append)
            writers.start(replace)
            writers.start(lambda: replace(kind="part", replace_condition="part = 1"))
            process_ends = time.monotonic() + chance.uniform(0.3, 1.5)
            wait_for(lambda at=process_ends: time.monotonic() >= at, process, tmp_path / "log")
            process.kill()
            process.wait()
            writers.join()
    assert acknowledged["events"] and acknowledged["append"] and state["replace"] and state["part"]


def test_a_stop_writes_what_was_accepted(tmp_path):
    directory = tmp_path / "data"
    with server(directory, tmp_path) as (process, api):
        name = api.create(SCHEMA)
        for i in range(200):
            assert send(api, name, f'{{"id":{i},"part":0}}', wait="false")[0] == 202
        process.terminate()
        assert process.wait(timeout=60) == 0
    with server(directory, tmp_path) as (_, api):
        assert api.sql(f"SELECT count(), uniqExact(id) FROM {name}") == [[200, 200]]


@pytest.fixture
def small_disk(tmp_path):
    """80 MB. Needs the right to mount, as CI has it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", str(disk)], check=True)
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_told_and_does_no_damage(small_disk, tmp_path):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(20_000_000))
    with server(small_disk / "data", tmp_path) as (_, api):
        name = api.create("id Int64 `json:$.id`, text String `json:$.text`")
        stored = 0
        chance = random.Random(1)
        statuses = set()
        # What can't be packed, until there is no room, and then on.
        for _ in range(60):
            text = chance.randbytes(1_000_000).hex()
            status, answer = send(api, name, json.dumps({"id": stored, "text": text}))
            statuses.add(status)
            if status == 200:
                stored += 1
            else:
                assert status in (500, 503), answer
                assert answer["error"]
            status, answer = api.call(
                "POST", f"/v1/datasources/{name}/append", f'{stored},"{text}"\n', {"Content-Type": "text/csv"}
            )
            if status == 202:
                stored += 1
            else:
                assert answer["error"]
        assert {200, 503} <= statuses, statuses
        assert api.sql(f"SELECT count(), uniqExact(id), max(id) FROM {name}") == [[stored, stored, stored - 1]]
        ballast.unlink()
        deadline = time.monotonic() + 60
        while send(api, name, '{"id":-1,"text":"room"}')[0] != 200:
            assert time.monotonic() < deadline, "there is room, and nothing is taken"
            time.sleep(0.2)
        assert api.sql(f"SELECT count(), uniqExact(id), max(id) FROM {name}") == [[stored + 1, stored + 1, stored - 1]]
    with server(small_disk / "data", tmp_path) as (_, api):
        assert api.sql(f"SELECT count(), uniqExact(id), max(id) FROM {name}") == [[stored + 1, stored + 1, stored - 1]]


def test_everything_at_once(tmp_path):
    """Readers never see half a replace or half an append, and nothing is lost."""
    with server(tmp_path / "data", tmp_path) as (_, api):
        replaced, appended, events = (api.create(SCHEMA) for _ in range(3))
        end = time.monotonic() + SOAK_SECONDS
        problems = []
        totals = {"append": 0, "events": 0, "reads": 0}
        lock = threading.Lock()

        def loop(step):
            def run():
                i = 0
                try:
                    while time.monotonic() < end:
                        step(i)
                        i += 1
                except BaseException as error:
                    problems.append(repr(error))

            return threading.Thread(target=run)

        def replace(i):
            api.load(replaced, f"{i},1\n" * 5000, mode="replace")

        def append(i):
            api.load(appended, f"{i},1\n" * 300)
            with lock:
                totals["append"] += 300

        def event(i):
            assert send(api, events, f'{{"id":{i},"part":1}}')[0] == 200
            with lock:
                totals["events"] += 1

        def read(_):
            count, first, last = api.sql(f"SELECT count(), min(id), max(id) FROM {replaced}")[0]
            assert count in (0, 5000) and first == last, (count, first, last)
            assert api.sql(f"SELECT count() % 300 FROM {appended}") == [[0]]
            with lock:
                known = totals["events"]
            assert api.sql(f"SELECT count() FROM {events}")[0][0] >= known
            with lock:
                totals["reads"] += 1

        threads = [loop(step) for step in (replace, append, append, event, event, event, event, read, read, read)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not problems
        assert all(totals.values()), totals
        assert api.sql(f"SELECT count() FROM {appended}") == [[totals["append"]]]
        assert api.sql(f"SELECT count() FROM {events}") == [[totals["events"]]]
