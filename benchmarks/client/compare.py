# SPDX-License-Identifier: Apache-2.0
"""Measures the Tinybird client beside wrk (events) and curl (one large upload), in turns, into a sink that discards."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from measured_pipe import Side, run_measured
from sink.sink import sink

EVENTS_PER_REQUEST = 1000
EVENT = '{"name":"' + "x" * 88 + '"}'
WRK_SECONDS = 2


@dataclass
class Events:
    wrk: float  # requests per second, the best pass
    kit: float


@dataclass
class Upload:
    megabytes: int
    curl: Side
    kit: Side


def measure_events(programs: Path, passes: int) -> Events:
    """Batches of 1,000 events, 100 KB, on one connection."""
    body = (EVENT + "\n") * EVENTS_PER_REQUEST
    script = f"wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/x-ndjson'\nwrk.body = [[{body}]]\n"
    requests = 20_000
    result = Events(0, 0)
    with sink(programs, []) as variables, tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        environment = {**os.environ, **variables}
        file.write(script)
        file.flush()
        url = f"{variables['TB_CDK_ENDPOINT']}/v0/events?name=bench&wait=true"
        wrk = [
            "wrk",
            "--connections",
            "1",
            "--threads",
            "1",
            "--duration",
            f"{WRK_SECONDS}s",
            "--script",
            file.name,
            url,
        ]
        for _ in range(passes):
            output = subprocess.run(wrk, check=True, capture_output=True, text=True).stdout
            result.wrk = max(result.wrk, float(re.search(r"Requests/sec:\s*([\d.]+)", output).group(1)))
            kit = [str(programs / "client_bench"), "events", str(requests * EVENTS_PER_REQUEST)]
            one, _ = run_measured([kit], environment)
            result.kit = max(result.kit, requests / one.wall)
    return result


def measure_upload(programs: Path, passes: int, megabytes: int = 1000) -> Upload:
    """One large body from memory: curl reads it from a file in memory, the kit makes it."""
    result = Upload(megabytes, Side(), Side())
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with sink(programs, []) as variables, tempfile.NamedTemporaryFile(dir=memory) as file:
        for _ in range(megabytes):
            file.write(b"x" * 1_000_000)
        file.flush()
        environment = {**os.environ, **variables}
        curl = ["curl", "-sS", "--fail", "-X", "POST", "-T", file.name, "-o", "/dev/null"]
        curl.append(f"{variables['TB_CDK_ENDPOINT']}/v1/datasources/bench/append")
        kit = [str(programs / "client_bench"), "upload", str(megabytes)]
        for _ in range(passes):
            result.curl.passes.append(run_measured([curl], environment)[0])
            result.kit.passes.append(run_measured([kit], environment)[0])
    return result
