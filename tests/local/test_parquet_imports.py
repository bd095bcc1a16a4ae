# SPDX-License-Identifier: Apache-2.0
"""Parquet is checked value by value, from the file's own types."""

from __future__ import annotations

import http.client
import urllib.parse

import pytest


def parquet(api, query: str) -> bytes:
    """A file made by the engine."""
    connection = http.client.HTTPConnection(api.host, timeout=60)
    path = "/v0/sql?" + urllib.parse.urlencode({"q": query + " FORMAT Parquet"})
    connection.request("GET", path, headers={"Authorization": f"Bearer {api.token}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200 and body.startswith(b"PAR1"), body[:200]
    return body


def load(api, schema, query, **parameters):
    name = api.create(schema)
    job = api.load(name, parquet(api, query), format="parquet", **parameters)
    rows = api.sql(f"SELECT * FROM {name} ORDER BY id")
    bad = api.sql(f"SELECT id, v, c__error_column FROM {name}_quarantine ORDER BY id")
    assert (job["lines"], job["quarantine"]) == (len(rows), len(bad))
    return [row[1] for row in rows], [row[1] for row in bad]


@pytest.mark.parametrize(
    ("column", "values", "good", "bad"),
    [
        ("UInt8", "[255, 256, 300, -1]::Array(Int64)", [255], ["256", "300", "-1"]),
        ("Int32", "[1, 99999999999]::Array(Int64)", [1], ["99999999999"]),
        ("Int64", "[1, 18446744073709551615]::Array(UInt64)", [1], ["18446744073709551615"]),
        ("Int64", "[1, 1.5]::Array(Float64)", [1], ["1.5"]),
        ("Nullable(UInt8)", "[1, NULL, 300]::Array(Nullable(Int32))", [1, None], ["300"]),
        ("UInt8", "[1, NULL]::Array(Nullable(Int32))", [1], [None]),
        ("Array(UInt8)", "[[1, 2], [], [300]]::Array(Array(Int64))", [[1, 2], []], ["[300]"]),
        ("Array(Nullable(Int8))", "[[1, NULL], [200]]::Array(Array(Nullable(Int64)))", [[1, None]], ["[200]"]),
        ("Map(String, UInt8)", "[map('a', 1), map('a', 300)]::Array(Map(String, Int64))", [{"a": 1}], ["{'a':300}"]),
        ("Float32", "[0.5, 1e300]::Array(Float64)", [0.5], ["1e300"]),
        ("Decimal(5, 2)", "[1.25, 1000]::Array(Decimal(10, 2))", [1.25], ["1000"]),
        ("String", "['a', '']::Array(String)", ["a", ""], []),
        ("String", "[1, 2]::Array(Int64)", ["1", "2"], []),
        ("Bool", "[true, false]::Array(Bool)", [True, False], []),
        (
            "DateTime",
            "['2021-01-02 03:04:05', '1969-12-31 00:00:00']::Array(DateTime64(6))",
            ["2021-01-02 03:04:05"],
            1,
        ),
        ("Date", "['2021-01-02', '1960-01-01']::Array(Date32)", ["2021-01-02"], ["1960-01-01"]),
        ("Int32", "['7', 'x']::Array(String)", [7], ["x"]),
        ("Enum8('a' = 1)", "['a', 'b']::Array(String)", ["a"], ["b"]),
    ],
)
def test_values(api, column, values, good, bad):
    query = f"SELECT number AS id, {values}[number + 1] AS v FROM numbers(length({values}))"
    rows, quarantined = load(api, f"id Int64, v {column}", query)
    assert rows == good
    assert len(quarantined) == bad if isinstance(bad, int) else quarantined == bad


def test_columns_that_the_file_lacks(api):
    query = "SELECT number AS id FROM numbers(2)"
    assert load(api, "id Int64, v Nullable(String)", query) == ([None, None], [])
    assert load(api, "id Int64, v Int32", query) == ([], [None, None])
    assert load(api, "id Int64, v Int32 DEFAULT 7", query) == ([7, 7], [])
    assert load(api, "id Int64, v Array(Int8)", query) == ([[], []], [])


def test_jsonpaths_name_the_columns_of_the_file(api):
    query = "SELECT number AS `the id`, 'x' AS other FROM numbers(1)"
    assert load(api, "`id` Int64 `json:$.['the id']`, `v` String `json:$.other`", query) == (["x"], [])


def test_zones_keep_the_point_in_time(api):
    query = "SELECT 1 AS id, toDateTime64('2021-01-01 12:00:00', 3, 'UTC') AS v"
    name = api.create("id Int64, v DateTime('Europe/Madrid')")
    api.load(name, parquet(api, query), format="parquet")
    assert api.sql(f"SELECT toUnixTimestamp(v) FROM {name}") == [[1609502400]]


def test_what_is_no_parquet_is_refused(api):
    name = api.create("id Int64")
    parameters = {"format": "parquet"}
    for body in (b"", b"PAR1", b"id\n1\n"):
        status, answer = api.call("POST", f"/v1/datasources/{name}/append", body, None, parameters)
        assert status == 400 and "Parquet" in answer["error"]
