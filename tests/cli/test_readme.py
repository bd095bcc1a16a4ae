# SPDX-License-Identifier: Apache-2.0
"""What the README shows is run as it stands there."""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import sqlite3
import subprocess

import pytest
from helpers.postgresql import postgresql

PROJECT = pathlib.Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)[number]


def test_the_library_tour_is_the_quickstart():
    source = (PROJECT / "examples" / "quickstart" / "main.cpp").read_text(encoding="utf-8")
    assert source == "// SPDX-License-Identifier: Apache-2.0\n" + block("cpp")


def test_the_quickstart_loads_a_table(cdk, program, database, tinybird):
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE flights (carrier TEXT NOT NULL, dep_delay REAL)")
        connection.executemany("INSERT INTO flights VALUES (?, ?)", [("AA", 1.5), ("AA", None), ("UA", -3)])
    connection.close()
    environment = {"PATH": os.environ["PATH"], "SQLITE_DATABASE": str(database), **tinybird}
    done = subprocess.run(
        [pathlib.Path(program).with_name("quickstart")], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    delays = cdk(
        "query-tb", "SELECT carrier, avg(dep_delay) AS delay FROM flights GROUP BY carrier ORDER BY 1", "-o", "csv"
    )
    assert delays.stdout == '"carrier","delay"\n"AA",1.5\n"UA",-3\n'


@pytest.fixture(scope="module")
def shop():
    with postgresql() as variables:
        tables = "CREATE TABLE orders (id int PRIMARY KEY, day date, total numeric(10,2))"
        rows = "INSERT INTO orders SELECT i, DATE '2026-11-20' + i, i * 1.25 FROM generate_series(1, 8) i"
        subprocess.run(["psql", "-q", "-c", tables, "-c", rows], env={**os.environ, **variables}, check=True)
        yield variables


def test_the_command_line_tour(program, shop, tinybird):
    environment = {"PATH": os.environ["PATH"], **shop, **tinybird}
    printed = []
    for line in block("sh", 1).splitlines():
        if not line.startswith("bin/cdk "):
            continue
        words = shlex.split(line, comments=True)
        done = subprocess.run([program, *words[1:]], env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        printed.append(done.stdout)
    # 8 rows replaced, and one of them appended once more.
    assert printed[-1] == "9\n"
