# SPDX-License-Identifier: Apache-2.0
"""Objects by the command line: append and replace, patterns, dry runs, errors, Ctrl-C."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess

import pytest
from helpers.http_relay import relay

VIAS = ["url", "stream"]


@pytest.fixture
def load(cdk, bucket, target):
    """Of the bucket: load("append", "in/*.csv", …)."""

    def run(command: str, key: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        return cdk(
            command, "-c", "s3", "--bucket", bucket.name, "--key", key, "-d", target, *arguments, **variables
        )  # fmt: skip

    return run


def check(done: subprocess.CompletedProcess, code: int, *texts: str) -> None:
    assert done.returncode == code, done.stdout + done.stderr
    for text in texts:
        assert text in done.stderr, done.stderr


@pytest.mark.parametrize("via", VIAS)
def test_append_and_replace(load, bucket, ids, via):
    bucket.put("a.csv", "id,name\n1,a\n2,b\n")
    first = load("append", "a.csv", "--via", via, "-o", "json")
    check(first, 0)
    assert json.loads(first.stdout)["rows_loaded"] == 2
    check(load("append", "a.csv", "--via", via), 0)
    assert ids() == [1, 1, 2, 2]
    bucket.put("a.csv", "id,name\n3,c\n")
    check(load("replace", "a.csv", "--via", via), 0)
    assert ids() == [3]


@pytest.mark.parametrize("via", VIAS)
def test_formats_and_compression_are_seen_from_the_key(load, bucket, ids, via):
    bucket.put("a.ndjson", '{"id": 1, "name": "a"}\n')
    bucket.put("b.csv.gz", gzip.compress(b"id,name\n2,b\n"))
    bucket.put("c.ndjson.gz", gzip.compress(b'{"id": 3, "name": "c"}\n'))
    bucket.put("noname", "id,name\n4,d\n")
    for key in ("a.ndjson", "b.csv.gz", "c.ndjson.gz"):
        check(load("append", key, "--via", via), 0)
    check(load("append", "noname", "--via", via), 1, "the name of noname does not say its format", "--format")
    check(load("append", "noname", "--format", "csv", "--via", via), 0)
    assert ids() == [1, 2, 3, 4]


def test_patterns(load, bucket, ids):
    for number, key in enumerate(["in/a.csv", "in/b.csv", "in/deep/c.csv", "in/b.txt", "other/d.csv"]):
        bucket.put(key, f"id,name\n{number},a\n")
    bucket.put("in/dir/", "")
    done = load("append", "in/*.csv", "-o", "json")
    check(done, 0)
    assert json.loads(done.stdout)["rows_loaded"] == 2
    assert ids() == [0, 1]
    check(load("append", "in/**.csv"), 0)
    assert ids() == [0, 0, 1, 1, 2]


def test_urls(cdk, bucket, target, ids):
    bucket.put("dir/a.csv", "id,name\n1,a\n")
    check(cdk("append", "-c", "s3", "--url", f"s3://{bucket.name}/dir/a.csv", "-d", target), 0)
    check(cdk("append", "-c", "s3", "--url", f"s3://{bucket.name}/dir/*.csv", "-d", target), 0)
    assert ids() == [1, 1]
    other = cdk("append", "-c", "s3", "--url", "gs://b/a.csv", "-d", target)
    check(other, 1, "--url names an object of gcs, and the connector is s3", "--connector gcs")
    check(cdk("append", "-c", "s3", "--url", "ftp://b/a.csv", "-d", target), 1)
    check(cdk("append", "-c", "s3", "-d", target), 1, "nothing says which object to load")
    for option in (("--bucket", "other"), ("--key", "other.csv")):
        both = cdk("append", "-c", "s3", "--url", f"s3://{bucket.name}/dir/a.csv", "-d", target, *option)
        check(both, 1, "--url", option[0], "excludes")
    assert ids() == [1, 1]


def test_newer_than(load, bucket, ids):
    bucket.put("a.csv", "id,name\n1,a\n")
    check(load("append", "*.csv", "--newer-than", "2100-01-01"), 0, "no object matches")
    check(load("append", "*.csv", "--newer-than", "1h"), 0)
    check(load("append", "*.csv", "--newer-than", "soon"), 1, '--newer-than "soon" is no time')
    assert ids() == [1]


def test_dry_run(load, bucket, ids):
    bucket.put("in/a.csv", "id,name\n1,a\n")
    bucket.put("in/b.csv", "id,name\n2,b\n")
    text = load("append", "in/*.csv", "--dry-run")
    check(text, 0)
    assert "Would append 2 object(s), 24 B, as csv, in 2 import(s). Nothing was written." in text.stdout
    plan = json.loads(load("append", "in/*.csv", "--dry-run", "-o", "json").stdout)
    assert [(entry["key"], entry["bytes"]) for entry in plan["objects"]] == [("in/a.csv", 12), ("in/b.csv", 12)]
    assert (plan["mode"], plan["format"]) == ("append", "csv")
    # Empty objects are no part of the load.
    bucket.put("in/_SUCCESS", "")
    text = load("append", "in/*", "--dry-run").stdout
    assert "Would append 2 object(s), 24 B, as csv, in 2 import(s)." in text
    assert "_SUCCESS" not in text
    assert ids() == []


def test_dry_run_refuses_what_the_load_would(load, cdk, bucket, target):
    bucket.put("in/a.csv", "id,name\n1,a\n")
    bucket.put("in/b.csv.gz", gzip.compress(b"id,name\n2,b\n"))
    bucket.put("in/c.csv.zst", "x")
    bucket.put("empty.csv", "")
    check(load("append", "in/*.csv*", "--dry-run"), 1, "Tinybird reads gzip only")
    check(load("append", "in/*.csv*", "--dry-run", "--format", "ndjson"), 1, "is csv by its name")
    check(load("append", "empty.csv", "--dry-run"), 1, "is empty")
    check(load("append", "in/[ab].csv*", "--dry-run"), 0)
    check(load("append", "in/[ab].csv*", "--dry-run", "--join"), 1, "is compressed")
    check(load("append", "in/a.csv", "--dry-run", TB_CDK_LIMITS="imports_per_minute=0,url_bytes=5"), 3)
    nowhere = cdk(
        "append", "-c", "s3", "--bucket", bucket.name, "--key", "in/a.csv", "-d", "no_such_target", "--dry-run"
    )  # fmt: skip
    check(nowhere, 1, 'there is no data source "no_such_target"')


def test_refusals(load, cdk, bucket, target, ids):
    bucket.put("a.csv", "id,name\n1,a\n")
    bucket.put("b.csv.zst", "x")
    bucket.put("empty.csv", "")
    check(load("append", "A.csv"), 1, "there is no object A.csv", "upper and lower case differ")
    check(load("append", "a.csv", "--format", "ndjson"), 1, "is csv by its name, and ndjson was asked for")
    check(load("append", "b.csv.zst"), 1, "Tinybird reads gzip only")
    check(load("append", "empty.csv"), 1, "is empty")
    check(load("append", "[a.csv"), 1)
    check(load("replace", "*.csv"), 1, "replace takes one object")
    check(load("append", "a.csv", "--verify"), 1, "--verify is for databases")
    check(load("append", "a.csv", "-q", "SELECT 1"), 1, "--query is for databases")
    # One that can't be loaded keeps all others out.
    check(load("append", "*.csv*", "--format", "csv"), 1, "Tinybird reads gzip only")
    check(load("append", "a.csv", TB_CDK_LIMITS="imports_per_minute=0,url_bytes=5"), 3)
    nowhere = cdk("append", "-c", "s3", "--bucket", bucket.name, "--key", "a.csv", "-d", "no_such_target")
    check(nowhere, 1, 'there is no data source "no_such_target"')
    no_bucket = cdk("append", "-c", "s3", "--bucket", "cdk-no-such-bucket", "--key", "a.csv", "-d", target)
    check(no_bucket, 1, "NoSuchBucket")
    assert ids() == []


def test_stores_that_refuse_or_are_away(load, bucket):
    bucket.put("a.csv", "id,name\n1,a\n")
    wrong = load("append", "a.csv", AWS_SECRET_ACCESS_KEY="wrong-secret-key")
    check(wrong, 1, "SignatureDoesNotMatch")
    assert "wrong-secret-key" not in wrong.stdout + wrong.stderr
    missing = load("append", "a.csv", AWS_ACCESS_KEY_ID="", AWS_EC2_METADATA_DISABLED="true")
    check(missing, 1, "AWS_ACCESS_KEY_ID")


def test_check(cdk, bucket, target):
    good = cdk("check", "-c", "s3", "--bucket", bucket.name, "-d", target)
    check(good, 0)
    assert f"ok      bucket can be listed: {bucket.name}" in good.stdout
    wrong = cdk("check", "-c", "s3", "--bucket", bucket.name, AWS_SECRET_ACCESS_KEY="wrong-secret-key")
    check(wrong, 1)
    assert "failed  bucket can be listed: s3: GET" in wrong.stdout
    assert "SignatureDoesNotMatch" in wrong.stdout
    assert "wrong-secret-key" not in wrong.stdout + wrong.stderr
    missing = cdk("check", "-c", "s3", "--bucket", "cdk-no-such-bucket")
    check(missing, 1)
    assert "NoSuchBucket" in missing.stdout
    nameless = cdk("check", "-c", "s3")
    check(nameless, 1)
    assert "Give --bucket" in nameless.stdout
    check(cdk("check", "-c", "sqlite", "--bucket", "b"), 1, "--bucket is for object stores, and sqlite is none")


def test_databases_take_no_objects(cdk, target):
    for option in (("--bucket", "b"), ("--key", "k"), ("--url", "s3://b/k"), ("--newer-than", "1h")):
        done = cdk("append", "-c", "sqlite", "-q", "SELECT 1", "-d", target, *option)
        check(done, 1, f"{option[0]} is for object stores, and sqlite is none")


def begun(cdk, endpoint: str, *arguments: str) -> subprocess.Popen:
    """An append that runs, with Tinybird behind another address."""
    command, environment = cdk.command("append", "-c", "s3", *arguments)
    return subprocess.Popen(
        command,
        env={**environment, "TB_CDK_ENDPOINT": endpoint},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_in_the_middle(cdk, bucket, target, ids, tmp_path, number):
    bucket.put("large.csv", "id,name\n" + "1,a\n" * 10_000_000)
    process = []

    def on_head(request):
        if request.method == "POST" and request.path.endswith("/append"):
            os.kill(process[0].pid, number)
            process[0].wait()
        return True

    with relay(cdk.environment["TB_CDK_ENDPOINT"], lambda *_: True, on_head) as endpoint:
        process.append(
            begun(cdk, endpoint, "--bucket", bucket.name, "--key", "large.csv", "-d", target, "--via", "stream")
        )
        output = process[0].communicate(timeout=120)[0].decode()
    assert process[0].returncode == 130, output
    assert "interrupted" in output
    assert ids() == []
    assert list(tmp_path.iterdir()) == []


def test_interrupted_while_tinybird_fetches(cdk, bucket, target):
    """It may go on with that, so nobody must be told that the rows are not in."""
    bucket.put("a.csv", "id,name\n1,a\n")
    process = []

    def asked(request, status):
        if status is None and request.method == "POST" and request.path.endswith("/append"):
            process[0].send_signal(signal.SIGINT)
            process[0].wait()
        return True

    with relay(cdk.environment["TB_CDK_ENDPOINT"], asked) as endpoint:
        process.append(begun(cdk, endpoint, "--bucket", bucket.name, "--key", "a.csv", "-d", target, "--via", "url"))
        output = process[0].communicate(timeout=120)[0].decode()
    assert process[0].returncode == 130, output
    assert "it may go on with it" in output
    assert "that is not" not in output


@pytest.mark.parametrize("via", ["url", "stream"])
def test_join(load, bucket, ids, via):
    bucket.put("d/a.csv", "id,name\n1,a")
    bucket.put("d/b.csv", "id,name\n2,b\n")
    bucket.put("d/empty.csv", "")
    done = load("append", "d/*.csv", "--join", "--via", via, "-o", "json")
    check(done, 0)
    assert json.loads(done.stdout)["rows_loaded"] == 2
    bucket.put("d/c.csv", "id,name\n3,c\n")
    done = load("replace", "d/*.csv", "--join", "--via", via)
    check(done, 0)
    assert "3 rows" in done.stdout
    assert ids() == [1, 2, 3]
    check(load("replace", "none/*.csv", "--join"), 1, "matches none/*.csv", "Nothing was replaced")
    assert "in 1 import(s)" in load("append", "d/*.csv", "--join", "--dry-run").stdout
    # The mark of UTF-8 before some of the header lines makes them no others.
    bucket.put("d/b.csv", "\ufeffid,name\n2,b\n")
    check(load("replace", "d/*.csv", "--join", "--via", via), 0)
    assert ids() == [1, 2, 3]
    bucket.put("d/d.csv", "name,id\nd,4\n")
    check(load("append", "d/*.csv", "--join", "--via", via), 1, "header line")
    assert ids() == [1, 2, 3]
