# SPDX-License-Identifier: Apache-2.0
"""Statements that fakesnow does not understand, or only in part."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import sqlglot
from starlette.responses import Response

from . import unload
from .answers import Refusal, column, table
from .state import Query, Session, State

Read = Callable[[str], pa.Table]

# A comment in a query: its result is described as the service does at times, whatever is in it.
NOT_NULL = "/* described as NOT NULL */"
# Another: there is no plan of it.
NOT_EXPLAINED = "/* not explained */"


def described_type(one: dict[str, Any]) -> str:
    kind = one["type"].lower()
    if kind == "fixed":
        return f"NUMBER({one['precision']},{one['scale']})"
    if kind in ("time", "timestamp_ntz", "timestamp_ltz", "timestamp_tz"):
        return f"{kind.upper()}({one['scale']})"
    if kind == "interval_year_month":
        return "INTERVAL YEAR(9) TO MONTH"
    return {"text": "VARCHAR(16777216)", "real": "FLOAT", "binary": "BINARY(8388608)"}.get(kind, kind.upper())


class Statements:
    """@param read runs a query on fakesnow, in this session"""

    def __init__(self, state: State, session: Session, query: Query, read: Read):
        self.state, self.session, self.query, self.read = state, session, query, read

    def answer(self) -> Response | None:
        """Nothing: it is none of these."""
        for pattern, method in PLAYED:
            if found := pattern.match(self.query.text):
                return method(self, found)
        return None

    def rows(self, names: list[str], rows: list[list[Any]]) -> Response:
        return table([column(name) for name in names], rows, self.query.id)

    def stage_url(self, name: str) -> str:
        parts = [part.strip('"') if part.startswith('"') else part.upper() for part in name.split(".")]
        place = f" IN SCHEMA {'.'.join(parts[:-1])}" if len(parts) > 1 else ""
        for row in self.read(f"SHOW STAGES{place}").to_pylist():
            if row["name"] == parts[-1]:
                return row["url"] or ""
        text = f"SQL compilation error:\nStage '{name}' does not exist or not authorized."
        raise Refusal("002003", text, "02000")

    def describe_result(self, _found: re.Match[str]) -> Response:
        names = ["name", "type", "kind", "null?", "primary key"]
        null = "N" if NOT_NULL in self.state.text_of(self.session.last_query) else "Y"
        rows = [[one["name"], described_type(one), "COLUMN", null, "N"] for one in self.session.last_columns]
        return self.rows(names, rows)

    def create_external_table(self, found: re.Match[str]) -> Response:
        """It is empty: no file is read. Its columns are there, VALUE before those that it declares."""
        declared = re.findall(r"(\w+)\s+(\w+)\s+AS\s+\(", found["columns"])
        columns = ", ".join(f"{name} {kind}" for name, kind in [("VALUE", "VARIANT"), *declared])
        self.read(f"CREATE TABLE {found['name']} ({columns})")
        self.state.external_tables[found["name"]] = [name for name, _ in declared]
        return self.rows(["status"], [[f"Table {found['name']} successfully created."]])

    def describe_table(self, found: re.Match[str]) -> Response | None:
        """Columns that an external table declares are VIRTUAL."""
        declared = self.state.external_tables.get(found["name"].replace('"', ""))
        if declared is None:
            return None
        rows = self.read(self.query.text).to_pylist()
        for row in rows:
            row["kind"] = "VIRTUAL" if row["name"] in declared else row["kind"]
        return self.rows(list(rows[0]), [list(row.values()) for row in rows])

    def describe_stage(self, found: re.Match[str]) -> Response:
        url = self.stage_url(found["name"])
        urls = json.dumps([url]) if url else ""
        names = ["parent_property", "property", "property_type", "property_value", "property_default"]
        return self.rows(names, [["STAGE_LOCATION", "URL", "String", urls, ""]])

    def create_stage(self, found: re.Match[str]) -> Response:
        integration = self.state.integrations.get(found["integration"].upper())
        if integration is None:
            text = f"Integration '{found['integration'].upper()}' does not exist or not authorized."
            raise Refusal("002003", f"SQL compilation error:\n{text}", "02000")
        if not found["url"].startswith(tuple(json.loads(integration["locations"]))):
            text = f"Location '{found['url']}' is not allowed by integration {found['integration'].upper()}."
            raise Refusal("393901", text)
        self.read(f"CREATE STAGE IF NOT EXISTS {found['name']} URL = '{found['url']}'")
        return self.rows(["status"], [["Stage area successfully created."]])

    def create_encrypted_stage(self, found: re.Match[str]) -> Response:
        """On S3 and Azure the service encrypts for such stages; here it does so on the one store that there is."""
        self.read(f"CREATE STAGE {found['name']} URL = '{found['url']}'")
        self.state.master_keys[found["url"]] = found["key"]
        return self.rows(["status"], [["Stage area successfully created."]])

    def create_integration(self, found: re.Match[str]) -> Response:
        options = dict(re.findall(r"(\w+)\s*=\s*(\(.*?\)|'[^']*'|\w+)", found["options"]))
        needed = {"'S3'": "STORAGE_AWS_ROLE_ARN", "'AZURE'": "AZURE_TENANT_ID"}.get(options.get("STORAGE_PROVIDER", ""))
        for name in ["TYPE", "STORAGE_PROVIDER", "ENABLED", "STORAGE_ALLOWED_LOCATIONS", *([needed] if needed else [])]:
            if name not in options:
                raise Refusal("001085", f"SQL compilation error: missing option {name}")
        locations = re.findall(r"'([^']*)'", options["STORAGE_ALLOWED_LOCATIONS"])
        self.state.integrations[found["name"].upper()] = {
            "provider": options["STORAGE_PROVIDER"].strip("'"),
            "enabled": options["ENABLED"].lower(),
            "locations": json.dumps(locations),
        }
        return self.rows(["status"], [["Integration successfully created."]])

    def describe_integration(self, found: re.Match[str]) -> Response:
        integration = self.state.integrations.get(found["name"].upper())
        if integration is None:
            raise Refusal("002003", f"Integration '{found['name'].upper()}' does not exist or not authorized.", "02000")
        rows = [["STORAGE_PROVIDER", "String", integration["provider"], ""]]
        if integration["provider"] == "GCS":
            rows.append(["STORAGE_GCP_SERVICE_ACCOUNT", "String", "unloads@service.test", ""])
        return self.rows(["property", "property_type", "property_value", "property_default"], rows)

    def show_integrations(self, _found: re.Match[str]) -> Response:
        rows = [
            [name, "EXTERNAL_STAGE", "STORAGE", one["enabled"], ""] for name, one in self.state.integrations.items()
        ]
        return self.rows(["name", "type", "category", "enabled", "comment"], rows)

    def granted(self, _found: re.Match[str]) -> Response:
        return self.rows(["status"], [["Statement executed successfully."]])

    def show_roles(self, _found: re.Match[str]) -> Response:
        names = ["name", "is_default", "is_current", "is_inherited", "owner", "comment"]
        return self.rows(names, [["LOADER", "Y", "Y", "N", "", ""], ["PUBLIC", "N", "N", "Y", "", ""]])

    def show_objects(self, found: re.Match[str]) -> Response:
        """fakesnow says 0 rows of each."""
        rows = []
        for one in self.read(self.query.text).to_pylist():
            is_table = one["kind"] == "TABLE"
            name = one["name"].replace('"', '""')
            path = f'{found["schema"]}."{name}"'
            content = self.read(f"SELECT * FROM {path}") if is_table else None
            counts = [None, None] if content is None else [content.num_rows, content.nbytes]
            rows.append([one["name"], one["database_name"], one["schema_name"], one["kind"], *counts])
        names = ["name", "database_name", "schema_name", "kind"]
        columns = [*map(column, names), column("rows", "fixed"), column("bytes", "fixed")]
        return table(columns, rows, self.query.id)

    def cancel_queries(self, found: re.Match[str]) -> Response:
        count = self.state.cancel(lambda query: query.session_id == int(found["session"]))
        return self.rows(["SYSTEM$CANCEL_ALL_QUERIES"], [[f"{count} cancelled."]])

    def history(self, found: re.Match[str]) -> Response:
        queries = self.state.of_session(int(found["session"]))
        rows = ", ".join(f"('{one.status.replace('FAILED', 'FAILED_WITH_ERROR')}')" for one in queries)
        counted = f"SELECT COUNT(*) FROM (SELECT * FROM VALUES {rows} AS H(EXECUTION_STATUS)) {found['condition']}"
        count = self.read(counted).column(0)[0].as_py()
        for one in queries:
            one.looked_for.release()
        return table([column("COUNT(*)", "fixed")], [[count]], self.query.id)

    def explain(self, found: re.Match[str]) -> Response:
        """Nothing is run: the bytes are those of the tables that the query names."""
        if NOT_EXPLAINED in self.query.text:
            raise Refusal("002140", "SQL compilation error: Unsupported statement type 'EXPLAIN'.")
        named = sqlglot.parse_one(found["query"], read="snowflake").find_all(sqlglot.exp.Table)
        tables = [one.sql(dialect="snowflake") for one in named if isinstance(one.this, sqlglot.exp.Identifier)]
        read = sum(self.read(f"SELECT * FROM {one}").nbytes for one in tables)
        plan = {"GlobalStats": {"partitionsTotal": 1, "partitionsAssigned": 1, "bytesAssigned": read}}
        return self.rows(["content"], [[json.dumps(plan)]])

    def wait(self, found: re.Match[str]) -> Response:
        if self.query.cancelled.wait(float(found["seconds"])):
            raise Refusal("000604", "SQL execution canceled", "57014")
        return self.rows(["SYSTEM$WAIT"], [[f"waited {found['seconds']} seconds"]])

    def copy(self, _found: re.Match[str]) -> Response:
        written = unload.run(self.query, self.stage_url, self.read, self.state.master_keys)
        columns = [column("FILE_NAME"), column("FILE_SIZE", "fixed"), column("ROW_COUNT", "fixed")]
        return table(columns, written, self.query.id)


def pattern(text: str) -> re.Pattern[str]:
    return re.compile(r"\s*" + text, re.DOTALL | re.IGNORECASE)


PLAYED = [
    (pattern(r"DESCRIBE\s+RESULT\s+LAST_QUERY_ID\(\)\s*$"), Statements.describe_result),
    (
        pattern(r"CREATE\s+EXTERNAL\s+TABLE\s+(?P<name>\S+)\s*\((?P<columns>.*)\)\s*LOCATION\s*=\s*@\S+\s+FILE_FORMAT"),
        Statements.create_external_table,
    ),
    (pattern(r"DESCRIBE\s+TABLE\s+(?P<name>\S+)\s*$"), Statements.describe_table),
    (pattern(r"DESCRIBE\s+STAGE\s+(?P<name>\S+)\s*$"), Statements.describe_stage),
    (
        pattern(
            r"CREATE\s+STAGE\s+IF\s+NOT\s+EXISTS\s+(?P<name>\S+)\s+URL\s*=\s*'(?P<url>[^']*)'\s+STORAGE_INTEGRATION\s*="
            r"\s*(?P<integration>\S+)\s*$"
        ),
        Statements.create_stage,
    ),
    (
        pattern(
            r"CREATE\s+STAGE\s+(?P<name>\S+)\s+URL\s*=\s*'(?P<url>[^']*)'\s+ENCRYPTION\s*=\s*\(\s*TYPE\s*=\s*'AWS_CSE'"
            r"\s+MASTER_KEY\s*=\s*'(?P<key>[^']*)'\s*\)\s*$"
        ),
        Statements.create_encrypted_stage,
    ),
    (
        pattern(r"CREATE\s+STORAGE\s+INTEGRATION\s+IF\s+NOT\s+EXISTS\s+(?P<name>\S+)(?P<options>.*)$"),
        Statements.create_integration,
    ),
    (pattern(r"DESCRIBE\s+INTEGRATION\s+(?P<name>\S+)\s*$"), Statements.describe_integration),
    (pattern(r"SHOW\s+STORAGE\s+INTEGRATIONS\s*$"), Statements.show_integrations),
    (pattern(r"GRANT\s+USAGE\s+ON\s+INTEGRATION\s+"), Statements.granted),
    (pattern(r"SHOW\s+OBJECTS\s+IN\s+SCHEMA\s+(?P<schema>\S+)\s*$"), Statements.show_objects),
    (pattern(r"SHOW\s+ROLES\s*$"), Statements.show_roles),
    (pattern(r"SELECT\s+SYSTEM\$CANCEL_ALL_QUERIES\((?P<session>\d+)\)\s*$"), Statements.cancel_queries),
    (
        pattern(
            r"SELECT\s+COUNT\(\*\)\s+FROM\s+TABLE\((?:\w+\.)?INFORMATION_SCHEMA\.QUERY_HISTORY_BY_SESSION\(\s*SESSION_ID\s*=>"
            r"\s*(?P<session>\d+)\s*\)\)(?P<condition>.*)$"
        ),
        Statements.history,
    ),
    (pattern(r"EXPLAIN\s+USING\s+JSON\s+(?P<query>.*)$"), Statements.explain),
    (pattern(r"SELECT\s+SYSTEM\$WAIT\((?P<seconds>\d+)\)\s*$"), Statements.wait),
    (pattern(r"COPY\s+INTO\s+@"), Statements.copy),
]
