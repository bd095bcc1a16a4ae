# SPDX-License-Identifier: Apache-2.0
"""The original Connector Development Kit, the Python package tinybird-cdk, unmodified."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

from helpers.api import Api


def test_every_call_of_its_client_and_its_sqlite_connector(tinybird, programs, tmp_path):
    name = Api(tinybird).create("`id` Int64 `json:$.id`, `note` String `json:$.note`")
    calls = pathlib.Path(__file__).with_name("tinybird_cdk_calls.py")
    answers = tmp_path / "answers.json"
    done = subprocess.run(
        [programs / "python", calls, name, answers],
        env={"PATH": os.environ["PATH"], **tinybird},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(answers.read_text()) == {
        "appended": 4,
        "replaced": [{"id": 1, "note": "a"}, {"id": 2, "note": "B"}, {"id": 3, "note": "c"}],
        "events": 6,
        "name": name,
        "columns": ["id", "note", "x"],
        "linker": "SELECT 1",
        "truncated": 0,
        "connector": [{"id": 1, "note": "it's", "x": 5}, {"id": 2, "note": 'a "quote"', "x": 7}],
    }
