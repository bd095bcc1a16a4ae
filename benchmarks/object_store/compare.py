# SPDX-License-Identifier: Apache-2.0
"""Measures objects that are streamed from MinIO through the kit, beside a pre-signed URL and two curls in a pipe, in
turns, into a sink that discards. The medians decide the ratio. A curl that only downloads shows the store's speed."""

from __future__ import annotations

import gzip
import json
import os
import random
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from measured_pipe import Pass, Side, run_measured
from object_store.store import BUCKET, Store, store
from sink.sink import sink

COLUMNS = [("id", "Int64"), ("at", "DateTime"), ("name", "String"), ("price", "Float64")]
BLOCK_ROWS = 100_000


@dataclass
class Median:
    wall: float
    cpu: float

    @classmethod
    def of(cls, passes: list[Pass]) -> Median:
        return cls(statistics.median(one.wall for one in passes), statistics.median(one.cpu for one in passes))


@dataclass
class Object:
    key: str
    megabytes: float
    download: Side = field(default_factory=Side)
    pipe: Side = field(default_factory=Side)
    kit: Side = field(default_factory=Side)

    @property
    def ratio(self) -> float:
        return Median.of(self.kit.passes).wall / Median.of(self.pipe.passes).wall


def block() -> bytes:
    """Some megabytes of CSV, the same ones in each run."""
    made = random.Random(1)
    return "".join(
        f"{made.randrange(10**12)},2026-01-{made.randrange(1, 29):02} 12:00:00,"
        f'"customer {made.randrange(10**6)}",{made.randrange(10**7) / 100}\n'
        for _ in range(BLOCK_ROWS)
    ).encode()


def write_object(to: Store, key: str, part: bytes, megabytes: int) -> Object:
    """The part again and again: of gzip too, whose members may follow each other (RFC 1952 §2.2)."""
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(megabytes * 1_000_000 // len(part)):
            file.write(part)
        file.flush()
        to.put(key, file.name)
        return Object(key, file.tell() / 1e6)


def download_of(source: Store, key: str) -> list[str]:
    return ["curl", "-sS", "--fail", source.signed_url("GET", key)]


def download(source: Store, key: str) -> Pass:
    return run_measured([[*download_of(source, key), "-o", "/dev/null"]], dict(os.environ))[0]


def pipe(source: Store, key: str, environment: dict[str, str]) -> Pass:
    upload = ["curl", "-sS", "--fail", "-X", "POST", "-T", "-", "-o", "/dev/null"]
    if key.endswith(".gz"):
        upload += ["-H", "Content-Encoding: gzip"]
    upload.append(f"{environment['TB_CDK_ENDPOINT']}/v1/datasources/bench/append")
    return run_measured([download_of(source, key), upload], environment)[0]


def kit(programs: Path, one: Object, environment: dict[str, str]) -> Pass:
    load = [str(programs / "tb-cdk"), "append", "--connector", "s3", "--bucket", BUCKET, "--key", one.key]
    load += ["--via", "stream", "--data-source", "bench", "--output", "json"]
    ours, output = run_measured([load], environment)
    sent = json.loads(output)["bytes"]
    if sent != round(one.megabytes * 1e6):
        raise RuntimeError(f"{sent} bytes were sent of {one.megabytes} MB")
    return ours


def measure(programs: Path, passes: int, report=print, megabytes: int = 1000) -> list[Object]:
    """@param programs the build's folder of programs"""
    with store() as source, sink(programs, COLUMNS) as variables:
        environment = {**os.environ, **variables, **source.variables}
        report(f"making an object of {megabytes} MB")
        rows = block()
        objects = [
            write_object(source, "rows.csv", rows, megabytes),
            write_object(source, "rows.csv.gz", gzip.compress(rows, compresslevel=6, mtime=0), megabytes // 4),
        ]
        for one in objects:
            pipe(source, one.key, environment)  # warms the caches
            for number in range(passes):
                one.download.passes.append(download(source, one.key))
                one.pipe.passes.append(pipe(source, one.key, environment))
                one.kit.passes.append(kit(programs, one, environment))
                ours, theirs = one.kit.passes[-1], one.pipe.passes[-1]
                report(
                    f"{one.key} pass {number + 1}: download alone {one.download.passes[-1].wall:.2f} s,"
                    f" pipe {theirs.wall:.2f} s, kit {ours.wall:.2f} s,"
                    f" {ours.cpu:.2f} s CPU, peak {ours.peak_kb / 1000:.1f} MB"
                )
        return objects
