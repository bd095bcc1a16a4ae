# SPDX-License-Identifier: Apache-2.0
"""Who is let in, and what SQL may do."""

from __future__ import annotations

import http.client
import urllib.parse

import pytest


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer "])
def test_a_token_is_needed(api, authorization):
    status, answer = api.call("GET", "/v0/datasources", headers={"Authorization": authorization})
    assert status == 403
    assert answer["error"]


def test_the_token_may_be_a_parameter(api):
    status, _ = api.call("GET", "/v0/datasources", headers={"Authorization": None}, parameters={"token": api.token})
    assert status == 200


def test_another_host_is_refused(api):
    assert api.call("GET", "/v0/datasources", headers={"Host": "evil.example"})[0] == 403


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1; SELECT 2",
        "DROP TABLE t",
        "INSERT INTO t VALUES (1)",
        "SELECT file('/etc/passwd')",
        "SELECT `file`('/etc/passwd')",
        "SELECT file /* x */ ('/etc/passwd')",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1/', 'LineAsString')",
        "SELECT 1 INTO OUTFILE '/tmp/tinybird_cdk_out'",
        "SELECT * FROM system.tables",
        'SELECT * FROM "system".tables',
        "SELECT * FROM information_schema.tables",
        "KILL QUERY WHERE 1",
        "SET max_threads = 1",
        "SYSTEM SHUTDOWN",
        "USE system",
        "SHOW DATABASES",
        "SHOW TABLES FROM system",
        "EXISTS system.one",
        "DESCRIBE system.one",
        "EXPLAIN SELECT * FROM system.one",
        "SELECT $$'$$, file('/etc/passwd'), $$'$$",
        "SELECT \u2018'\u2019, file('/etc/passwd'), \u2018'\u2019",
        "SELECT * FROM system\u00a0.tables",
        'SELECT * FROM "\\x73ystem".tables',
        "SELECT 1 #'\n, file('/etc/passwd') #'",
        "SELECT * FROM sYsTeM /* x */ . -- y\n tables",
        "SELECT * FROM INFORMATION_SCHEMA.tables",
        "SELECT * FROM default.t",
        "SELECT * FROM staging.t",
        "SELECT * FROM `system.tables`",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM `/etc/passwd`",
        "SELECT * FROM merge('system', '.*')",
        "SELECT * FROM mergeTreeIndex('system', 'parts')",
        "SELECT joinGet('system.one', 'dummy', 1)",
        "SELECT dictGet('system.one', 'dummy', 1)",
        "SELECT * FROM executable('id', 'TSV', 'x String')",
        "SELECT * FROM filesystem('/etc')",
        "SELECT * FROM s3('http://127.0.0.1/x', 'CSV')",
        "SELECT * FROM remote('127.0.0.1', system.one)",
        "SELECT 1 INTO/**/OUTFILE '/tmp/tinybird_cdk_out'",
        "SELECT 1 SETTINGS readonly = 0",
        "SELECT 1 SETTINGS max_memory_usage = 1",
        "%\nSELECT 1",
        "selec 1",
        "",
    ],
)
def test_sql_only_reads_the_workspace(api, query):
    status, answer = api.call("GET", "/v0/sql", parameters={"q": query})
    assert status in (400, 403, 404), answer
    assert answer["error"]


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("SELECT '$ # // \u2018\u2019 system.tables file('", "$ # // \u2018\u2019 system.tables file("),
        ("SELECT sum(number) FROM numbers(4) -- it's", 6),
        ("WITH 1 AS a SELECT a", 1),
        ("(SELECT 5)", 5),
        ("SELECT x FROM values('x Int32', 7)", 7),
    ],
)
def test_sql_that_is_fine(api, query, value):
    status, answer = api.call("POST", "/v0/sql", query.encode(), {"Content-Type": "text/plain"})
    assert status == 200, answer
    assert list(answer["data"][0].values()) == [value]


@pytest.mark.parametrize(
    "condition",
    [
        "id = 1, DROP COLUMN note",
        "id = 1) OR (1",
        "1; DROP TABLE x",
        "id IN (SELECT 1 FROM system.one)",
        "length(file('/etc/passwd')) > 0",
        "nothing = 1",
        "id = 1 /*",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/v0/datasources/{}/delete", "/v1/datasources/{}/delete"])
def test_a_delete_condition_is_one_condition(api, path, condition):
    name = api.create("id Int32, note String")
    api.load(name, "1,a\n2,b\n")
    form = urllib.parse.urlencode({"delete_condition": condition})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, answer = api.call("POST", path.format(name), form, headers)
    assert status == 400, answer
    assert answer["error"]
    assert api.sql(f"SELECT id, note FROM {name} ORDER BY id") == [[1, "a"], [2, "b"]]


def test_rows_are_deleted_by_condition(api):
    name = api.create("id Int32, note String")
    api.load(name, "1,a\n2,b\n3,c\n")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    form = urllib.parse.urlencode({"delete_condition": "id = 3 -- the last"})
    status, answer = api.call("POST", f"/v0/datasources/{name}/delete", form + "&dry_run=true", headers)
    assert (status, answer) == (200, {"rows_to_be_deleted": 1})
    status, answer = api.call("POST", f"/v1/datasources/{name}/delete", form + "&wait=true", headers)
    assert (status, answer["rows_affected"]) == (200, 1)
    status, job = api.call("POST", f"/v0/datasources/{name}/delete", "delete_condition=id%3D2", headers)
    assert (status, job["rows_affected"]) == (201, 1)
    status, job = api.call("GET", f"/v0/jobs/{job['job_id']}")
    assert (job["kind"], job["status"]) == ("delete_data", "done")
    assert api.sql(f"SELECT id FROM {name}") == [[1]]


def test_sql_in_every_form(api):
    assert api.call("POST", "/v0/sql", "SELECT 1 AS one FORMAT CSV", {"Content-Type": "text/plain"}) == (200, "1\n")
    assert api.call("GET", "/v0/sql", parameters={"q": "SELECT 1 AS one"})[1]["data"] == [{"one": 1}]


def test_a_refused_upload_does_not_disturb_the_next_request(api):
    connection = http.client.HTTPConnection(api.host, timeout=60)
    headers = {"Authorization": f"Bearer {api.token}"}
    for body in (b"GET /tokens HTTP/1.1\r\n\r\n", b"x" * 3_000_000):
        for path in (
            "/v1/datasources/nothing/append?format=csv",
            "/v0/datasources?mode=replace&name=nothing",
            "/v0/nothing",
        ):
            connection.request("POST", path, body=body, headers=headers)
            answer = connection.getresponse()
            assert answer.status in (400, 404)
            assert "nothing" in answer.read().decode()
            if answer.headers.get("Connection") == "close":
                connection.close()
            connection.request("GET", "/v0/sql?q=SELECT+42+FORMAT+CSV", headers=headers)
            assert connection.getresponse().read() == b"42\n"
