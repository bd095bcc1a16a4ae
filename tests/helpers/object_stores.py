# SPDX-License-Identifier: Apache-2.0
"""Stores that speak S3's protocol and check signatures, for tests. bin/test builds them into .deps/bin."""

from __future__ import annotations

import contextlib
import os
import pathlib
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator

from helpers.processes import free_port, running, wait_for

PROGRAMS = pathlib.Path(__file__).resolve().parents[2] / ".deps" / "bin"
ACCESS_KEY = "cdk-access"
SECRET_KEY = "a+secret/with=signs"


def answers(url: str) -> bool:
    """Any answer will do: without a signature it is a refusal."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def store(program: str, arguments: list[str], variables: dict[str, str], root: pathlib.Path, url: str) -> Iterator[str]:
    path = PROGRAMS / program
    if not path.exists():
        raise RuntimeError(f"{path} is missing; bin/test tests/connectors/cloud/s3 builds it")
    log = root / "log"
    environment = {**os.environ, **variables}
    with running([str(path), *arguments], log, cwd=root, env=environment) as process:
        wait_for(lambda: answers(url), process, log)
        yield url


@contextlib.contextmanager
def minio() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="cdk_minio_") as directory:
        root = pathlib.Path(directory)
        (root / "data").mkdir()
        address, console = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        arguments = ["server", "data", "--quiet", "--address", address, "--console-address", console]
        variables = {
            "HOME": directory,
            "MINIO_ROOT_USER": ACCESS_KEY,
            "MINIO_ROOT_PASSWORD": SECRET_KEY,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
        }
        with store("minio", arguments, variables, root, f"http://{address}") as url:
            yield url


@contextlib.contextmanager
def versitygw() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="cdk_versitygw_") as directory:
        root = pathlib.Path(directory)
        (root / "data").mkdir()
        address = f"127.0.0.1:{free_port()}"
        arguments = ["--port", address, "--region", "us-east-1", "--quiet", "posix", "data"]
        variables = {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}
        with store("versitygw", arguments, variables, root, f"http://{address}") as url:
            yield url


@contextlib.contextmanager
def s3_stores() -> Iterator[dict[str, str]]:
    """Gives CDK_TEST_S3_STORES, as in "minio=http://… versitygw=http://…", and the keys that both know."""
    with minio() as first, versitygw() as second:
        yield {
            "CDK_TEST_S3_STORES": f"minio={first} versitygw={second}",
            "CDK_TEST_S3_ACCESS_KEY": ACCESS_KEY,
            "CDK_TEST_S3_SECRET_KEY": SECRET_KEY,
        }
