# SPDX-License-Identifier: Apache-2.0
"""Tokens: making and changing them, and what each scope allows."""

from __future__ import annotations

import json
import stat
import uuid

import pytest
from helpers.local_tinybird import kept_tinybird


def new_name():
    return "token " + uuid.uuid4().hex


def made(api, *scopes):
    """A client with a token of these scopes."""
    status, answer = api.form("POST", "/v0/tokens", name=new_name(), scope=list(scopes))
    assert status == 200, answer
    return api.with_token(answer["token"])


@pytest.fixture(scope="module")
def sources(api):
    """Two data sources with a row each, one of them in quarantine too."""
    names = []
    for _ in range(2):
        name = api.create("id Int32, note String")
        api.load(name, "1,a\nx,b\n")
        names.append(name)
    return names


def test_the_life_of_a_token(api, sources):
    name = new_name()
    scopes = [f"DATASOURCES:READ:{sources[0]}", f"DATASOURCES:APPEND:{sources[0]}"]
    status, made_token = api.form("POST", "/v0/tokens/", name=name, description="why", scope=scopes)
    assert status == 200
    assert made_token["name"] == name
    assert made_token["description"] == "why"
    assert made_token["token"].startswith("p.")
    assert made_token["scopes"] == [
        {"type": "DATASOURCES:READ", "resource": sources[0]},
        {"type": "DATASOURCES:APPEND", "resource": sources[0]},
    ]
    for key in (made_token["id"], made_token["token"], name.replace(" ", "%20")):
        assert api.call("GET", f"/v0/tokens/{key}") == (200, made_token)
    assert made_token in api.call("GET", "/v0/tokens")[1]["tokens"]

    # Scopes are replaced, not added.
    status, changed = api.call("PUT", f"/v0/tokens/{made_token['id']}", f"scope=DATASOURCES:READ:{sources[1]}")
    assert status == 200
    assert changed["scopes"] == [{"type": "DATASOURCES:READ", "resource": sources[1]}]
    reader = api.with_token(made_token["token"])
    assert reader.sql(f"SELECT id FROM {sources[1]}") == [[1]]
    assert reader.call("GET", "/v0/sql", parameters={"q": f"SELECT id FROM {sources[0]}"})[0] == 403

    status, refreshed = api.call("POST", f"/v0/tokens/{made_token['id']}/refresh")
    assert status == 200
    assert refreshed["token"] != made_token["token"]
    assert reader.call("GET", "/v0/datasources")[0] == 403
    assert api.with_token(refreshed["token"]).sql(f"SELECT id FROM {sources[1]}") == [[1]]

    assert api.call("DELETE", f"/v0/tokens/{made_token['id']}") == (200, {"ok": True})
    assert api.with_token(refreshed["token"]).call("GET", "/v0/datasources")[0] == 403
    assert api.call("GET", f"/v0/tokens/{made_token['id']}")[0] == 404


def test_every_form_of_body(api, sources):
    scope = f"DATASOURCES:READ:{sources[0]}"
    wanted = [{"type": "DATASOURCES:READ", "resource": sources[0]}]
    answers = [
        api.call("POST", "/v0/tokens", b"", parameters={"name": new_name(), "scope": scope}),
        api.form("POST", "/v0/tokens", name=new_name(), scope=scope),
        api.call("POST", "/v0/tokens", json.dumps({"name": new_name(), "scopes": wanted})),
        api.call("POST", "/v0/tokens", json.dumps({"name": new_name(), "scope": [scope]})),
        api.call("POST", "/v0/tokens", f"name={uuid.uuid4().hex}&scope={scope}"),
        api.call(
            "POST", "/v0/tokens", b"", parameters={"name": new_name(), "scope": scope.replace("SOURCES", "SOURCE")}
        ),
    ]
    for status, answer in answers:
        assert status == 200, answer
        assert answer["scopes"] == wanted


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ("DATASOURCES:READ:no_such_source", 404),
        ("DATASOURCES:READ", 400),
        ("DATASOURCES:READ:{}:id = 1", 400),
        ("PIPES:READ:p", 400),
        ("WHATEVER", 400),
        ("ADMIN:x", 400),
        ("", 400),
    ],
)
def test_a_scope_that_is_not_served_is_refused(api, sources, scope, status):
    answer = api.form("POST", "/v0/tokens", name=new_name(), scope=scope.format(sources[0]))
    assert answer[0] == status
    assert answer[1]["error"]


