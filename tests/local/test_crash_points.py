# SPDX-License-Identifier: Apache-2.0
"""A server that dies between two steps of a change of tables loses no row, and no data source is half there."""

from __future__ import annotations

import contextlib
import http.client

import pytest
from helpers.local_tinybird import kept_tinybird

GOOD_AND_BAD = "1,a\n2,b\nx,c\n"


def dies(tinybird, call):
    """The call gets no answer, for the server is gone."""
    with pytest.raises((http.client.HTTPException, OSError)):
        call()
    tinybird.process.wait(timeout=60)
    assert tinybird.process.returncode == -9


def rows(api, name):
    return api.sql(f"SELECT id, note FROM {name} ORDER BY id")


def names(api):
    return sorted(source["name"] for source in api.call("GET", "/v0/datasources")[1]["datasources"])


def tables_agree(api, name):
    """A data source is there with both of its tables, as its description says."""
    status, answer = api.call("GET", f"/v0/datasources/{name}")
    assert status == 200, answer
    api.sql("SELECT {} FROM {} LIMIT 0".format(", ".join(column["name"] for column in answer["columns"]), name))
    assert api.sql(f"SELECT count() FROM {name}") == [[answer["statistics"]["row_count"]]]
    assert api.sql(f"SELECT count() FROM {name}_quarantine") == [[answer["quarantine_rows"]]]


@pytest.fixture
def filled(tmp_path):
    """A directory with the data source one, which has two rows and one in quarantine, and the empty data source two."""
    with kept_tinybird(tmp_path) as tinybird:
        for name, schema in (("one", "id Int32, note String"), ("two", "id Int64, note String, more Nullable(String)")):
            status, answer = tinybird.api.form("POST", "/v0/datasources", name=name, schema=schema)
            assert status == 200, answer
        assert tinybird.api.load("one", GOOD_AND_BAD)["quarantine"] == 1
    return tmp_path


@pytest.mark.parametrize("point", ["intent", "table", "quarantine"])
def test_a_create_that_is_cut_short_is_undone(tmp_path, point):
    def create(api):
        return api.form("POST", "/v0/datasources", name="fresh", schema="id Int32")

    with kept_tinybird(tmp_path, TB_CDK_LOCAL_CRASH_AT=f"create:{point}") as tinybird:
        dies(tinybird, lambda: create(tinybird.api))
    with kept_tinybird(tmp_path) as tinybird:
        assert names(tinybird.api) == []
        assert tinybird.api.call("GET", "/v0/sql", parameters={"q": "SELECT 1 FROM fresh"})[0] == 404
        assert create(tinybird.api)[0] == 200
        tables_agree(tinybird.api, "fresh")


@pytest.mark.parametrize("point", ["intent", "table", "quarantine"])
def test_a_drop_that_is_cut_short_is_finished(filled, point):
    with kept_tinybird(filled, TB_CDK_LOCAL_CRASH_AT=f"drop:{point}") as tinybird:
        dies(tinybird, lambda: tinybird.api.call("DELETE", "/v0/datasources/one"))
    with kept_tinybird(filled) as tinybird:
        assert names(tinybird.api) == ["two"]
        status, answer = tinybird.api.form("POST", "/v0/datasources", name="one", schema="id Int32, note String")
        assert status == 200, answer
        assert rows(tinybird.api, "one") == []
        tables_agree(tinybird.api, "one")


@pytest.mark.parametrize("point", ["intent", "table", "quarantine"])
def test_a_rename_that_is_cut_short_loses_no_row(filled, point):
    with kept_tinybird(filled, TB_CDK_LOCAL_CRASH_AT=f"rename:{point}") as tinybird:
        dies(tinybird, lambda: tinybird.api.form("PUT", "/v0/datasources/one", name="uno"))
    with kept_tinybird(filled) as tinybird:
        assert names(tinybird.api) == ["two", "uno"]
        assert rows(tinybird.api, "uno") == [[1, "a"], [2, "b"]]
        tables_agree(tinybird.api, "uno")
        assert tinybird.api.sql("SELECT id FROM uno_quarantine") == [["x"]]
        assert tinybird.api.load("uno", "3,c\n")["lines"] == 1


@pytest.mark.parametrize("point", ["intent", "table", "quarantine"])
def test_an_exchange_that_is_cut_short_is_finished(filled, point):
    with kept_tinybird(filled, TB_CDK_LOCAL_CRASH_AT=f"exchange:{point}") as tinybird:
        dies(
            tinybird,
            lambda: tinybird.api.form("POST", "/v0/datasources/exchange", datasource_a="one", datasource_b="two"),
        )
    with kept_tinybird(filled) as tinybird:
        assert rows(tinybird.api, "two") == [[1, "a"], [2, "b"]]
        assert rows(tinybird.api, "one") == []
        for name in ("one", "two"):
            tables_agree(tinybird.api, name)
        assert tinybird.api.sql("SELECT id FROM two_quarantine") == [["x"]]
        assert tinybird.api.load("two", "3,c\n")["lines"] == 1
        assert tinybird.api.load("one", "4,d,e\n")["lines"] == 1


