# SPDX-License-Identifier: Apache-2.0
"""Connections to a real server that end after so many bytes of an answer, wherever that is."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class CutConnections:
    def __init__(self, upstream: str, answer_bytes: int, times: int) -> None:
        host, port = upstream.rsplit(":", 1)
        self.upstream, self.answer_bytes, self.left = (host, int(port)), answer_bytes, times
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.cut = 0
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.upstream)
            threading.Thread(target=self.copy, args=(client, server, None), daemon=True).start()
            threading.Thread(target=self.copy, args=(server, client, self.answer_bytes), daemon=True).start()

    def copy(self, source: socket.socket, target: socket.socket, limit: int | None) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                passed += len(data)
                if limit is not None and passed > limit and self.may_cut():
                    target.sendall(data[: len(data) // 2])
                    break
                target.sendall(data)
        for side in (source, target):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def may_cut(self) -> bool:
        with self.lock:
            if self.left == 0:
                return False
            self.left -= 1
            self.cut += 1
            return True


@contextlib.contextmanager
def cut_connections(upstream: str, answer_bytes: int, times: int) -> Iterator[CutConnections]:
    relay = CutConnections(upstream, answer_bytes, times)
    try:
        yield relay
    finally:
        relay.listener.close()
