# SPDX-License-Identifier: Apache-2.0
"""The fast path of imports against the way by texts: whatever comes in, both must store, refuse and count the same."""

from __future__ import annotations

import contextlib
import os

import pytest
from helpers.api import Api
from helpers.local_tinybird import local_tinybird
from import_cases import ARRAYS, CASES, TUPLES, csv_field, json_value, random_table


@pytest.fixture(scope="module")
def both():
    """A server as it is, and one without the fast path."""
    with contextlib.ExitStack() as stack:
        fast = Api(stack.enter_context(local_tinybird()))
        os.environ["TB_CDK_LOCAL_FAST_IMPORTS"] = "0"
        try:
            texts = Api(stack.enter_context(local_tinybird()))
        finally:
            del os.environ["TB_CDK_LOCAL_FAST_IMPORTS"]
        yield fast, texts


def loaded(api: Api, schema: str, data: str, **parameters):
    """What a load leaves: its counters, the rows, the quarantine."""
    name = api.create(schema)
    job = api.load(name, data.encode("utf-8", "surrogateescape"), **parameters)
    status, rows = api.call(
        "GET", "/v0/sql", parameters={"q": f"SELECT * FROM {name} ORDER BY id FORMAT JSONCompactEachRow"}
    )
    assert status == 200, rows
    query = (
        f"SELECT * EXCEPT (c__import_id, insertion_date) FROM {name}_quarantine ORDER BY ALL FORMAT JSONCompactEachRow"
    )
    status, quarantine = api.call("GET", "/v0/sql", parameters={"q": query})
    assert status == 200, quarantine
    counters = {key: job[key] for key in ("lines", "quarantine", "invalid_lines")}
    return counters, rows.splitlines(), quarantine.splitlines()


def assert_same(both, schema: str, data: str, **parameters):
    fast, texts = (loaded(api, schema, data, **parameters) for api in both)
    assert fast[0] == texts[0]
    assert fast[1] == texts[1]
    assert fast[2] == texts[2]
    counters, rows, quarantine = fast
    # Nothing is lost between the counters and the tables, and nothing is refused for its notation alone.
    assert (counters["lines"], counters["quarantine"]) == (len(rows), len(quarantine))
    return fast


@pytest.mark.parametrize("style", ["plain", "quoted"])
@pytest.mark.parametrize("kind", [*CASES, *ARRAYS])
def test_csv_values(both, kind, style):
    values = CASES.get(kind) or ARRAYS[kind]
    lines = [f"{i},{csv_field(value, style)}\n" for i, value in enumerate(values)]
    counters, *_ = assert_same(both, f"id Int64, v {kind}", "".join(lines))
    assert counters["lines"] + counters["quarantine"] == len(values)


@pytest.mark.parametrize("style", ["plain", "quoted", "escaped"])
@pytest.mark.parametrize("kind", [*CASES, *ARRAYS, *TUPLES])
def test_ndjson_values(both, kind, style):
    values = CASES.get(kind) or ARRAYS.get(kind) or TUPLES[kind]
    lines = [f'{{"id":{i},"v":{json_value(value, style)}}}\n' for i, value in enumerate(values)]
    lines.append(f'{{"id":{len(values)}}}\n')
    schema = f"`id` Int64 `json:$.id`, `v` {kind} `json:$.v`"
    counters, *_ = assert_same(both, schema, "".join(lines), format="ndjson")
    assert counters["lines"] + counters["quarantine"] == len(values) + 1


@pytest.mark.parametrize("kind", ["Int32", "String", "DateTime", "Array(Int32)", "Enum8('a' = 1)", "Decimal(5, 2)"])
def test_defaults_stand_in(both, kind):
    default = {"Array(Int32)": "[7]", "String": "'seven'", "DateTime": "toDateTime(7)", "Enum8('a' = 1)": "'a'"}.get(
        kind, "7"
    )
    schema = f"`id` Int64 `json:$.id`, `v` {kind} `json:$.v` DEFAULT {default}"
    good = {"Array(Int32)": "[1]", "DateTime": "2021-01-01 00:00:00"}.get(kind, "a" if "Enum" in kind else "1")
    assert_same(both, schema, f'1,\n2,"{good}"\n3,nonsense\n4,\\N\n')
    lines = f'{{"id":1}}\n{{"id":2,"v":{json_value(good, "plain")}}}\n{{"id":3,"v":"nonsense"}}\n{{"id":4,"v":null}}\n'
    assert_same(both, schema, lines, format="ndjson")


@pytest.mark.parametrize("seed", range(40))
def test_random_tables(both, seed):
    schema, csv, ndjson = random_table(seed, 300)
    assert_same(both, schema, csv)
    assert_same(both, schema, ndjson, format="ndjson")
