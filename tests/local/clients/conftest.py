# SPDX-License-Identifier: Apache-2.0
"""The environment with other people's clients, made by bin/test."""

from __future__ import annotations

import os
import pathlib

import pytest
from helpers.local_tinybird import local_tinybird

PROJECT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def programs():
    return pathlib.Path(os.environ.get("TB_CDK_CLIENTS", PROJECT / ".deps" / "clients")) / "bin"


@pytest.fixture(scope="session")
def forward_tb():
    """The newer command line, which bears the same name."""
    return pathlib.Path(os.environ.get("TB_CDK_CLIENTS_FORWARD", PROJECT / ".deps" / "clients-forward")) / "bin" / "tb"


@pytest.fixture(scope="module")
def tinybird():
    """A server of its own for each client, for they list all there is."""
    with local_tinybird() as variables:
        yield variables
