# SPDX-License-Identifier: Apache-2.0
"""What who runs the server sees: metrics, access log, options; and what a browser's other pages may not do."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import urllib.parse

import pytest
from helpers.api import Api
from helpers.local_tinybird import PROGRAM, kept_tinybird


def metrics(api):
    """Value by series."""
    status, text = api.call("GET", "/metrics", headers={"Authorization": None})
    assert status == 200
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [-+.e0-9]+', line) for line in lines)
    # Each name says once what it is, in front of its series.
    types = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(types) == len(set(types))
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_health(api):
    for path in ("/health", "/v0/health"):
        assert api.call("GET", path, headers={"Authorization": None}) == (200, {"status": "ok"})


def test_metrics(tmp_path):
    with kept_tinybird(tmp_path) as tinybird:
        api = tinybird.api
        name = api.create("id Int32")
        before = metrics(api)
        api.load(name, "1\n2\nx\n")
        assert (
            api.call("POST", "/v0/events", '{"id":3}\n{"id":"y"}\n', parameters={"name": name, "wait": "true"})[0]
            == 200
        )
        for _ in range(3):
            api.call("GET", "/v0/datasources/nothing")
        api.call("GET", "/no/such/path")
        after = metrics(api)

        def grown(series):
            return after.get(series, 0) - before.get(series, 0)

        assert grown('tinybird_local_requests_total{method="GET",route="/v0/datasources/:",status="404"}') == 3
        assert grown('tinybird_local_requests_total{method="GET",route="none",status="404"}') == 1
        assert grown('tinybird_local_requests_total{method="POST",route="/v1/datasources/:/append",status="202"}') == 1
        assert grown("tinybird_local_imported_rows_total") == 2
        assert grown("tinybird_local_quarantined_rows_total") == 1
        assert grown("tinybird_local_events_total") == 1
        assert grown("tinybird_local_quarantined_events_total") == 1
        assert grown("tinybird_local_received_bytes_total") == len("1\n2\nx\n") + len('{"id":3}\n{"id":"y"}\n')
        assert grown("tinybird_local_sent_bytes_total") > 0
        duration = "tinybird_local_request_duration_seconds"
        append = 'route="/v1/datasources/:/append"'
        assert grown(f"{duration}_count{{{append}}}") == 1
        buckets = [value for series, value in after.items() if series.startswith(f"{duration}_bucket{{{append}")]
        assert buckets == sorted(buckets)
        assert buckets[-1] == 1
        assert after["process_resident_memory_bytes"] > 10_000_000


def test_an_answer_is_counted_before_it_is_written(tmp_path):
    """Who has an answer finds itself in the metrics. This one fills the socket, for nobody reads its body."""
    series = 'tinybird_local_requests_total{method="GET",route="/v0/sql",status="200"}'
    with kept_tinybird(tmp_path) as tinybird:
        connection = http.client.HTTPConnection(tinybird.api.host, timeout=60)
        query = urllib.parse.urlencode({"q": "SELECT repeat('x', 999999) FROM numbers(32) FORMAT TabSeparated"})
        connection.request("GET", f"/v0/sql?{query}", headers={"Authorization": f"Bearer {tinybird.api.token}"})
        answer = connection.getresponse()
        assert metrics(tinybird.api)[series] == 1
        assert len(answer.read()) == 32_000_000
        connection.close()


def test_open_connections(tmp_path):
    with kept_tinybird(tmp_path) as tinybird:
        connections = []
        for _ in range(3):
            connection = http.client.HTTPConnection(tinybird.api.host, timeout=60)
            connection.request("GET", "/health")
            connection.getresponse().read()
            connections.append(connection)
        # The fourth is the one that asks.
        assert metrics(tinybird.api)["tinybird_local_open_connections"] >= 4
        for connection in connections:
            connection.close()


def lines_of(log):
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def test_the_log_as_json(tmp_path):
    with kept_tinybird(tmp_path, "--log-format", "json") as tinybird:
        name = tinybird.api.create("id Int32")
        tinybird.api.load(name, "1\n2\n")
        tinybird.api.call(
            "GET", "/v0/datasources", headers={"Authorization": None}, parameters={"token": tinybird.api.token}
        )
        connection = http.client.HTTPConnection(tinybird.api.host, timeout=60)
        connection.request("GET", "/health")
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        secret = tinybird.api.token
    lines = lines_of(tinybird.log)
    load = next(line for line in lines if line["path"] == f"/v1/datasources/{name}/append")
    assert {key: load[key] for key in ("method", "route", "status", "bytes_in", "remote")} == {
        "method": "POST",
        "route": "/v1/datasources/:/append",
        "status": 202,
        "bytes_in": 4,
        "remote": "127.0.0.1",
    }
    assert load["ms"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", load["time"])
    health = next(line for line in lines if line["path"] == "/health")
    assert health["request_id"] == answer.headers["X-Request-Id"]
    assert health["bytes_out"] == len(body)
    assert len({line["request_id"] for line in lines}) == len(lines)
    assert next(line for line in lines if line["path"] == "/v0/datasources" and line["method"] == "GET")
    assert secret not in json.dumps(lines)


def test_the_log_as_text_and_none(tmp_path):
    with kept_tinybird(tmp_path / "text") as tinybird:
        tinybird.api.call("GET", "/v0/datasources", parameters={"token": tinybird.api.token})
        secret = tinybird.api.token
    assert re.search(r"127\.0\.0\.1 GET /v0/datasources\?token=\*\*\* 200 [0-9.]+ ms\n", tinybird.log.read_text())
    assert secret not in tinybird.log.read_text().partition("page ")[2].partition("\n")[2]
    with kept_tinybird(tmp_path / "quiet", "--quiet") as tinybird:
        tinybird.api.call("GET", "/v0/datasources")
    assert "GET" not in tinybird.log.read_text()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "http://localhost:1"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Origin": "http://{host}"}, False),
        ({"Origin": "http://{host}", "Sec-Fetch-Site": "same-origin"}, False),
        ({}, False),
    ],
)
def test_pages_of_other_sites_change_nothing(api, method, headers, refused):
    name = api.create("id Int32")
    path = f"/v0/datasources/{name}" + ("/truncate" if method == "POST" else "")
    given = {key: value.format(host=api.host) for key, value in headers.items()}
    status, answer = api.call(method, path, b"", given, {"description": "changed"})
    if refused:
        assert status == 403
        assert "another site" in answer["error"]
        assert api.call("GET", f"/v0/datasources/{name}")[1]["description"] == ""
    else:
        assert status in (200, 204, 205)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", ""])
def test_names_that_are_not_ours(api, host):
    for path in ("/tokens", "/", "/v0/datasources", "/metrics"):
        assert api.call("GET", path, headers={"Host": host})[0] == 403


def test_an_address_that_others_reach_needs_a_token():
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        refused = subprocess.run(
            [PROGRAM, "--ephemeral", "--port", "0", "--host", host], capture_output=True, text=True
        )
        assert refused.returncode == 1
        assert f"{host} can be reached by other machines, so it needs a --token" in refused.stderr


def test_others_are_given_no_token(tmp_path):
    with kept_tinybird(tmp_path, "--host", "0.0.0.0", "--token", "p.chosen") as tinybird:
        port = urllib.parse.urlsplit(tinybird.endpoint).port
        api = Api({"TB_CDK_ENDPOINT": f"http://127.0.0.1:{port}", "TB_CDK_TOKEN": "p.chosen"})
        for path in ("/tokens", "/metrics"):
            assert api.call("GET", path, headers={"Authorization": None})[0] == 403
            assert api.call("GET", path)[0] == 200
        assert api.call("GET", "/health", headers={"Authorization": None})[0] == 200


def test_an_ipv6_address_is_in_brackets(tmp_path):
    with kept_tinybird(tmp_path, "--host", "::1") as tinybird:
        assert re.fullmatch(r"http://\[::1\]:\d+", tinybird.endpoint)
        name = tinybird.api.create("id Int32")
        tinybird.api.load(name, "1\n")
        job = tinybird.api.call("GET", "/v0/jobs")[1]["jobs"][0]
        assert job["job_url"] == f"{tinybird.endpoint}/v0/jobs/{job['id']}"
        assert f"page      {tinybird.endpoint}/#token=" in tinybird.log.read_text()
