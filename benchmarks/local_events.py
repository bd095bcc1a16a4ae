# SPDX-License-Identifier: Apache-2.0
"""Acknowledged events of the local Tinybird, and its memory under a flood, by wrk."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path

WRK = """wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer {token}"
wrk.body = string.rep([[{line}]] .. "\\n", {lines})
"""
LINE = '{"id": 1234567, "name": "an event of some length", "value": 1.25}'
SCHEMA = "id Int64 `json:$.id`, name String `json:$.name`, value Float64 `json:$.value`"


def wrk(server: dict, name: str, lines: int, wait: bool, connections: int, seconds: int) -> tuple[float, int]:
    """Requests per second, and how many were refused."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(WRK.format(token=server["token"], line=LINE, lines=lines))
        script.flush()
        url = f"{server['endpoint']}/v0/events?name={name}&wait={'true' if wait else 'false'}"
        command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "-s", script.name, url]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), int(refused[1]) if refused else 0


def peak_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1000


def measure(programs: Path, seconds: int = 10) -> list[list[str]]:
    """Rows of a table: what, and how much."""
    with tempfile.TemporaryDirectory() as directory:
        ready = Path(directory) / "ready.json"
        program = [programs / "tb-cdk-local", "--port", "0", "--ephemeral", "--quiet", "--ready-file", ready]
        process = subprocess.Popen(program, stdin=subprocess.DEVNULL)
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise RuntimeError("tb-cdk-local did not start")
            server = json.loads(ready.read_text())
            for name in ("small", "flood"):
                create = ["curl", "-sf", "-H", f"Authorization: Bearer {server['token']}", "-d", f"name={name}"]
                create += ["--data-urlencode", f"schema={SCHEMA}", f"{server['endpoint']}/v0/datasources"]
                subprocess.run(create, check=True, capture_output=True)
            acknowledged, failed = wrk(server, "small", 1, True, 60, seconds)
            small_peak = peak_megabytes(process.pid)
            flood, refused = wrk(server, "flood", 10_000, False, 60, seconds)
            return [
                ["acknowledged requests/s, 60 connections, one event each", f"**{acknowledged:.0f}**"],
                ["… of which failed", str(failed)],
                ["… peak MB", f"{small_peak:.0f}"],
                ["flood of 10,000 events each, answers/s", f"{flood:.0f}"],
                ["… of which 429", str(refused)],
                ["… peak MB", f"{peak_megabytes(process.pid):.0f}"],
            ]
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    import sys

    for row in measure(Path(sys.argv[1])):
        print(": ".join(row))
