# SPDX-License-Identifier: Apache-2.0
"""Forms of imports beyond the plain ones: late fields, packed files, dialects, deep jsonpaths, guessed schemas."""

from __future__ import annotations

import gzip
import json
import uuid

import pytest

TWO = "`id` Int64 `json:$.id`, `note` String `json:$.note`"


def form(*parts: tuple[str, bytes] | tuple[str, bytes, str]) -> tuple[bytes, dict[str, str]]:
    """A multipart body: (name, content), or (name, content, file name)."""
    body = b""
    for name, content, *file in parts:
        file_name = f'; filename="{file[0]}"' if file else ""
        body += (
            f'--xyz\r\nContent-Disposition: form-data; name="{name}"{file_name}\r\n\r\n'.encode() + content + b"\r\n"
        )
    return body + b"--xyz--\r\n", {"Content-Type": "multipart/form-data; boundary=xyz"}


def post(api, parts, **parameters):
    body, headers = form(*parts)
    return api.call("POST", "/v0/datasources", body, headers, parameters)


@pytest.mark.parametrize("place", ["query", "before", "behind"])
def test_fields_of_a_form_may_stand_anywhere(api, place):
    name = api.create(TWO)
    api.load(name, '1,"old"\n2,"stays"\n')
    fields = {"mode": "replace", "name": name, "format": "ndjson", "replace_condition": "id = 1"}
    parts = [(key, value.encode()) for key, value in fields.items()]
    file = ("csv", b'{"id":1,"note":"new"}\n', "rows")
    if place == "query":
        status, answer = post(api, [file], **fields)
    else:
        status, answer = post(api, [*parts, file] if place == "before" else [file, *parts])
    assert status == 200, answer
    assert (answer["successful_rows"], answer["quarantined_rows"], answer["error"]) == (1, 0, False)
    assert api.sql(f"SELECT * FROM {name} ORDER BY id") == [[1, "new"], [2, "stays"]]


def test_a_late_condition_counts_when_the_file_has_begun(api):
    name = api.create(TWO)
    api.load(name, '1,"old"\n2,"stays"\n')
    known = {"mode": "replace", "name": name, "format": "csv"}
    file = ("csv", b'1,"new"\n', "rows.csv")
    status, _ = post(api, [file, ("replace_condition", b"id = 1")], **known)
    assert status == 200
    assert api.sql(f"SELECT * FROM {name} ORDER BY id") == [[1, "new"], [2, "stays"]]
    status, answer = post(api, [file, ("replace_condition", b"nonsense(")], **known)
    assert status == 400 and answer["error"]
    status, answer = post(api, [file, ("name", b"another")], **known)
    assert status == 400 and "name" in answer["error"]
    assert api.sql(f"SELECT count() FROM {name}") == [[2]]


def test_a_field_replaces_that_of_the_query(api):
    name = api.create(TWO)
    status, answer = post(
        api, [("format", b"ndjson"), ("csv", b'{"id":1}', "f")], mode="append", name=name, format="csv"
    )
    assert status == 200, answer
    assert answer["quarantine_rows"] == 1


@pytest.mark.parametrize("file_name", ["rows.csv.gz", "ROWS.CSV.GZ"])
def test_packed_files_are_told_by_their_name(api, file_name):
    name = api.create(TWO)
    file = ("csv", gzip.compress(b'1,"a"\n') + gzip.compress(b'2,"b"\n'), file_name)
    status, answer = post(api, [file], mode="append", name=name, format="csv")
    assert (status, answer["successful_rows"]) == (200, 2)
    cut = ("csv", gzip.compress(b'3,"c"\n' * 1000)[:-9], file_name)
    status, answer = post(api, [cut], mode="append", name=name, format="csv")
    assert status == 400 and "gzip" in answer["error"]
    assert api.sql(f"SELECT count() FROM {name}") == [[2]]


def test_packed_forms_by_content_encoding(api):
    name = api.create(TWO)
    body, headers = form(("csv", b'1,"a"\n', "rows.csv"))
    headers["Content-Encoding"] = "gzip"
    parameters = {"mode": "append", "name": name, "format": "csv"}
    assert api.call("POST", "/v0/datasources", gzip.compress(body), headers, parameters)[0] == 200
    assert api.sql(f"SELECT * FROM {name}") == [[1, "a"]]


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ({"dialect_delimiter": ";"}, '1;"a,b"\n2;c\n'),
        ({"dialect_delimiter": "\t"}, '1\t"a,b"\n2\tc\n'),
        ({"dialect_delimiter": "\\t"}, "1\ta,b\n2\tc\n"),
        ({"dialect_delimiter": "|", "dialect_new_line": "\r\n"}, "1|a,b\r\n2|c\r\n"),
        ({"dialect_delimiter": "|", "dialect_new_line": "\r"}, "1|a,b\r2|c"),
        ({"dialect_escapechar": "\\"}, '1,"a\\,b"\n2,c\n'),
        ({"dialect_escapechar": "\\", "dialect_delimiter": ","}, "1,a\\,b\n2,c\n"),
    ],
)
def test_dialects(api, dialect, text):
    name = api.create(TWO)
    job = api.load(name, text, **dialect)
    assert job["lines"] == 2
    assert api.sql(f"SELECT * FROM {name} ORDER BY id") == [[1, "a,b"], [2, "c"]]


