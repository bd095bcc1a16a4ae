# SPDX-License-Identifier: Apache-2.0
"""What is too long, too large or too slow ends, and everything else goes on."""

from __future__ import annotations

import contextlib
import http.client
import socket
import time

from helpers.api import Api
from helpers.local_tinybird import local_tinybird


def test_a_query_ends_after_ten_seconds(api):
    query = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))"
    status, answer = api.call("GET", "/v0/sql", parameters={"q": query})
    assert status == 408
    assert "10 seconds" in answer["error"]
    assert api.sql("SELECT 1") == [[1]]


def test_a_result_has_at_most_100_mb(api):
    query = "SELECT repeat('x', 1000000) FROM numbers(200)"
    status, answer = api.call("GET", "/v0/sql", parameters={"q": query})
    assert status == 400
    assert "100 MB" in answer["error"]


def test_a_query_that_needs_too_much_memory_is_refused_and_the_server_lives():
    with local_tinybird("--max-memory", str(512 << 20)) as variables:
        api = Api(variables)
        query = "SELECT number, count() FROM numbers(100000000) GROUP BY number FORMAT Null"
        status, answer = api.call("GET", "/v0/sql", parameters={"q": query})
        assert status in (400, 503)
        assert "memory" in answer["error"].lower()
        name = api.create("id Int32")
        api.load(name, "1\n")
        assert api.sql(f"SELECT count() FROM {name}") == [[1]]


def test_connections_beyond_the_limit_are_told_and_the_others_served():
    """Clients that say nothing, or begin a request and go silent, stand in nobody's way for long."""
    with local_tinybird() as variables:
        busy = Api(variables)
        host, port = busy.host.split(":")
        sockets = []
        refused = None
        for _ in range(400):
            connection = socket.create_connection((host, int(port)), timeout=30)
            with contextlib.suppress(OSError):
                connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n")
            sockets.append(connection)
        for connection in sockets[300:]:
            text = connection.recv(4096)
            if text:
                refused = text
        assert refused.startswith(b"HTTP/1.1 503") and b"Retry-After: 1" in refused and b'"error"' in refused
        for connection in sockets:
            connection.close()
        deadline = time.monotonic() + 30
        while busy.call("GET", "/health")[0] != 200:
            assert time.monotonic() < deadline, "connections that are gone still count"
        assert busy.sql("SELECT 1") == [[1]]


def test_idle_connections_make_room():
    with local_tinybird() as variables:
        api = Api(variables)
        idle = []
        for _ in range(250):
            connection = http.client.HTTPConnection(api.host, timeout=30)
            connection.request("GET", "/health")
            assert connection.getresponse().status == 200
            idle.append(connection)
        assert api.sql("SELECT 1") == [[1]]
        for connection in idle:
            connection.close()
