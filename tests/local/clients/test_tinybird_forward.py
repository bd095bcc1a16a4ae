# SPDX-License-Identifier: Apache-2.0
"""The command line `tb` of the package tinybird (Forward), unmodified, in its local and its cloud mode."""

from __future__ import annotations

import os
import subprocess
import urllib.parse
import uuid

import pytest
from helpers.api import Api
from web_files import served


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forward")
    (folder / "orders.csv").write_text("1,a\n2,b\n")
    (folder / "more.ndjson").write_text('{"id":3,"note":"c"}\n')
    return folder


@pytest.fixture(scope="module", params=["local", "cloud"])
def tb(request, tinybird, folder, forward_tb):
    endpoint = urllib.parse.urlsplit(tinybird["TB_CDK_ENDPOINT"])
    variables = {"TB_CLI_TELEMETRY_OPTOUT": "1", "TB_VERSION_WARNING": "0", "HOME": str(folder)}
    if request.param == "local":
        options = ["--local"]
        variables |= {"TB_LOCAL_HOST": endpoint.hostname, "TB_LOCAL_PORT": str(endpoint.port)}
    else:
        options = ["--cloud", "--host", tinybird["TB_CDK_ENDPOINT"], "--token", tinybird["TB_CDK_TOKEN"]]

    def run(*arguments: str, fails: bool = False) -> str:
        done = subprocess.run(
            [forward_tb, *options, *arguments],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    return run


@pytest.fixture
def api(tinybird):
    return Api(tinybird)


@pytest.fixture
def orders(api):
    name = "orders_" + uuid.uuid4().hex[:8]
    form = urllib.parse.urlencode({"name": name, "schema": "`id` Int64 `json:$.id`, `note` String `json:$.note`"})
    assert api.call("POST", "/v0/datasources", form, {"Content-Type": "application/x-www-form-urlencoded"})[0] == 200
    return name


def rows(api, name):
    return api.sql(f"SELECT id, note FROM {name} ORDER BY id")


def test_appends_replaces_and_truncates(tb, api, orders, folder):
    assert orders in tb("datasource", "ls")
    assert "Rows appended" in tb("datasource", "append", orders, "--file", "orders.csv")
    assert "Rows appended" in tb("datasource", "append", orders, "--file", "more.ndjson")
    assert "1 row appended" in tb("datasource", "append", orders, "--events", '{"id":9,"note":"event"}')
    with served(folder) as url:
        tb("datasource", "append", orders, "--url", f"{url}/more.ndjson")
    assert rows(api, orders) == [[1, "a"], [2, "b"], [3, "c"], [3, "c"], [9, "event"]]
    assert "replaced" in tb("datasource", "replace", orders, "orders.csv")
    assert rows(api, orders) == [[1, "a"], [2, "b"]]
    assert "replaced" in tb("datasource", "replace", orders, "more.ndjson", "--sql-condition", "id = 3")
    assert rows(api, orders) == [[1, "a"], [2, "b"], [3, "c"]]
    tb("datasource", "delete", orders, "--sql-condition", "id = 3", "--yes", "--wait")
    assert rows(api, orders) == [[1, "a"], [2, "b"]]
    assert "truncated" in tb("datasource", "truncate", orders, "--yes")
    assert rows(api, orders) == []


def test_sql_shows_rows(tb, api, orders):
    api.load(orders, "7,seven\n")
    shown = tb("sql", f"SELECT id, note FROM {orders}")
    assert "7" in shown
    assert "seven" in shown
    assert "nothing" in tb("sql", "SELECT * FROM nothing", fails=True)


def test_the_lists_are_shown(tb, api, orders):
    api.load(orders, "7,seven\n")
    assert "import" in tb("job", "ls")
    assert "admin token" in tb("token", "ls")
    tb("secret", "ls")
    tb("endpoint", "ls")


def test_a_data_source_that_does_not_exist_is_told(tb):
    assert "Datasource nothing not found" in tb("datasource", "append", "nothing", "--file", "orders.csv", fails=True)


def test_tokens(tb, api, orders):
    name = "reader_" + uuid.uuid4().hex[:8]
    tb("token", "create", "static", name, "--scope", "DATASOURCES:READ", "--resource", orders)
    assert name in tb("token", "ls", "--match", name)
    assert orders in tb("token", "scopes", name)
    secret = api.call("GET", f"/v0/tokens/{name}")[1]["token"]
    assert api.with_token(secret).sql(f"SELECT count() FROM {orders}") == [[0]]
    tb("token", "refresh", name, "--yes")
    assert api.with_token(secret).call("GET", "/v0/datasources")[0] == 403
    tb("token", "rm", name, "--yes")
    assert api.call("GET", f"/v0/tokens/{name}")[0] == 404


def test_jobs(tb, api, orders):
    api.load(orders, "1,a\n")
    job = api.call("GET", "/v0/jobs")[1]["jobs"][0]
    assert job["id"] in tb("job", "ls", "--status", "done")
    assert job["id"] in tb("job", "details", job["id"])
    assert "not in a cancellable status" in tb("job", "cancel", job["id"], fails=True)
