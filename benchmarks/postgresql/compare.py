# SPDX-License-Identifier: Apache-2.0
"""Measures loads from PostgreSQL beside `psql -c 'COPY …' | curl`, in pairs in one run, into a sink that discards.

Both sides run the same query on the same server and send over HTTP to the same program. Wall time decides the ratio;
the fastest pass of each counts, for whatever else the machine does only adds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from measured_pipe import Pass, Side, run_measured
from sink.sink import sink

BENCHMARKS = Path(__file__).resolve().parents[1]

# (column, PostgreSQL type, expression over n, ClickHouse type)
COLUMNS = [
    ("id", "bigint", "n * 7919", "Int64"),
    ("quantity", "integer", "(n * 31) % 100000 - 50000", "Int32"),
    ("price", "numeric(18,4)", "((n * 7919) % 1000000007)::numeric / 10000", "Decimal(18, 4)"),
    ("ratio", "double precision", "sin(n) * 1000", "Float64"),
    ("active", "boolean", "n % 3 = 0", "Bool"),
    (
        "name",
        "text",
        "CASE n % 10 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'with \"quotes\" and, commas'"
        " WHEN 3 THEN E'two\\nlines' WHEN 4 THEN 'naïve 東京 🚀' ELSE 'customer number ' || n END",
        "Nullable(String)",
    ),
    ("day", "date", "DATE '2000-01-01' + (n % 9000)::int", "Date"),
    ("created", "timestamp", "TIMESTAMP '2020-01-01' + n * INTERVAL '1.234567 s'", "DateTime64(6)"),
    ("updated", "timestamptz", "TIMESTAMPTZ '2021-01-01 00:00+00' + n * INTERVAL '0.765432 s'", "DateTime64(6)"),
    ("key", "uuid", "md5((n * 3)::text)::uuid", "UUID"),
    (
        "document",
        "jsonb",
        "jsonb_build_object('n', n, 'tags', jsonb_build_array('a', 'b\"c'), 'on', n % 2 = 0)",
        "String",
    ),
    ("scores", "integer[]", "ARRAY[n % 7, n % 11, n % 13]::integer[]", "Array(Int32)"),
]
QUERY = "SELECT * FROM bench"
PIPES = {
    "csv": f"COPY ({QUERY}) TO STDOUT (FORMAT CSV)",
    # FORMAT CSV with characters that never occur: the documents go out as they are, and not in COPY's escapes.
    "ndjson": f"COPY (SELECT row_to_json(t) FROM ({QUERY}) t) TO STDOUT"
    r" (FORMAT CSV, QUOTE E'\x01', DELIMITER E'\x02')",
}


@dataclass
class Result:
    rows: int
    table_mb: float
    pipes: dict[str, Side]
    kits: dict[str, Side]
    sent_mb: dict[str, float]
    small: Pass  # a load of three rows

    def ratio(self, format_name: str) -> float:
        return self.kits[format_name].best.wall / self.pipes[format_name].best.wall


def psql(sql: str, environment: dict[str, str]) -> str:
    command = ["psql", "--no-psqlrc", "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def make_table(rows: int, environment: dict[str, str]) -> float:
    """Makes the table. @return its size in MB"""
    definition = ", ".join(f'"{name}" {kind}' for name, kind, _, _ in COLUMNS)
    values = ", ".join(expression for _, _, expression, _ in COLUMNS)
    psql(f"CREATE TABLE bench ({definition})", environment)
    psql(f"INSERT INTO bench SELECT {values} FROM (SELECT generate_series(1::bigint, {rows}) AS n) s", environment)
    psql("VACUUM ANALYZE bench", environment)
    return int(psql("SELECT pg_table_size('bench')", environment)) / 1e6


def measure(programs: Path, rows: int, passes: int, report=print) -> Result:
    """@param programs the build's folder of programs"""
    sys.path.insert(0, str(BENCHMARKS.parent / "tests"))
    from helpers.postgresql import postgresql

    with (
        postgresql(shared_buffers="1GB", max_wal_size="4GB") as variables,
        sink(programs, [(name, clickhouse) for name, _, _, clickhouse in COLUMNS]) as endpoint_variables,
    ):
        environment = {
            **os.environ,
            **variables,
            **endpoint_variables,
        }
        report(f"making a table of {rows:,} rows")
        result = Result(rows, make_table(rows, environment), {}, {}, {}, Pass(0, 0, 0))

        def kit(format_name: str, *more: str) -> tuple[Pass, dict]:
            load = [str(programs / "tb-cdk"), "append", "--connector", "postgresql", "--query", QUERY]
            load += ["--data-source", "bench", "--format", format_name, "--output", "json", *more]
            one, output = run_measured([load], environment)
            return one, json.loads(output)

        imports = f"{endpoint_variables['TB_CDK_ENDPOINT']}/v0/datasources"

        def pipe(format_name: str) -> Pass:
            upload = ["curl", "-sS", "--fail", "-X", "POST", "-T", "-", "-o", "/dev/null", imports]
            copy = ["psql", "--no-psqlrc", "-q", "-c", PIPES[format_name]]
            return run_measured([copy, upload], environment)[0]

        for format_name in PIPES:
            pipe(format_name)  # warms the server's cache
            kit_side = result.kits.setdefault(format_name, Side())
            pipe_side = result.pipes.setdefault(format_name, Side())
            for number in range(passes):
                pipe_side.passes.append(pipe(format_name))
                one, summary = kit(format_name)
                if summary["rows"] != rows:
                    raise RuntimeError(f"{summary['rows']} rows were sent instead of {rows}")
                kit_side.passes.append(one)
                result.sent_mb[format_name] = summary["bytes"] / 1e6
                ours, theirs = kit_side.passes[-1], pipe_side.passes[-1]
                report(
                    f"{format_name} pass {number + 1}: pipe {theirs.wall:.2f} s, kit {ours.wall:.2f} s,"
                    f" {ours.cpu:.2f} s CPU, peak {ours.peak_kb / 1000:.1f} MB"
                )
        result.small = kit("csv", "--row-limit", "3")[0]
    return result