def test_escapes_keep_quotes_and_themselves(api):
    name = api.create(TWO)
    api.load(name, '1,"say \\"hi\\" \\\\"\n2,"doubled ""too"""\n', dialect_escapechar="\\")
    assert api.sql(f"SELECT note FROM {name} ORDER BY id") == [['say "hi" \\'], ['doubled "too"']]


@pytest.mark.parametrize(
    "dialect",
    [{"dialect_delimiter": ";;"}, {"dialect_delimiter": '"'}, {"dialect_new_line": "x"}, {"dialect_delimiter": "\n"}],
)
def test_dialects_that_make_no_sense_are_refused(api, dialect):
    name = api.create(TWO)
    status, answer = api.call(
        "POST", f"/v1/datasources/{name}/append", "1,a\n", parameters={"format": "csv", **dialect}
    )
    assert status == 400 and answer["error"]


def test_deep_jsonpaths(api):
    name = api.create(
        "`b` Int32 `json:$.a.b`, `c` Array(String) `json:$.a.c[:]`, `odd` Nullable(Int8) `json:$.['x y']`, "
        "`whole` String `json:$`, `a` String `json:$.a`, `deep` Nullable(String) `json:$.p.q.r`, "
        "`again` Int64 `json:$.a.b`"
    )
    records = [
        '{"a":{"b":1,"c":["x","y"]},"x y":3,"p":{"q":{"r":"s"}}}',
        '{"p":{"q":7},"a":{"z":{"b":9},"c":[],"b":9007199254740993}}',
        '{"a":{"c":[],"b":2}}',
    ]
    job = api.load(name, "\n".join(records), format="ndjson")
    assert (job["lines"], job["quarantine"]) == (2, 1)
    rows = api.sql(f"SELECT b, c, odd, whole, a, deep, again FROM {name} ORDER BY b")
    assert rows == [
        [1, ["x", "y"], 3, records[0], '{"b":1,"c":["x","y"]}', "s", 1],
        [2, [], None, records[2], '{"c":[],"b":2}', None, 2],
    ]
    # A number that is too large for one column only takes its whole record there.
    assert api.sql(f"SELECT b, again, c__error_column FROM {name}_quarantine") == [
        ["9007199254740993", "9007199254740993", ["b"]]
    ]


def test_paths_with_conditions_are_refused(api):
    name = api.create("`x` Int32 `json:$.a[0]`")
    status, answer = api.call("POST", f"/v1/datasources/{name}/append", "{}", parameters={"format": "ndjson"})
    assert status == 400 and "jsonpath" in answer["error"]


NDJSON = (
    '{"id":1,"name":"a","at":"2024-01-02 03:04:05","tags":["x"],"geo":{"lat":1.5}}\n'
    '{"id":2,"name":null,"at":"2024-01-02 03:04:06","tags":[],"geo":{"lat":-2}}\n'
)


@pytest.mark.parametrize("how", ["form", "raw", "append"])
def test_a_schema_is_guessed_from_the_data(api, how):
    name = "guessed_" + uuid.uuid4().hex
    parameters = {"mode": "append" if how == "append" else "create", "name": name, "format": "ndjson"}
    if how == "raw":
        status, answer = api.call("POST", "/v0/datasources", NDJSON, {"Content-Type": "text/plain"}, parameters)
    else:
        status, answer = post(api, [("ndjson", NDJSON.encode(), "rows.ndjson")], **parameters)
    assert status == 200, answer
    assert (answer["successful_rows"], answer["quarantine_rows"]) == (2, 0)
    columns = {one["name"]: (one["type"], one["nullable"], one["jsonpath"]) for one in answer["datasource"]["columns"]}
    assert columns["id"] == ("Int64", False, "$.id")
    assert columns["name"] == ("String", True, "$.name")
    assert columns["tags"] == ("Array(String)", False, "$.tags[:]")
    assert columns["geo_lat"] == ("Float64", False, "$.geo.lat")
    assert api.sql(f"SELECT id, name, tags, geo_lat FROM {name} ORDER BY id") == [
        [1, "a", ["x"], 1.5],
        [2, None, [], -2],
    ]