def test_names_and_jwts(api):
    name = new_name()
    assert api.form("POST", "/v0/tokens", name=name, scope="TOKENS")[0] == 200
    assert api.form("POST", "/v0/tokens", name=name, scope="TOKENS")[0] == 400
    assert api.form("POST", "/v0/tokens", scope="TOKENS")[0] == 400
    assert api.form("POST", "/v0/tokens", name=new_name())[0] == 400
    status, answer = api.call(
        "POST", "/v0/tokens", '{"scopes":[]}', parameters={"name": new_name(), "expiration_time": "1900000000"}
    )
    assert status == 400
    assert "JWT" in answer["error"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_the_servers_own_token_stays(api, method):
    assert api.call(method, "/v0/tokens/local", b"scope=TOKENS")[0] == 400
    assert api.call("POST", "/v0/tokens/local/refresh")[0] == 400
    assert api.call("GET", "/v0/datasources")[0] == 200


def test_missing_and_wrong_tokens(api):
    for headers in ({"Authorization": None}, {"Authorization": "Bearer p.wrong"}, {"Authorization": "Basic abc"}):
        for path in ("/v0/datasources", "/v0/sql?q=SELECT+1", "/v0/tokens", "/v0/jobs", "/v0/workspace", "/nothing"):
            status, answer = api.call("GET", path, headers=headers)
            assert status == 403
            assert "token" in answer["error"]
    assert api.call("GET", "/v0/workspace", headers={"Authorization": None}, parameters={"token": api.token})[0] == 200


def test_a_read_token_reads_its_own_only(api, sources):
    own, other = sources
    reader = made(api, f"DATASOURCES:READ:{own}")
    assert reader.sql(f"SELECT note FROM {own}") == [["a"]]
    assert reader.sql(f"SELECT id FROM {own}_quarantine") == [["x"]]
    assert [source["name"] for source in reader.call("GET", "/v0/datasources")[1]["datasources"]] == [own]
    assert reader.call("GET", f"/v0/datasources/{own}")[0] == 200
    assert reader.call("GET", f"/v0/datasources/{own}.datasource")[0] == 200
    for path in (f"/v0/datasources/{other}", f"/v0/datasources/{other}.datasource", "/v0/datasources/nothing"):
        assert reader.call("GET", path)[0] == 403
    load = {"mode": "append", "name": own, "format": "csv"}
    assert reader.call("POST", "/v0/datasources", "2,b\n", {"Content-Type": "text/csv"}, load)[0] == 403
    assert reader.call("POST", f"/v1/datasources/{own}/append", "2,b\n", {"Content-Type": "text/csv"})[0] == 403
    assert reader.call("POST", "/v0/events", '{"id":2}', parameters={"name": own})[0] == 403
    assert api.sql(f"SELECT count() FROM {own}") == [[1]]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM {other}",
        "SELECT * FROM workspace.{other}",
        "SELECT * FROM `workspace`.`{other}`",
        'SELECT * FROM "{other}"',
        "SELECT * FROM /* x */ {other} -- y",
        "SELECT * FROM {other}_quarantine",
        "SELECT * FROM {own}, {other}",
        "SELECT * FROM {own} JOIN {other} USING id",
        "SELECT (SELECT max(note) FROM {other}) FROM {own}",
        "SELECT * FROM {own} WHERE id IN {other}",
        "SELECT * FROM {own} WHERE id IN (SELECT id FROM {other})",
        "SELECT * FROM {own} WHERE id GLOBAL NOT IN {other}",
        "WITH {other} AS (SELECT 1) SELECT * FROM {other}",
        "WITH x AS (SELECT * FROM {other}) SELECT * FROM x",
        "SELECT * FROM view(SELECT * FROM {other})",
        "SELECT * FROM {own} UNION ALL SELECT * FROM {other}",
        "FROM {other} SELECT *",
        "(SELECT * FROM {other})",
        "SELECT * FROM {{t:Identifier}}",
        "SELECT * FROM workspace.{{t:Identifier}}",
        "DESCRIBE {other}",
        "DESCRIBE {own}",
        "EXPLAIN SELECT * FROM {other}",
        "SELECT * FROM (EXPLAIN SELECT * FROM {other})",
        "SELECT * FROM merge('workspace', '.*')",
        "SELECT * FROM merge('.*')",
        "SELECT joinGet('{other}', 'note', 1)",
        "SELECT hasColumnInTable('workspace', '{other}', 'id')",
        "SELECT * FROM loop({other})",
        "SELECT * FROM cluster('default', workspace, {other})",
        "SELECT * FROM mergeTreeIndex('workspace', '{other}')",
        "SELECT * FROM system.tables",
        "SELECT * FROM tinybird.datasources_ops_log",
        "SELECT * FROM lost_and_found.x",
        "SELECT * FROM {own} ORDER BY (SELECT note FROM {other})",
        "SELECT * REPLACE ((SELECT max(id) FROM {other}) AS id) FROM {own}",
        "SELECT count() OVER (ORDER BY (SELECT max(id) FROM {other})) FROM {own}",
        "SELECT * FROM {own} AS a ARRAY JOIN [(SELECT max(id) FROM {other})] AS b",
    ],
)
def test_a_query_that_touches_another_data_source_is_refused(api, sources, query):
    own, other = sources
    reader = made(api, f"DATASOURCES:READ:{own}")
    text = query.format(own=own, other=other)
    for method, body, parameters in (("GET", None, {"q": text, "param_t": other}), ("POST", text, {"param_t": other})):
        status, answer = reader.call(method, "/v0/sql", body, parameters=parameters)
        assert status in (400, 403), answer
        assert answer["error"]


