# SPDX-License-Identifier: Apache-2.0
"""A table that changes, and the data source that holds it."""

from __future__ import annotations

import json
import sqlite3
import uuid

import pytest

ORDERS = ("-c", "sqlite", "--parent", "table=orders")


@pytest.fixture
def target(cdk):
    name = "t_" + uuid.uuid4().hex
    made = cdk("replace", *ORDERS, "-d", name, "--create")
    assert made.returncode == 0, made.stderr
    return name


def change(database, *statements):
    with sqlite3.connect(database) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_no_difference_is_exit_code_0(cdk, target):
    same = cdk("schema", *ORDERS, "--diff", "-d", target)
    assert (same.returncode, same.stderr) == (0, "")
    assert "nothing to change" in same.stdout


def test_new_columns_are_shown_then_added_and_loads_go_on(cdk, target, database):
    change(database, "ALTER TABLE orders ADD COLUMN note TEXT", "UPDATE orders SET note = 'n' WHERE id = 2")
    shown = cdk("schema", *ORDERS, "--diff", "-d", target, "-o", "json")
    assert shown.returncode == 4
    (difference,) = json.loads(shown.stdout)["changes"]
    assert (difference["change"], difference["column"], difference["safe"]) == ("added", "note", True)

    applied = cdk("schema", *ORDERS, "--apply", "-d", target)
    assert applied.returncode == 0, applied.stderr
    assert cdk("schema", *ORDERS, "--diff", "-d", target).returncode == 0
    assert json.loads(cdk("query-tb", f"SELECT note FROM {target}", "-o", "json").stdout) == [{"note": None}] * 3
    for fmt in ("csv", "ndjson", "parquet"):
        assert cdk("replace", *ORDERS, "-d", target, "-f", fmt).returncode == 0
        rows = cdk("query-tb", f"SELECT id, note FROM {target} ORDER BY id", "-o", "json")
        assert [row["note"] for row in json.loads(rows.stdout)] == [None, "n", None]


def test_what_would_lose_data_is_refused_whole(cdk, database):
    name = "t_" + uuid.uuid4().hex
    change(database, "CREATE TABLE wide (id INTEGER PRIMARY KEY, a INTEGER)")
    wide = ("-c", "sqlite", "--parent", "table=wide")
    assert cdk("replace", *wide, "-d", name, "--create").returncode == 0
    change(
        database,
        "DROP TABLE wide",
        "CREATE TABLE wide (id INTEGER PRIMARY KEY, a TEXT, b TEXT)",
        "INSERT INTO wide VALUES (1, 'x', 'y')",
    )
    shown = cdk("schema", *wide, "--diff", "-d", name)
    assert shown.returncode == 4
    assert "changed" in shown.stdout and "added" in shown.stdout
    refused = cdk("schema", *wide, "--apply", "-d", name)
    assert refused.returncode == 4
    assert '"a"' in refused.stderr and "Nothing was changed" in refused.stderr
    assert "b" not in cdk("query-tb", f"SELECT name FROM (DESCRIBE TABLE {name})").stdout


def test_an_unknown_data_source_is_named(cdk):
    unknown = cdk("schema", *ORDERS, "--diff", "-d", "nowhere")
    assert unknown.returncode == 1
    assert '"nowhere"' in unknown.stderr
