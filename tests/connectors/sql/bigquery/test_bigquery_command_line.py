# SPDX-License-Identifier: Apache-2.0
"""tb-cdk on BigQuery: which way a load goes, and what a preview costs."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import urllib.request
import uuid

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[4]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("TB_CDK_TEST_SUITE_GOOGLE_APPLICATION_CREDENTIALS")),
    reason="the C++ tests beside it are those that run on Google's service",
)


def post(url: str, document: dict) -> dict:
    request = urllib.request.Request(url, json.dumps(document).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def project() -> str:
    return f"{os.environ['BIGQUERY_EMULATOR_HOST']}/bigquery/v2/projects/{os.environ['BIGQUERY_PROJECT']}"


def jobs() -> int:
    with urllib.request.urlopen(project() + "/jobs?maxResults=10000", timeout=60) as answer:
        return len(json.load(answer).get("jobs", []))


@pytest.fixture
def load() -> tuple[str, ...]:
    """A table, a data source that fits, and the arguments that name both."""
    name = "cli_" + uuid.uuid4().hex
    post(
        project() + "/queries",
        {"query": f"CREATE TABLE first.{name} AS SELECT 1 AS n, 'x' AS s", "useLegacySql": False},
    )
    table = ("--parent", f"project={os.environ['BIGQUERY_PROJECT']}", "--parent", "dataset=first")
    return ("-c", "bigquery", *table, "--parent", f"table={name}", "-d", name)


@pytest.fixture
def bucket() -> dict[str, str]:
    name = "cli-" + uuid.uuid4().hex[:12]
    post(os.environ["STORAGE_EMULATOR_HOST"] + "/storage/v1/b?project=p", {"name": name})
    return {"GCS_BUCKET": name}


def cdk(variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, **variables}
    return subprocess.run(
        [PROGRAM, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )


def test_a_preview_says_which_way_and_what_it_costs_and_runs_no_query(load, bucket):
    assert cdk(bucket, "append", *load, "--create", "--via", "direct").returncode == 0
    before = jobs()
    direct = cdk(bucket, "append", *load, "--dry-run")
    assert direct.returncode == 0, direct.stderr
    assert "Way: directly (about " in direct.stdout
    assert "which is what it bills" in direct.stdout
    assert "The query was not run" in direct.stdout
    assert "First " not in direct.stdout
    by_bucket = cdk(bucket, "append", *load, "--dry-run", "--via", "bucket", "-o", "json")
    assert by_bucket.returncode == 0, by_bucket.stderr
    preview = json.loads(by_bucket.stdout)
    assert preview["warehouse"]["via"] == "bucket"
    assert preview["warehouse"]["billed"] is True
    assert preview["warehouse"]["query_was_run"] is False
    # The table has text, which BigQuery's CSV does not keep.
    assert preview["format"] == "ndjson"
    assert "url=" in preview["requests"][0]
    assert jobs() == before


def test_a_load_goes_the_way_that_is_asked_for(load, bucket):
    done = cdk(bucket, "append", *load, "--create", "--via", "bucket", "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 1
    assert "goes by the bucket" in done.stderr
    refused = cdk({"GCS_BUCKET": ""}, "append", *load, "--via", "bucket")
    assert refused.returncode == 1
    assert "GCS_BUCKET" in refused.stderr
    cast = ("--query", "SELECT 1.5 AS n, 'x' AS s")
    names = cdk(bucket, "append", "-c", "bigquery", *cast, "-d", load[-1], "--via", "bucket")
    assert names.returncode == 1
    assert 'column "n" (FLOAT64) goes to ' in names.stderr
    assert "--via direct" in names.stderr
