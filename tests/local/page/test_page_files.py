# SPDX-License-Identifier: Apache-2.0
"""How the page's files are served."""

from __future__ import annotations

import http.client
import pathlib

import pytest

FILES = pathlib.Path(__file__).resolve().parents[3] / "src" / "local" / "page"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def get(api, path, method="GET", **headers):
    connection = http.client.HTTPConnection(api.host, timeout=60)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


@pytest.mark.parametrize("name", sorted(file.name for file in FILES.iterdir() if file.suffix in TYPES))
def test_every_file_is_served_as_it_is_without_a_token(served, name):
    answer, body = get(served, f"/page/{name}")
    assert (answer.status, body) == (200, (FILES / name).read_bytes())
    assert answer.headers["Content-Type"].split(";")[0] == TYPES[pathlib.Path(name).suffix]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_file_that_is_known_is_not_sent_again(served):
    tag = get(served, "/")[0].headers["ETag"]
    answer, body = get(served, "/", **{"If-None-Match": tag})
    assert (answer.status, body, answer.headers["ETag"]) == (304, b"", tag)
    assert get(served, "/", **{"If-None-Match": '"another"'})[0].status == 200
    assert get(served, "/page/app.js")[0].headers["ETag"] != tag


def test_head_and_what_is_not_there(served):
    answer, body = get(served, "/", method="HEAD")
    assert (answer.status, body) == (200, b"")
    assert get(served, "/page/nothing.js")[0].status == 404
    assert get(served, "/page/..%2fstyle.css")[0].status == 404
    assert get(served, "/", Host="evil.example")[0].status == 403
