# SPDX-License-Identifier: Apache-2.0
"""What can be done to a data source beside loading it."""

from __future__ import annotations

import http.server
import threading

import pytest
from helpers.api import Api


@pytest.fixture
def source(api: Api):
    name = api.create("id Int32, note String")
    api.load(name, "1,a\n2,b\nx,c\n")
    return name


def columns(api, name):
    return [
        (column["name"], column["type"], column["nullable"])
        for column in api.call("GET", f"/v0/datasources/{name}")[1]["columns"]
    ]


def test_the_list_and_its_attributes(api, source):
    listed = api.call("GET", "/v0/datasources")[1]["datasources"]
    (whole,) = (each for each in listed if each["name"] == source)
    assert whole["statistics"]["row_count"] == 2
    assert whole["quarantine_rows"] == 1
    assert (
        whole == api.call("GET", f"/v0/datasources/{source}")[1] == api.call("GET", f"/v0/datasources/{whole['id']}")[1]
    )
    some = api.call("GET", "/v0/datasources", parameters={"attrs": "name,id,statistics"})[1]["datasources"]
    assert {"name": source, "id": whole["id"], "statistics": whole["statistics"]} in some
    assert all(set(each) == {"name", "id", "statistics"} for each in some)
    # As Tinybird's command line asks, which reads the rest too.
    used = api.call("GET", f"/v0/datasources/{source}", parameters={"attrs": "used_by"})[1]
    assert used == whole


def test_the_datafile(api):
    name = api.create("id Int32 `json:$.id`, note Nullable(String) `json:$.note` DEFAULT 'x'")
    api.call("DELETE", f"/v0/datasources/{name}")
    status, answer = api.form(
        "POST",
        "/v0/datasources",
        name=name,
        description="What\nit is",
        schema="id Int32 `json:$.id`, at DateTime `json:$.at`",
        engine="ReplacingMergeTree",
        engine_sorting_key="id, toDate(at)",
        engine_partition_key="toYYYYMM(at)",
    )
    assert status == 200, answer
    assert api.form("PUT", f"/v0/datasources/{name}", ttl="at + INTERVAL 10 YEAR")[0] == 200
    status, text = api.call("GET", f"/v0/datasources/{name}.datasource")
    assert (status, text) == (
        200,
        "DESCRIPTION >\n    What\n    it is\n\n"
        "SCHEMA >\n    `id` Int32 `json:$.id`,\n    `at` DateTime `json:$.at`\n\n"
        'ENGINE "ReplacingMergeTree"\nENGINE_PARTITION_KEY "toYYYYMM(at)"\n'
        'ENGINE_SORTING_KEY "id, toDate(at)"\nENGINE_TTL "at + INTERVAL 10 YEAR"\n',
    )


def test_rename_and_describe(api, source):
    status, answer = api.form("PUT", f"/v0/datasources/{source}", name=source + "_b", description="new")
    assert status == 200
    assert (answer["name"], answer["description"]) == (source + "_b", "new")
    assert api.call("GET", f"/v0/datasources/{source}")[0] == 404
    assert api.call("GET", "/v0/sql", parameters={"q": f"SELECT 1 FROM {source}"})[0] == 404
    assert api.sql(f"SELECT id FROM {source}_b ORDER BY id") == [[1], [2]]
    assert api.sql(f"SELECT id FROM {source}_b_quarantine") == [["x"]]
    other = api.create("id Int32")
    assert api.form("PUT", f"/v0/datasources/{other}", name=source + "_b")[0] == 409
    assert api.form("PUT", f"/v0/datasources/{other}", name="no-name")[0] == 400
    assert api.form("PUT", f"/v0/datasources/{other}", name=other + "_quarantine")[0] == 400
    assert api.form("PUT", f"/v0/datasources/{other}", name=other)[0] == 200
    # The name that is free again is another data source's now.
    assert api.form("POST", "/v0/datasources", name=source, schema="id Int32")[0] == 200
    assert api.sql(f"SELECT count() FROM {source}") == [[0]]


