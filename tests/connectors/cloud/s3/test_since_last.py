# SPDX-License-Identifier: Apache-2.0
"""append --since-last: each content of an object is loaded once, whatever ends a run."""

from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import uuid

import pytest
from helpers.http_relay import relay
from helpers.s3_objects import Bucket

LEDGER = "tb_cdk_objects"
VIAS = ["url", "stream"]


@pytest.fixture
def load(cdk, bucket, target):
    def run(*arguments, key="in/*.csv", into=target, **variables):
        return cdk(
            "append", "-c", "s3", "--bucket", bucket.name, "--key", key, "-d", into, "--since-last", *arguments,
            **variables,
        )  # fmt: skip

    return run


def summary(done: subprocess.CompletedProcess) -> dict:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def counts(done: subprocess.CompletedProcess) -> tuple[int, int]:
    """Objects loaded by this run, objects that were in already."""
    result = summary(done)
    return result["objects_loaded"], result["objects_already_in"]


def events(api, target: str) -> list[str]:
    rows = api.sql(f"SELECT event FROM {LEDGER} WHERE data_source = '{target}' ORDER BY at")
    return [row[0] for row in rows]


def uri(bucket: Bucket, key: str) -> str:
    return f"s3://{bucket.name}/{key}"


@pytest.mark.parametrize("via", VIAS)
def test_each_object_once(load, bucket, ids, via):
    bucket.put("in/a.csv", "id,name\n1,a\n")
    bucket.put("in/b.csv", "id,name\n2,b\n3,b\n")
    arguments = ("--via", via, "-o", "json")
    assert counts(load(*arguments)) == (2, 0)
    assert ids() == [1, 2, 3]
    assert counts(load(*arguments)) == (0, 2)
    bucket.put("in/c.csv", "id,name\n4,c\n")
    assert counts(load(*arguments)) == (1, 2)
    assert ids() == [1, 2, 3, 4]


def test_what_is_said(load, bucket):
    bucket.put("in/a.csv", "id,name\n1,a\n")
    first = load()
    assert first.returncode == 0
    assert "1 object(s) to load, 0 are in already" in first.stdout
    assert "1 object(s) loaded, 0 were in already" in first.stdout
    again = load()
    assert "0 object(s) loaded, 1 were in already" in again.stdout


@pytest.mark.parametrize("via", VIAS)
def test_changed_objects_are_loaded_again(load, bucket, ids, via):
    bucket.put("in/a.csv", "id,name\n1,a\n")
    assert counts(load("--via", via, "-o", "json")) == (1, 0)
    bucket.put("in/a.csv", "id,name\n1,other\n2,other\n")
    again = load("--via", via)
    assert again.returncode == 0, again.stderr
    assert f"{uri(bucket, 'in/a.csv')} was changed since it was loaded" in again.stdout
    assert ids() == [1, 1, 2]
    assert counts(load("--via", via, "-o", "json")) == (0, 1)
    # Content that was there before is not loaded once more either.
    bucket.put("in/a.csv", "id,name\n1,a\n")
    assert counts(load("--via", via, "-o", "json")) == (0, 1)


def test_a_single_key(load, bucket, ids):
    bucket.put("in/a.csv", "id,name\n1,a\n")
    assert counts(load("-o", "json", key="in/a.csv")) == (1, 0)
    assert counts(load("-o", "json", key="in/a.csv")) == (0, 1)
    # The same object, chosen in another way.
    assert counts(load("-o", "json")) == (0, 1)
    assert ids() == [1]


def test_targets_and_buckets_are_told_apart(load, cdk, bucket, target, api, ids):
    content = "id,name\n1,a\n"
    bucket.put("in/a.csv", content)
    other_bucket = Bucket(bucket.url, bucket.access_key, bucket.secret_key)
    other_bucket.put("in/a.csv", content)
    other_target = api.create("id Int64 `json:$.id`, name String `json:$.name`")
    assert counts(load("-o", "json")) == (1, 0)
    assert counts(load("-o", "json", into=other_target)) == (1, 0)
    done = cdk(
        "append", "-c", "s3", "--url", uri(other_bucket, "in/a.csv"), "-d", target, "--since-last", "-o", "json"
    )  # fmt: skip
    assert counts(done) == (1, 0)
    assert (ids(), ids(other_target)) == ([1, 1], [1])