def test_the_refusal_of_a_read_says_what_is_missing(api, sources):
    reader = made(api, f"DATASOURCES:READ:{sources[0]}")
    status, answer = reader.call("GET", "/v0/sql", parameters={"q": f"SELECT 1 FROM {sources[1]}"})
    assert status == 403
    assert answer["error"] == (
        f"Not enough permissions for datasource '{sources[1]}', token needs DATASOURCES:READ:{sources[1]} scope"
    )


def test_a_column_may_be_called_like_another_data_source(api, sources):
    own = api.create(f"id Int32, {sources[1]} String")
    api.load(own, "5,column\n")
    reader = made(api, f"DATASOURCES:READ:{own}")
    assert reader.sql(f"SELECT {own}.{sources[1]} FROM {own}") == [["column"]]


def test_an_append_token_appends_to_its_own_only(api):
    own, other = api.create("id Int32, note String"), api.create("id Int32, note String")
    appender = made(api, f"DATASOURCES:APPEND:{own}")
    text = {"Content-Type": "text/csv"}
    assert appender.load(own, "1,a\n")["lines"] == 1
    assert appender.call("POST", "/v0/datasources", "2,b\n", text, {"mode": "append", "name": own})[0] == 200
    assert (
        appender.call("POST", "/v0/events", '{"id":3,"note":"c"}', parameters={"name": own, "wait": "true"})[0] == 200
    )
    assert api.sql(f"SELECT id FROM {own} ORDER BY id") == [[1], [2], [3]]
    refused = [
        appender.call("POST", f"/v1/datasources/{other}/append", "1,a\n", text),
        appender.call("POST", f"/v1/datasources/{own}/replace", "1,a\n", text),
        appender.call("POST", "/v0/datasources", "1,a\n", text, {"mode": "append", "name": other}),
        appender.call("POST", "/v0/datasources", "1,a\n", text, {"mode": "replace", "name": own}),
        appender.form("POST", "/v0/datasources", mode="append", name=other, url="http://127.0.0.1:9/x.csv"),
        appender.form("POST", "/v0/datasources", {"mode": "append"}, name=other, url="http://127.0.0.1:9/x.csv"),
        appender.form("POST", "/v0/datasources", mode="replace", name=own, url="http://127.0.0.1:9/x.csv"),
        appender.form("POST", "/v0/datasources", name="fresh", schema="id Int32"),
        appender.call("POST", "/v0/events", '{"id":3}', parameters={"name": other}),
        appender.call("POST", "/v0/events", '{"id":3}', parameters={"name": "nothing"}),
        appender.call("POST", f"/v0/datasources/{own}/truncate"),
        appender.form("POST", f"/v0/datasources/{own}/delete", delete_condition="1"),
        appender.form("POST", f"/v1/datasources/{own}/delete", delete_condition="1"),
        appender.form("POST", f"/v0/datasources/{own}/alter", schema="id Int32, note String, x Int8 DEFAULT 0"),
        appender.form("PUT", f"/v0/datasources/{own}", name="stolen"),
        appender.form("POST", "/v0/datasources/exchange", datasource_a=own, datasource_b=other),
        appender.call("DELETE", f"/v0/datasources/{own}"),
        appender.call("GET", "/v0/sql", parameters={"q": f"SELECT * FROM {own}"}),
        appender.call("GET", f"/v0/datasources/{other}"),
        appender.call("GET", "/v0/tokens"),
        appender.form("POST", "/v0/tokens", name=new_name(), scope="ADMIN"),
        appender.call("POST", "/v0/analyze", "1,a\n"),
        appender.form("POST", "/v1/workspaces", name="other"),
    ]
    for status, answer in refused:
        assert status == 403, answer
        assert answer["error"]
    assert api.sql(f"SELECT count() FROM {own}") == [[3]]
    assert api.sql(f"SELECT count() FROM {other}") == [[0]]
    # Its own loads, and no others.
    api.load(other, "1,a\n")
    jobs = appender.call("GET", "/v0/jobs")[1]["jobs"]
    assert {job["datasource"]["name"] for job in jobs} == {own}
    foreign = next(job for job in api.call("GET", "/v0/jobs")[1]["jobs"] if job["datasource"]["name"] == other)
    assert appender.call("GET", f"/v0/jobs/{foreign['id']}")[0] == 404


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize(("field", "value"), [("name", "{other}"), ("name", "fresh_by_form"), ("mode", "replace")])
def test_fields_of_a_form_give_an_append_token_no_more(api, field, value, behind):
    own, other = api.create("id Int32"), api.create("id Int32")
    api.load(own, "1\n")
    appender = made(api, f"DATASOURCES:APPEND:{own}")
    file = '--x\r\nContent-Disposition: form-data; name="csv"; filename="f.csv"\r\n\r\n7\n\r\n'
    text = f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value.format(other=other)}\r\n'
    body = (file + text if behind else text + file) + "--x--\r\n"
    query = {"mode": "append", "name": own, "format": "csv"}
    status, answer = appender.call(
        "POST", "/v0/datasources", body, {"Content-Type": "multipart/form-data; boundary=x"}, query
    )
    assert status in (400, 403), answer
    assert api.sql(f"SELECT id FROM {own}") == [[1]]
    assert api.sql(f"SELECT count() FROM {other}") == [[0]]
    assert api.call("GET", "/v0/datasources/fresh_by_form")[0] == 404


