# SPDX-License-Identifier: Apache-2.0
"""Child processes that end with their context."""

from __future__ import annotations

import contextlib
import os
import pathlib
import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

WORKERS = 16
# Below those that the kernel gives to connections, and to servers that leave the choice to it (32768 and above): what
# is free now is still free when a server takes it.
PORTS = range(12_000, 32_000)
given: set[int] = set()


def free_port() -> int:
    """One that no other worker of pytest gives, and that was not given before."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    mine = [port for port in PORTS[worker % WORKERS :: WORKERS] if port not in given]
    for port in random.sample(mine, len(mine)):
        given.add(port)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


@contextlib.contextmanager
def running(command: list[str], log: pathlib.Path, **keywords) -> Iterator[subprocess.Popen]:
    """The process, killed at the end if it does not stop by itself. What it prints goes to the log."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, **keywords
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(condition: Callable[[], bool], process: subprocess.Popen, log: pathlib.Path, seconds: float = 60) -> None:
    """Polls until the condition holds. Fails with the log when the process ends or the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args[0]} did not get ready:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.02)
