# SPDX-License-Identifier: Apache-2.0
"""Who is let in, and what SQL may do."""

from __future__ import annotations

import http.client

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
        "selec 1",
        "",
    ],
)
def test_sql_only_reads_the_workspace(api, query):
    status, answer = api.call("GET", "/v0/sql", parameters={"q": query})
    assert status in (400, 403), answer
    assert answer["error"]


def test_sql_in_every_form(api):
    assert api.call("POST", "/v0/sql", "SELECT 1 AS one FORMAT CSV", {"Content-Type": "text/plain"}) == (200, "1\n")
    assert api.call("GET", "/v0/sql", parameters={"q": "SELECT 1 AS one"})[1]["data"] == [{"one": 1}]


def test_a_refused_upload_does_not_disturb_the_next_request(api):
    connection = http.client.HTTPConnection(api.host, timeout=60)
    headers = {"Authorization": f"Bearer {api.token}"}
    for body in (b"GET /tokens HTTP/1.1\r\n\r\n", b"x" * 3_000_000):
        for path in (
            "/v1/datasources/nothing/append?format=csv",
            "/v0/datasources?mode=append&name=nothing",
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
