# SPDX-License-Identifier: Apache-2.0
"""What the simulation of docs/scale.md predicts is what the kit does: a load of some kB through limits of some kB, as
one of a terabyte through Tinybird's."""

from __future__ import annotations

import pathlib
import sys

import pytest
from helpers.redshift_unload import SLICES

PROJECT = pathlib.Path(__file__).resolve().parents[4]
sys.path.insert(0, str(PROJECT / "benchmarks" / "scale"))

import kit  # noqa: E402
import simulate  # noqa: E402

ROWS = 4_000
QUERY = f"SELECT g + 100000 AS k, repeat('x', 100) AS v FROM generate_series(1, {ROWS}) AS g"
HEADER, ROW = len("k,v\n"), len('100001,"",\n') - 1 + 100
OBJECT = HEADER + ROWS // SLICES * ROW
FILES = [simulate.File(ROWS // SLICES, OBJECT, OBJECT)] * SLICES


def predicted(limit: int) -> list[int]:
    """The rows of each import; nothing: it is refused."""
    try:
        groups = list(simulate.imports(FILES, kit.Limits.of("small", url_bytes=limit)))
    except ValueError:
        return []
    return [sum(file.rows for file in group) for group in groups]


def imports_of(api, target: str) -> list[str]:
    status, answer = api.call("GET", "/v0/jobs")
    assert status == 200, answer
    return [job["status"] for job in answer["jobs"] if (job.get("datasource") or {}).get("name") == target]


@pytest.fixture
def target(api):
    name = api.create("k Int64 `json:$.k`, v String `json:$.v`")
    yield name
    api.call("DELETE", f"/v0/datasources/{name}?force=true")


@pytest.mark.parametrize(
    "limit",
    [SLICES * OBJECT, SLICES * OBJECT - 1, OBJECT * 5 // 2, OBJECT, OBJECT - 1],
    ids=["all_fit", "one_byte_less", "two_fit", "one_fits", "none_fits"],
)
def test_an_append_makes_as_many_imports(cdk, api, target, limit):
    done = cdk(
        "append",
        "-c",
        "redshift",
        "--via",
        "bucket",
        "--query",
        QUERY,
        "-d",
        target,
        TB_CDK_LIMITS=f"url_bytes={limit}",
    )
    rows = predicted(limit)
    assert (done.returncode == 0) == bool(rows), done.stderr
    assert imports_of(api, target) == ["done"] * len(rows)
    assert api.sql(f"SELECT count(), uniqExact(k) FROM {target}") == [[sum(rows), sum(rows)]]


@pytest.mark.parametrize("less", [0, 1], ids=["fits", "one_byte_less"])
def test_a_replace_is_one_import_or_refused(cdk, api, target, less):
    limit = SLICES * OBJECT - less
    api.load(target, '7,"old"\n')
    before = len(imports_of(api, target))
    done = cdk(
        "replace",
        "-c",
        "redshift",
        "--via",
        "bucket",
        "--query",
        QUERY,
        "-d",
        target,
        TB_CDK_LIMITS=f"url_bytes={limit}",
    )
    is_one = len(predicted(limit)) == 1
    assert (done.returncode == 0) == is_one, done.stderr
    assert len(imports_of(api, target)) - before == (1 if is_one else 0)
    assert api.sql(f"SELECT count() FROM {target}") == [[ROWS if is_one else 1]]
