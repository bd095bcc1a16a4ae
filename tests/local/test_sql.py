# SPDX-License-Identifier: Apache-2.0
"""The query API: formats, parameters, forms of a request, errors."""

from __future__ import annotations

import http.client
import json
import urllib.parse

import pytest


def ask(api, query, **parameters):
    """Status, headers and bytes of an answer."""
    connection = http.client.HTTPConnection(api.host, timeout=60)
    path = "/v0/sql?" + urllib.parse.urlencode({"q": query, **parameters})
    connection.request("GET", path, headers={"Authorization": f"Bearer {api.token}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


ROWS = "SELECT 9007199254740993 AS big, 'a,\"b' AS text"


@pytest.mark.parametrize(
    ("format", "content_type", "body"),
    [
        ("CSV", "text/csv; charset=utf-8", b'9007199254740993,"a,""b"\n'),
        ("CSVWithNames", "text/csv; charset=utf-8", b'"big","text"\n9007199254740993,"a,""b"\n'),
        ("TSV", "text/tab-separated-values; charset=utf-8", b'9007199254740993\ta,"b\n'),
        ("TSVWithNames", "text/tab-separated-values; charset=utf-8", b'big\ttext\n9007199254740993\ta,"b\n'),
        ("TabSeparated", "text/tab-separated-values; charset=utf-8", b'9007199254740993\ta,"b\n'),
        ("JSONEachRow", "application/x-ndjson; charset=utf-8", b'{"big":9007199254740993,"text":"a,\\"b"}\n'),
        (
            "Markdown",
            "text/markdown; charset=utf-8",
            b'| big | text |\n|-:|:-|\n| 9007199254740993 | a,"b |\n',
        ),
    ],
)
def test_formats_of_text(api, format, content_type, body):
    status, headers, answer = ask(api, f"{ROWS} FORMAT {format}")
    assert (status, headers["Content-Type"], answer) == (200, content_type, body)


@pytest.mark.parametrize(
    ("format", "data"),
    [
        ("", [{"big": 9007199254740993, "text": 'a,"b'}]),
        (" FORMAT JSON", [{"big": 9007199254740993, "text": 'a,"b'}]),
        (" FORMAT JSONCompact", [[9007199254740993, 'a,"b']]),
        (" FORMAT JSONStrings", [{"big": "9007199254740993", "text": 'a,"b'}]),
    ],
)
def test_formats_of_json(api, format, data):
    status, headers, body = ask(api, ROWS + format)
    assert (status, headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    answer = json.loads(body)
    assert answer["data"] == data
    assert answer["meta"] == [{"name": "big", "type": "UInt64"}, {"name": "text", "type": "String"}]
    assert answer["rows"] == 1
    assert set(answer["statistics"]) == {"elapsed", "rows_read", "bytes_read"}


def test_pretty_parquet_and_prometheus(api):
    status, headers, body = ask(api, f"{ROWS} FORMAT PrettyCompact")
    assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert "9007199254740993" in body.decode()
    status, headers, body = ask(api, f"{ROWS} FORMAT Parquet")
    assert (status, headers["Content-Type"]) == (200, "application/vnd.apache.parquet")
    assert body.startswith(b"PAR1")
    assert body.endswith(b"PAR1")
    query = (
        "SELECT 'hits' AS name, toFloat64(7) AS value, map('path', '/a') AS labels, 'counter' AS type FORMAT Prometheus"
    )
    status, headers, body = ask(api, query)
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert body.decode().splitlines()[:2] == ["# TYPE hits counter", 'hits{path="/a"} 7']


def test_settings_of_the_output(api):
    number = "SELECT 9007199254740993 AS v, nan AS n"

    def data(**parameters):
        return json.loads(ask(api, number, **parameters)[2])["data"]

    assert data() == [{"v": 9007199254740993, "n": None}]
    assert data(output_format_json_quote_64bit_integers=1) == [{"v": "9007199254740993", "n": None}]
    assert data(output_format_json_quote_denormals=1) == [{"v": 9007199254740993, "n": "nan"}]
    both = {"output_format_json_quote_64bit_integers": "1", "output_format_json_quote_denormals": "1"}
    assert data(**both) == [{"v": "9007199254740993", "n": "nan"}]
    # The settings of one request are not those of the next.
    assert data() == [{"v": 9007199254740993, "n": None}]
    assert ask(api, number, output_format_json_quote_64bit_integers="maybe")[0] == 400
    strings = [
        ask(api, "SELECT 'x' AS s FORMAT Parquet", output_format_parquet_string_as_string=value)[2] for value in (0, 1)
    ]
    assert strings[0] != strings[1]
    # A connection with other settings still only reads.
    assert ask(api, "SELECT 1 SETTINGS readonly = 0", output_format_json_quote_denormals=1)[0] == 403


@pytest.mark.parametrize(
    ("type", "value", "result"),
    [
        ("Int64", "-9007199254740993", -9007199254740993),
        ("UInt8", "255", 255),
        ("String", "it's \"q\" \\ ) -- ' OR 1 = 1; /* é", "it's \"q\" \\ ) -- ' OR 1 = 1; /* é"),
        ("String", "", ""),
        ("Date", "2026-11-25", "2026-11-25"),
        ("DateTime64(3, 'UTC')", "2026-11-25 10:00:00.123", "2026-11-25 10:00:00.123"),
        ("Array(Int32)", "[1,2]", [1, 2]),
        ("Nullable(Int32)", "\\N", None),
        ("Nullable(String)", "x", "x"),
        ("Decimal(10, 2)", "1.25", 1.25),
    ],
)
@pytest.mark.parametrize("prefix", ["param_", ""])
def test_query_parameters(api, type, value, result, prefix):
    query = f"SELECT {{v:{type}}} AS r"
    parameters = {"q": query, prefix + "v": value}
    headers = {"Content-Type": "application/json"}
    answers = [
        api.call("GET", "/v0/sql", parameters=parameters),
        api.form("POST", "/v0/sql", **parameters),
        api.call("POST", "/v0/sql", json.dumps(parameters), headers),
        api.call("POST", "/v0/sql", query, {"Content-Type": "text/plain"}, {prefix + "v": value}),
    ]
    for status, answer in answers:
        assert status == 200, answer
        assert answer["data"] == [{"r": result}]


def test_parameters_anywhere_and_nowhere(api):
    name = api.create("id Int32, note String")
    api.load(name, "1,a\n2,b\n3,c\n")
    query = f"SELECT id FROM {name} WHERE note != {{a:String}} ORDER BY id LIMIT {{n:UInt32}} FORMAT CSV"
    assert ask(api, query, param_a="a", param_n=1)[2] == b"2\n"
    # What stands in quotes is no parameter.
    assert ask(api, "SELECT '{x:Int32}' FORMAT CSV")[2] == b'"{x:Int32}"\n'


@pytest.mark.parametrize(
    "query",
    [
        "SELECT file, url FROM {0} ORDER BY settings",
        "SELECT lower({0}.file), upper(url) FROM {0} ORDER BY settings DESC",
        "SELECT settings FROM {0} WHERE settings = 'c'",
        "SELECT * FROM {0} WHERE file IN ('a') AND (file = 'a' OR url = 'b')",
    ],
)
def test_columns_that_are_called_like_functions_and_clauses(api, query):
    name = api.create("file String, url String, settings String")
    api.load(name, "a,B,c\n")
    assert len(api.sql(query.format(name))) == 1


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("SELECT {v:Int32}", {}),
        ("SELECT {v:UInt8}", {"v": "1); SELECT 1"}),
        ("SELECT {v:UInt8}", {"v": "300"}),
        ("SELECT {v:Int32", {"v": "1"}),
        ("SELECT 1 FROM {v:Identifier}", {"v": "x"}),
        ("SELECT * FROM {d:Identifier}.{v:Identifier}", {"d": "system", "v": "tables"}),
        ("SELECT {v:identifier}", {"v": "x"}),
        ("SELECT {v:NoSuchType}", {"v": "1"}),
    ],
)
def test_parameters_that_do_not_fit(api, query, parameters):
    status, _, body = ask(api, query, **parameters)
    assert status == 400, body
    assert json.loads(body)["error"]


def test_every_form_of_a_request(api):
    one = [{"one": 1}]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    text = {"Content-Type": "text/plain"}
    sql = "SELECT 1 AS one WHERE 1=1 AND '&q=x' != 'y'"
    for status, answer in (
        api.call("GET", "/v0/sql", parameters={"q": sql}),
        api.call("POST", "/v0/sql", b"", parameters={"q": sql}),
        api.form("POST", "/v0/sql", q=sql),
        api.form("POST", "/v0/sql", other="1", q=sql),
        # As curl --data sends it: SQL that calls itself a form.
        api.call("POST", "/v0/sql", sql, form),
        api.call("POST", "/v0/sql", sql, text),
        api.call("POST", "/v0/sql", sql),
        api.call("POST", "/v0/sql", json.dumps({"q": sql})),
    ):
        assert status == 200, answer
        assert answer["data"] == one


def test_errors(api):
    status, headers, body = ask(api, "SELECT * FROM nothing_here")
    assert (status, headers["X-DB-Exception-Code"]) == (404, "60")
    assert json.loads(body)["error"] == "Resource 'nothing_here' not found"
    status, headers, body = ask(api, "SELECT FROM WHERE")
    assert (status, headers["X-DB-Exception-Code"]) == (400, "62")
    assert "Syntax error" in json.loads(body)["error"]
    status, _, body = ask(api, "SELECT 1", pipeline="p")
    assert status == 404
    assert "pipes are not served" in json.loads(body)["error"]
    status, _, body = ask(api, "SELECT * FROM tinybird.datasources_ops_log")
    assert status == 403
    assert "service data sources" in json.loads(body)["error"]


@pytest.mark.parametrize(
    "query",
    [
        # Several statements, hidden ends
        "SELECT 1;SELECT 2",
        "SELECT 1;;SELECT 2",
        "SELECT ';' ; DROP TABLE x",
        "SELECT 1 /* ; */ ; SELECT 2",
        "SELECT 1 -- ;\n; SELECT 2",
        "SELECT 1 PARALLEL WITH SELECT 2",
        # Functions that reach outside, in every writing
        "SELECT FILE('/etc/passwd')",
        "SELECT \"file\"('/etc/passwd')",
        "SELECT (file)('/etc/passwd')",
        "SELECT file\n\n--\n('/etc/passwd')",
        "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
        "SELECT * APPLY(file) FROM (SELECT '/etc/passwd' AS f)",
        "SELECT * APPLY file FROM (SELECT '/etc/passwd' AS f)",
        "SELECT COLUMNS('f') APPLY(file) FROM (SELECT '/etc/passwd' AS f)",
        "SELECT * APPLY(x -> file(x)) FROM (SELECT '/etc/passwd' AS f)",
        "SELECT arrayMap(file, ['/etc/passwd'])",
        "SELECT arrayMap((file), ['/etc/passwd'])",
        "SELECT arrayMap(`file`, ['/etc/passwd'])",
        "SELECT arrayFilter(x, ['/etc/passwd']) FROM (SELECT file AS x)",
        "WITH file AS f SELECT arrayMap(f, ['/etc/passwd'])",
        "WITH file AS f SELECT f('/etc/passwd')",
        "WITH file AS f SELECT * APPLY(f) FROM (SELECT '/etc/passwd' AS p)",
        "WITH (x -> file(x)) AS f SELECT f('/etc/passwd')",
        "SELECT arrayMap(joinGet, ['system.one'], ['dummy'], [1])",
        "SELECT mapApply(file, map('a', '/etc/passwd'))",
        "SELECT arrayFold(file, ['/etc/passwd'], '')",
        "WITH file('/etc/passwd') AS x SELECT x",
        "WITH (SELECT file('/etc/passwd')) AS x SELECT x",
        "WITH system AS (SELECT 1) SELECT * FROM system.one",
        "SELECT * FROM numbers(1) WHERE file('/etc/passwd') != ''",
        "SELECT * FROM view(SELECT * FROM system.one)",
        "SELECT * FROM view(SELECT file('/etc/passwd'))",
        "SELECT * FROM fileCluster('default', '/etc/passwd', 'LineAsString')",
        "SELECT * FROM urlCluster('default', 'http://127.0.0.1/', 'CSV')",
        "SELECT * FROM gcs('http://127.0.0.1/x', 'CSV')",
        "SELECT * FROM azureBlobStorage('x')",
        "SELECT * FROM hdfs('hdfs://127.0.0.1/x', 'CSV', 'a Int8')",
        "SELECT * FROM iceberg('x')",
        "SELECT * FROM deltaLake('x')",
        "SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
        "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
        "SELECT * FROM mongodb('127.0.0.1:1', 'd', 't', 'u', 'p', 'a Int8')",
        "SELECT * FROM sqlite('/tmp/x.sqlite', 't')",
        "SELECT * FROM redis('127.0.0.1:1', 'k', 'k String')",
        "SELECT * FROM remoteSecure('127.0.0.1', system.one)",
        "SELECT * FROM cluster('default', system.one)",
        "SELECT * FROM clusterAllReplicas('default', system.one)",
        "SELECT * FROM input('a Int8')",
        "SELECT * FROM dictionary('d')",
        "SELECT dictGetOrDefault('system.one', 'dummy', 1, 2)",
        "SELECT dictHas('system.one', 1)",
        "SELECT joinGetOrNull('system.one', 'dummy', 1)",
        "SELECT reverseDNSQuery('127.0.0.1')",
        "SELECT * FROM loop(system.one)",
        "SELECT * FROM loop('system', 'one')",
        "SELECT catboostEvaluate('/etc/passwd', 1)",
        "SELECT filesystemAvailable()",
        "SELECT hasColumnInTable('system', 'one', 'dummy')",
        "SELECT getServerSetting('path')",
        "SELECT getMacro('x')",
        # Other databases
        "SELECT * FROM `system`.one",
        "SELECT * FROM system . one",
        'SELECT * FROM "information_schema"."tables"',
        "SELECT * FROM INFORMATION_SCHEMA . COLUMNS",
        "SELECT 1 IN system.one",
        "SELECT 1 IN (SELECT dummy FROM system.one)",
        "SELECT (SELECT dummy FROM system.one)",
        "SELECT * FROM numbers(1) AS n, system.one",
        "SELECT * FROM lost_and_found.x",
        # Writing and administration
        "SELECT 1 INTO OUTFILE 'x'",
        "SELECT 1 INTO OUTFILE '/tmp/x' TRUNCATE FORMAT CSV",
        "SELECT 1 into outfile '/tmp/x'",
        "CREATE TABLE x (a Int8) ENGINE = Memory",
        "CREATE TEMPORARY TABLE x (a Int8)",
        "ALTER TABLE x DELETE WHERE 1",
        "TRUNCATE TABLE x",
        "RENAME TABLE a TO b",
        "EXCHANGE TABLES a AND b",
        "OPTIMIZE TABLE x FINAL",
        "ATTACH TABLE x",
        "DETACH TABLE x",
        "GRANT ALL ON *.* TO default",
        "BACKUP TABLE x TO File('/tmp/x')",
        "RESTORE TABLE x FROM File('/tmp/x')",
        "SYSTEM FLUSH LOGS",
        "KILL MUTATION WHERE 1",
        "EXPLAIN AST DROP TABLE x; DROP TABLE x",
        "SHOW PROCESSLIST",
        "SHOW CREATE TABLE system.one",
        "WATCH x",
        "BEGIN TRANSACTION",
        "EXECUTE AS default SELECT 1",
        "USE staging",
        # Settings that lift limits
        "SELECT 1 SETTINGS max_execution_time = 0",
        "SELECT 1 SETTINGS max_result_bytes = 0",
        "SELECT 1 SETTINGS max_threads = 64",
        "SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 0)",
        "SELECT (SELECT 1 SETTINGS max_execution_time = 0)",
        "SELECT * FROM (SELECT 1 SETTINGS allow_ddl)",
        "WITH x AS (SELECT 1 SETTINGS max_result_bytes = 0) SELECT * FROM x",
        "SELECT 1 UNION ALL SELECT 2 SETTINGS max_result_bytes = 0",
        "SELECT 1 FORMAT CSV SETTINGS readonly = 0",
        "SELECT * FROM (SELECT 1 SETTINGS readonly = 0)",
        "SET readonly = 0",
        # Quotes, comments and here-documents that hide something
        "SELECT $a$ ' $a$, file('/etc/passwd')",
        "SELECT 1 # '\n FROM system.one",
        "SELECT 1 // '\n FROM system.one",
        "SELECT '\\'', file('/etc/passwd') AS `\\'`",
        "SELECT `a``b`, file('/etc/passwd')",
        "SELECT * FROM sys\u2060tem.one",
        "SELECT * FROM \u201csystem\u201d.one",
        "SELECT /* /* */ file('/etc/passwd') /* */ */",
        "SELECT * FROM\u3000system.one",
        "SELECT 1\x00; DROP TABLE x",
    ],
)
def test_tricks(api, query):
    """Refused, each for a reason of its own; the files and rows that they would touch stay as they are."""
    status, answer = api.call("POST", "/v0/sql", query.encode(), {"Content-Type": "text/plain"})
    assert status in (400, 403, 404), answer
    assert answer["error"]
    assert "root:" not in answer["error"]
