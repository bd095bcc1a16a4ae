# SPDX-License-Identifier: Apache-2.0
"""Collects the C++ tests from their sources and starts the servers that the collected tests need.

A test source maps to the executable that CMake builds at the same path below the build directory, so that paths, node
ids and -k mean what a pytest user expects. Connector suites need servers, which are started once, only when a test of
theirs was collected, and stopped at the end. A server that does not start fails the run.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Sequence

import pytest
from helpers.azurite import azurite
from helpers.bigquery import bigquery
from helpers.fake_gcs import fake_gcs
from helpers.local_tinybird import local_tinybird
from helpers.mariadb import mariadb
from helpers.object_stores import s3_stores
from helpers.postgresql import postgresql
from helpers.redshift import redshift
from helpers.snowflake import snowflake
from pytest_cpp.google import GoogleTestFacade
from pytest_cpp.plugin import CppFile

PROJECT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("TINYBIRD_CDK_BUILD_DIR", PROJECT / "build" / "default"))

# Which servers the suites below a folder need.
SERVERS = {
    "tests/connectors/cloud/s3": (s3_stores, local_tinybird),
    "tests/connectors/cloud/azure": (azurite,),
    "tests/connectors/cloud/azure/test_connector.cpp": (local_tinybird,),
    "tests/connectors/cloud/azure/test_loads.cpp": (local_tinybird,),
    "tests/connectors/sql/bigquery": (
        (local_tinybird,)
        if os.environ.get("TB_CDK_TEST_SUITE_GOOGLE_APPLICATION_CREDENTIALS")
        else (fake_gcs, bigquery, local_tinybird)
    ),
    "tests/connectors/sql/snowflake": (fake_gcs, snowflake, local_tinybird),
    "tests/connectors/sql/mysql": (mariadb, local_tinybird),
    "tests/connectors/sql/postgresql": (postgresql, local_tinybird),
    "tests/connectors/sql/redshift": (redshift, local_tinybird),
    "tests/connectors/sql/sqlite": (local_tinybird,),
    "tests/connectors/sql/duckdb": (local_tinybird,),
    "tests/connectors/sql/adbc": (postgresql, local_tinybird),
    "tests/connectors/cloud/gcs": (fake_gcs, local_tinybird),
    "tests/core/conformance": (local_tinybird,),
    "tests/local/test_client.cpp": (local_tinybird,),
    "tests/local/test_nested_proof.cpp": (local_tinybird,),
}


def executable_of(source: str) -> str:
    return str((BUILD / pathlib.Path(source).relative_to(PROJECT)).with_suffix(""))


class BuiltTestFacade(GoogleTestFacade):
    """GoogleTest, with the executable found by its source."""

    def list_tests(self, executable: str, harness_collect: Sequence[str] = ()) -> list[str]:
        # Not earlier: pytest looks at a file's neighbours too, which a build of some tests need not have.
        if not os.access(executable_of(executable), os.X_OK):
            raise pytest.Collector.CollectError(
                f"{executable} has no executable: is it in the CMakeLists.txt of its folder?"
            )
        return super().list_tests(executable_of(executable), harness_collect)

    def run_test(self, executable: str, *arguments, **keywords):
        return super().run_test(executable_of(executable), *arguments, **keywords)


def pytest_collect_file(parent: pytest.Collector, file_path: pathlib.Path) -> pytest.Collector | None:
    if file_path.suffix != ".cpp" or not file_path.name.startswith("test_"):
        return None
    return CppFile.from_parent(parent=parent, path=file_path, facade=BuiltTestFacade(), arguments=())


def pytest_ignore_collect(collection_path: pathlib.Path) -> bool | None:
    """Tests of the programs, beside those of the library: the programs are always of the default build, so another
    build has nothing to add."""
    connectors = PROJECT / "tests" / "connectors"
    is_of_programs = collection_path.suffix == ".py" and collection_path.is_relative_to(connectors)
    return True if is_of_programs and BUILD.name != "default" else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Starts servers before the first test; the hooks that run the tests come after this one. With pytest-xdist each
    worker has servers of its own, and the process that hands the tests out has no items."""
    if session.config.option.collectonly:
        return
    needed = []
    for folder, servers in SERVERS.items():
        if any(item.path.is_relative_to(PROJECT / folder) for item in session.items):
            needed += [server for server in servers if server not in needed]
    stack = contextlib.ExitStack()
    session.config.add_cleanup(stack.close)
    for server in needed:
        os.environ.update(stack.enter_context(server()))
