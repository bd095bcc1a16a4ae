#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of docs/conformance.md: runs the suite on each connector, with servers that are started for it.

Build first (bin/cdk or bin/test do), and run it with the Python of .venv, whose folder has the ADBC drivers.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pathlib
import platform
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

from helpers.local_tinybird import local_tinybird  # noqa: E402
from helpers.mariadb import mariadb  # noqa: E402
from helpers.postgresql import postgresql  # noqa: E402

PROGRAM = os.environ.get("TB_CDK_PROGRAM", str(PROJECT / "build" / "default" / "bin" / "tb-cdk"))
PAGE = PROJECT / "docs" / "conformance.md"
MARK = "<!-- tables, written by scripts/conformance_tables.py -->\n"
CONNECTORS = {"postgresql": (postgresql,), "mysql": (mariadb,), "sqlite": (), "duckdb": (), "adbc": ()}


def duckdb_library() -> str:
    machine = "arm64" if platform.machine() == "aarch64" else "x64"
    return str(PROJECT / ".deps" / "node_modules" / "@duckdb" / f"node-bindings-linux-{machine}" / "libduckdb.so")


def table_of(connector: str) -> str:
    with contextlib.ExitStack() as stack:
        environment = {**os.environ, "DUCKDB_LIBRARY": duckdb_library()}
        for server in (*CONNECTORS[connector], local_tinybird):
            environment.update(stack.enter_context(server()))
        command = [PROGRAM, "--quiet", "conformance", "--connector", connector, "--output", "markdown"]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("connectors", nargs="*", choices=[*CONNECTORS, []], help="only these are run anew")
    chosen = parser.parse_args().connectors or list(CONNECTORS)
    text, _, tables = PAGE.read_text(encoding="utf-8").partition(MARK)
    known = {part.partition("\n")[0]: part for part in tables.split("\n## ")[1:]}
    for connector in chosen:
        known[connector] = f"{connector}\n\n{table_of(connector).rstrip()}\n"
    sections = "".join(f"\n## {known[name]}" for name in CONNECTORS if name in known)
    PAGE.write_text(text + MARK + sections, encoding="utf-8")


if __name__ == "__main__":
    main()
