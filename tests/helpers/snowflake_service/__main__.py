# SPDX-License-Identifier: Apache-2.0
"""python -m helpers.snowflake_service --port PORT --users FILE"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import importlib
import json
import pathlib
import re
from typing import Any

import duckdb
import uvicorn
from snowflake.connector.errors import Error as SnowflakeError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import chunks, repairs
from .answers import Refusal, refused
from .logins import Logins
from .names import refuse_reserved_names
from .notations import refuse_other_notations
from .state import UNFINISHED, Query, Session, State
from .statements import Statements

# The package has a function of that name too.
fakesnow = importlib.import_module("fakesnow.server")

# A comment in a query: neither it nor its cancelling is answered.
UNANSWERED = "/* never answered */"
# Comments in queries that the service refuses with these words.
WITHOUT = {
    "/* without a warehouse */": (
        "000606",
        "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' "
        "command.",
        "57P03",
    ),
    "/* without a database */": (
        "090105",
        "Cannot perform SELECT. This session does not have a current database. Call 'USE DATABASE', or use a qualified "
        "name.",
        "22000",
    ),
}
# A comment in a query for which no warehouse is free before its time is over. Without a time it finds one.
QUEUED = "/* waits for a warehouse */"


def refuse_as_told(sql: str, parameters: dict[str, Any]) -> None:
    for comment, refusal in WITHOUT.items():
        if comment in sql:
            raise Refusal(*refusal)
    seconds = int(parameters.get("STATEMENT_QUEUED_TIMEOUT_IN_SECONDS") or 0)
    if QUEUED in sql and seconds:
        text = f"Statement reached its statement or warehouse timeout of {seconds} second(s) and was canceled."
        raise Refusal("000630", text, "57014")


STATE = State()
LOGINS: Logins


async def document_of(request: Request) -> dict[str, Any]:
    body = await request.body()
    return json.loads(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)


def with_document(request: Request, document: dict[str, Any]) -> Request:
    body = json.dumps(document).encode()
    headers = [one for one in request.scope["headers"] if one[0] not in (b"content-encoding", b"content-length")]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({**request.scope, "headers": headers}, receive)


async def login(request: Request) -> Response:
    document = await document_of(request)
    try:
        user = LOGINS.check(document["data"])
    except Refusal as refusal:
        return refused(refusal)
    answer = await fakesnow.login_request(with_document(request, document))
    content = json.loads(bytes(answer.body))
    parameters = LOGINS.parameters(user) | (document["data"].get("SESSION_PARAMETERS") or {})
    session = STATE.open(content["data"]["token"], user, parameters)
    content["data"] |= {"sessionId": session.id, "masterToken": "m", "validityInSeconds": 3600}
    content["data"]["masterValidityInSeconds"] = 14400
    return JSONResponse(content)


def reader(token: str) -> Any:
    def read(sql: str) -> Any:
        cursor = fakesnow.sessions[token].cursor()
        try:
            cursor.execute(sql, server=True)
        except SnowflakeError as error:
            raise Refusal(f"{error.errno:06d}", str(error.msg), error.sqlstate or "42000") from error
        except duckdb.Error as error:
            raise Refusal("100038", str(error), "22018") from error
        return cursor._arrow_table

    return read


async def query_request(request: Request) -> Response:
    document = await document_of(request)
    token = fakesnow.to_token(request)
    session = STATE.sessions.get(token)
    if session is None:
        return refused(Refusal("390104", "User must login again to access the service."))
    query = STATE.begin(session, request.query_params.get("requestId", ""), document)
    if UNANSWERED in query.text:
        await asyncio.Event().wait()
    try:
        return await answer_of(request, document, token, session, query)
    finally:
        query.status = "FAILED" if query.status in UNFINISHED else query.status


async def answer_of(request: Request, document: dict[str, Any], token: str, session: Session, query: Query) -> Response:
    asks_for_last = "LAST_QUERY_ID()" in query.text
    try:
        refuse_as_told(query.text, session.parameters)
        refuse_reserved_names(query.text)
        refuse_other_notations(query.text, session.parameters)
        played = await run_in_threadpool(Statements(STATE, session, query, reader(token)).answer)
    except Refusal as refusal:
        session.last_query = query.id
        return refused(refusal, query.id)
    if played is not None:
        query.status = "SUCCESS"
        return played
    text = re.sub(r"\bLAST_QUERY_ID\(\)", f"'{session.last_query}'", query.text, flags=re.IGNORECASE)
    text = re.sub(r"\bCURRENT_SESSION\(\)", f"'{session.id}'", text, flags=re.IGNORECASE)
    answer = await fakesnow.query_request(with_document(request, {**document, "sqlText": text}))
    content = json.loads(bytes(answer.body))
    if not asks_for_last:
        session.last_query = query.id
    if content.get("success"):
        query.status = "SUCCESS"
        content["data"]["queryId"] = query.id
        session.last_columns = content["data"].get("rowtype") or []
        chunks.limit(content["data"], int(session.parameters.get("ROWS_PER_RESULTSET", 0)))
        kilobytes = int(session.parameters.get("CLIENT_RESULT_CHUNK_SIZE") or chunks.DEFAULT_KILOBYTES)
        query.largest_part = await run_in_threadpool(
            chunks.cut, content["data"], str(request.base_url), query.text, kilobytes << 10
        )
    elif answer.status_code == 500:
        # fakesnow does not understand it; the driver would ask again and again.
        return refused(Refusal("001003", f"the emulator can't run: {query.text}"), query.id)
    return JSONResponse(content, status_code=answer.status_code)


async def abort(request: Request) -> Response:
    document = await document_of(request)
    request_id = document.get("requestId")
    if any(query.request_id == request_id and UNANSWERED in query.text for query in STATE.queries):
        await asyncio.Event().wait()
    STATE.cancel(lambda query: query.request_id == request_id)
    return JSONResponse({"data": None, "code": None, "message": None, "success": True})


async def queries(_request: Request) -> Response:
    """For tests: what was run, and how that ended."""
    return JSONResponse(
        [
            {
                "id": one.id,
                "text": one.text,
                "tag": one.tag,
                "status": one.status,
                "largest_part": one.largest_part,
            }
            for one in STATE.queries
        ]
    )


ROUTES = [
    Route("/session/v1/login-request", login, methods=["POST"]),
    Route("/queries/v1/query-request", query_request, methods=["POST"]),
    Route("/queries/v1/abort-request", abort, methods=["POST"]),
    Route("/tests/parts/{name}", chunks.part, methods=["GET"]),
    Route("/tests/queries", queries, methods=["GET"]),
]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--users", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    LOGINS = Logins(arguments.users)
    repairs.apply()
    app = Starlette(routes=[*ROUTES, *fakesnow.routes])
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning", timeout_graceful_shutdown=1)
