# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501
"""Values at the edges of the types, as texts of an input, and random tables made of them."""

from __future__ import annotations

import json
import random

INTEGERS = ["0", "-0", "1", "-1", "+5", "007", "1.0", "1e5", "", " 7 ", "12a", "9" * 90, "-" + "9" * 90]
for bits in (8, 16, 32, 64, 128, 256):
    for edge in (2 ** (bits - 1), 2**bits):
        INTEGERS += [str(edge - 1), str(edge), str(edge + 1), str(-edge), str(-edge - 1), str(1 - edge)]

FLOATS = [
    *["0", "-0", "0.1", "-1.5", "1e5", "1E-5", "1e400", "-1e400", "1e-400", "5e-324", "1.7976931348623157e308", "5."],
    *[".5", "nan", "inf", "-inf", "Infinity", "3.4028236e38", "3.5e38", "0.30000000000000004", "123456789.123456789"],
    *["9007199254740993", "8.41", "1e", "1e+5", "--1", "1 2", "0x10", "16777217", "1_000", "2.2250738585072014e-308"],
    *["1.00000005960464477539", "179769313486231580793e289", "", "7e-46", "1e-45"],
]
DECIMALS = [
    *["0", "-0", "1", "999.99", "1000", "999.999", "-999.99", "0.5", ".5", "5.", "1.239", "+1", "1e2", "-0.01", "00.5"],
    *[
        "123456789012345678",
        "0.123456789",
        "1" * 38,
        "1" * 39,
        "9" * 76,
        "-" + "9" * 60 + "." + "9" * 5,
        "abc",
        "1.2.3",
    ],
    *["007.5", "1.-5", "1.5e1", "", "-", "0.000000000000000000000000000000000000009"],
]
DATES = [
    *["1970-01-01", "1969-12-31", "2149-06-06", "2149-06-07", "1900-01-01", "1899-12-31", "2299-12-31", "2300-01-01"],
    *["2021-02-29", "2020-02-29", "2021-2-3", "20210203", "2021/02/03", "0000-00-00", "2021-02-30", "2021-13-01"],
    *["2021-02-03 04:05:06", "2021-02-03T04:05:06Z", "2021-02-03 ", "x", "", "9999-12-31", "2021-02-3x"],
]
TIMES = [
    *[
        "1970-01-01 00:00:00",
        "1969-12-31 23:59:59",
        "2106-02-07 06:28:15",
        "2106-02-07 06:28:16",
        "2021-02-30 00:00:00",
    ],
    *["2026-11-24 10:11:12", "2026-11-24T10:11:12", "2026-11-24T10:11:12Z", "2026-11-24 10:11:12+00", "2026-11-24"],
    *["2026-11-24 10:11:12+02", "2026-11-24T10:11:12-03:30", "2026-11-24T10:11:12+02:00", "2026-11-24 10:11:12 UTC"],
    *["2026-11-24 10:11:12.5", "2026-11-24 10:11:12.123456789", "2026-11-24 10:11:12.1234567891", "2026-11-24 10:11"],
    *["2026-11-24 10:11:12.", "2026-11-24 24:00:00", "2026-11-24 23:60:00", "2026-11-24 23:59:60", "1735689600"],
    *["1735689600.5", "1735689600123", "2026-11-24 10:11:12.5+02:00", "1900-01-01 00:00:00.5", "1899-12-31 23:59:59"],
    *["1969-12-31 23:59:59.5", "2299-12-31 23:59:59.999999", "2300-01-01 00:00:00", "2262-04-11 23:47:16.854775807"],
    *["2262-04-11 23:47:16.9", "2263-01-01 00:00:00", "Nov 24 2026 10:11:12", "24/11/2026", "", "yesterday", "0"],
    *[
        "2021-02-30T00:00:00Z",
        "2026-11-24T10:11:12+14:00",
        "2026-11-24T10:11:12+15:00",
        "2026-11-24 1:2:3",
        "1970-01-01T00:00:00+01",
    ],
    *["1925-03-04 05:06:07.89", "2026-11-24 10:11:12.000", "2026-11-24 10:11:12+0200", "2026-11-24 10:11:12-00:30"],
]
TEXTS = [
    *["", "x", " x ", "\t", "a,b", 'say "hi"', "it's", "\\N", "\\n", "a\\", "NULL", "null", "line\nbreak", "cr\r\nlf"],
    *["Ünïcödé", "日本語", "😀", "\x00", "\x01\x1f", "{}", "[1]", "true", "1", "a;b", "'quoted'", '"', '""', "a\rb"],
]
CASES = {
    **{
        f"{sign}Int{bits}": [*INTEGERS, "true", "false", "null", "NULL", "\\N"]
        for sign in ("", "U")
        for bits in (8, 16, 32, 64, 128, 256)
    },
    "Nullable(UInt8)": INTEGERS,
    "Float64": FLOATS,
    "Float32": FLOATS,
    "Nullable(Float64)": FLOATS,
    "Decimal(5, 2)": DECIMALS,
    "Decimal(18, 9)": DECIMALS,
    "Decimal(38, 10)": DECIMALS,
    "Decimal(76, 20)": DECIMALS,
    "Nullable(Decimal(9, 0))": DECIMALS,
    "Bool": ["true", "false", "1", "0", "TRUE", "t", "yes", "on", "2", "", "null", "False", "n", "truely"],
    "Nullable(Bool)": ["true", "false", "1", "0", "maybe", ""],
    "Date": DATES,
    "Date32": DATES,
    "Nullable(Date)": DATES,
    "DateTime": TIMES,
    "DateTime('Europe/Madrid')": TIMES,
    "DateTime64(3)": TIMES,
    "DateTime64(6, 'UTC')": TIMES,
    "DateTime64(9)": TIMES,
    "Nullable(DateTime64(0))": TIMES,
    "DateTime64(3, 'America/New_York')": TIMES,
    "String": TEXTS,
    "Nullable(String)": TEXTS,
    "LowCardinality(String)": TEXTS,
    "LowCardinality(Nullable(String))": TEXTS,
    "FixedString(4)": ["", "a", "abcd", "abcde", "é", "日", "\x00", "ab\x00", " a "],
    "UUID": [
        *["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc999c0b4ef8bb6d6bb9bd380a11"],
        *["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "00000000-0000-0000-0000-000000000000", "x0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
        *["", "a0eebc99", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111"],
    ],
    "IPv4": ["1.2.3.4", "255.255.255.255", "256.1.1.1", "01.2.3.4", "1.2.3", "0.0.0.0", "", "1.2.3.4.5", "1.2.3.4 ", "::1"],
    "IPv6": ["::1", "::", "1.2.3.4", "::ffff:1.2.3.4", "2001:DB8::a", "1:2:3:4:5:6:7:8:9", "fe80::1%eth0", "", "g::", "1::2::3"],
    "Enum8('a' = 1, 'b c' = -2, '3' = 3)": ["a", "b c", "3", "1", "-2", "2", "A", "", "x"],
    "Nullable(Enum16('x' = 1000))": ["x", "1000", "", "y"],
    "SimpleAggregateFunction(sum, UInt64)": ["1", "-1", "18446744073709551616", "x", ""],
}  # fmt: skip

ARRAYS = {
    "Array(UInt8)": ["[]", "[1,2]", "[300]", "[-1]", "[1,null]", "[1,NULL]", "[ 1 , 2 ]", "[1.5]", "[", "1", "", "[1,]", "[[1]]"],
    "Array(Nullable(Int16))": ["[1,null]", "[NULL,-5]", "[40000]", "[]", "null"],
    "Array(String)": ["['a','b']", '["a","b"]', "['it\\'s']", "[1]", "[null]", "['a\\nb']", '["\\u00e9"]', "[\"a'b\"]", "['x'"],
    "Array(Array(Int32))": ["[[1],[]]", "[[1],[99999999999]]", "[]", "[1]", "[[1],2]"],
    "Array(Date)": ["['2021-01-01']", '["2021-02-30"]', "['2021-1-1']", "[2021-01-01]"],
    "Array(DateTime64(3))": ['["2021-01-01 00:00:00.5"]', "['2021-01-01T00:00:00Z']", "['2021-02-30 00:00:00']"],
    "Array(Decimal(5, 2))": ["[1.25]", "['1.25']", "[1000]", "[1e2]"],
    "Array(LowCardinality(String))": ["['a','a']", "[]"],
    "Array(Bool)": ["[true,false]", "[1,0]", "[2]"],
    "Map(String, UInt8)": ["{}", "{'a':1}", '{"a":1,"b":300}', '{"a":"7"}', "{'a':1", "[]", "{'a':null}"],
    "Map(UInt8, Array(Int8))": ["{1:[1,2]}", '{"1":[1]}', "{300:[1]}", "{1:[300]}"],
}  # fmt: skip
TUPLES = {
    "Tuple(UInt8, String)": ['[1,"a"]', '[300,"a"]', "[1]", "(1,'a')", '{"a":1}', "null"],
    "Tuple(a UInt8, b Nullable(String))": ['{"a":1,"b":"x"}', '{"b":"x","a":2}', '{"a":1}', '{"b":"x"}', '[1,"x"]', '{"a":1,"c":[]}'],
    "Point": ["[1,2.5]", "(1,2)", "[1]", '["1",2]'],
    "Polygon": ["[[[0,0],[1,0],[1,1]]]", "[[[0,0],[1]]]", "[]"],
}  # fmt: skip


def csv_field(text: str, style: str) -> str:
    if style == "plain" and not any(c in text for c in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'


def json_value(text: str, style: str) -> str:
    """The text itself where it is JSON, else a string of it."""
    if style == "plain":
        try:
            json.loads(text, parse_constant=lambda constant: float("no JSON"))
            return text
        except ValueError:
            pass
    return json.dumps(text, ensure_ascii=style == "escaped")


def random_table(seed: int, rows: int) -> tuple[str, str, str]:
    """A schema with its rows as CSV and as NDJSON, most of them good."""
    choose = random.Random(seed)
    types = [choose.choice(list(CASES)) for _ in range(choose.randint(1, 8))]
    good = {
        kind: [one for one in CASES[kind] if one not in ("", "x", "abc")][: choose.randint(3, 60)]
        for kind in set(types)
    }
    schema = ", ".join(["`id` Int64 `json:$.id`", *(f"`v{i}` {kind} `json:$.v{i}`" for i, kind in enumerate(types))])
    csv, ndjson = [], []
    for number in range(rows):
        values = [choose.choice(CASES[kind] if choose.random() < 0.1 else good[kind][:2]) for kind in types]
        style = choose.choice(["plain", "quoted"])
        end = choose.choice(["\n", "\r\n"])
        csv.append(",".join([str(number), *(csv_field(one, style) for one in values)]) + end)
        fields = [
            f'"v{i}":{json_value(one, choose.choice(["plain", "escaped", "quoted"]))}' for i, one in enumerate(values)
        ]
        if choose.random() < 0.1:
            fields.pop(choose.randrange(len(fields)))
        if choose.random() < 0.1:
            fields.insert(0, '"unknown":{"a":[1,2,{"b":null}]}')
        if choose.random() < 0.2:
            choose.shuffle(fields)
        ndjson.append("{" + ",".join([f'"id":{number}', *fields]) + "}" + end)
    return schema, "".join(csv), "".join(ndjson)