@pytest.mark.parametrize("via", VIAS)
def test_keys_that_sql_could_stumble_over(load, bucket, ids, via):
    keys = [
        "in/it's.csv",
        'in/"double".csv',
        "in/back\\slash.csv",
        "in/\\'; DROP TABLE x; --.csv",
        "in/日本語 🦜.csv",
        "in/percent%41+plus.csv",
        "in/{{braces}}.csv",
        "in/new\nline.csv",
        "in/%_like.csv",
    ]
    for number, key in enumerate(keys):
        bucket.put(key, f"id,name\n{number},a\n")
    assert counts(load("--via", via, "-o", "json")) == (len(keys), 0)
    assert counts(load("--via", via, "-o", "json")) == (0, len(keys))
    # Keys that begin alike in the middle of a character.
    assert counts(load("--via", via, "-o", "json", key="in/日*")) == (0, 1)
    assert ids() == list(range(len(keys)))


def test_older_objects_come_first(load, bucket, api, target):
    # By their keys the second one would come first. Listings tell times to the second.
    bucket.put("in/z.csv", "id,name\n1,a\n")
    bucket.put("in/y.csv", "id,name\n2,a\n")
    while bucket.modified("in/y.csv") == bucket.modified("in/z.csv"):
        bucket.put("in/y.csv", "id,name\n2,a\n")
    assert counts(load("-o", "json")) == (2, 0)
    rows = api.sql(f"SELECT uri FROM {LEDGER} WHERE data_source = '{target}' AND event = 'done' ORDER BY at")
    assert [row[0] for row in rows] == [uri(bucket, "in/z.csv"), uri(bucket, "in/y.csv")]


def test_thousands_of_loaded_objects(load, bucket, api, target, ids):
    # The ledger knows more than an answer holds; of them a few are in the bucket.
    bucket.put("in/0.csv", "id,name\n-1,a\n")
    assert counts(load("-o", "json")) == (1, 0)
    etag = bucket.put("in/05000.csv", "id,name\n5000,a\n")
    assert bucket.put("in/11999.csv", "id,name\n5000,a\n") == etag
    bucket.put("in/12000.csv", "id,name\n12000,a\n")
    line = {
        "data_source": target, "etag": etag, "size": 17, "modified": "2026-01-01 00:00:00", "load_id": "x",
        "event": "done", "job_id": "", "at": "2026-01-01 00:00:00",
    }  # fmt: skip
    body = "".join(json.dumps({**line, "uri": uri(bucket, f"in/{number:05}.csv")}) + "\n" for number in range(12_000))
    status, answer = api.call("POST", f"/v0/events?name={LEDGER}&wait=true", body)
    assert status == 200, answer
    assert counts(load("-o", "json")) == (1, 3)
    assert ids() == [-1, 12000]


def test_dry_run_makes_nothing(load, bucket, api, target, ids):
    bucket.put("in/a.csv", "id,name\n1,a\n")
    assert counts(load("-o", "json")) == (1, 0)
    bucket.put("in/b.csv", "id,name\n2,b\n")
    before = api.sql(f"SELECT count() FROM {LEDGER}")
    plan = summary(load("--dry-run", "-o", "json"))
    assert [(entry["key"], entry["state"], entry["would_load"]) for entry in plan["objects"]] == [
        ("in/a.csv", "loaded", False),
        ("in/b.csv", "new", True),
    ]
    text = load("--dry-run")
    assert "Would append 1 object(s), 12 B, as csv, and leave out 1. Nothing was written." in text.stdout
    bucket.put("in/a.csv", "id,name\n7,other\n")
    plan = summary(load("--dry-run", "-o", "json"))
    assert {entry["key"]: entry["state"] for entry in plan["objects"]} == {"in/a.csv": "changed", "in/b.csv": "new"}
    assert api.sql(f"SELECT count() FROM {LEDGER}") == before
    assert ids() == [1]


def test_newer_than_is_a_lower_bound(load, bucket, ids):
    bucket.put("in/a.csv", "id,name\n1,a\n")
    assert counts(load("--newer-than", "1h", "-o", "json")) == (1, 0)
    assert load("--newer-than", "2100-01-01").returncode == 0
    assert ids() == [1]


