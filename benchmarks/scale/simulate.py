# SPDX-License-Identifier: Apache-2.0
"""Plays a load of a billion rows through the limits of warehouses and of Tinybird, on a virtual clock.

Nothing is moved. What goes in: the documented sizes of the files that warehouses write, the kit's own limits (read from
its sources), rates that docs/benchmarks measured, and list prices. What comes out are the tables of docs/scale.md:

    python3 benchmarks/scale/simulate.py            # prints them
    python3 benchmarks/scale/simulate.py --write    # puts them into docs/scale.md
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import random
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import kit
import prices

ROWS = 1_000_000_000
ROW_BYTES = 1_000
GB = 10**9
# Of text of such rows by gzip: assumed, the page says so.
GZIP_RATIO = 4
# Of the same text by Parquet with Snappy: assumed too.
PARQUET_RATIO = 2
PAGE = kit.PROJECT / "docs/scale.md"
BEGIN, END = "<!-- begin of the simulation -->\n", "<!-- end of the simulation -->"


@dataclasses.dataclass(frozen=True)
class File:
    rows: int
    content: int  # bytes, before compression
    stored: int  # bytes in the bucket


@dataclasses.dataclass(frozen=True)
class Unload:
    """How a warehouse writes a result: the sizes of its files, as stored."""

    name: str
    smallest: int
    largest: int
    ratio: int  # of text to what is stored
    joined: bool = True  # Parquet can't be: each file is an import

    def files(self, rows: int, row_bytes: int, seed: int = 1) -> list[File]:
        """Sizes are drawn evenly between the bounds, for no warehouse promises more than an upper one."""
        draw = random.Random(seed)
        files, left = [], rows
        while left:
            stored = draw.randint(self.smallest, self.largest)
            count = min(left, max(1, stored * self.ratio // row_bytes))
            files.append(File(count, count * row_bytes, math.ceil(count * row_bytes / self.ratio)))
            left -= count
        return files


class Clock:
    """Time that passes only when somebody waits, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0


class Rate:
    """So many in any 60 seconds."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self.clock = clock
        self.recent: deque[float] = deque(maxlen=per_minute)

    def wait(self) -> None:
        if len(self.recent) == self.recent.maxlen:
            self.clock.now = max(self.clock.now, self.recent[0] + 60)
        self.recent.append(self.clock.now)


def counted(file: File) -> int:
    """What the kit takes a file's text to be, in bytes. Of a compressed one it knows the beginning only."""
    return file.content if file.content == file.stored else math.ceil(file.content * kit.gzip_margin())


def imports(files: list[File], limits: kit.Limits, joined: bool = True) -> Iterator[list[File]]:
    """As many files as fit, in their order: an append's imports (docs/adr/0025). @param joined false: one each"""
    if not joined:
        if any(file.stored > limits.url_parquet_bytes for file in files):
            raise ValueError("one file alone is beyond what an import takes")
        yield from ([file] for file in files)
        return
    group: list[File] = []
    size = 0
    for file in files:
        if file.stored > limits.url_bytes:
            raise ValueError("one file alone is beyond what an import takes")
        if group and size + counted(file) > limits.url_bytes:
            yield group
            group, size = [], 0
        group.append(file)
        size += counted(file)
    if group:
        yield group


@dataclasses.dataclass(frozen=True)
class Played:
    imports: int
    rows: int
    seconds: float
    largest: int  # bytes as stored, of one import: joined objects need that much again for a moment


def play(groups: list[list[File]], limits: kit.Limits, bytes_per_second: float | None) -> Played:
    """One import after the other. @param bytes_per_second that Tinybird reads; nothing: it takes no time"""
    clock = Clock()
    rate = Rate(clock, limits.imports_per_minute)
    rows = 0
    for group in groups:
        rate.wait()
        if bytes_per_second:
            clock.now += sum(file.content for file in group) / bytes_per_second
        rows += sum(file.rows for file in group)
    return Played(len(groups), rows, clock.now, max(sum(file.stored for file in group) for group in groups))


