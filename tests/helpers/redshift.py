# SPDX-License-Identifier: Apache-2.0
"""A Redshift for tests: a server of our own that speaks PostgreSQL's protocol in front of a PostgreSQL.

Nobody but Amazon has a Redshift. This one passes everything through to PostgreSQL, but for what Redshift does
otherwise and the connector depends on: it says Redshift's version, refuses what Redshift refuses (pg_type.typarray,
COPY to the client), and really carries UNLOAD out: the query runs in the client's own session, its rows become objects
of a real object store in the documented notation, several of them and a manifest, and pg_last_unload_count() tells how
many rows that were (https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html). It does so too when the client is
gone. What it can't show is told in docs/warehouses.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import pathlib
import re
import struct
import subprocess
import threading
from collections.abc import Iterator

from helpers.object_stores import ACCESS_KEY, SECRET_KEY, minio
from helpers.postgresql import postgresql
from helpers.redshift_unload import STRING, Unload, refusal_of, rewritten, unescaped
from helpers.s3_objects import Bucket

DRIVER = pathlib.Path(__file__).resolve().parents[2] / ".deps" / "redshift"
SET_UP = pathlib.Path(__file__).with_name("redshift.sql")
QUERY_GROUP = re.compile(rf"\s*SET\s+query_group\s+TO\s+{STRING}", re.IGNORECASE)
SSL_REQUEST, CANCEL_REQUEST = 80877103, 80877102


def driver() -> str:
    """The last version of the driver that knows Redshift."""
    found = sorted(DRIVER.glob("lib/python3*/site-packages/adbc_driver_postgresql/*.so"))
    if not found:
        raise RuntimeError(f"no ADBC driver below {DRIVER}: bin/test installs it for tests/connectors/sql/redshift")
    return str(found[-1])


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def fields(severity: str, code: str, text: str) -> bytes:
    """Of an error or a notice."""
    parts = (b"S" + severity.encode(), b"C" + code.encode(), b"M" + text.encode())
    return b"".join(part + b"\0" for part in parts) + b"\0"


@dataclasses.dataclass
class Session:
    """One client's connection and the one behind it."""

    bucket: Bucket
    unload_count: int = 0
    unload: Unload | None = None
    query_group: str = ""
    is_lost: bool = False

    def to_server(self, sql: str) -> str:
        """What PostgreSQL is to run in its place."""
        if refusal := refusal_of(sql):
            return refusal
        if unload := Unload.of(sql):
            self.unload = unload
            return unload.copy()
        if tag := QUERY_GROUP.match(sql):
            self.query_group = unescaped(tag[1])
        return rewritten(sql, self.unload_count)

    def to_client(self, kind: bytes, body: bytes) -> bytes:
        """What the client is to see of an answer."""
        if kind == b"S" and body.startswith(b"server_version\0"):
            return message(kind, b"server_version\x008.0.2\0")
        if self.unload is None:
            return message(kind, body)
        if kind == b"E":
            # PG_LAST_UNLOAD_COUNT is 0 after an UNLOAD that failed while it ran.
            self.unload, self.unload_count = None, 0
            return message(kind, body)
        if kind == b"d":
            self.unload.take(body)
            return b""
        if kind in (b"H", b"c"):
            return b""
        if kind != b"C":
            return message(kind, body)
        unload, self.unload = self.unload, None
        try:
            self.unload_count = unload.write(self.bucket, self.query_group)
        except Exception as error:  # whatever it is, the client is to hear of it
            self.unload_count = 0
            return message(b"E", fields("ERROR", "XX000", f"S3ServiceException: {error}"))
        notice = f"UNLOAD completed, {self.unload_count} record(s) unloaded successfully."
        return message(b"N", fields("INFO", "00000", notice)) + message(b"C", b"UNLOAD\0")