@pytest.mark.parametrize("via", VIAS)
def test_quarantined_rows_count_as_loaded(load, bucket, ids, via):
    bucket.put("in/a.csv", "id,name\n1,a\nnone,b\n")
    first = load("--via", via)
    assert first.returncode == 0
    assert "1 row(s) went to quarantine" in first.stdout
    assert counts(load("--via", via, "-o", "json")) == (0, 1)
    bucket.put("in/b.csv", "id,name\n2,a\nnone,b\n")
    assert load("--via", via, "--on-quarantine", "fail").returncode == 3
    assert counts(load("--via", via, "-o", "json")) == (0, 2)
    assert ids() == [1, 2]


@pytest.mark.parametrize("via", VIAS)
def test_refused_objects_are_tried_again(load, bucket, api, target, ids, via):
    bucket.put("in/a.csv.gz", b"\x1f\x8b this is no gzip")
    failed = load("--via", via, key="in/*")
    assert failed.returncode != 0
    assert events(api, target) == ["begun", "failed"]
    bucket.delete("in/a.csv.gz")
    bucket.put("in/a.csv", "id,name\n1,a\n")
    assert counts(load("--via", via, "-o", "json", key="in/*")) == (1, 0)
    assert ids() == [1]


def test_what_does_not_go_together(cdk, bucket, target):
    chosen = ("--bucket", bucket.name, "--key", "in/a.csv", "-d", target)
    assert cdk("replace", "-c", "s3", *chosen, "--since-last").returncode == 1
    without = cdk("append", "-c", "s3", *chosen, "--unfinished", "load")
    assert without.returncode == 1
    database = cdk("append", "-c", "sqlite", "-q", "SELECT 1", "-d", target, "--since-last")
    assert database.returncode == 1
    assert "--since-last is for object stores, and sqlite is none" in database.stderr


