# SPDX-License-Identifier: Apache-2.0
"""The local Tinybird as a server for tests."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator

from helpers.api import Api
from helpers.processes import running, wait_for

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("TB_CDK_LOCAL_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk-local"))


@dataclasses.dataclass
class KeptTinybird:
    """A server with a directory of its own."""

    process: subprocess.Popen
    api: Api
    log: pathlib.Path
    endpoint: str


@contextlib.contextmanager
def kept_tinybird(directory: pathlib.Path, *arguments: str, **environment: str) -> Iterator[KeptTinybird]:
    """One whose data stays in the directory. It may be killed inside."""
    directory.mkdir(parents=True, exist_ok=True)
    ready = directory / "ready.json"
    ready.unlink(missing_ok=True)
    log = directory / "log"
    command = [PROGRAM, "--port", "0", "--data-dir", str(directory / "data"), "--ready-file", str(ready)]
    with running([*command, "--parent-dies", *arguments], log, env={**os.environ, **environment}) as process:
        wait_for(ready.exists, process, log)
        answer = json.loads(ready.read_text())
        api = Api({"TB_CDK_ENDPOINT": answer["endpoint"], "TB_CDK_TOKEN": answer["token"]})
        yield KeptTinybird(process, api, log, answer["endpoint"])


@contextlib.contextmanager
def local_tinybird(*arguments: str) -> Iterator[dict[str, str]]:
    """An ephemeral one on a free port. Gives the variables that the kit reads."""
    with tempfile.TemporaryDirectory(prefix="cdk_local_") as directory:
        ready = pathlib.Path(directory) / "ready.json"
        log = pathlib.Path(directory) / "log"
        command = [PROGRAM, "--port", "0", "--ephemeral", "--parent-dies", "--ready-file", str(ready), *arguments]
        with running(command, log) as process:
            wait_for(ready.exists, process, log)
            answer = json.loads(ready.read_text())
            yield {"TB_CDK_ENDPOINT": answer["endpoint"], "TB_CDK_TOKEN": answer["token"], "TB_CDK_TAG": "tests"}
