# SPDX-License-Identifier: Apache-2.0
"""Moves some hundred MB by the kit's own bucket path, and compares with what the simulation predicts.

From the tests' Redshift (tests/helpers/redshift.py) by MinIO into a local Tinybird, under limits that are scaled down.
What bin/test tests/connectors/sql/redshift builds must be there:

    python3 benchmarks/scale/real.py --rows 300000 --objects 12 --limit 100
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "tests"), str(PROJECT / "benchmarks" / "scale")]
PROGRAMS = Path(os.environ.get("TINYBIRD_CDK_BUILD_DIR", PROJECT / "build" / "default")) / "bin"
os.environ.setdefault("TB_CDK_LOCAL_PROGRAM", str(PROGRAMS / "tb-cdk-local"))

import kit  # noqa: E402
import simulate  # noqa: E402
from helpers import redshift_unload  # noqa: E402
from helpers.api import Api  # noqa: E402
from helpers.local_tinybird import local_tinybird  # noqa: E402
from helpers.redshift import redshift  # noqa: E402

# As long as those of the simulation: a key of ten digits, a comma, a text in quotes, the end of the line.
FIRST = 10**9
PADDING = simulate.ROW_BYTES - 10 - 1 - 2 - 1
HEADER = len("k,v\n")


def predicted(rows: int, objects: int, limit: int) -> list[int]:
    """The rows of each import."""
    counts = [len(range(number, rows, objects)) for number in range(objects)]
    sizes = [HEADER + count * simulate.ROW_BYTES for count in counts]
    files = [simulate.File(count, size, size) for count, size in zip(counts, sizes, strict=True)]
    groups = simulate.imports(files, kit.Limits.of("scaled down", url_bytes=limit))
    return [sum(file.rows for file in group) for group in groups]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--objects", type=int, default=12)
    parser.add_argument("--limit", type=int, default=100, metavar="MB", help="of one import")
    arguments = parser.parse_args()
    redshift_unload.SLICES = arguments.objects
    query = f"SELECT g + {FIRST} AS k, repeat('x', {PADDING}) AS v FROM generate_series(1, {arguments.rows}) AS g"
    with redshift() as source, local_tinybird() as target, tempfile.NamedTemporaryFile() as result:
        api = Api(target)
        name = api.create("k Int64 `json:$.k`, v String `json:$.v`")
        load = [str(PROGRAMS / "tb-cdk"), "append", "-c", "redshift", "--via", "bucket", "--query", query, "-d", name]
        measured = [sys.executable, "-I", "-S", str(PROJECT / "benchmarks" / "measured.py"), result.name, *load]
        variables = {"TB_CDK_LIMITS": f"url_bytes={arguments.limit}MB", "PATH": os.environ["PATH"], "HOME": "/nowhere"}
        begun = time.monotonic()
        subprocess.run(measured, env={**source, **target, **variables}, check=True)
        seconds = time.monotonic() - begun
        took = json.loads(Path(result.name).read_text())
        rows = predicted(arguments.rows, arguments.objects, arguments.limit * 10**6)
        jobs = api.call("GET", "/v0/jobs")[1]["jobs"]
        print(f"predicted: {len(rows)} imports of {rows} rows")
        print(f"real: {len(jobs)} imports, {api.sql(f'SELECT count(), uniqExact(k) FROM {name}')[0]} rows and keys")
        print(f"{seconds:.1f} s; the kit's CPU {took['cpu']:.2f} s, its peak {took['peak_kb'] / 1000:.1f} MB")
        return 0 if len(jobs) == len(rows) and sum(rows) == arguments.rows else 1


if __name__ == "__main__":
    sys.exit(main())