def rewrite_client_message(session: Session, kind: bytes, body: bytes) -> bytes:
    if kind == b"Q":
        return message(kind, session.to_server(body[:-1].decode()).encode() + b"\0")
    if kind == b"P":
        name, sql, rest = body.split(b"\0", 2)
        return message(kind, name + b"\0" + session.to_server(sql.decode()).encode() + b"\0" + rest)
    return message(kind, body)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change, is_over=lambda: False) -> None:
    """Many messages at once: the driver asks for the whole catalog whenever it connects."""
    waiting = b""
    try:
        while more := await reader.read(1 << 18):
            waiting += more
            changed, at = [], 0
            while len(waiting) - at >= 5:
                end = at + 1 + int.from_bytes(waiting[at + 1 : at + 5], "big")
                if end > len(waiting):
                    break
                changed.append(change(waiting[at : at + 1], waiting[at + 5 : end]))
                at = end
            waiting = waiting[at:]
            if out := b"".join(changed):
                writer.write(out)
                await writer.drain()
            if is_over():
                return
    except ConnectionError:
        pass


@dataclasses.dataclass
class Server:
    upstream_port: int
    bucket: Bucket

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first, code = await self.startup(reader, writer)
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        behind_writer.write(first)
        await behind_writer.drain()
        if code == CANCEL_REQUEST:
            await behind_reader.read()
            behind_writer.close()
            writer.close()
            return
        session = Session(self.bucket)

        async def from_client() -> None:
            await pump(reader, behind_writer, lambda kind, body: rewrite_client_message(session, kind, body))
            session.is_lost = True
            # An UNLOAD goes on when its client is lost: the server notices that only when it has something to say.
            if session.unload is None:
                behind_writer.close()

        async def from_server() -> None:
            await pump(behind_reader, writer, session.to_client, lambda: session.is_lost and session.unload is None)
            # The other one reads until its connection is closed.
            writer.close()

        try:
            await asyncio.gather(from_client(), from_server())
        finally:
            behind_writer.close()
            writer.close()

    @staticmethod
    async def startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[bytes, int]:
        while True:
            length, code = struct.unpack("!II", await reader.readexactly(8))
            if code != SSL_REQUEST:
                return struct.pack("!II", length, code) + await reader.readexactly(length - 8), code
            writer.write(b"N")


@contextlib.contextmanager
def front(upstream_port: int, bucket: Bucket) -> Iterator[int]:
    """Gives the port on which Redshift answers."""
    loop = asyncio.new_event_loop()
    server = Server(upstream_port, bucket)
    listening = loop.run_until_complete(asyncio.start_server(server.serve, "127.0.0.1", 0))
    port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(end(listening), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def end(listening: asyncio.Server) -> None:
    listening.close()
    connections = asyncio.all_tasks() - {asyncio.current_task()}
    for connection in connections:
        connection.cancel()
    await asyncio.gather(*connections, return_exceptions=True)


@contextlib.contextmanager
def redshift() -> Iterator[dict[str, str]]:
    """Gives the variables that the connector reads, and those of the PostgreSQL behind, for what tests write."""
    # Redshift's strings have escapes, as those of PostgreSQL 8.0.
    settings = {"standard_conforming_strings": "off", "escape_string_warning": "off"}
    with postgresql(**settings) as database, minio() as store:
        subprocess.run(
            ["psql", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--file", str(SET_UP)],
            env={**os.environ, **database},
            check=True,
        )
        bucket = Bucket(store, ACCESS_KEY, SECRET_KEY)
        with front(int(database["PGPORT"]), bucket) as port:
            yield {
                "REDSHIFT_HOST": "127.0.0.1",
                "REDSHIFT_PORT": str(port),
                "REDSHIFT_DATABASE": database["PGDATABASE"],
                "REDSHIFT_USER": database["PGUSER"],
                "REDSHIFT_PASSWORD": database["PGPASSWORD"],
                "REDSHIFT_SSLMODE": "disable",
                "REDSHIFT_IAM_ROLE": "arn:aws:iam::123456789012:role/unload",
                "REDSHIFT_ADBC_DRIVER": driver(),
                "S3_BUCKET": bucket.name,
                "AWS_ENDPOINT_URL_S3": store,
                "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                "AWS_REGION": "us-east-1",
            }