def test_exchange(api, source):
    other = api.create("id Int64, more String, note String")
    api.load(other, "7,m,n\n")
    before = [api.call("GET", f"/v0/datasources/{name}")[1]["id"] for name in (source, other)]
    assert api.form("POST", "/v0/datasources/exchange", datasource_a=source, datasource_b=other)[0] == 200
    assert [api.call("GET", f"/v0/datasources/{name}")[1]["id"] for name in (other, source)] == before
    assert api.sql(f"SELECT id, more, note FROM {source}") == [[7, "m", "n"]]
    assert api.sql(f"SELECT id, note FROM {other} ORDER BY id") == [[1, "a"], [2, "b"]]
    assert api.sql(f"SELECT id FROM {other}_quarantine") == [["x"]]
    assert api.sql(f"SELECT count() FROM {source}_quarantine") == [[0]]
    assert api.load(other, "3,c\n")["lines"] == 1
    assert api.load(source, "8,m,n\n", mode="replace")["lines"] == 1
    assert api.form("POST", "/v0/datasources/exchange", datasource_a=source, datasource_b=source)[0] == 400
    assert api.form("POST", "/v0/datasources/exchange", datasource_a=source, datasource_b="no_such_source")[0] == 404
    assert api.form("POST", "/v0/datasources/exchange", datasource_a=source)[0] == 404


def test_drop(api, source):
    for force in ("true", "false"):
        answer = api.call("DELETE", f"/v0/datasources/{source}", parameters={"dry_run": "true", "force": force})
        assert answer == (200, {"dependent_pipes": []})
    assert api.sql(f"SELECT count() FROM {source}") == [[2]]
    assert api.call("DELETE", f"/v0/datasources/{source}", parameters={"dry_run": "false", "force": "true"})[0] == 204
    assert api.call("DELETE", f"/v0/datasources/{source}")[0] == 404
    assert api.call("GET", "/v0/sql", parameters={"q": f"SELECT 1 FROM {source}_quarantine"})[0] == 404


def test_alter(api, source):
    path = f"/v0/datasources/{source}/alter"
    old = "id Int32, note String"
    wanted = old.replace("note String", "note Nullable(String)") + ", x Int8 DEFAULT 5, y Nullable(Date)"
    operations = [
        "MODIFY COLUMN `note` Nullable(String)",
        "ADD COLUMN `x` Int8 DEFAULT 5",
        "ADD COLUMN `y` Nullable(Date)",
        "MODIFY DESCRIPTION",
    ]
    status, answer = api.form("POST", path, schema=wanted, description="more", dry="true")
    assert (status, answer["operations"]) == (200, operations)
    assert columns(api, source) == [("id", "Int32", False), ("note", "String", False)]
    status, answer = api.form("POST", path, schema=wanted, description="more", dry="false")
    assert (status, answer["operations"], answer["dependencies"]) == (200, operations, [])
    assert columns(api, source) == [
        ("id", "Int32", False),
        ("note", "String", True),
        ("x", "Int8", False),
        ("y", "Date", True),
    ]
    assert api.call("GET", f"/v0/datasources/{source}")[1]["description"] == "more"
    assert api.load(source, "3,,7,2026-01-01\nz,,1,\n")["lines"] == 1
    assert api.sql(f"SELECT * FROM {source} ORDER BY id") == [
        [1, "a", 5, None],
        [2, "b", 5, None],
        [3, None, 7, "2026-01-01"],
    ]
    assert api.sql(f"SELECT x FROM {source}_quarantine WHERE id = 'z'") == [["1"]]
    status, answer = api.form("POST", path, schema=wanted)
    assert status == 400
    assert "There were no operations to perform" in answer["error"]


