# SPDX-License-Identifier: Apache-2.0
"""Measures loads from MariaDB beside `mariadb --quick | curl`.

For CSV the other side sends what is cheapest for it, lines with tabs (-BN), which is not what Tinybird reads as CSV;
for NDJSON the server makes the documents.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from database_pipes import Comparison, Result
from sink.sink import sink

BENCHMARKS = Path(__file__).resolve().parents[1]

# (column, MySQL type, expression over n, ClickHouse type)
COLUMNS = [
    ("id", "bigint", "n * 7919", "Int64"),
    ("quantity", "int", "(n * 31) % 100000 - 50000", "Int32"),
    ("price", "decimal(18,4)", "((n * 7919) % 1000000007) / 10000", "Decimal(18, 4)"),
    ("ratio", "double", "sin(n) * 1000", "Float64"),
    ("active", "tinyint", "n % 3 = 0", "Int8"),
    (
        "name",
        "varchar(100)",
        "CASE n % 10 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'with \"quotes\" and, commas'"
        " WHEN 3 THEN 'two\\nlines' WHEN 4 THEN 'naïve 東京 🚀' ELSE concat('customer number ', n) END",
        "Nullable(String)",
    ),
    ("day", "date", "DATE '2000-01-01' + INTERVAL (n % 9000) DAY", "Date"),
    ("created", "datetime(6)", "TIMESTAMP '2020-01-01 00:00:00' + INTERVAL (n * 1234567) MICROSECOND", "DateTime64(6)"),
    ("updated", "timestamp(6)", "TIMESTAMP '2021-01-01 00:00:00' + INTERVAL (n * 765432) MICROSECOND", "DateTime64(6)"),
    ("state", "enum('new','paid','sent')", "1 + n % 3", "LowCardinality(String)"),
    ("document", "json", "json_object('n', n, 'tags', json_array('a', 'b\"c'), 'on', n % 2 = 0)", "String"),
    ("code", "char(32)", "md5(n * 3)", "String"),
]


def measure(programs: Path, rows: int, passes: int, report=print) -> Result:
    """@param programs the build's folder of programs"""
    sys.path.insert(0, str(BENCHMARKS.parent / "tests"))
    from helpers.mariadb import mariadb, program

    with (
        mariadb(innodb_buffer_pool_size="1G", innodb_log_file_size="1G") as variables,
        sink(programs, [(name, clickhouse) for name, _, _, clickhouse in COLUMNS]) as endpoint_variables,
    ):
        environment = {**os.environ, **variables, **endpoint_variables}
        client = [program("mariadb"), "--no-defaults", "--default-character-set=utf8mb4", "--quick", "--batch"]
        client += ["--skip-column-names", f"--host={variables['MYSQL_HOST']}", f"--port={variables['MYSQL_TCP_PORT']}"]
        client += [f"--user={variables['MYSQL_USER']}", variables["MYSQL_DATABASE"]]

        def run(sql: str) -> str:
            done = subprocess.run([*client, "-e", sql], env=environment, check=True, capture_output=True, text=True)
            return done.stdout.strip()

        report(f"making a table of {rows:,} rows")
        definition = ", ".join(f"{name} {kind}" for name, kind, _, _ in COLUMNS)
        values = ", ".join(expression for _, _, expression, _ in COLUMNS)
        run(f"CREATE TABLE bench ({definition}) CHARACTER SET utf8mb4")
        numbers = f"SELECT CAST(seq AS SIGNED) AS n FROM seq_1_to_{rows}"
        run(f"SET time_zone = '+00:00'; INSERT INTO bench SELECT {values} FROM ({numbers}) s")
        run("ANALYZE TABLE bench")
        size = run("SELECT data_length FROM information_schema.tables WHERE table_name = 'bench'")
        names = [name for name, *_ in COLUMNS]
        document = ", ".join(f"'{name}', {name}" for name in names)
        dump = {
            "csv": [*client, "-e", "SELECT * FROM bench"],
            # --raw: the documents go out as they are, without escapes of the command line's own.
            "ndjson": [*client, "--raw", "-e", f"SELECT json_object({document}) FROM bench"],
        }
        comparison = Comparison(programs, "mysql", "SELECT * FROM bench", dump, environment)
        return comparison.run(Result(rows, int(size) / 1e6), passes, report)
