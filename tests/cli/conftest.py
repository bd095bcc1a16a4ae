# SPDX-License-Identifier: Apache-2.0
"""The real program, a SQLite file to load, and a local Tinybird to load it into."""

from __future__ import annotations

import os
import pathlib
import sqlite3
import subprocess

import pytest
from helpers.local_tinybird import local_tinybird

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))


@pytest.fixture(scope="session")
def program():
    return PROGRAM


@pytest.fixture(scope="session")
def tinybird():
    with local_tinybird() as variables:
        yield variables


@pytest.fixture
def database(tmp_path):
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT, amount INTEGER)")
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?)", [(1, "a", 10), (2, None, 20), (3, "", 300)])
    connection.close()
    return file


@pytest.fixture
def cdk(tinybird, database):
    """Runs the program with an environment of its own: cdk("append", …, TB_CDK_TAG="x", UNSET=None)."""

    def run(*arguments, **variables):
        environment = {"PATH": os.environ["PATH"], "HOME": str(database.parent), **tinybird}
        if "TB_CDK_LIBCHDB" in os.environ:
            environment["TB_CDK_LIBCHDB"] = os.environ["TB_CDK_LIBCHDB"]
        environment["SQLITE_DATABASE"] = str(database)
        environment.update(variables)
        environment = {name: value for name, value in environment.items() if value is not None}
        return subprocess.run(
            [PROGRAM, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run
