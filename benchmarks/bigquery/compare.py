# SPDX-License-Identifier: Apache-2.0
"""Measures the two ways of a BigQuery result: Arrow streams of the Storage Read API, and pages of JSON.

Both are the kit's, in turns, from an emulator into a sink that discards. The emulator is slower than the kit, and its
pages the slower the further behind they are, so CPU (the kit's alone) says more than wall time does.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from measured_pipe import Pass, Side, run_measured
from sink.sink import sink

BENCHMARKS = Path(__file__).resolve().parents[1]
COMPARED_ROWS = 100_000

# (column, expression over n, ClickHouse type)
COLUMNS = [
    ("id", "n * 7919", "Int64"),
    ("price", "CAST(n * 7919 AS NUMERIC) / 10000", "Decimal(38, 9)"),
    ("ratio", "SIN(n) * 1000", "Float64"),
    ("active", "MOD(n, 3) = 0", "Bool"),
    ("name", "IF(MOD(n, 10) = 0, NULL, CONCAT('customer number ', CAST(n AS STRING)))", "Nullable(String)"),
    ("day", "DATE_ADD(DATE '2000-01-01', INTERVAL MOD(n, 9000) DAY)", "Date32"),
    ("created", "TIMESTAMP_MICROS(1577836800000000 + n * 1234567)", "DateTime64(6, 'UTC')"),
    ("tags", "['a', CAST(n AS STRING)]", "Array(String)"),
]


@dataclass
class Result:
    rows: int
    streams: Side = field(default_factory=Side)
    pages: Side = field(default_factory=Side)
    sent_mb: float = 0
    large_rows: int = 0
    large: Pass | None = None
    large_mb: float = 0


def measure(programs: Path, rows: int, passes: int, report=print) -> Result:
    """@param rows of the large result, which goes by streams only"""
    sys.path.insert(0, str(BENCHMARKS.parent / "tests"))
    from helpers.bigquery import bigquery

    types = [(name, clickhouse) for name, _, clickhouse in COLUMNS]
    with bigquery() as variables, sink(programs, types) as endpoint_variables:
        by_streams = {**os.environ, **variables, **endpoint_variables}
        by_pages = {**by_streams, "BIGQUERY_STORAGE_GRPC_ENDPOINT": ""}

        def load(table: str, environment: dict[str, str], wanted: int) -> tuple[Pass, float]:
            command = [str(programs / "tb-cdk"), "append", "--connector", "bigquery", "--data-source", "bench"]
            command += ["--query", f"SELECT * FROM first.{table}", "--format", "csv", "--output", "json"]
            one, output = run_measured([command], environment)
            summary = json.loads(output)
            if summary["rows"] != wanted:
                raise RuntimeError(f"{summary['rows']} rows were sent instead of {wanted}")
            report(f"{table}: {one.wall:.2f} s, {one.cpu:.2f} s CPU, peak {one.peak_kb / 1000:.1f} MB")
            return one, summary["bytes"] / 1e6

        result = Result(COMPARED_ROWS, large_rows=rows)
        create(variables, "compared", COMPARED_ROWS)
        load("compared", by_streams, COMPARED_ROWS)  # warms the caches
        for _ in range(passes):
            one, result.sent_mb = load("compared", by_pages, COMPARED_ROWS)
            result.pages.passes.append(one)
            result.streams.passes.append(load("compared", by_streams, COMPARED_ROWS)[0])
        create(variables, "large", rows)
        result.large, result.large_mb = load("large", by_streams, rows)
        return result


def create(variables: dict[str, str], table: str, rows: int) -> None:
    columns = ", ".join(f"{expression} AS {name}" for name, expression, _ in COLUMNS)
    sql = f"CREATE TABLE first.{table} AS SELECT {columns} FROM UNNEST(GENERATE_ARRAY(1, {rows})) AS n"
    url = f"{variables['BIGQUERY_EMULATOR_HOST']}/bigquery/v2/projects/{variables['BIGQUERY_PROJECT']}/queries"
    body = json.dumps({"query": sql, "useLegacySql": False, "timeoutMs": 600_000}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"})) as answer:
        if not json.load(answer)["jobComplete"]:
            raise RuntimeError(f"the table of {rows} rows is not made yet")