def test_create_and_drop(api):
    creator = made(api, "DATASOURCES:CREATE")
    name = creator.create("id Int32")
    assert creator.load(name, "1\n")["lines"] == 1
    assert creator.load(name, "2\n", mode="replace")["lines"] == 1
    assert creator.call("GET", "/v0/sql", parameters={"q": f"SELECT * FROM {name}"})[0] == 403
    assert creator.call("DELETE", f"/v0/datasources/{name}")[0] == 403
    # A condition must not tell of other rows.
    other = api.create("id Int32")
    condition = f"id IN (SELECT id FROM {other})"
    for dry_run in ("true", "false"):
        answer = creator.form("POST", f"/v0/datasources/{name}/delete", delete_condition=condition, dry_run=dry_run)
        assert answer[0] == 403
    dropper = made(api, "DATASOURCES:DROP")
    assert dropper.call("POST", f"/v0/datasources/{name}/truncate")[0] == 403
    assert dropper.call("DELETE", f"/v0/datasources/{name}")[0] == 204


def test_a_scope_follows_its_data_source_and_not_its_name(api):
    name = api.create("id Int32")
    api.load(name, "1\n")
    reader = made(api, f"DATASOURCES:READ:{name}")
    assert api.form("PUT", f"/v0/datasources/{name}", name=name + "_b")[0] == 200
    assert reader.sql(f"SELECT id FROM {name}_b") == [[1]]
    assert api.form("POST", "/v0/datasources", name=name, schema="id Int32")[0] == 200
    assert reader.call("GET", "/v0/sql", parameters={"q": f"SELECT id FROM {name}"})[0] == 403
    assert api.call("DELETE", f"/v0/datasources/{name}_b")[0] == 204
    assert api.form("POST", "/v0/datasources", name=name + "_b", schema="id Int32")[0] == 200
    assert reader.call("GET", "/v0/sql", parameters={"q": f"SELECT id FROM {name}_b"})[0] == 403


