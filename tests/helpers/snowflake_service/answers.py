# SPDX-License-Identifier: Apache-2.0
"""Answers in the protocol's form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import JSONResponse


class Refusal(Exception):
    """An error of the service, as its own code and text."""

    def __init__(self, code: str, message: str, sql_state: str = "42000"):
        super().__init__(message)
        self.code = code
        self.message = message
        self.sql_state = sql_state


def refused(refusal: Refusal, query_id: str = "") -> JSONResponse:
    data = {"errorCode": refusal.code, "sqlState": refusal.sql_state, "queryId": query_id}
    return JSONResponse({"data": data, "code": refusal.code, "message": refusal.message, "success": False})


def column(name: str, kind: str = "text") -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "nullable": True,
        "precision": 38 if kind == "fixed" else None,
        "scale": 0 if kind == "fixed" else None,
        "length": 16777216 if kind == "text" else None,
        "byteLength": 16777216 if kind == "text" else None,
        "database": "",
        "schema": "",
        "table": "",
        "collation": None,
    }


def table(columns: Sequence[dict[str, Any]], rows: Sequence[Sequence[Any]], query_id: str) -> JSONResponse:
    """A small result, which the service gives as JSON."""
    rowset = [[None if value is None else str(value) for value in row] for row in rows]
    data = {
        "parameters": [{"name": "TIMEZONE", "value": "UTC"}],
        "rowtype": list(columns),
        "rowset": rowset,
        "total": len(rowset),
        "returned": len(rowset),
        "queryId": query_id,
        "queryResultFormat": "json",
        "statementTypeId": 4096,
    }
    return JSONResponse({"data": data, "code": None, "message": None, "success": True})
