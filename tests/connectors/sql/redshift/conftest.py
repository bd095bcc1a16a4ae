# SPDX-License-Identifier: Apache-2.0
"""The command line against Redshift and a local Tinybird."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest
from helpers.api import Api

PROJECT = pathlib.Path(__file__).resolve().parents[4]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))
PREFIXES = ("REDSHIFT_", "S3_", "AWS_", "TB_CDK_")


@pytest.fixture
def api():
    return Api(os.environ)


@pytest.fixture
def cdk(tmp_path):
    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
        own = {name: value for name, value in os.environ.items() if name.startswith(PREFIXES)}
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path), **own, **variables}
        return subprocess.run(
            [PROGRAM, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run
