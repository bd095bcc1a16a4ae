#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the .datasource files of the conformance suite's data sources for a connector.

NAME_export_csv, NAME_export_ndjson and NAME_export_parquet have a column for each type of the source, NAME_ingest_query
those that the connector suggests. The source is one that is started for it, but for one that the environment names.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pathlib
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests"))
sys.path.insert(0, str(PROJECT / "scripts"))

from conformance_tables import CONNECTORS, PROGRAM, duckdb_library  # noqa: E402

# With one of these set, the environment says where the source is.
NAMED_BY = {"postgresql": "PGHOST", "mysql": "MYSQL_HOST"}


def write(connector: str, directory: pathlib.Path) -> list[pathlib.Path]:
    with contextlib.ExitStack() as stack:
        environment = {"DUCKDB_LIBRARY": duckdb_library(), **os.environ}
        if not os.environ.get(NAMED_BY.get(connector, "")):
            for server in CONNECTORS[connector]:
                environment.update(stack.enter_context(server()))
        command = [PROGRAM, "--quiet", "conformance", "--connector", connector, "--datafiles", str(directory)]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return [pathlib.Path(line) for line in done.stdout.splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("connector", choices=CONNECTORS)
    parser.add_argument("directory", type=pathlib.Path, help="where the files go")
    arguments = parser.parse_args()
    for file in write(arguments.connector, arguments.directory):
        print(file)


if __name__ == "__main__":
    main()
