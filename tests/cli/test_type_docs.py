# SPDX-License-Identifier: Apache-2.0
"""docs/types is what the connectors' own tables and the writers give."""

from __future__ import annotations

import json
import pathlib

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PAGES = PROJECT / "docs" / "types"
CONNECTORS = sorted(page.stem for page in PAGES.glob("*.md") if page.stem != "README")


def test_every_sql_connector_has_a_page(cdk):
    listed = json.loads(cdk("connectors", "-o", "json").stdout)["connectors"]
    assert sorted(one["name"] for one in listed if one["kind"] == "SQL database") == CONNECTORS
    readme = (PAGES / "README.md").read_text()
    for connector in CONNECTORS:
        assert f"({connector}.md)" in readme


@pytest.mark.parametrize("connector", CONNECTORS)
def test_the_page_is_what_the_code_gives(cdk, connector):
    now = cdk("connectors", "--types", connector, "-o", "markdown")
    assert now.returncode == 0, now.stderr
    page = PAGES / f"{connector}.md"
    assert now.stdout == page.read_text(), f"{page} is stale: run scripts/write_type_docs.sh"


def test_types_for_people_and_programs(cdk):
    assert "numeric(38,10)" in cdk("connectors", "--types", "postgresql").stdout
    types = json.loads(cdk("connectors", "--types", "postgresql", "-o", "json").stdout)["types"]
    date = next(one for one in types if one["source_type"] == "date")
    assert date["type"] == "Date32"
    plain, infinite = date["examples"][:2]
    assert plain["csv"] == "2024-02-29" and plain["ndjson"] == '"2024-02-29"'
    assert "infinity can't be held by Date32" in infinite["refused"]
    assert "csv" not in infinite
    unknown = cdk("connectors", "--types", "oracle9")
    assert unknown.returncode == 1
    assert 'there is no connector "oracle9"' in unknown.stderr
