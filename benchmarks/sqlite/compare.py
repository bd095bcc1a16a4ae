# SPDX-License-Identifier: Apache-2.0
"""Measures loads from a SQLite file beside `sqlite3 -csv | curl`, and `json_object()` for NDJSON."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from database_pipes import Comparison, Result
from sink.sink import sink

# (column, SQLite type, expression over n, ClickHouse type)
COLUMNS = [
    ("id", "INTEGER PRIMARY KEY", "n", "Int64"),
    ("quantity", "INT", "(n * 31) % 100000 - 50000", "Int32"),
    ("price", "REAL", "((n * 7919) % 1000000007) / 10000.0", "Float64"),
    ("ratio", "REAL", "(n * 7919 % 1000003) / 997.0", "Float64"),
    ("active", "BOOLEAN", "n % 3 = 0", "Bool"),
    (
        "name",
        "TEXT",
        "CASE n % 10 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'with \"quotes\" and, commas'"
        " WHEN 3 THEN 'two' || char(10) || 'lines' WHEN 4 THEN 'naïve 東京 🚀' ELSE 'customer number ' || n END",
        "Nullable(String)",
    ),
    ("day", "DATE", "date('2000-01-01', (n % 9000) || ' days')", "Date"),
    ("created", "DATETIME", "datetime('2020-01-01', n || ' seconds')", "DateTime"),
    ("updated", "TEXT", "strftime('%Y-%m-%d %H:%M:%f', '2021-01-01', (n * 0.765) || ' seconds')", "DateTime64(3)"),
    ("document", "TEXT", "json_object('n', n, 'tags', json_array('a', 'b\"c'), 'on', n % 2 = 0)", "String"),
    ("code", "TEXT", "printf('%032x', n * 7919)", "String"),
    ("big", "BIGINT", "n * 1000000007", "Int64"),
]


def measure(programs: Path, rows: int, passes: int, report=print) -> Result:
    """@param programs the build's folder of programs"""
    with (
        tempfile.TemporaryDirectory(prefix="cdk_sqlite_") as folder,
        sink(programs, [(name, clickhouse) for name, _, _, clickhouse in COLUMNS]) as endpoint_variables,
    ):
        file = Path(folder) / "bench.sqlite"
        report(f"making a table of {rows:,} rows")
        definition = ", ".join(f"{name} {kind}" for name, kind, _, _ in COLUMNS)
        values = ", ".join(expression for _, _, expression, _ in COLUMNS)
        numbers = f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s LIMIT {rows})"
        script = f"CREATE TABLE bench ({definition}); INSERT INTO bench {numbers} SELECT {values} FROM s;"
        subprocess.run(["sqlite3", str(file)], input=script, text=True, check=True)
        document = ", ".join(f"'{name}', {name}" for name, *_ in COLUMNS)
        dump = {
            "csv": ["sqlite3", "-csv", str(file), "SELECT * FROM bench"],
            "ndjson": ["sqlite3", "-list", str(file), f"SELECT json_object({document}) FROM bench"],
        }
        environment = {**os.environ, **endpoint_variables, "SQLITE_DATABASE": str(file)}
        comparison = Comparison(programs, "sqlite", "SELECT * FROM bench", dump, environment)
        return comparison.run(Result(rows, file.stat().st_size / 1e6), passes, report)
