# SPDX-License-Identifier: Apache-2.0
"""Each class of failure: one clear line, its exit code, no secret, nothing left."""

from __future__ import annotations

import pytest

LOAD = ("append", "-c", "sqlite", "-q", "SELECT 1 AS a", "-d", "t")
STORE = ("append", "-c", "s3", "--bucket", "b", "--key", "k.csv", "-d", "t")
WAREHOUSE = ("append", "-c", "bigquery", "-q", "SELECT 1 AS a", "-d", "t")


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "text"),
    [
        (("append", "-c", "oracle9i", "-q", "SELECT 1", "-d", "t"), {}, 1, 'no connector "oracle9i"'),
        (LOAD, {"TB_CDK_TOKEN": None}, 1, "TB_CDK_TOKEN is not set"),
        (LOAD, {"TB_CDK_TAG": None}, 1, "TB_CDK_TAG is not set"),
        (LOAD, {"SQLITE_DATABASE": None}, 1, "SQLITE_DATABASE is not set"),
        (("query-db", "-c", "sqlite", "SELECT 1"), {"SQLITE_DATABASE": "/nowhere/at/all"}, 1, "/nowhere/at/all"),
        (LOAD, {"TB_CDK_ENDPOINT": "http://127.0.0.1:1"}, 2, "127.0.0.1:1"),
        (LOAD, {"TB_CDK_ENDPOINT": "ftp://x"}, 1, "TB_CDK_ENDPOINT"),
        (LOAD, {"TB_CDK_TOKEN": "planted-secret"}, 1, "TB_CDK_TOKEN"),
        (LOAD, {}, 1, 'no data source "t"'),
        ((*LOAD, "-f", "xml"), {}, 1, 'no format "xml"'),
        ((*LOAD, "--on", "nan=maybe"), {}, 1, "maybe"),
        ((*LOAD, "--statement-timeout", "soon"), {}, 1, '"soon" is no time to wait'),
        ((*LOAD, "--lock-timeout", "5"), {}, 1, '"5" is no time to wait'),
        ((*LOAD, "--max-rate", "fast"), {}, 1, '"fast" is no rate'),
        ((*LOAD, "--via", "bucket"), {}, 1, "--via bucket is for warehouses, and sqlite is none"),
        ((*LOAD, "--via", "stream"), {}, 1, "--via stream is for object stores, and sqlite is none"),
        ((*LOAD, "--via", "mail"), {}, 1, "--via"),
        ((*STORE, "--via", "direct"), {}, 1, "--via direct is for warehouses, and s3 is none"),
        ((*WAREHOUSE, "--via", "url"), {"BIGQUERY_PROJECT": "p"}, 1, "Use bucket or direct."),
        ((*LOAD, "--replica"), {}, 1, "has no replica"),
        (("query-db", "-c", "sqlite", "SELECT 1", "--replica"), {}, 1, "has no replica"),
        (("query-db", "-c", "sqlite", "SELEC 1"), {}, 1, "syntax error"),
        (("query-tb", "SELEC 1"), {}, 1, "Syntax error"),
        (("scopes", "-c", "sqlite", "--parent", "table"), {}, 1, "SCOPE=NAME"),
        (("schema", "-c", "sqlite", "--parent", "table=nope"), {}, 1, "nope"),
        (("append", "-c", "sqlite", "-d", "t"), {}, 1, "what to load"),
        ((*LOAD, "--parent", "table=t"), {}, 1, "--parent names a table to load, and the query says what to load"),
        (("replace", *LOAD[1:], "--replace-condition", ""), {}, 1, "the condition is empty"),
        (("replace", *LOAD[1:], "--replace-condition", " "), {}, 1, "the condition is empty"),
        ((*LOAD, "--nope"), {}, 1, "--nope"),
        ((), {}, 1, "A subcommand is required"),
        (("apend", "-c", "sqlite"), {}, 1, "there is no command apend"),
        (("--quiet", "mysql://user:planted-secret@host/db"), {}, 1, "there is no command mysql://user:"),
        (("--nope",), {}, 1, "there is no option --nope"),
    ],
)
def test_bad_input_is_one_clear_line(cdk, arguments, variables, code, text):
    done = cdk(*arguments, **variables)
    assert done.returncode == code, done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    assert text in done.stderr
    assert "planted-secret" not in done.stderr + done.stdout
    assert done.stdout == "" or code == 2


@pytest.mark.parametrize("format", ["csv", "ndjson", "parquet"])
def test_a_value_that_does_not_fit_leaves_nothing(cdk, format):
    target = f"refused_{format}"
    made = cdk("append", "-c", "sqlite", "--parent", "table=orders", "-d", target, "--create", "--row-limit", "1")
    assert made.returncode == 0, made.stderr
    query = "SELECT 4 AS id, 'x' AS name, 1 AS amount UNION ALL SELECT 5, 'y', 1.5"
    done = cdk("append", "-c", "sqlite", "-q", query, "-d", target, "-f", format)
    assert done.returncode == 3, done.stderr
    assert 'row 2, column "amount"' in done.stderr
    assert cdk("query-tb", f"SELECT count() FROM {target}", "--scalar").stdout == "1\n"


def test_a_query_that_does_not_fit_the_data_source_is_drift(cdk):
    made = cdk("append", "-c", "sqlite", "--parent", "table=orders", "-d", "drift", "--create")
    assert made.returncode == 0, made.stderr
    done = cdk("append", "-c", "sqlite", "-q", "SELECT 1 AS id, 2 AS nope", "-d", "drift", "-f", "ndjson")
    assert done.returncode == 4, done.stderr