@pytest.mark.parametrize("point", ["intent", "quarantine", "table"])
def test_an_alter_that_is_cut_short_is_finished(filled, point):
    schema = "id Int32, note Nullable(String), x Nullable(Int8)"
    with kept_tinybird(filled, TB_CDK_LOCAL_CRASH_AT=f"alter:{point}") as tinybird:
        dies(tinybird, lambda: tinybird.api.form("POST", "/v0/datasources/one/alter", schema=schema))
    with kept_tinybird(filled) as tinybird:
        columns = tinybird.api.call("GET", "/v0/datasources/one")[1]["columns"]
        assert [(column["name"], column["nullable"]) for column in columns] == [
            ("id", False),
            ("note", True),
            ("x", True),
        ]
        loaded = tinybird.api.load("one", "3,,7\ny,z,8\n")
        assert (loaded["lines"], loaded["quarantine"]) == (1, 1)
        assert tinybird.api.sql("SELECT id, note, x FROM one ORDER BY id") == [
            [1, "a", None],
            [2, "b", None],
            [3, None, 7],
        ]
        assert tinybird.api.sql("SELECT x FROM one_quarantine WHERE id = 'y'") == [["8"]]


def test_a_catalog_that_can_not_be_written_changes_nothing(filled):
    with kept_tinybird(filled) as tinybird:
        api = tinybird.api
        # What the catalog is written to before it takes its place.
        obstacle = filled / "data" / "datasources.json.next"
        obstacle.mkdir()
        for status, answer in (
            api.form("POST", "/v0/datasources", name="fresh", schema="id Int32"),
            api.form("PUT", "/v0/datasources/one", name="uno"),
            api.form("POST", "/v0/datasources/exchange", datasource_a="one", datasource_b="two"),
            api.form("POST", "/v0/datasources/one/alter", schema="id Int32, note String, x Int8"),
            api.call("DELETE", "/v0/datasources/one"),
        ):
            assert status == 503
            assert "can't write" in answer["error"]
            assert names(api) == ["one", "two"]
            assert rows(api, "one") == [[1, "a"], [2, "b"]]
            tables_agree(api, "one")
        assert api.call("GET", "/v0/sql", parameters={"q": "SELECT 1 FROM fresh"})[0] == 404
        obstacle.rmdir()
        assert api.form("PUT", "/v0/datasources/one", name="uno")[0] == 200
    with kept_tinybird(filled) as tinybird:
        assert names(tinybird.api) == ["two", "uno"]
        assert rows(tinybird.api, "uno") == [[1, "a"], [2, "b"]]


def test_tables_that_no_data_source_has_are_put_aside(filled):
    (filled / "data" / "datasources.json").unlink()
    with kept_tinybird(filled) as tinybird:
        assert names(tinybird.api) == []
        # The name is free, and the rows of the other table are not in the new one.
        assert tinybird.api.form("POST", "/v0/datasources", name="one", schema="id Int32, note String")[0] == 200
        assert rows(tinybird.api, "one") == []
        log = tinybird.log.read_text()
    assert 'table "one" belongs to no data source: it was kept as lost_and_found.' in log
    assert 'table "one_quarantine" belongs to no data source' in log
    assert 'table "two"' not in log
    with kept_tinybird(filled) as tinybird:
        assert rows(tinybird.api, "one") == []


def test_a_kill_in_a_loop_of_renames_loses_no_row(filled):
    known = ["one", "uno"]
    for i in range(6):
        with kept_tinybird(filled) as tinybird:
            (name,) = (name for name in names(tinybird.api) if name != "two")
            assert rows(tinybird.api, name) == [[1, "a"], [2, "b"]]
            tables_agree(tinybird.api, name)
            connection = http.client.HTTPConnection(tinybird.api.host)
            for _ in range(i):
                other = known[1 - known.index(name)]
                assert tinybird.api.form("PUT", f"/v0/datasources/{name}", name=other)[0] == 200
                name = other
            other = known[1 - known.index(name)]
            headers = {"Authorization": f"Bearer {tinybird.api.token}"}
            connection.request("PUT", f"/v0/datasources/{name}?name={other}", headers=headers)
            tinybird.process.kill()
            with contextlib.suppress(http.client.HTTPException, OSError):
                connection.getresponse()
            connection.close()
