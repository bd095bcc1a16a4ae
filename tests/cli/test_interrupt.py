# SPDX-License-Identifier: Apache-2.0
"""A load that is ended from outside: by Ctrl-C at a terminal, SIGTERM, kill -9. Nothing arrives, nothing stays."""

from __future__ import annotations

import os
import pathlib
import pty
import select
import signal
import sqlite3
import time
import uuid

import pytest

ENDLESS = (
    "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id, 'x' AS name, id AS amount FROM n"
)


class Terminal:
    """The program at a terminal of its own."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            # As in a new terminal, also when the tests themselves run under nohup.
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            os.execve(command[0], command, environment)
        self.shown = ""

    def read(self, seconds: float) -> bool:
        """Adds to what is shown. @return False at the end"""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # Linux says EIO when the other side is gone
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)

    def read_until(self, text: str) -> None:
        deadline = time.monotonic() + 60
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            assert self.read(1), self.shown

    def press(self, keys: str) -> None:
        os.write(self.descriptor, keys.encode())

    def wait(self) -> int:
        """@return the exit code, or minus the signal"""
        deadline = time.monotonic() + 60
        while self.read(0.2):
            assert time.monotonic() < deadline, self.shown
        os.close(self.descriptor)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def target(cdk, database):
    name = "t_" + uuid.uuid4().hex
    made = cdk("replace", "-c", "sqlite", "--parent", "table=orders", "-d", name, "--create")
    assert made.returncode == 0, made.stderr
    return name


@pytest.fixture
def temporary(tmp_path):
    """Where the program puts its temporary files, if it makes any."""
    directory = tmp_path / "tmp"
    directory.mkdir()
    return directory


@pytest.fixture
def endless(program, tinybird, database, temporary, target):
    def start(command: str) -> Terminal:
        environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "TMPDIR": str(temporary), **tinybird}
        environment["SQLITE_DATABASE"] = str(database)
        terminal = Terminal([program, command, "-c", "sqlite", "-q", ENDLESS, "-d", target], environment)
        terminal.read_until("MB/s")
        return terminal

    return start


def check_nothing_changed(cdk, target: str, temporary: pathlib.Path, database: pathlib.Path) -> None:
    assert cdk("query-tb", f"SELECT count() FROM {target}", "--scalar").stdout == "3\n"
    assert list(temporary.iterdir()) == []
    # No lock stays on the source either.
    with sqlite3.connect(database, timeout=0) as connection:
        connection.execute("DELETE FROM orders")
    connection.close()


@pytest.mark.parametrize("command", ["append", "replace"])
def test_ctrl_c_at_a_terminal(endless, cdk, target, temporary, database, command):
    terminal = endless(command)
    assert " rows · " in terminal.shown
    terminal.press("\x03")
    assert terminal.wait() == 130
    assert "interrupted" in terminal.shown.lower()
    # The progress line is gone, and no line of it stands before the message.
    assert terminal.shown.rsplit("\x1b[2K", 1)[1].count(" rows · ") == 0
    check_nothing_changed(cdk, target, temporary, database)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 130), (signal.SIGHUP, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_signals(endless, cdk, target, temporary, database, number, code):
    terminal = endless("append")
    os.kill(terminal.pid, number)
    assert terminal.wait() == code
    check_nothing_changed(cdk, target, temporary, database)


def test_progress_is_for_terminals_only(cdk):
    target = "t_" + uuid.uuid4().hex
    piped = cdk("replace", "-c", "sqlite", "--parent", "table=orders", "-d", target, "--create")
    assert piped.returncode == 0
    assert "\x1b" not in piped.stderr + piped.stdout
    assert "MB/s" not in piped.stderr


def test_quiet_shows_nothing(program, tinybird, database, target):
    environment = {"PATH": os.environ["PATH"], "SQLITE_DATABASE": str(database), **tinybird}
    load = ["replace", "-c", "sqlite", "--parent", "table=orders", "-d", target]
    terminal = Terminal([program, "--quiet", *load], environment)
    assert terminal.wait() == 0
    assert terminal.shown.strip() == ""
