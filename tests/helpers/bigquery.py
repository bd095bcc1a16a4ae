# SPDX-License-Identifier: Apache-2.0
"""BigQuery for tests: local-bigquery (https://github.com/novucs/local-bigquery) on a free port, over DuckDB.

It answers in Google's own forms and checks no credentials. bin/test installs it for tests/connectors/sql/bigquery.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import tempfile
import urllib.request
from collections.abc import Iterator

from helpers.processes import free_port, running, wait_for

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent


def environment_of_python() -> pathlib.Path:
    found = pathlib.Path(os.environ.get("CDK_TEST_LOCAL_BIGQUERY") or PROJECT / ".deps" / "local-bigquery")
    if not (found / ".local-bigquery").is_file():
        raise RuntimeError("local-bigquery is not installed: bin/test does that for tests/connectors/sql/bigquery")
    return found


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/bigquery/v2/projects", timeout=60) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextlib.contextmanager
def bigquery() -> Iterator[dict[str, str]]:
    """Gives the variables that the connector reads. Objects of an EXPORT DATA go where STORAGE_EMULATOR_HOST says."""
    venv = environment_of_python()
    with tempfile.TemporaryDirectory(prefix="cdk_bigquery_") as directory:
        root = pathlib.Path(directory)
        port, grpc_port = free_port(), free_port()
        url = f"http://127.0.0.1:{port}"
        command = [str(venv / "bin" / "local-bigquery"), "serve", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--grpc-port", str(grpc_port), "--project", "kit", "--dataset", "first"]
        command += ["--data-dir", str(root / "data")]
        # DuckDB's extensions are below that home.
        environment = {**os.environ, "HOME": str(venv / "home")}
        with running(command, root / "log", env=environment) as process:
            wait_for(lambda: answers(url), process, root / "log", seconds=300)
            yield {
                "BIGQUERY_EMULATOR_HOST": url,
                "BIGQUERY_STORAGE_GRPC_ENDPOINT": f"127.0.0.1:{grpc_port}",
                "BIGQUERY_PROJECT": "kit",
            }