def test_secrets_are_shown_to_admins_only(api, sources):
    manager = made(api, "TOKENS")
    listed = manager.call("GET", "/v0/tokens")[1]["tokens"]
    assert [token["token"] for token in listed if "token" in token] == [manager.token]
    assert all("token" in token for token in api.call("GET", "/v0/tokens")[1]["tokens"])
    # It makes tokens, but none that is more than itself.
    assert manager.form("POST", "/v0/tokens", name=new_name(), scope="ADMIN")[0] == 403
    assert manager.call("POST", "/v0/tokens", json.dumps({"name": new_name(), "scopes": [{"type": "ADMIN"}]}))[0] == 403
    status, reader = manager.form("POST", "/v0/tokens", name=new_name(), scope=f"DATASOURCES:READ:{sources[0]}")
    assert status == 200
    assert api.with_token(reader["token"]).sql(f"SELECT id FROM {sources[0]}") == [[1]]
    status, admin = api.form("POST", "/v0/tokens", name=new_name(), scope="ADMIN")
    assert manager.call("POST", f"/v0/tokens/{admin['id']}/refresh")[0] == 403
    assert manager.call("PUT", f"/v0/tokens/{admin['id']}", b"scope=TOKENS")[0] == 403
    assert manager.call("DELETE", f"/v0/tokens/{admin['id']}")[0] == 403


@pytest.mark.parametrize("path", ["/v0/workspace", "/v1/workspace", "/v0/user/workspaces", "/v1/user/workspaces"])
def test_no_answer_gives_a_token_more_than_itself(api, sources, path):
    reader = made(api, f"DATASOURCES:READ:{sources[0]}")
    status, answer = reader.call("GET", path)
    assert status == 200
    assert api.token not in json.dumps(answer)


def test_tokens_are_kept_in_a_file_of_their_owner(tmp_path):
    with kept_tinybird(tmp_path) as tinybird:
        name = tinybird.api.create("id Int32")
        reader = made(tinybird.api, f"DATASOURCES:READ:{name}")
        assert reader.sql(f"SELECT count() FROM {name}") == [[0]]
        tinybird.process.kill()
    for file in ("tokens.json", "token"):
        assert stat.S_IMODE((tmp_path / "data" / file).stat().st_mode) == 0o600
    with kept_tinybird(tmp_path) as tinybird:
        again = tinybird.api.with_token(reader.token)
        assert again.sql(f"SELECT count() FROM {name}") == [[0]]
        assert again.call("POST", f"/v0/datasources/{name}/truncate")[0] == 403
        assert (
            again.call("GET", "/v0/workspace", headers={"Authorization": None}, parameters={"token": reader.token})[0]
            == 200
        )
        assert tinybird.api.call("GET", f"/v0/tokens/{reader.token}")[0] == 200
    # A request is logged after its answer is sent, so the log is whole only when the server has ended.
    log = tinybird.log.read_text()
    assert "/v0/tokens/" in log
    assert reader.token not in log
