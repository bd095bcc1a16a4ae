# SPDX-License-Identifier: Apache-2.0
"""Measures the local Tinybird: how fast it starts and answers, and uploads by curl from a file in memory."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SCHEMA = (
    "`id` Int64 `json:$.id`, `at` DateTime64(3) `json:$.at`, `note` String `json:$.note`, "
    "`price` Float64 `json:$.price`, `key` UUID `json:$.key`"
)
QUERIES = 1000
WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta eta", "theta, iota"]


@dataclass
class Uploads:
    megabytes: float = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def speed(self) -> float:
        return self.megabytes / min(self.seconds)


@dataclass
class Result:
    starts: list[float] = field(default_factory=list)  # seconds to ready
    idle_mb: float = 0
    peak_mb: float = 0
    count_ms: float = 0  # the median of SELECT count()
    rows: int = 0
    uploads: dict[str, Uploads] = field(default_factory=dict)


@dataclass
class Server:
    process: subprocess.Popen
    host: str
    token: str
    started: float

    def memory_mb(self, name: str) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1000
        raise RuntimeError(f"no {name}")

    def call(self, connection: http.client.HTTPConnection, method: str, path: str, body: str | None = None) -> bytes:
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {text!r}")
        return text


@contextlib.contextmanager
def server(programs: Path) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [programs / "tb-cdk-local", "--port", "0", "--ephemeral", "--quiet", "--ready-file", ready]
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not (ready.exists() and ready.stat().st_size):
                if process.poll() is not None:
                    raise RuntimeError("tb-cdk-local ended")
                time.sleep(0.002)
            answer = json.loads(ready.read_text())
            host = urllib.parse.urlsplit(answer["endpoint"]).netloc
            yield Server(process, host, answer["token"], time.perf_counter() - begin)
        finally:
            process.terminate()
            process.wait()


def write_rows(folder: Path, rows: int) -> dict[str, Path]:
    """The same rows in both formats, always the same."""
    choose = random.Random(1)
    files = {form: folder / f"rows.{form}" for form in ("csv", "ndjson")}
    with files["csv"].open("w") as csv, files["ndjson"].open("w") as ndjson:
        for i in range(rows):
            at = f"2026-{1 + i % 12:02}-{1 + i % 28:02} {i % 24:02}:{i % 60:02}:{i * 7 % 60:02}.{i % 1000:03}"
            note = " ".join(choose.choices(WORDS, k=8))
            price = round(choose.random() * 1000, 3)
            key = uuid.UUID(int=choose.getrandbits(128))
            csv.write(f'{i},{at},"{note}",{price},{key}\n')
            ndjson.write(f'{{"id":{i},"at":"{at}","note":"{note}","price":{price},"key":"{key}"}}\n')
    return files


def upload(target: Server, form: str, file: Path) -> float:
    url = f"http://{target.host}/v1/datasources/bench/replace?format={form}"
    command = ["curl", "-sS", "--fail", "-X", "POST", "-T", file, "-o", "/dev/null", "-w", "%{time_total}"]
    command += ["-H", f"Authorization: Bearer {target.token}", url]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(programs: Path, rows: int, passes: int) -> Result:
    result = Result(rows=rows, uploads={"csv": Uploads(), "ndjson": Uploads()})
    for _ in range(passes):
        with server(programs) as target:
            result.starts.append(target.started)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with server(programs) as target, tempfile.TemporaryDirectory(dir=memory) as folder:
        result.idle_mb = target.memory_mb("VmRSS")
        files = write_rows(Path(folder), rows)
        connection = http.client.HTTPConnection(target.host)
        form = urllib.parse.urlencode({"name": "bench", "schema": SCHEMA})
        target.call(connection, "POST", "/v0/datasources", form)
        for _ in range(passes):
            for name, file in files.items():
                result.uploads[name].megabytes = file.stat().st_size / 1e6
                result.uploads[name].seconds.append(upload(target, name, file))
        path = "/v0/sql?" + urllib.parse.urlencode({"q": "SELECT count() FROM bench FORMAT JSONCompact"})
        taken = []
        for _ in range(QUERIES):
            begin = time.perf_counter()
            answer = target.call(connection, "GET", path)
            taken.append(time.perf_counter() - begin)
            if json.loads(answer)["data"] != [[rows]]:
                raise RuntimeError(f"rows are missing: {answer!r}")
        result.count_ms = statistics.median(taken) * 1000
        result.peak_mb = target.memory_mb("VmHWM")
        connection.close()
    return result
