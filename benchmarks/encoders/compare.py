# SPDX-License-Identifier: Apache-2.0
"""Measures pyarrow, polars and DuckDB writing the table of encoders_bench, each on one core, beside the row writers.

The others start from their own columns in memory, with UUIDs (and lists, in CSV) already made text, so the comparison
favours them. Output goes to /dev/null; the fastest pass counts.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# Before polars is imported: it reads the variable once.
os.environ["POLARS_MAX_THREADS"] = "1"

import duckdb
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

TYPES = {
    "id": pa.int64(),
    "quantity": pa.int32(),
    "price": pa.decimal128(18, 4),
    "ratio": pa.float64(),
    "active": pa.bool_(),
    "name": pa.string(),
    "note": pa.string(),
    "day": pa.date32(),
    "created": pa.timestamp("us"),
    "updated": pa.timestamp("us"),
    "key": pa.string(),
    "document": pa.string(),
    "scores": pa.string(),
}

# Writes the table to a path.
Write = Callable[[str], object]


def read_table(path: Path) -> pa.Table:
    """Reads the table that encoders_bench wrote, each column with its type."""
    return pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=TYPES, strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )


def with_lists(table: pa.Table) -> pa.Table:
    """The same table with the scores as lists of numbers."""
    scores = [[int(n) for n in text[1:-1].split(",") if n] for text in table["scores"].to_pylist()]
    index = table.schema.get_field_index("scores")
    return table.set_column(index, "scores", pa.array(scores, pa.list_(pa.int32())))


def fastest_mb_per_second(write: Write, passes: int) -> float:
    with tempfile.NamedTemporaryFile() as file:
        write(file.name)
        size = os.stat(file.name).st_size
    times = []
    for _ in range(passes):
        begin = time.perf_counter()
        write("/dev/null")
        times.append(time.perf_counter() - begin)
    return size / min(times) / 1e6


def row_writers(program: str, rows: int, passes: int) -> dict[str, float]:
    output = subprocess.run(
        [program, "--rows", str(rows), "--passes", str(passes)], check=True, capture_output=True, text=True
    ).stdout
    return {line.split()[0]: float(line.split()[1]) for line in output.splitlines()}


def others(csv_table: pa.Table, json_table: pa.Table) -> dict[str, dict[str, Write]]:
    csv_frame, json_frame = polars.from_arrow(csv_table), polars.from_arrow(json_table)
    database = duckdb.connect()
    database.execute("SET threads = 1")
    database.register("csv_source", csv_table)
    database.register("json_source", json_table)
    database.execute("CREATE TABLE csv_table AS FROM csv_source; CREATE TABLE json_table AS FROM json_source")
    return {
        "pyarrow": {"csv": lambda path: pyarrow.csv.write_csv(csv_table, path)},
        "polars": {"csv": csv_frame.write_csv, "ndjson": json_frame.write_ndjson},
        "duckdb": {
            "csv": lambda path: database.execute(f"COPY csv_table TO '{path}' (FORMAT csv)"),
            "ndjson": lambda path: database.execute(f"COPY json_table TO '{path}' (FORMAT json)"),
        },
    }


def measure(program: str, rows: int, passes: int) -> dict[str, dict[str, float]]:
    """MB/s by writer and format; the row writers are the first."""
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        subprocess.run([program, "--write", path, "--rows", str(rows)], check=True)
        table = read_table(path)
    if table.num_rows != rows or pc.sum(table["id"].is_null()).as_py() != 0:
        raise RuntimeError("the table was not read back whole")
    speeds = {"row writers": row_writers(program, rows, passes)}
    for name, writes in others(table, with_lists(table)).items():
        speeds[name] = {form: fastest_mb_per_second(write, passes) for form, write in writes.items()}
    return speeds
