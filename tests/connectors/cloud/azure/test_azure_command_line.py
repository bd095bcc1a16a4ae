# SPDX-License-Identifier: Apache-2.0
"""Objects of Azure by the command line: what --url names."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[4]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))


@pytest.fixture
def load(tmp_path):
    def run(url: str) -> subprocess.CompletedProcess:
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        environment["AZURE_STORAGE_CONNECTION_STRING"] = os.environ["AZURE_STORAGE_CONNECTION_STRING"]
        command = [PROGRAM, "append", "-c", "azure", "--url", url, "-d", "target", "--dry-run"]
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
        )

    return run


def test_a_url_of_another_account_is_refused(load):
    done = load("https://other.blob.core.windows.net/box/a.csv")
    assert done.returncode == 1
    assert "the storage account other, and the credentials are those of cdktest" in done.stderr


@pytest.mark.parametrize("url", ["https://CDKTEST.blob.core.windows.net/none/a.csv", "azure://none/a.csv"])
def test_a_url_of_this_account_is_looked_up(load, url):
    done = load(url)
    assert done.returncode == 1
    assert "ContainerNotFound" in done.stderr
