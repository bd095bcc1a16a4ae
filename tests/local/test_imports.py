# SPDX-License-Identifier: Apache-2.0
"""Loads by every form of body, and what does not fit."""

from __future__ import annotations

import gzip
import http.client
import http.server
import threading

import pytest

SCHEMA = "id Int64 `json:$.id`, name Nullable(String) `json:$.name`"


def test_csv_keeps_null_and_empty_text_apart(api):
    name = api.create(SCHEMA)
    job = api.load(name, '1,\n2,""\n3,"\\N"\n4," x "\n5,"line\nbreak ""q"""\n')
    assert job["lines"] == 5
    rows = api.sql(f"SELECT id, name FROM {name} ORDER BY id")
    assert rows == [[1, None], [2, ""], [3, "\\N"], [4, " x "], [5, 'line\nbreak "q"']]


def test_a_header_is_matched_by_name(api):
    name = api.create(SCHEMA)
    api.load(name, 'name,id\n"x",7\n')
    assert api.sql(f"SELECT id, name FROM {name}") == [[7, "x"]]


def test_ndjson_goes_by_jsonpath(api):
    name = api.create("number Int64 `json:$.n`, tags Array(String) `json:$.tags[:]`")
    api.load(name, '{"tags":["a","b"],"n":9007199254740993}\n', format="ndjson")
    assert api.sql(f"SELECT number, tags FROM {name}") == [[9007199254740993, ["a", "b"]]]


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("UInt8", "255", "300"),
        ("Int32", "-2147483648", "99999999999"),
        ("UInt64", "18446744073709551615", "99999999999999999999"),
        ("Int64", "-9223372036854775808", "1.5"),
        ("Date", "2149-06-06", "2021-02-30"),
        ("Date32", "1900-01-01", "1899-12-31"),
        ("DateTime", "2106-02-07 06:28:15", "2021-02-30 00:00:00"),
        ("DateTime64(6)", "2299-12-31 23:59:59.999999", "2021-13-01 00:00:00"),
        ("Decimal(5, 2)", "999.99", "1000.00"),
        ("UUID", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99"),
        ("Bool", "true", "maybe"),
    ],
)
def test_what_does_not_fit_goes_to_quarantine_exactly(api, column, good, bad):
    name = api.create(f"id Int32, v {column}")
    job = api.load(name, f"1,{good}\n2,{bad}\n")
    assert (job["lines"], job["quarantine"]) == (1, 1)
    assert api.sql(f"SELECT id, replaceOne(toString(v), '.000000', '') FROM {name}") == [[1, good]]
    rows = api.sql(f"SELECT id, v, c__error_column FROM {name}_quarantine")
    assert rows == [["2", bad, ["v"]]]


def test_rows_of_another_width_never_shift(api):
    name = api.create("a Int32, b Int32")
    job = api.load(name, "1,2\n3\n4,5,6\n7,8\n")
    assert api.sql(f"SELECT a, b FROM {name} ORDER BY a") == [[1, 2], [7, 8]]
    assert job["invalid_lines"] + job["quarantine"] >= 1


def test_every_form_of_body(api):
    name = api.create("id Int32")
    gzipped = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    append = {"mode": "append", "name": name, "format": "csv"}
    assert api.call("POST", f"/v1/datasources/{name}/append", gzip.compress(b"1\n"), gzipped)[0] == 202
    assert api.call("POST", "/v0/datasources", b"2\n", {"Content-Type": "text/csv"}, append)[0] == 200
    form = b'--x\r\nContent-Disposition: form-data; name="anything"; filename="f"\r\n\r\n3\n\r\n--x--\r\n'
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    assert api.call("POST", "/v0/datasources", form, multipart, append)[0] == 200
    # A body of unknown length is sent chunked.
    text = {"Content-Type": "text/csv"}
    assert api.call("POST", f"/v1/datasources/{name}/append", iter([b"4", b"\n"]), text)[0] == 202
    assert api.sql(f"SELECT groupArray(id) FROM (SELECT id FROM {name} ORDER BY id)") == [[[1, 2, 3, 4]]]


