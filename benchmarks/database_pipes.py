# SPDX-License-Identifier: Apache-2.0
"""Measures loads from a database beside its own command line and curl, in pairs in one run, into a sink that discards.

Both sides run the same query on the same data and send over HTTP to the same program. Wall time decides the ratio; the
fastest pass of each counts, for whatever else the machine does only adds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from measured_pipe import Side, run_measured


@dataclass
class Result:
    rows: int
    table_mb: float
    pipes: dict[str, Side] = field(default_factory=dict)
    kits: dict[str, Side] = field(default_factory=dict)
    sent_mb: dict[str, float] = field(default_factory=dict)

    def ratio(self, format_name: str) -> float:
        return self.kits[format_name].best.wall / self.pipes[format_name].best.wall


@dataclass
class Comparison:
    """@param dump the command that writes the rows of the other side, by format"""

    programs: Path
    connector: str
    query: str
    dump: dict[str, list[str]]
    environment: dict[str, str]

    def run(self, result: Result, passes: int, report: Callable[[str], None]) -> Result:
        for format_name in self.dump:
            self.pipe(format_name)  # warms the caches
            kit_side = result.kits.setdefault(format_name, Side())
            pipe_side = result.pipes.setdefault(format_name, Side())
            for number in range(passes):
                pipe_side.passes.append(self.pipe(format_name))
                ours, summary = self.kit(format_name)
                if summary["rows"] != result.rows:
                    raise RuntimeError(f"{summary['rows']} rows were sent instead of {result.rows}")
                kit_side.passes.append(ours)
                result.sent_mb[format_name] = summary["bytes"] / 1e6
                theirs = pipe_side.passes[-1]
                report(
                    f"{self.connector} {format_name} pass {number + 1}: pipe {theirs.wall:.2f} s,"
                    f" kit {ours.wall:.2f} s, {ours.cpu:.2f} s CPU, peak {ours.peak_kb / 1000:.1f} MB"
                )
        return result

    def kit(self, format_name: str):
        load = [str(self.programs / "tb-cdk"), "append", "--connector", self.connector, "--query", self.query]
        load += ["--data-source", "bench", "--format", format_name, "--output", "json"]
        one, output = run_measured([load], self.environment)
        return one, json.loads(output)

    def pipe(self, format_name: str):
        imports = f"{self.environment['TB_CDK_ENDPOINT']}/v0/datasources"
        upload = ["curl", "-sS", "--fail", "-X", "POST", "-T", "-", "-o", "/dev/null", imports]
        return run_measured([self.dump[format_name], upload], self.environment)[0]