def unloads() -> list[Unload]:
    return [
        Unload("BigQuery CSV, large files", GB, GB, 1),
        Unload("BigQuery CSV, small files", 50 * 10**6, 500 * 10**6, 1),
        Unload("BigQuery NDJSON", GB // GZIP_RATIO // 10, GB // GZIP_RATIO, GZIP_RATIO),
        Unload("BigQuery Parquet, large files", GB // PARQUET_RATIO, GB // PARQUET_RATIO, PARQUET_RATIO, joined=False),
        Unload("Snowflake CSV, its default size", 8 * 2**20, 16 * 2**20, 1),
        Unload("Snowflake CSV, 5 GB", 5 * 10**9 // 2, 5 * 10**9, 1),
        Unload("Snowflake NDJSON, its default size", 8 * 2**20, 16 * 2**20, GZIP_RATIO),
        Unload(
            "Snowflake Parquet",
            kit.snowflake_parquet_bytes() // 2,
            kit.snowflake_parquet_bytes(),
            PARQUET_RATIO,
            joined=False,
        ),
        Unload("Redshift CSV", kit.redshift_file_bytes() // 2, kit.redshift_file_bytes(), 1),
        Unload("Redshift NDJSON", kit.redshift_file_bytes() // 2, kit.redshift_file_bytes(), GZIP_RATIO),
    ]


def plans() -> list[kit.Limits]:
    return [kit.Limits.of("free"), kit.Limits.of("paid", url_bytes=32 * GB, url_parquet_bytes=5 * GB)]


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)])


def duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def by_bucket() -> str:
    local = kit.measured("docs/benchmarks/local.md", "CSV upload, MB/s (137 MB)") * 10**6
    rows = []
    for unload in unloads():
        files = unload.files(ROWS, ROW_BYTES)
        row = [unload.name, f"{len(files):,}", f"{sum(file.stored for file in files) / GB:,.0f}"]
        for limits in plans():
            groups = list(imports(files, limits, unload.joined))
            paced, slow = play(groups, limits, None), play(groups, limits, local)
            assert paced.rows == slow.rows == ROWS
            row += [f"{paced.imports}", f"{max(map(len, groups)):,}", duration(paced.seconds), duration(slow.seconds)]
        rows.append(row)
    head = ["unload", "files", "GB stored"]
    for limits in plans():
        size = limits.url_bytes // GB
        head += [f"imports of {size} GB", "files in one", "by their rate alone", f"at {local / 10**6:.0f} MB/s"]
    return table(head, rows)


def directly() -> str:
    total = ROWS * ROW_BYTES
    limits = kit.Limits.of("free")
    rows = []
    for name, (speed, peak) in kit.measured_loads().items():
        rows.append(
            [f"one reader, {name}, as from PostgreSQL", f"{speed:.0f}", duration(total / speed / 10**6), f"{peak}"]
        )
    for name, bits in (("a network of 1 Gbit/s", 10**9), ("a network of 10 Gbit/s", 10**10)):
        rows.append([name, f"{bits / 8 / 10**6:.0f}", duration(total * 8 / bits), ""])
    requests = math.ceil(total / limits.multipart_bytes)
    files = [File(1, limits.multipart_bytes, 0)] * requests
    paced = play([[file] for file in files], limits, None)
    speed = limits.multipart_bytes * limits.imports_per_minute / 60
    rows.append(
        [
            f"v0, {requests:,} imports of {limits.multipart_bytes // 10**6} MB",
            f"{speed / 10**6:.0f}",
            duration(paced.seconds),
            "",
        ]
    )
    return table(["what bounds it", "MB/s", "1 TB takes at least", "client's peak MB, measured"], rows)


def where_it_stops() -> str:
    rows = []
    for limits in plans():
        largest = limits.url_bytes
        rows.append(
            [
                f"{largest // GB} GB",
                f"{largest // ROW_BYTES:,} rows",
                f"{limits.imports_per_minute * largest / 60 / 10**6:,.0f} MB/s",
                f"{limits.imports_per_minute * 60 * 24 * largest / 10**12:,.0f} TB",
            ]
        )
    return table(["by URL", "a replace ends at", "an append's imports carry at most", "in a day"], rows)


def costs() -> str:
    total = ROWS * ROW_BYTES
    csv = unloads()[0].files(ROWS, ROW_BYTES)
    gzipped = unloads()[2].files(ROWS, ROW_BYTES)
    limits = plans()[1]
    rows = []
    for item in prices.of_load(
        total,
        {"CSV": sum(file.stored for file in csv), "NDJSON with gzip": sum(file.stored for file in gzipped)},
        {
            "CSV": play(list(imports(csv, limits)), limits, None).largest,
            "NDJSON with gzip": play(list(imports(gzipped, limits)), limits, None).largest,
        },
    ):
        rows.append([item.what, item.formula, f"{item.dollars:,.2f}"])
    return table(["what", "formula", "$"], rows)


def report() -> str:
    parts = [
        f"### By the bucket: {ROWS:,} rows, {ROWS * ROW_BYTES // GB:,} GB of text",
        by_bucket(),
        "### Directly",
        directly(),
        "### Limits of imports by URL",
        where_it_stops(),
        "### What it costs, by list prices",
        costs(),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scale.md")
    arguments = parser.parse_args()
    if not arguments.write:
        print(report(), end="")
        return 0
    before, rest = PAGE.read_text().split(BEGIN)
    PAGE.write_text(before + BEGIN + report() + END + rest.split(END)[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