class Killer:
    """Runs a load through a relay that kills it at a step."""

    def __init__(self, cdk, bucket: Bucket, target: str, via: str) -> None:
        self.cdk, self.via = cdk, via
        self.arguments = ("append", "-c", "s3", "--bucket", bucket.name, "--key", "in/*.csv", "-d", target)
        self.process: subprocess.Popen | None = None

    def kill(self) -> bool:
        self.process.kill()
        self.process.wait()
        return False

    def run(self, act, on_head=lambda _: True) -> int:
        """@return the exit code, or minus the signal"""
        started = threading.Event()

        def after_start(function):
            def call(*arguments):
                started.wait()
                return function(*arguments)

            return call

        with relay(self.cdk.environment["TB_CDK_ENDPOINT"], after_start(act), after_start(on_head)) as endpoint:
            command, environment = self.cdk.command(*self.arguments, "--since-last", "--via", self.via)
            self.process = subprocess.Popen(
                command, env={**environment, "TB_CDK_ENDPOINT": endpoint}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            started.set()
            self.output = self.process.communicate(timeout=120)[0].decode()
            return self.process.returncode


def is_event(request, event: str) -> bool:
    return request.path == "/v0/events" and f'"event":"{event}"'.encode() in request.body.replace(b": ", b":")


def is_import(request) -> bool:
    return request.method == "POST" and request.path.endswith("/append")


@pytest.fixture(params=VIAS)
def killer(request, cdk, bucket, target):
    bucket.put("in/a.csv", "id,name\n1,a\n")
    bucket.put("in/b.csv", "id,name\n2,b\n")
    return Killer(cdk, bucket, target, request.param)


def check_refused(load, bucket, key: str) -> None:
    refused = load()
    assert refused.returncode == 3, refused.stdout
    assert uri(bucket, key) in refused.stderr
    assert "begun 20" in refused.stderr
    for choice in ("--unfinished load", "--unfinished skip"):
        assert choice in refused.stderr
    plan = load("--dry-run", "-o", "json")
    assert plan.returncode == 3
    states = {entry["key"]: entry["state"] for entry in json.loads(plan.stdout)["objects"]}
    assert states[key] == "unfinished"


def test_killed_before_it_began(killer, load, ids):
    def act(request, status):
        return not (is_event(request, "begun") and status is None) or killer.kill()

    assert killer.run(act) == -signal.SIGKILL
    assert ids() == []
    assert counts(load("-o", "json")) == (2, 0)
    assert ids() == [1, 2]


@pytest.mark.parametrize(("choice", "expected"), [("load", [1, 2]), ("skip", [2])])
def test_killed_after_it_began(killer, load, bucket, ids, choice, expected):
    def act(request, status):
        return not (is_event(request, "begun") and status is not None) or killer.kill()

    assert killer.run(act) == -signal.SIGKILL
    check_refused(load, bucket, "in/a.csv")
    assert ids() == []
    done = load("--unfinished", choice, "-o", "json")
    assert counts(done) == ((2, 0) if choice == "load" else (1, 1))
    assert ids() == expected
    assert counts(load("-o", "json")) == (0, 2)


def test_killed_while_it_sent(killer, load, bucket, ids):
    def on_head(request):
        return not is_import(request) or killer.kill()

    assert killer.run(lambda *_: True, on_head) == -signal.SIGKILL
    assert ids() == []
    check_refused(load, bucket, "in/a.csv")
    assert counts(load("--unfinished", "load", "-o", "json")) == (2, 0)
    assert ids() == [1, 2]


def test_killed_before_it_heard_the_answer(killer, load, bucket, ids):
    def act(request, status):
        return not (is_import(request) and status is not None) or killer.kill()

    assert killer.run(act) == -signal.SIGKILL
    assert ids() == [1]
    if killer.via == "url":
        # The list of jobs names the URL.
        assert counts(load("-o", "json")) == (1, 1)
    else:
        check_refused(load, bucket, "in/a.csv")
        assert counts(load("--unfinished", "skip", "-o", "json")) == (1, 1)
    assert ids() == [1, 2]


def test_killed_before_it_was_written_down(killer, load, api, target, ids):
    def act(request, status):
        return not (is_event(request, "done") and status is None) or killer.kill()

    assert killer.run(act) == -signal.SIGKILL
    assert ids() == [1]
    assert events(api, target) == ["begun", "job"]
    # Tinybird knows what became of the job.
    assert counts(load("-o", "json")) == (1, 1)
    assert ids() == [1, 2]
    assert counts(load("-o", "json")) == (0, 2)


def test_interrupted_while_tinybird_imports(cdk, load, bucket, target, api, ids):
    """Ctrl-C at the look at a job: the error tells of its rows, and the log does not say that nothing is known."""
    bucket.put("in/a.csv", "id,name\n1,a\n")
    killer = Killer(cdk, bucket, target, "url")
    stopped = []

    def act(request, status):
        if request.path.startswith("/v0/jobs/") and status is None and not stopped:
            stopped.append(request)
            os.kill(killer.process.pid, signal.SIGINT)
            # The look is never answered, and so it is the stop that ends it.
            return False
        return True

    assert killer.run(act) == 130, killer.output
    assert "its 1 rows are in" in killer.output
    assert "asks what became of it" in killer.output
    assert "is not known" not in killer.output
    assert events(api, target) == ["begun"]
    assert counts(load("-o", "json")) == (0, 1)
    assert ids() == [1]


def test_interrupted_in_the_middle(cdk, load, bucket, target, api, ids):
    """Ctrl-C before all of it was sent leaves nothing, and nothing to settle."""
    bucket.put("in/a.csv", "id,name\n" + "1,a\n" * 10_000_000)
    killer = Killer(cdk, bucket, target, "stream")

    def on_head(request):
        if is_import(request):
            os.kill(killer.process.pid, signal.SIGINT)
            killer.process.wait()
        return True

    assert killer.run(lambda *_: True, on_head) == 130, killer.output
    assert events(api, target) == ["begun", "failed"]
    assert ids() == []
    bucket.put("in/a.csv", "id,name\n1,a\n")
    assert counts(load("-o", "json")) == (1, 0)
    assert ids() == [1]


def test_a_load_that_is_at_work_is_seen(killer, load, bucket, ids):
    """A second run begins while the first one is in the middle of an object."""
    second = []

    def act(request, status):
        if is_import(request) and status is None and not second:
            second.append(load())
        return True

    assert killer.run(act) == 0, killer.output
    assert second[0].returncode == 3
    assert uri(bucket, "in/a.csv") in second[0].stderr
    assert "If another load of them is at work, let it end." in second[0].stderr
    assert ids() == [1, 2]


def test_both_look_before_either_begins(killer, load, ids, api, target):
    """The second run loads all between the first one's look at the ledger and its begin."""
    second = []

    def act(request, status):
        if is_event(request, "begun") and status is None and not second:
            second.append(load("-o", "json"))
        return True

    assert killer.run(act) == 0, killer.output
    assert counts(second[0]) == (2, 0)
    assert ids() == [1, 2]
    assert "was loaded by another run in the meantime" in killer.output


def test_both_begin_at_once(killer, load, ids):
    """The second run looks and begins when the first one has begun, but has not looked back yet."""
    second = []

    def act(request, status):
        if is_event(request, "begun") and status is not None and not second:
            second.append(load("-o", "json"))
        return True

    assert killer.run(act) == 0, killer.output
    assert second[0].returncode == 3
    assert ids() == [1, 2]


def test_many_at_once(cdk, load, bucket, target, ids):
    """Whoever wins: no object is ever loaded twice, and the next run loads what all of them left to each other."""
    for number in range(4):
        bucket.put(f"in/{number}.csv", f"id,name\n{number},a\n")
    command, environment = cdk.command(
        "append", "-c", "s3", "--bucket", bucket.name, "--key", "in/*.csv", "-d", target, "--since-last"
    )  # fmt: skip
    runs = [
        subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(4)
    ]
    outputs = [run.communicate(timeout=120)[0].decode() for run in runs]
    assert {run.returncode for run in runs} <= {0, 3}, outputs
    assert len(set(ids())) == len(ids())
    loaded, there = counts(load("-o", "json"))
    assert loaded + there == 4
    assert ids() == [0, 1, 2, 3]


def test_done_that_can_not_be_written(killer, load, ids):
    """The connection breaks whenever it is to be noted that the rows are in."""

    def act(request, status):
        return not is_event(request, "done") or status is not None

    assert killer.run(act) == 3
    assert "are in" in killer.output and "could not be written" in killer.output
    assert "--unfinished skip" in killer.output
    assert ids() == [1]
    # The job was written down before, so that it settles itself.
    assert counts(load("-o", "json")) == (1, 1)
    assert ids() == [1, 2]


def test_tokens(load, cdk, bucket, api, target, ids):
    """What a token needs, as docs/cli.md says."""
    bucket.put("in/a.csv", "id,name\n1,a\n")
    assert counts(load("-o", "json")) == (1, 0)

    def token(*scopes: str) -> str:
        fields = [("name", "t_" + uuid.uuid4().hex), *(("scope", scope) for scope in scopes)]
        status, answer = api.form("POST", "/v0/tokens", **{"name": fields[0][1], "scope": list(scopes)})
        assert status == 200, answer
        return answer["token"]

    enough = token(
        f"DATASOURCES:APPEND:{target}", f"DATASOURCES:READ:{LEDGER}", f"DATASOURCES:APPEND:{LEDGER}"
    )  # fmt: skip
    bucket.put("in/b.csv", "id,name\n2,b\n")
    assert counts(load("-o", "json", TB_CDK_TOKEN=enough)) == (1, 1)
    assert ids() == [1, 2]
    bucket.put("in/c.csv", "id,name\n3,c\n")
    blind = load(TB_CDK_TOKEN=token(f"DATASOURCES:APPEND:{target}"))
    assert blind.returncode == 1, blind.stdout
    assert "tb_cdk_objects.datasource" in blind.stderr
    assert "ENGINE_SORTING_KEY" in blind.stderr
    mute = load(TB_CDK_TOKEN=token(f"DATASOURCES:APPEND:{target}", f"DATASOURCES:READ:{LEDGER}"))
    assert mute.returncode == 1
    assert "DATASOURCES:APPEND" in mute.stderr
    assert ids() == [1, 2]
    assert enough not in blind.stdout + blind.stderr + mute.stdout + mute.stderr


def test_no_secret_is_shown(load, cdk, bucket, tmp_path):
    bucket.put("in/a.csv", "id,name\n1,a\n")
    for via in VIAS:
        done = load("--via", via, "--verbose")
        for secret in ("AWS_SECRET_ACCESS_KEY", "TB_CDK_TOKEN"):
            assert cdk.environment[secret] not in done.stdout + done.stderr
        assert re.search("X-Amz-Signature=[0-9a-f]{64}", done.stdout + done.stderr) is None
    assert list(pathlib.Path(tmp_path).iterdir()) == []
