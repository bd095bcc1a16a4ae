# SPDX-License-Identifier: Apache-2.0
"""What the service knows of its sessions and of what runs in them."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import uuid
from typing import Any

# Of the states of a query; FAILED_WITH_ERROR is "FAILED" here.
UNFINISHED = ("RUNNING", "RESUMING_WAREHOUSE")


@dataclasses.dataclass
class Query:
    id: str
    session_id: int
    request_id: str
    text: str
    tag: str
    status: str = "RUNNING"
    largest_part: int = 0  # of its result, in bytes
    cancelled: threading.Event = dataclasses.field(default_factory=threading.Event)
    # Once for each time that the history of its session is asked for.
    looked_for: threading.Semaphore = dataclasses.field(default_factory=lambda: threading.Semaphore(0))


@dataclasses.dataclass
class Session:
    id: int
    user: str
    parameters: dict[str, Any]
    last_query: str = ""
    last_columns: list[dict[str, Any]] = dataclasses.field(default_factory=list)


class State:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sessions: dict[str, Session] = {}
        self.queries: list[Query] = []
        self.integrations: dict[str, dict[str, str]] = {}
        self.stage_integrations: dict[str, str] = {}
        # The columns that an external table declares, by its name.
        self.external_tables: dict[str, list[str]] = {}
        # Of the URLs of stages that are encrypted with one.
        self.master_keys: dict[str, str] = {}
        self.numbers = itertools.count(1001)

    def open(self, token: str, user: str, parameters: dict[str, Any]) -> Session:
        session = Session(next(self.numbers), user, parameters)
        with self.lock:
            self.sessions[token] = session
        return session

    def begin(self, session: Session, request_id: str, body: dict[str, Any]) -> Query:
        tag = (body.get("parameters") or {}).get("QUERY_TAG") or session.parameters.get("QUERY_TAG") or ""
        query = Query(str(uuid.uuid4()), session.id, request_id, body["sqlText"], str(tag))
        with self.lock:
            self.queries.append(query)
        return query

    def cancel(self, chosen: Any) -> int:
        """Ends the running queries that are chosen."""
        with self.lock:
            found = [query for query in self.queries if query.status in UNFINISHED and chosen(query)]
        for query in found:
            query.cancelled.set()
        return len(found)

    def of_session(self, session_id: int) -> list[Query]:
        with self.lock:
            return [query for query in self.queries if query.session_id == session_id]

    def text_of(self, query_id: str) -> str:
        with self.lock:
            return next((query.text for query in self.queries if query.id == query_id), "")
