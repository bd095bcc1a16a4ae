# SPDX-License-Identifier: Apache-2.0
"""The command line `tb` of the package tinybird-cli, unmodified."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
from helpers.api import Api
from web_files import served

DATAFILE = """SCHEMA >
    `id` Int64 `json:$.id`,
    `note` String `json:$.note`

ENGINE "MergeTree"
ENGINE_SORTING_KEY "id"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tb")
    (folder / "orders.datasource").write_text(DATAFILE)
    (folder / "orders.csv").write_text("1,a\n2,b\n")
    (folder / "more.ndjson").write_text('{"id":3,"note":"c"}\n')
    (folder / "bad.csv").write_text("4,d\nx,e\n")
    return folder


@pytest.fixture(scope="module")
def tb(tinybird, folder, programs):
    variables = {"TB_CLI_TELEMETRY_OPTOUT": "1", "TB_VERSION_WARNING": "0", "HOME": str(folder)}
    own = ["--host", tinybird["TB_CDK_ENDPOINT"], "--token", tinybird["TB_CDK_TOKEN"]]

    def run(*arguments: str, fails: bool = False, options: list[str] | None = None) -> str:
        done = subprocess.run(
            [programs / "tb", *(options or own), *arguments],
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

    assert "Auth successful" in run("auth")
    return run


def test_workspaces_are_listed(tb, tinybird):
    assert tinybird["TB_CDK_ENDPOINT"] in tb("auth", "ls")
    assert "Tinybird_Local_Testing" in tb("workspace", "ls")
    assert "Tinybird_Local_Testing" in tb("workspace", "current")


def test_the_life_of_a_data_source(tb):
    assert "'orders' created" in tb("push", "orders.datasource")
    assert "orders" in tb("datasource", "ls")
    assert "Appended 2 new rows" in tb("datasource", "append", "orders", "orders.csv")
    assert "Total rows in orders: 3" in tb("datasource", "append", "orders", "more.ndjson")
    assert "Total rows in orders: 2" in tb("datasource", "replace", "orders", "orders.csv")
    tb("datasource", "replace", "orders", "more.ndjson", "--sql-condition", "id = 3")
    assert '"id","note"\n1,"a"\n2,"b"\n3,"c"' in tb("sql", "SELECT * FROM orders ORDER BY id", "--format", "csv")
    deleted = tb("datasource", "delete", "orders", "--sql-condition", "id = 3", "--yes", "--wait")
    assert "rows deleted" in deleted
    assert "2" in tb("sql", "SELECT count() FROM orders", "--format", "csv")
    assert "import" in tb("job", "ls")
    assert "truncated" in tb("datasource", "truncate", "orders", "--yes")
    assert "0" in tb("sql", "SELECT count() FROM orders", "--format", "csv")
    assert "deleted" in tb("datasource", "rm", "orders", "--yes")
    assert "Empty" in tb("datasource", "ls")


def test_imports_by_url_and_by_the_newer_api(tb, folder):
    tb("push", "orders.datasource")
    with served(folder) as url:
        assert "2" in tb("datasource", "append", "orders", f"{url}/orders.csv")
        tb("datasource", "replace", "orders", f"{url}/more.ndjson", "--sql-condition", "id = 3")
    tb("datasource", "append", "orders", "orders.csv", "--experimental", "use_v1", "--wait")
    tb("datasource", "replace", "orders", "more.ndjson", "--experimental", "use_v1", "--wait")
    tb("datasource", "append", "orders", "orders.csv", "--experimental", "use_v1", "--wait")
    shown = tb("sql", "SELECT * FROM orders ORDER BY id", "--format", "csv")
    assert '"id","note"\n1,"a"\n2,"b"\n3,"c"' in shown
    deleted = tb(
        "datasource", "delete", "orders", "--sql-condition", "id = 3", "--lightweight-delete", "--yes", "--wait"
    )
    assert "1" in deleted
    assert "2" in tb("sql", "SELECT count() FROM orders", "--format", "csv")
    tb("datasource", "rm", "orders", "--yes")


def test_sql_in_its_formats(tb):
    assert '"n"\n1\n' in tb("sql", "SELECT 1 AS n", "--format", "csv")
    assert '"n": 1' in tb("sql", "SELECT 1 AS n", "--format", "json")
    assert "n" in tb("sql", "SELECT 1 AS n", "--stats")
    long_sql = "SELECT '" + "x" * 5000 + "' AS text"
    assert "x" * 5000 in tb("sql", long_sql, "--format", "csv")


def test_rows_that_do_not_fit_are_told(tb):
    tb("push", "orders.datasource")
    told = tb("datasource", "append", "orders", "bad.csv", fails=True)
    assert "1 rows in quarantine" in told
    assert "0" not in tb("sql", "SELECT count() FROM orders_quarantine", "--format", "csv").splitlines()[-1]
    tb("datasource", "rm", "orders", "--yes")


def secret_of(tinybird, name):
    """The command line copies it to the clipboard only."""
    return Api(tinybird).call("GET", f"/v0/tokens/{name}")[1]["token"]


def test_the_life_of_a_token(tb, tinybird, folder):
    tb("push", "orders.datasource")
    tb("datasource", "append", "orders", "orders.csv")
    made = tb("token", "create", "static", "reader", "--scope", "DATASOURCES:READ", "--resource", "orders")
    assert "generated successfully" in made
    secret = secret_of(tinybird, "reader")
    listed = tb("token", "ls")
    assert "reader" in listed
    assert "admin token" in listed
    assert re.search(r"DATASOURCES:READ\W+orders", tb("token", "scopes", "reader"))
    reader = ["--host", tinybird["TB_CDK_ENDPOINT"], "--token", secret]
    assert "2" in tb("sql", "SELECT count() FROM orders", "--format", "csv", options=reader)
    assert "Not enough permissions" in tb("datasource", "truncate", "orders", "--yes", options=reader, fails=True)
    tb("token", "refresh", "reader", "--yes")
    assert "token" in tb("sql", "SELECT 1", options=reader, fails=True)
    tb("token", "rm", "reader", "--yes")
    assert "reader" not in tb("token", "ls")
    assert "does not exist" in tb("token", "rm", "reader", "--yes", fails=True)
    tb("datasource", "rm", "orders", "--yes")


def test_a_datafile_makes_its_tokens(tb, tinybird, folder):
    (folder / "guarded.datasource").write_text('TOKEN "guard read" READ\nTOKEN "guard append" APPEND\n\n' + DATAFILE)
    tb("push", "guarded.datasource")
    listed = tb("token", "ls")
    assert "guard read" in listed
    assert "guard append" in listed
    assert re.search(r"DATASOURCES:APPEND\W+guarded", tb("token", "scopes", "guard append"))
    tb("datasource", "rm", "guarded", "--yes")


def test_a_datafile_that_has_changed_alters(tb, folder):
    tb("push", "orders.datasource")
    tb("datasource", "append", "orders", "orders.csv")
    (folder / "changed").mkdir()
    wider = DATAFILE.replace("`json:$.note`", "`json:$.note`,\n    `more` Nullable(Int32) `json:$.more`")
    (folder / "changed" / "orders.datasource").write_text(wider)
    assert "ADD COLUMN" in tb("push", "changed/orders.datasource", "--force", "--yes")
    assert '1,"a",\\N' in tb("sql", "SELECT * FROM orders ORDER BY id", "--format", "csv")
    tb("datasource", "rm", "orders", "--yes")


def test_a_ttl_by_datafile(tb, tinybird, folder):
    lasting = DATAFILE.replace("String", "DateTime")
    for ttl in ("note + toIntervalDay(60000)", "note + toIntervalDay(50000)", None):
        (folder / "lasting.datasource").write_text(lasting + (f'ENGINE_TTL "{ttl}"\n' if ttl else ""))
        tb("push", "lasting.datasource", "--force", "--yes")
        assert Api(tinybird).call("GET", "/v0/datasources/lasting")[1]["engine"].get("ttl") == ttl
    tb("datasource", "rm", "lasting", "--yes")


def test_an_exchange(tb, folder):
    (folder / "spare.datasource").write_text(DATAFILE)
    tb("push", "orders.datasource")
    tb("push", "spare.datasource")
    tb("datasource", "append", "orders", "orders.csv")
    tb("datasource", "exchange", "orders", "spare", "--yes")
    assert "2" in tb("sql", "SELECT count() FROM spare", "--format", "csv")
    assert "0" in tb("sql", "SELECT count() FROM orders", "--format", "csv")
    tb("datasource", "rm", "orders", "--yes")
    tb("datasource", "rm", "spare", "--yes")


def test_jobs(tb):
    tb("push", "orders.datasource")
    tb("datasource", "append", "orders", "orders.csv")
    listed = tb("job", "ls", "--status", "done")
    assert "import" in listed
    identifier = re.search(r"[0-9a-f]{24}", listed)[0]
    assert identifier in tb("job", "details", identifier)
    assert "not in a cancellable status" in tb("job", "cancel", identifier, fails=True)
    tb("datasource", "rm", "orders", "--yes")


def test_schemas_are_guessed(tb, folder):
    assert "`id` Int64" in tb("datasource", "analyze", "more.ndjson")
    tb("datasource", "generate", "more.ndjson")
    assert "`id` Int64 `json:$.id`" in (folder / "more.datasource").read_text()


def test_errors_are_shown(tb):
    assert "does not exist" in tb("datasource", "replace", "nothing", "orders.csv", fails=True)
    assert "nothing" in tb("sql", "SELECT * FROM nothing", fails=True)
