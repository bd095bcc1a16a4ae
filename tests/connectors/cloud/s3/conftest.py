# SPDX-License-Identifier: Apache-2.0
"""The command line against a real store and a local Tinybird."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import subprocess

import pytest
from helpers.api import Api
from helpers.s3_objects import Bucket

PROJECT = pathlib.Path(__file__).resolve().parents[4]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))
SCHEMA = "id Int64 `json:$.id`, name String `json:$.name`"


@dataclasses.dataclass
class Loader:
    """Runs the program with an environment of its own."""

    environment: dict[str, str]

    def command(self, *arguments: str, **variables: str) -> tuple[list[str], dict[str, str]]:
        return [PROGRAM, *arguments], {**self.environment, **variables}

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        command, environment = self.command(*arguments, **variables)
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
        )


def store_url(name: str = "minio") -> str:
    stores = dict(entry.split("=", 1) for entry in os.environ["CDK_TEST_S3_STORES"].split())
    return stores[name]


@pytest.fixture
def bucket():
    return Bucket(store_url(), os.environ["CDK_TEST_S3_ACCESS_KEY"], os.environ["CDK_TEST_S3_SECRET_KEY"])


@pytest.fixture
def api():
    return Api(os.environ)


@pytest.fixture
def target(api):
    name = api.create(SCHEMA)
    yield name
    api.call("DELETE", f"/v0/datasources/{name}?force=true")


@pytest.fixture
def cdk(tmp_path):
    tinybird = {name: os.environ[name] for name in ("TB_CDK_ENDPOINT", "TB_CDK_TOKEN", "TB_CDK_TAG")}
    return Loader(
        {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "TMPDIR": str(tmp_path),
            "AWS_ENDPOINT_URL_S3": store_url(),
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": os.environ["CDK_TEST_S3_ACCESS_KEY"],
            "AWS_SECRET_ACCESS_KEY": os.environ["CDK_TEST_S3_SECRET_KEY"],
            # Tinybird's pace has its own tests.
            "TB_CDK_LIMITS": "imports_per_minute=0",
            **tinybird,
        }
    )


@pytest.fixture
def ids(api, target):
    """The ids that are in the target, sorted; one that is there twice comes twice."""

    def read(name: str = target) -> list[int]:
        return [int(row[0]) for row in api.sql(f"SELECT id FROM {name} ORDER BY id")]

    return read
