# SPDX-License-Identifier: Apache-2.0
"""The fast path of imports against the way by texts: whatever comes in, both must store, refuse and count the same."""

from __future__ import annotations

import contextlib
import os
import urllib.parse
import uuid

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


@pytest.mark.parametrize("seed", range(25))
def test_random_tables(both, seed):
    schema, csv, ndjson = random_table(seed, 300)
    assert_same(both, schema, csv)
    assert_same(both, schema, ndjson, format="ndjson")


# As the kit's own row writers note them (src/encode), in CSV and in NDJSON.
PLAIN = {
    "UInt8": ("255", "255"),
    "Nullable(Int64)": ("-9223372036854775808", "-9223372036854775808"),
    "UInt256": ("1" * 77, f'"{"1" * 77}"'),
    "Float32": ("1.5e-30", "1.5e-30"),
    "Float64": ("0.30000000000000004", "0.30000000000000004"),
    "Decimal(9, 2)": ("-1234567.89", '"-1234567.89"'),
    "Decimal(38, 10)": ("12345678901234567890.5", '"12345678901234567890.5"'),
    "Decimal(76, 0)": ("9" * 76, f'"{"9" * 76}"'),
    "Bool": ("true", "true"),
    "String": ('"say ""hi"", é"', '"say \\"hi\\", \\u00e9\\n"'),
    "LowCardinality(Nullable(String))": ('""', '""'),
    "FixedString(3)": ('"ab"', '"ab"'),
    "UUID": ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'),
    "IPv4": ("1.2.3.4", '"1.2.3.4"'),
    "IPv6": ("2001:db8::1", '"2001:db8::1"'),
    "Date": ("2026-11-24", '"2026-11-24"'),
    "Date32": ("1900-01-01", '"1900-01-01"'),
    "DateTime": ("2026-11-24 10:11:12", '"2026-11-24 10:11:12"'),
    "DateTime64(6)": ("2026-11-24 10:11:12.5+00", '"2026-11-24 10:11:12.5+00"'),
    "DateTime64(3, 'Europe/Madrid')": ("2026-11-24 10:11:12+02", '"2026-11-24 10:11:12+02"'),
    "Enum8('a' = 1, 'it''s' = 2)": ('"it\'s"', '"it\'s"'),
    "Array(Nullable(Int32))": ('"[1,NULL]"', "[1,null]"),
    "Array(String)": ("\"['it\\'s','\\n']\"", '["it\'s","\\n"]'),
    "Map(String, Float64)": ("\"{'a':1.5}\"", '{"a":1.5}'),
    "Tuple(a UInt8, b String)": ('1,"x"', '{"a":1,"b":"x"}'),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_plain_notations_take_the_fast_path(both, kind):
    api = both[0]
    csv, ndjson = PLAIN[kind]
    for form, text in (("csv", f"1,{csv}\n"), ("ndjson", f'{{"id":1,"v":{ndjson}}}\n')):
        schema = f"`id` Int64 `json:$.id`, `v` {kind} `json:$.v`"
        job = api.load(api.create(schema), text.encode(), format=form)
        assert (job["lines"], job["converted_lines"]) == (1, 0), form
        assert_same(both, schema, text, format=form)


def test_what_is_not_plain_is_converted(both):
    fast, texts = both
    schema, text = "id Int64, v DateTime", "1,2026-11-24 10:11:12\n2,Nov 24 2026\n3,no time\n"
    assert fast.load(fast.create(schema), text)["converted_lines"] == 2
    assert texts.load(texts.create(schema), text)["converted_lines"] == 3


@pytest.mark.parametrize("engine", ["ReplacingMergeTree", "SummingMergeTree", "Null"])
def test_rows_are_counted_as_they_came(both, engine):
    for api in both:
        name = "engine_" + uuid.uuid4().hex
        form = urllib.parse.urlencode(
            {"name": name, "schema": "id Int64, v UInt8", "engine": engine, "engine_sorting_key": "id"}
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert api.call("POST", "/v0/datasources", form, headers)[0] == 200
        for _ in range(2):
            job = api.load(name, "1,1\n1,2\n2,300\n")
            assert (job["lines"], job["quarantine"]) == (2, 1)
        assert api.sql(f"SELECT count() FROM {name}_quarantine") == [[2]]
        expected = {"ReplacingMergeTree": [[1, 2]], "SummingMergeTree": [[1, 6]], "Null": []}[engine]
        final = "" if engine == "Null" else " FINAL"
        assert api.sql(f"SELECT id, v FROM {name}{final}") == expected


def test_large_loads_of_both_kinds_of_rows(both):
    """More than one block of each."""
    lines = [f"{i},{'x' if i % 3 == 0 else i % 200}\n" for i in range(200_000)]
    counters, *_ = assert_same(both, "id Int64, v UInt8", "".join(lines))
    assert counters["quarantine"] == 66_667
