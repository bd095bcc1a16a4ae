# SPDX-License-Identifier: Apache-2.0
"""Runs commands and tells what they took."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Pass:
    wall: float
    cpu: float  # of the commands, without servers
    peak_kb: int  # of the largest process


@dataclass
class Side:
    passes: list[Pass] = field(default_factory=list)

    @property
    def best(self) -> Pass:
        return min(self.passes, key=lambda one: one.wall)


def run_measured(commands: list[list[str]], environment: dict[str, str]) -> tuple[Pass, str]:
    """Runs the commands as a pipe. Gives what they took together, and what the last one printed."""
    with tempfile.TemporaryDirectory() as folder:
        processes: list[subprocess.Popen] = []
        begin = time.perf_counter()
        for index, command in enumerate(commands):
            runner = [sys.executable, "-I", "-S", str(Path(__file__).with_name("measured.py")), f"{folder}/{index}"]
            processes.append(
                subprocess.Popen(
                    [*runner, *command],
                    stdin=processes[-1].stdout if processes else subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    env=environment,
                )
            )
            if len(processes) > 1:
                processes[-2].stdout.close()
        output = processes[-1].communicate()[0].decode()
        for process, command in zip(processes, commands):
            if process.wait() != 0:
                raise RuntimeError(f"{command[0]} failed: {output}")
        wall = time.perf_counter() - begin
        used = [json.loads(Path(folder, str(index)).read_text()) for index in range(len(commands))]
    return Pass(wall, sum(one["cpu"] for one in used), max(one["peak_kb"] for one in used)), output
