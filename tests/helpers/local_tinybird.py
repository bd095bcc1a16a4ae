# SPDX-License-Identifier: Apache-2.0
"""The local Tinybird as a server for tests."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import tempfile
from collections.abc import Iterator

from helpers.processes import running, wait_for

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("TB_CDK_LOCAL_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk-local"))


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
