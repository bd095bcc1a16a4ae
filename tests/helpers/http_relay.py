# SPDX-License-Identifier: Apache-2.0
"""Stands before a real server, hands everything on, and lets a test act between a request and its answer."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import http.server
import threading
import urllib.parse
from collections.abc import Callable, Iterator


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return urllib.parse.urlsplit(self.target).path


# Asked before a request is handed on, and again (with the answer's status) before the answer is. False: the connection
# ends there.
Act = Callable[[Request, int | None], bool]

OF_CONNECTION = ("connection", "keep-alive", "transfer-encoding", "content-length", "expect", "host")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def read_body(self) -> bytes | None:
        """Nothing when the client goes away in the middle."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while True:
                line = self.rfile.readline()
                if not line.strip():
                    return None
                size = int(line.split(b";")[0], 16)
                piece = self.rfile.read(size + 2)
                if len(piece) < size + 2:
                    return None
                if size == 0:
                    return body
                body += piece[:-2]
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def relay(self) -> None:
        self.close_connection = True
        request = Request(self.command, self.path, dict(self.headers.items()))
        if not self.server.on_head(request):
            return
        body = self.read_body()
        if body is None:
            return
        request.body = body
        if not self.server.act(request, None):
            return
        headers = {n: v for n, v in request.headers.items() if n.lower() not in OF_CONNECTION}
        connection = http.client.HTTPConnection(self.server.upstream, timeout=60)
        connection.request(request.method, request.target, request.body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if not self.server.act(request, answer.status):
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = relay

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that was killed is no error of the relay's."""


@contextlib.contextmanager
def relay(endpoint: str, act: Act, on_head: Callable[[Request], bool] = lambda _: True) -> Iterator[str]:
    """Gives the address to use in place of the endpoint. @param on_head asked before the body is read"""
    server = Server(("127.0.0.1", 0), Handler)
    server.upstream = urllib.parse.urlsplit(endpoint).netloc
    server.act = act
    server.on_head = on_head
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