@pytest.mark.parametrize(
    "fields",
    [
        {"schema": "id Int32"},
        {"schema": "note String, id Int32"},
        {"schema": "id Int64, note String"},
        {"schema": "id Int32, note String, x String DEFAULT file('/etc/passwd')"},
        {"schema": "id Int32, note String, x Int32 DEFAULT 1, DROP COLUMN note"},
        {"ttl": "toDate(id) DELETE WHERE 1), DROP COLUMN (note"},
        {"ttl": "toDate(id) + length(file('/etc/passwd'))"},
        {"indexes": "INDEX a id TYPE minmax GRANULARITY 1"},
        {},
    ],
)
def test_an_alter_that_is_not_served(api, source, fields):
    before = columns(api, source)
    status, answer = api.form("POST", f"/v0/datasources/{source}/alter", **fields)
    assert status == 400, answer
    assert answer["error"]
    assert columns(api, source) == before
    assert api.sql(f"SELECT * FROM {source} ORDER BY id") == [[1, "a"], [2, "b"]]


def test_ttl(api):
    name = api.create("at DateTime, id Int32")
    path = f"/v0/datasources/{name}"
    assert api.form("POST", path + "/alter", ttl="at + INTERVAL 1 DAY")[1]["operations"] == [
        "MODIFY TTL at + INTERVAL 1 DAY"
    ]
    assert api.call("GET", path)[1]["engine"]["ttl"] == "at + INTERVAL 1 DAY"
    assert "ttl" not in api.form("PUT", path, ttl="false")[1]["engine"]
    assert api.load(name, "2001-01-01 00:00:00,1\n")["lines"] == 1
    assert api.sql(f"SELECT id FROM {name}") == [[1]]


@pytest.mark.parametrize(
    "fields",
    [
        {"engine": "File(CSV, '/etc/passwd')"},
        {"engine": "URL('http://127.0.0.1/', 'CSV')"},
        {"engine": "Memory"},
        {"engine": "MergeTree() ORDER BY id; DROP TABLE x --"},
        {"engine": "Null; DROP TABLE x"},
        {"engine_sorting_key": "id) SETTINGS storage_policy = 'x' --"},
        {"engine_sorting_key": "file('/etc/passwd')"},
        {"engine_partition_key": "id) ORDER BY (id"},
        {"schema": "id Int32, x String DEFAULT file('/etc/passwd')"},
        {"schema": "id Int32, x String DEFAULT (SELECT name FROM system.tables LIMIT 1)"},
        {"schema": "id Int32, x String MATERIALIZED file('/etc/passwd')"},
        {"schema": "id Int32, x Int32 MATERIALIZED id + 1"},
        {"schema": "id Int32, x Int32 ALIAS id"},
        {"schema": "id Int32, x DateTime TTL x + INTERVAL 1 DAY"},
        {"engine": "ReplacingMergeTree", "engine_is_deleted": "id"},
        {"name": "x_quarantine"},
        {"name": "a b"},
    ],
)
def test_a_definition_that_says_too_much_is_refused(api, fields):
    whole = {"name": "never_made", "schema": "id Int32", **fields}
    status, answer = api.form("POST", "/v0/datasources", **whole)
    assert status == 400, answer
    assert answer["error"]
    assert api.call("GET", f"/v0/datasources/{whole['name'].replace(' ', '%20')}")[0] == 404


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"engine": "ReplacingMergeTree", "engine_ver": "v"}, [[1, 2, 9]]),
        ({"engine": "SummingMergeTree", "engine_columns": "v, n"}, [[1, 3, 16]]),
        ({"engine": "SummingMergeTree", "engine_columns": "n"}, [[1, 2, 16]]),
        ({"engine": "CollapsingMergeTree", "engine_sign": "s"}, [[1, 1, 7]]),
        ({"engine": "VersionedCollapsingMergeTree", "engine_sign": "s", "engine_version": "v"}, [[1, 1, 7], [1, 2, 9]]),
    ],
)
def test_engines_with_their_options(api, fields, kept):
    name = api.create("id Int32")
    api.call("DELETE", f"/v0/datasources/{name}")
    schema = "id Int32, v UInt8, n Int32, s Int8"
    whole = {"name": name, "schema": schema, "engine_sorting_key": "id", **fields}
    status, answer = api.form("POST", "/v0/datasources", **whole)
    assert status == 200, answer
    api.load(name, "1,2,9,1\n")
    api.load(name, "1,1,7,1\n")
    shown = api.call("GET", f"/v0/datasources/{name}")[1]["engine"]
    assert fields.items() <= shown.items()
    datafile = api.call("GET", f"/v0/datasources/{name}.datasource")[1]
    for key, value in fields.items():
        assert f'{key.upper()} "{value}"\n' in datafile
    if fields["engine"] == "CollapsingMergeTree":
        api.load(name, "1,1,7,-1\n")
    assert api.sql(f"SELECT id, v, n FROM {name} FINAL ORDER BY v") == kept


