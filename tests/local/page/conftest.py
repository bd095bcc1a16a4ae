# SPDX-License-Identifier: Apache-2.0
"""A local Tinybird with data in it, and a real Chromium that looks at it."""

from __future__ import annotations

import pytest
from helpers.api import Api
from helpers.local_tinybird import local_tinybird
from helpers.page import HOSTILE, Page, chromium, create


@pytest.fixture(scope="session")
def served():
    """The client of a server with the data sources that the tests look at."""
    with local_tinybird() as variables:
        api = Api(variables)
        api.endpoint = variables["TB_CDK_ENDPOINT"]
        create(
            api,
            "orders",
            "id UInt64 `json:$.id`, day Date `json:$.day`, city Nullable(String) `json:$.city`, "
            "amount Float64 `json:$.amount` DEFAULT 1.5",
            engine_sorting_key="day, id",
            engine_partition_key="toYYYYMM(day)",
            description="What the shop sold",
        )
        cities = ["Berlin", "Madrid", "", None, "Łódź"]
        api.load(
            "orders",
            "".join(
                f"{number},2026-{1 + number % 6:02}-{1 + number % 28:02},"
                f"{'' if cities[number % 5] is None else chr(34) + cities[number % 5] + chr(34)},{number / 4}\n"
                for number in range(12_345)
            ).encode(),
        )
        api.load("orders", "1,2026-02-30,Berlin,2\n2,2026-02-03,Berlin,much\n3,2026-02-03,Berlin,4\n")
        create(api, "visits", "url String `json:$.url`, at DateTime `json:$.at`")
        create(api, "exact", "i Int64, u UInt64, t Nullable(String)")
        api.load("exact", '9007199254740993,18446744073709551615,\n-9223372036854775808,0,""\n7,9,"\\N"\n')
        create(api, "hostile", "id Int32, value String", description=HOSTILE)
        quoted = HOSTILE.replace('"', '""')
        api.load("hostile", f'1,"{quoted}"\n"{quoted}","{quoted}"\n')
        yield api


@pytest.fixture(scope="session")
def driver(served):
    # Gone before the server, which would wait for the connections that a browser keeps.
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(driver, served):
    """A tab that has no token yet, wide and light. What Chromium complained of fails the test."""
    page = Page(driver, served.endpoint, served.token)
    page.reset()
    yield page
    assert page.complaints() == []
    assert {host for host in page.hosts() if host} == {served.host}
