# SPDX-License-Identifier: Apache-2.0
"""The discarding server as a context."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def sink(programs: Path, columns: list[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """Gives the variables that make the kit use it. @param columns (name, ClickHouse type) of its data source"""
    description = {"id": "1", "name": "bench", "columns": []}
    for name, kind in columns:
        description["columns"].append({"name": name, "type": kind, "jsonpath": f"$.{name}"})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(description, file)
        file.flush()
        process = subprocess.Popen([programs / "bench_sink", file.name], stdout=subprocess.PIPE, text=True)
        try:
            endpoint = f"http://127.0.0.1:{process.stdout.readline().strip()}"
            yield {"TB_CDK_ENDPOINT": endpoint, "TB_CDK_TOKEN": "benchmark", "TB_CDK_TAG": "bench"}
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
