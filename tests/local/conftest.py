# SPDX-License-Identifier: Apache-2.0
"""A local Tinybird for the tests of it."""

from __future__ import annotations

import pytest
from helpers.api import Api
from helpers.local_tinybird import local_tinybird


@pytest.fixture(scope="session")
def api():
    with local_tinybird() as variables:
        yield Api(variables)