def test_replace_and_replace_condition(api):
    name = api.create("day Date, n Int32")
    api.load(name, "2024-01-01,1\n2024-01-02,2\n")
    api.load(name, "2024-01-02,20\n", mode="replace", replace_condition="day = '2024-01-02'")
    assert api.sql(f"SELECT sum(n) FROM {name}") == [[21]]
    api.load(name, "2024-01-09,5\n", mode="replace")
    assert api.sql(f"SELECT sum(n) FROM {name}") == [[5]]
    status, answer = api.call(
        "POST", f"/v1/datasources/{name}/replace", "x", parameters={"replace_condition": "1); DROP TABLE x --"}
    )
    assert status == 400 and answer["error"]


def test_a_client_that_goes_away_leaves_nothing(api):
    name = api.create("id Int32")
    connection = http.client.HTTPConnection(api.host)
    connection.putrequest("POST", f"/v1/datasources/{name}/append?format=csv")
    connection.putheader("Authorization", f"Bearer {api.token}")
    connection.putheader("Content-Length", "1000")
    connection.endheaders()
    connection.send(b"1\n2\n")
    connection.close()
    # A load behind it in the same data source is not disturbed.
    api.load(name, "3\n")
    assert api.sql(f"SELECT groupArray(id) FROM {name}") == [[[3]]]


def test_unknown_names_are_told(api):
    assert api.call("POST", "/v1/datasources/there_is_none/append", "1\n")[0] == 404
    assert api.call("GET", "/v0/datasources/there_is_none")[0] == 404
    assert api.call("GET", "/nowhere")[0] == 404


@pytest.fixture(scope="module")
def files():
    """Files behind a web server."""
    contents = {
        "/rows.csv": b"1,a\n2,b\n",
        "/rows.csv.gz": gzip.compress(b"1,a\n") + gzip.compress(b"2,b\n"),
        "/rows.ndjson": b'{"id":3,"note":"c"}\n',
        "/cut.csv.gz": gzip.compress(b"1,a\n" * 1000)[:-20],
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.split("?")[0]
            if path == "/moved.csv":
                self.send_response(302)
                self.send_header("Location", "/rows.csv")
                self.end_headers()
                return
            body = contents.get(path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["/rows.csv?signature=x", "/rows.csv.gz", "/moved.csv"])
@pytest.mark.parametrize("version", ["v0", "v1"])
def test_urls_are_fetched(api, files, path, version):
    name = api.create("id Int64, note String")
    where = f"/v1/datasources/{name}/append" if version == "v1" else "/v0/datasources"
    parameters = {"mode": "append", "name": name, "format": "csv", "url": files + path}
    status, job = api.call("POST", where, parameters=parameters)
    assert status in (201, 202), job
    done = api.call("GET", f"/v0/jobs/{job['id']}")[1]
    assert done["status"] == "done"
    # Without what signs it.
    assert done["url"] == files + path.split("?")[0]
    assert api.sql(f"SELECT * FROM {name} ORDER BY id") == [[1, "a"], [2, "b"]]


def test_urls_replace_by_the_condition_of_a_form(api, files):
    name = api.create("`id` Int64 `json:$.id`, `note` String `json:$.note`")
    api.load(name, b"3,old\n4,d\n")
    parameters = {"mode": "replace", "name": name, "format": "ndjson", "url": files + "/rows.ndjson"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _ = api.call("POST", "/v0/datasources", "replace_condition=id+%3D+3", form, parameters)
    assert status == 201
    assert api.sql(f"SELECT * FROM {name} ORDER BY id") == [[3, "c"], [4, "d"]]


@pytest.mark.parametrize(
    "url", ["/missing.csv?token=secret", "/cut.csv.gz", "file:///etc/passwd", "http://127.0.0.1:1/x"]
)
def test_urls_that_cannot_be_fetched_load_nothing(api, files, url):
    name = api.create("id Int64, note String")
    parameters = {"mode": "append", "name": name, "format": "csv", "url": files + url if url[0] == "/" else url}
    status, answer = api.call("POST", "/v0/datasources", parameters=parameters)
    assert status == 400
    assert "secret" not in answer["error"]
    assert api.sql(f"SELECT count() FROM {name}") == [[0]]
