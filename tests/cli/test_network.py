# SPDX-License-Identifier: Apache-2.0
"""TLS with a certificate of one's own, and proxies."""

from __future__ import annotations

import contextlib
import http.server
import json
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator

import pytest


class Tinybird(http.server.BaseHTTPRequestHandler):
    """Answers any query. Speaks HTTP/1.1 and keeps connections."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"data": [{"answer": 42}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.targets.append(self.path)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(context: ssl.SSLContext | None = None) -> Iterator[socketserver.TCPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tinybird)
    server.targets = []
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_a_certificate_of_ones_own_is_trusted_only_when_named(cdk, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with served(context) as server:
        endpoint = f"https://localhost:{server.server_address[1]}"
        for variable in ("TB_CDK_CA_FILE", "SSL_CERT_FILE"):
            trusted = cdk(
                "query-tb",
                "SELECT 42",
                "--scalar",
                TB_CDK_ENDPOINT=endpoint,
                **{variable: str(certificate / "cert.pem")},
            )
            assert trusted.stdout == "42\n", trusted.stderr
        refused = cdk("query-tb", "SELECT 42", TB_CDK_ENDPOINT=endpoint)
        assert refused.returncode == 2
        assert "certificate" in refused.stderr
        assert server.targets.count(server.targets[0]) == 2


def test_a_proxy_is_used_but_not_for_this_machine(cdk):
    with served() as proxy, served() as local:
        through = f"http://127.0.0.1:{proxy.server_address[1]}"
        for variable in ("http_proxy", "all_proxy"):
            far = cdk(
                "query-tb", "SELECT 42", "--scalar", TB_CDK_ENDPOINT="http://tinybird.invalid", **{variable: through}
            )
            assert far.stdout == "42\n", far.stderr
        assert all(target.startswith("http://tinybird.invalid/v0/sql") for target in proxy.targets)
        asked = len(proxy.targets)
        near = cdk(
            "query-tb",
            "SELECT 42",
            "--scalar",
            TB_CDK_ENDPOINT=f"http://127.0.0.1:{local.server_address[1]}",
            http_proxy=through,
        )
        assert near.stdout == "42\n", near.stderr
        assert len(proxy.targets) == asked