def test_a_name_is_given_once(api, source):
    status, _ = api.form("POST", "/v0/datasources", name=source, schema="id Int32")
    assert status == 409
    results = []

    def create():
        results.append(api.form("POST", "/v0/datasources", name=source + "_c", schema="id Int32")[0])

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [200] + [409] * 7


def test_truncate_leaves_the_data_source(api, source):
    assert api.call("POST", f"/v0/datasources/{source}/truncate")[0] == 205
    assert api.sql(f"SELECT count() FROM {source}") == [[0]]
    assert api.load(source, "3,c\n")["lines"] == 1


class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.server.files.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        try:
            self.wfile.write(body or b"")
        except OSError:
            self.server.broken_off = True

    def log_message(self, *_):
        pass


@pytest.fixture
def files():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        server.files = {}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_analyze_a_url(api, files):
    url = f"http://127.0.0.1:{files.server_port}"
    files.files["/a.csv"] = b"id,note\n1,a\n2,b\n"
    files.files["/b.ndjson"] = b'{"id":1,"tags":["x"]}\n'
    # Of a large file the begin is enough.
    files.files["/large.csv"] = b"id,note\n" + b"1234567,abcdefgh\n" * 2_000_000
    for path, schema in (
        ("/a.csv", "`id` Int64, `note` String"),
        ("/b.ndjson", "`id` Int64 `json:$.id`, `tags` Array(String) `json:$.tags[:]`"),
        ("/large.csv", "`id` Int64, `note` String"),
    ):
        status, answer = api.call("POST", "/v0/analyze", b"", parameters={"url": url + path})
        assert status == 200, answer
        assert (
            answer["analysis"]["schema"].replace("Nullable(Int64)", "Int64").replace("Nullable(String)", "String")
            == schema
        )
    status, answer = api.call("POST", "/v0/analyze", b"", parameters={"url": url + "/nothing"})
    assert status == 400
    assert answer["error"]
    assert api.call("POST", "/v0/analyze", b"", parameters={"url": "file:///etc/passwd"})[0] == 400


def test_exchanges_among_appends_and_reads(api):
    """Each row that was confirmed is there once, and readers see one data source or the other at any time."""
    one, two = api.create("id Int32"), api.create("id Int32")
    confirmed, problems = [], []
    ended = threading.Event()

    def append(name, first):
        for i in range(first, first + 25):
            status, answer = api.call("POST", f"/v1/datasources/{name}/append", f"{i}\n", {"Content-Type": "text/csv"})
            if status == 202:
                confirmed.append(i)
            elif status not in (404, 409):
                problems.append(answer)

    def exchange():
        for _ in range(25):
            status, answer = api.form("POST", "/v0/datasources/exchange", datasource_a=one, datasource_b=two)
            if status != 200:
                problems.append(answer)

    def read():
        while not ended.is_set():
            status, answer = api.call("GET", "/v0/sql", parameters={"q": f"SELECT count() FROM {one}"})
            listed = [each["name"] for each in api.call("GET", "/v0/datasources")[1]["datasources"]]
            if status != 200 or not {one, two} <= set(listed):
                problems.append(answer)

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=append, args=(name, i * 1000)) for i, name in enumerate((one, two, one, two))]
    writers.append(threading.Thread(target=exchange))
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    ended.set()
    reader.join()
    assert problems == []
    found = api.sql(f"SELECT id FROM (SELECT id FROM {one} UNION ALL SELECT id FROM {two}) ORDER BY id")
    assert [row[0] for row in found] == sorted(confirmed)
    assert confirmed
