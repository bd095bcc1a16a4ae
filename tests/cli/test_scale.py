# SPDX-License-Identifier: Apache-2.0
"""docs/scale.md has what the simulation prints, and the simulation keeps to the limits that it was given."""

from __future__ import annotations

import pathlib
import sys

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "benchmarks" / "scale"))

import kit  # noqa: E402
import simulate  # noqa: E402


def test_the_page_has_what_the_simulation_prints():
    text = simulate.PAGE.read_text()
    told = text.split(simulate.BEGIN)[1].split(simulate.END)[0]
    assert told == simulate.report(), "run: python3 benchmarks/scale/simulate.py --write"


@pytest.mark.parametrize("unload", simulate.unloads(), ids=lambda unload: unload.name)
@pytest.mark.parametrize("limits", simulate.plans(), ids=lambda limits: limits.name)
def test_each_row_is_in_one_import_that_fits(unload: simulate.Unload, limits: kit.Limits):
    files = unload.files(100_000_000, 1_000)
    groups = list(simulate.imports(files, limits, unload.joined))
    assert [file for group in groups for file in group] == files
    assert sum(file.rows for file in files) == 100_000_000
    if not unload.joined:
        assert all(len(group) == 1 and group[0].stored <= limits.url_parquet_bytes for group in groups)
        return
    assert all(sum(file.content for file in group) <= limits.url_bytes for group in groups)
    # As many as fit: the next one would not have.
    for group, following in zip(groups, groups[1:], strict=False):
        assert sum(map(simulate.counted, [*group, following[0]])) > limits.url_bytes


def test_no_minute_has_more_imports_than_it_may():
    clock = simulate.Clock()
    rate = simulate.Rate(clock, 5)
    begun = []
    for number in range(40):
        rate.wait()
        begun.append(clock.now)
        clock.now += (0, 1, 30)[number % 3]
    for first, sixth in zip(begun, begun[5:], strict=False):
        assert sixth - first >= 60
    assert begun[4] < 60


def test_a_file_beyond_an_import_is_refused():
    limits = kit.Limits.of("small", url_bytes=999)
    with pytest.raises(ValueError, match="beyond"):
        list(simulate.imports([simulate.File(1, 1_000, 1_000)], limits))
    limits = kit.Limits.of("small", url_parquet_bytes=999)
    with pytest.raises(ValueError, match="beyond"):
        list(simulate.imports([simulate.File(1, 1_000, 1_000)], limits, joined=False))


def test_parquet_is_an_import_for_each_file():
    files = [simulate.File(1, 1_000, 500)] * 7
    played = simulate.play(
        list(simulate.imports(files, kit.Limits.of("free"), joined=False)), kit.Limits.of("free"), None
    )
    assert (played.imports, played.seconds) == (7, 60)
