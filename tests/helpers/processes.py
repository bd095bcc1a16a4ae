# SPDX-License-Identifier: Apache-2.0
"""Child processes that end with their context."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
