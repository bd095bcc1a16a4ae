# SPDX-License-Identifier: Apache-2.0
"""Random text from a SQLite file, through the program, and back."""

from __future__ import annotations

import json
import sqlite3
import uuid

import pytest
from helpers import data


@pytest.mark.parametrize("format", ["csv", "ndjson"])
def test_random_text_arrives_as_it_left(cdk, database, format):
    source = data.generator()
    texts = [data.text(source) for _ in range(300)]
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, v TEXT NOT NULL)")
        for number, text in enumerate(texts):
            connection.execute(f"INSERT INTO texts VALUES ({number}, '{text}')")
    connection.close()
    target = "t_" + uuid.uuid4().hex
    load = ("replace", "-c", "sqlite", "--parent", "table=texts", "-d", target, "--create", "-f", format)
    done = cdk(*load)
    assert done.returncode == 0, done.stderr
    rows = json.loads(cdk("query-tb", f"SELECT v FROM {target} ORDER BY id", "-o", "json").stdout)
    assert [row["v"] for row in rows] == texts
