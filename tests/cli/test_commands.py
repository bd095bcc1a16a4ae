# SPDX-License-Identifier: Apache-2.0
"""What the commands do, and that results and logs don't mix."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import uuid

ORDERS = ("-c", "sqlite", "--parent", "table=orders")


def name() -> str:
    return "t_" + uuid.uuid4().hex


def test_a_table_is_loaded_and_read_back(cdk):
    target = name()
    done = cdk("replace", *ORDERS, "-d", target, "--create", "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 3
    rows = cdk("query-tb", f"SELECT id, name, amount FROM {target} ORDER BY id", "-o", "json")
    assert json.loads(rows.stdout) == [
        {"id": 1, "name": "a", "amount": 10},
        {"id": 2, "name": None, "amount": 20},
        {"id": 3, "name": "", "amount": 300},
    ]
    appended = cdk("append", "-c", "sqlite", "-q", "SELECT * FROM orders LIMIT 1", "-d", target, "-f", "ndjson")
    assert appended.returncode == 0, appended.stderr
    assert "1 rows" in appended.stdout
    assert cdk("query-tb", f"SELECT count() FROM {target}", "--scalar").stdout == "4\n"


def test_source_commands(cdk):
    assert [item["value"] for item in json.loads(cdk("scopes", "-c", "sqlite", "-o", "json").stdout)] == ["orders"]
    schema = json.loads(cdk("schema", *ORDERS, "-o", "json").stdout)
    assert [column["name"] for column in schema["columns"]] == ["id", "name", "amount"]
    datafile = cdk("schema", *ORDERS, "--datafile").stdout
    assert datafile.startswith("DESCRIPTION >\n    Rows of orders\n\nSCHEMA >\n")
    assert datafile == cdk("schema", *ORDERS, "-o", "datafile").stdout
    assert cdk("sample", *ORDERS, "-n", "2", "-o", "csv").stdout == '"id","name","amount"\n1,"a",10\n2,,20\n'
    assert cdk("query-db", "-c", "sqlite", "SELECT sum(amount) FROM orders", "--scalar").stdout == "330\n"


def test_check_tells_each_step(cdk):
    good = cdk("check", "-c", "sqlite")
    assert good.returncode == 0, good.stdout
    assert "failed" not in good.stdout
    bad = cdk("check", "-c", "sqlite", TB_CDK_TOKEN="wrong")
    assert bad.returncode == 1
    assert "failed  Tinybird answers queries" in bad.stdout


def test_local_ends_with_the_command(cdk, tmp_path):
    directory = tmp_path / "tinybird"
    made = cdk(f"--local={directory}", "replace", *ORDERS, "-d", "orders", "--create", TB_CDK_TOKEN=None)
    assert made.returncode == 0, made.stderr
    kept = cdk(f"--local={directory}", "query-tb", "SELECT count() FROM orders", "--scalar", TB_CDK_TOKEN=None)
    assert kept.stdout == "3\n"
    running = subprocess.run(["pgrep", "-f", str(directory)], capture_output=True, text=True)
    assert running.stdout == ""


def test_connectors_and_completion(cdk):
    listed = json.loads(cdk("connectors", "-o", "json").stdout)
    assert {"postgresql", "sqlite"} <= {connector["name"] for connector in listed["connectors"]}
    script = cdk("completion", "bash").stdout
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    assert cdk("--version").stdout.startswith("tb-cdk ")


def test_odd_column_names_reach_their_columns_in_both_formats(cdk, database):
    names = ["it's", "back\\slash", 'dou"ble', "two words", "naïve", "dotted.name", "with[0]", "$", "select"]
    columns = ", ".join('"' + name.replace('"', '""') + '" INTEGER NOT NULL' for name in names)
    with sqlite3.connect(database) as connection:
        connection.execute(f"CREATE TABLE odd ({columns})")
        connection.execute(f"INSERT INTO odd VALUES ({', '.join(str(i) for i in range(len(names)))})")
    connection.close()
    target = name()
    for form in ("csv", "ndjson", "parquet"):
        done = cdk("replace", "-c", "sqlite", "--parent", "table=odd", "-d", target, "--create", "-f", form)
        assert done.returncode == 0, done.stderr
        rows = json.loads(cdk("query-tb", f"SELECT * FROM {target}", "-o", "json").stdout)
        assert rows == [{column: i for i, column in enumerate(names)}], form


def test_a_load_can_be_proved(cdk):
    target = name()
    proved = cdk("replace", *ORDERS, "-d", target, "--create", "--verify")
    assert proved.returncode == 0, proved.stderr
    assert "verified: 3 rows; values of 3 column(s)" in proved.stdout
    summary = json.loads(cdk("append", *ORDERS, "-d", target, "--verify", "-o", "json").stdout)
    assert summary["verification"] == {"rows": 3, "proved": ["id", "name", "amount"], "counted_only": []}
    # Rows that the condition does not select are left out by Tinybird.
    condition = ("--replace-condition", "id = 1")
    differs = cdk("replace", *ORDERS, "-d", target, "--verify", *condition)
    assert differs.returncode == 3
    assert "3 rows were sent, 1 are there" in differs.stderr
    missed = cdk("replace", *ORDERS, "-d", target, *condition)
    assert missed.returncode == 3
    assert "3 rows were sent" in missed.stderr
    assert "1 of its rows are such now" in missed.stderr


def test_a_dry_run_shows_the_plan_and_writes_nothing(cdk):
    target = name()
    missing = cdk("replace", *ORDERS, "-d", target, "--create", "--dry-run")
    assert missing.returncode == 0, missing.stderr
    assert "SCHEMA >" in missing.stdout
    assert cdk("query-tb", f"SELECT count() FROM {target}").returncode == 1

    assert cdk("replace", *ORDERS, "-d", target, "--create").returncode == 0
    dry = ("append", *ORDERS, "-d", target, "--dry-run")
    assert "Nothing was written." in cdk(*dry).stdout
    plan = json.loads(cdk(*dry, "-o", "json").stdout)
    assert (plan["rows"], plan["exact"], plan["refusal"]) == (3, True, None)
    assert [column["place"] for column in plan["columns"]] == ["id", "name", "amount"]
    assert plan["requests"][0] == f"POST /v1/datasources/{target}/append?format=csv"
    assert cdk("query-tb", f"SELECT count() FROM {target}", "--scalar").stdout == "3\n"

    refused = cdk(
        "append", "-c", "sqlite", "-q", "SELECT NULL AS id, name, amount FROM orders", "-d", target, "--dry-run"
    )
    assert refused.returncode == 3
    assert 'refused: row 1, column "id"' in refused.stdout


def test_only_what_is_new_is_appended(cdk, database):
    target = name()
    new = ("append", *ORDERS, "-d", target, "--create", "--incremental-column", "id", "-o", "json")
    first = cdk(*new)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["rows"] == 3
    assert "id from the beginning, for the data source is empty, up to 3" in first.stderr
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO orders VALUES (4, 'd', 4)")
    connection.close()
    second = json.loads(cdk(*new, "--verify").stdout)
    assert (second["rows"], second["incremental"]["from"], second["incremental"]["to"]) == (1, "3", "4")
    assert json.loads(cdk(*new).stdout)["rows"] == 0
    again = cdk("replace", *ORDERS, "-d", target, "--incremental-column", "id", "--lag", "1", "--verify")
    assert again.returncode == 0, again.stderr
    assert "replaced" in again.stdout and "2 rows" in again.stdout
    assert cdk("query-tb", f"SELECT count() FROM {target}", "--scalar").stdout == "4\n"
    wrong = cdk("append", *ORDERS, "-d", target, "--incremental-column", "id", "--lag", "1h")
    assert wrong.returncode == 1
    assert "a lag of time says nothing for a column of numbers" in wrong.stderr


def test_local_passes_its_arguments_on(program, tmp_path):
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    if "TB_CDK_LIBCHDB" in os.environ:
        environment["TB_CDK_LIBCHDB"] = os.environ["TB_CDK_LIBCHDB"]
    command = [program, "local", "--ephemeral", "--port", "0", "--token", "p.chosen", "--print-env"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as local:
        lines = [local.stdout.readline() for _ in range(3)]
        local.terminate()
    assert lines[0].startswith("export TB_CDK_ENDPOINT=http://127.0.0.1:")
    assert lines[1:] == ["export TB_CDK_TOKEN=p.chosen\n", "export TB_CDK_TAG=local\n"]
    assert local.returncode == 0
    refused = subprocess.run(
        [program, "local", "--nonsense"], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert "--nonsense" in refused.stderr


def test_the_source_is_spared(cdk):
    target = name()
    spared = ("--statement-timeout", "1m", "--lock-timeout", "5s", "--max-rate", "1GB/s")
    done = cdk("replace", *ORDERS, "-d", target, "--create", *spared, "-o", "json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["rows"] == 3
    # How long the query was open is said in both places.
    assert summary["source_seconds"] >= 0
    assert f'"{target}": the query at the source was open for ' in done.stderr

    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS id, 'x', 1 FROM n"
    short = ("--statement-timeout", "200ms")
    for command in (
        ("query-db", "-c", "sqlite", endless, *short),
        ("append", "-c", "sqlite", "-q", endless, "-d", target, *short),
    ):
        late = cdk(*command)
        assert late.returncode == 2, late.stderr
        assert "ran longer than the time-out of 200 ms" in late.stderr
    assert cdk("query-tb", f"SELECT count() FROM {target}", "--scalar").stdout == "3\n"


def test_a_dry_run_reckons_with_the_rate(cdk):
    target = name()
    assert cdk("replace", *ORDERS, "-d", target, "--create").returncode == 0
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 900) SELECT i AS id, 'x', 1 FROM n"
    dry = cdk("append", "-c", "sqlite", "-q", many, "-d", target, "--dry-run", "--max-rate", "10B")
    assert dry.returncode == 0, dry.stderr
    assert "in 1 request, about 15 min" in dry.stdout