def test_a_csv_with_a_header_makes_its_data_source(api):
    name = "guessed_" + uuid.uuid4().hex
    text = b'Unit price;day;note\n1.5;2024-01-02;"x;y"\n2;2024-01-03;\n'
    fields = [("mode", b"create"), ("name", name.encode()), ("dialect_delimiter", b";")]
    status, answer = post(api, [("csv", text, "rows.csv"), *fields])
    assert status == 200, answer
    rows = api.sql(f"SELECT Unit_price, toString(day), note FROM {name} ORDER BY day")
    assert rows[0] == [1.5, "2024-01-02", "x;y"]
    assert len(rows) == 2
    strings = "guessed_" + uuid.uuid4().hex
    fields = {"mode": "create", "name": strings, "dialect_delimiter": ";", "type_guessing": "false"}
    status, answer = post(api, [("csv", text, "rows.csv")], **fields)
    assert {one["type"] for one in answer["datasource"]["columns"]} == {"String"}


def test_a_schema_may_come_with_the_data(api):
    name = "made_" + uuid.uuid4().hex
    parts = [("csv", b'1,"a"\nx,"b"\n', "rows.csv"), ("schema", b"id UInt8, note String"), ("name", name.encode())]
    status, answer = post(api, parts)
    assert (status, answer["successful_rows"], answer["quarantine_rows"]) == (200, 1, 1), answer
    assert answer["error"] and answer["errors"]
    assert api.sql(f"SELECT * FROM {name}") == [[1, "a"]]


def test_nothing_is_left_of_a_data_source_whose_data_is_bad(api):
    name = "made_" + uuid.uuid4().hex
    parameters = {"mode": "create", "name": name, "format": "parquet"}
    status, answer = post(
        api, [("csv", b"PAR1 this is no parquet", "x.parquet"), ("schema", b"id UInt8")], **parameters
    )
    assert status == 400 and "Parquet" in answer["error"]
    assert api.call("GET", f"/v0/datasources/{name}")[0] == 404
    status, answer = api.call("POST", "/v0/datasources", parameters={"mode": "create", "name": name})
    assert status == 400 and "schema" in answer["error"]


def test_what_does_not_exist_is_appended_to_only_by_v0(api):
    assert api.call("POST", "/v1/datasources/there_is_none/append", "1\n", parameters={"format": "csv"})[0] == 404
    status, answer = api.call("POST", "/v0/datasources", "1\n", parameters={"mode": "replace", "name": "there_is_none"})
    assert status == 404 and "there_is_none" in answer["error"]


def test_the_format_is_told_by_the_file_name(api):
    name = api.create(TWO)
    status, answer = post(api, [("data", b'{"id":1,"note":"x"}', "rows.ndjson")], mode="append", name=name)
    assert (status, answer["successful_rows"]) == (200, 1), answer


def test_json_escapes_and_odd_records(api):
    name = api.create(TWO)
    text = (
        json.dumps({"id": 1, "note": 'tab\t "q" \\ / é 😀 \x7f'})
        + '\n\n[{"id":2,"note":"in an array"},\n{"id":3,"note":"x"}]\n'
        + '{"id":4,"note":"cut\n'
        + '{"id":5,"id":6}\n'
        + '{"id":7,"note":"\\ud800"}\n'
        + '{"id":8,"note":"two"}{"id":9,"note":"in a line"}\n'
        + 'nonsense\n{"id":10,\n "note":"over lines"}\n{"id":11,"note":"last"}'
    )
    job = api.load(name, text, format="ndjson")
    assert (job["lines"], job["invalid_lines"], job["quarantine"]) == (7, 4, 0)
    rows = api.sql(f"SELECT id, note FROM {name} ORDER BY id")
    assert rows[0] == [1, 'tab\t "q" \\ / é 😀 \x7f']
    assert [row[0] for row in rows] == [1, 2, 3, 8, 9, 10, 11]


def test_odd_csv(api):
    name = api.create("id Int64, note Nullable(String)")
    text = (
        b"\xef\xbb\xbfid,note\r\n"
        b'1,"a\r\nb"\r\n\r\n2, x y \n3,mid"quote\n4,"shut" \n5,"torn"x\n6\n7,8,9\n8,\\N\n9,""\n10,"no end\n11,x\n'
    )
    job = api.load(name, text)
    assert (job["lines"], job["invalid_lines"]) == (6, 4)
    assert api.sql(f"SELECT * FROM {name} ORDER BY id") == [
        [1, "a\r\nb"], [2, "x y"], [3, 'mid"quote'], [4, "shut"], [8, None], [9, ""],
    ]  # fmt: skip
