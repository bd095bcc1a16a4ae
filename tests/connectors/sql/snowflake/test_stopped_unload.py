# SPDX-License-Identifier: Apache-2.0
"""An unload that is ended from outside: by Ctrl-C, SIGTERM, or a terminal that is closed."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import urllib.request
import uuid

import pytest
from helpers.api import Api

PROJECT = pathlib.Path(__file__).resolve().parents[4]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))
# The played COPY INTO waits after its first object until it is cancelled.
HELD = 'SELECT SEQ4() AS "n" /* hold after an object */ FROM TABLE(GENERATOR(ROWCOUNT => 20000))'


def answer_to(url: str, document: dict | None = None, **headers: str) -> dict:
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.fixture
def stage():
    """The name of a stage, which is that of its bucket too."""
    if os.environ.get("TB_CDK_TEST_SUITE_SF_ACCOUNT"):
        pytest.skip("on a real account: it can't be told to hold an unload, and the bucket is the emulator's")
    name = "STOPPED_" + uuid.uuid4().hex.upper()
    answer_to(f"{os.environ['STORAGE_EMULATOR_HOST']}/storage/v1/b?project=p", {"name": name.lower()})
    server = os.environ["CDK_TEST_SNOWFLAKE"]
    person = {"ACCOUNT_NAME": os.environ["SF_ACCOUNT"], "LOGIN_NAME": os.environ["SF_USER"]}
    login = {"data": {**person, "PASSWORD": os.environ["SF_PWD"], "SESSION_PARAMETERS": {}}}
    place = f"databaseName={os.environ['SF_DATABASE']}&schemaName={os.environ['SF_SCHEMA']}"
    token = answer_to(f"{server}/session/v1/login-request?{place}", login)["data"]["token"]
    statement = {"sqlText": f"CREATE STAGE {name} URL = 'gcs://{name.lower()}/loads/'"}
    made = answer_to(f"{server}/queries/v1/query-request", statement, Authorization=f'Snowflake Token="{token}"')
    assert made["success"], made
    return name


def objects(stage: str) -> list[str]:
    found = answer_to(f"{os.environ['STORAGE_EMULATOR_HOST']}/storage/v1/b/{stage.lower()}/o")
    return [one["name"] for one in found.get("items", [])]


# `timeout` signals its child and then the whole group, so that two signals come at once.
@pytest.mark.parametrize(
    "signals", [(signal.SIGINT,), (signal.SIGTERM,), (signal.SIGHUP,), (signal.SIGINT, signal.SIGTERM)]
)
def test_nothing_stays_and_that_is_said(stage, signals):
    target = Api(dict(os.environ)).create("n Nullable(Int128)")
    load = [PROGRAM, "append", "-c", "snowflake", "-q", HELD, "-d", target, "--via", "bucket", "--quiet"]
    process = subprocess.Popen(
        load,
        env={**os.environ, "SF_STAGE": stage},
        # Also when the tests themselves run under nohup.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while not objects(stage):
        assert process.poll() is None, process.stdout.read()
    for number in signals:
        process.send_signal(number)
    shown, _ = process.communicate(timeout=60)
    assert process.returncode == 130, shown
    assert f"the query is being cancelled, and what it has written to gs://{stage.lower()}/loads/tinybird_cdk_" in shown
    assert objects(stage) == []
