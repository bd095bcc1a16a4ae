# SPDX-License-Identifier: Apache-2.0
"""The kit's own numbers, read from its sources: a copy would grow old."""

from __future__ import annotations

import dataclasses
import functools
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def number_in(path: str, pattern: str) -> int:
    found = re.findall(pattern, (PROJECT / path).read_text())
    if len(found) != 1:
        raise RuntimeError(f"{path} has {len(found)} places like {pattern}")
    return int(found[0].replace("'", ""))


def tinybird_limits() -> dict[str, int]:
    """The defaults of include/tinybird_cdk/limits.hpp."""
    text = (PROJECT / "include/tinybird_cdk/limits.hpp").read_text()
    return {name: int(value.replace("'", "")) for name, value in re.findall(r"uint64_t (\w+) = ([\d']+);", text)}


@dataclasses.dataclass(frozen=True)
class Limits:
    """What one plan of Tinybird takes."""

    name: str
    url_bytes: int
    url_parquet_bytes: int
    multipart_bytes: int
    imports_per_minute: int

    @classmethod
    def of(cls, name: str, **changed: int) -> Limits:
        known = tinybird_limits()
        wanted = [field.name for field in dataclasses.fields(cls) if field.name != "name"]
        return cls(name, **{field: changed.get(field, known[field]) for field in wanted})


def redshift_file_bytes() -> int:
    return number_in("src/connectors/redshift/unload_sql.cpp", r'largest_object = "(\d+) MB"') * 2**20


def snowflake_parquet_bytes() -> int:
    return number_in("src/connectors/snowflake/copy_sql.cpp", r"parquet_bytes = (\d+)U << 20U") * 2**20


@functools.cache
def gzip_margin() -> float:
    """How much larger than it looks by its beginning the kit takes a compressed object's text to be."""
    text = (PROJECT / "src/transfer/directory_load.cpp").read_text()
    (found,) = re.findall(r"constexpr double margin = ([\d.]+);", text)
    return float(found)


def measured(path: str, row: str) -> float:
    """The number of a row "| name | **number** |" of a page in docs/benchmarks."""
    found = re.search(rf"^\| {re.escape(row)} \| \*\*([\d.]+)\*\* \|", (PROJECT / path).read_text(), re.MULTILINE)
    if not found:
        raise RuntimeError(f"{path} has no row {row}")
    return float(found[1])


def measured_loads() -> dict[str, tuple[float, float]]:
    """Format → MB per second of a load from PostgreSQL by one connection, and its peak in MB (docs/benchmarks)."""
    text = (PROJECT / "docs/benchmarks/latest.md").read_text()
    section = text.split("## PostgreSQL → HTTP")[1].split("##")[0]
    rows = re.findall(r"^\| (CSV|NDJSON) \|(.*)\|$", section, re.MULTILINE)
    loads = {}
    for name, cells in rows:
        megabytes, _, seconds, _, _, _, peak = (cell.strip().strip("*") for cell in cells.split("|"))
        loads[name] = (float(megabytes) / float(seconds), float(peak))
    return loads
