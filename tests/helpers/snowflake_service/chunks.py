# SPDX-License-Identifier: Apache-2.0
"""Large results: the service gives the first rows with its answer, and the others in parts that are fetched by URL;
fakesnow gives all at once."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import pyarrow as pa
from starlette.requests import Request
from starlette.responses import Response

# Results that tests can wait for have several parts: so many rows, and no more kilobytes than the service's own have
# megabytes (https://docs.snowflake.com/en/sql-reference/parameters#client-result-chunk-size).
ROWS_INLINE = 1000
ROWS_OF_A_PART = 8000
DEFAULT_KILOBYTES = 160

PARTS: dict[str, bytes] = {}
NUMBERS = itertools.count(1)


def ipc(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        # As the service does: a part has several batches.
        writer.write_table(rows, max_chunksize=2000)
    return sink.getvalue().to_pybytes()


# A comment in a query: half of the last part is missing, and the client sees no error.
ENDS_EARLY = "/* ends early */"


def limit(data: dict[str, Any], rows: int) -> None:
    """ROWS_PER_RESULTSET: no more than so many rows are given, unless it is 0."""
    if rows and data.get("rowsetBase64") and data["total"] > rows:
        first = pa.ipc.open_stream(base64.b64decode(data["rowsetBase64"])).read_all().slice(0, rows)
        data |= {"rowsetBase64": base64.b64encode(ipc(first)).decode(), "total": rows, "returned": rows}


# A comment in a query: nobody may fetch the parts of its result any more.
EXPIRED = "/* parts have expired */"


def cut(data: dict[str, Any], base_url: str, query: str, most_bytes: int) -> int:
    """Leaves the first rows in the answer. @return the bytes of the largest part"""
    encoded = data.get("rowsetBase64")
    if not encoded or (data.get("total") or 0) <= ROWS_INLINE:
        return 0
    rows = pa.ipc.open_stream(base64.b64decode(encoded)).read_all()
    data["rowsetBase64"] = base64.b64encode(ipc(rows.slice(0, ROWS_INLINE))).decode()
    data["returned"] = data["total"]
    data["chunkHeaders"] = {"x-of-the-part": "given"}
    data["chunks"] = []
    rows_of_a_part = max(1, min(ROWS_OF_A_PART, most_bytes * rows.num_rows // (rows.nbytes or 1)))
    largest = 0
    for begin in range(ROWS_INLINE, rows.num_rows, rows_of_a_part):
        part = rows.slice(begin, rows_of_a_part)
        largest = max(largest, part.nbytes)
        is_last = begin + rows_of_a_part >= rows.num_rows
        content = ipc(part.slice(0, part.num_rows // 2) if is_last and ENDS_EARLY in query else part)
        name = str(next(NUMBERS))
        if EXPIRED not in query:
            PARTS[name] = content
        data["chunks"].append(
            {
                "url": f"{base_url}tests/parts/{name}",
                "rowCount": part.num_rows,
                "uncompressedSize": len(content),
                "compressedSize": len(content),
            }
        )
    return largest


async def part(request: Request) -> Response:
    """Each is asked for once."""
    content = PARTS.pop(request.path_params["name"], None)
    if content is None or request.headers.get("x-of-the-part") != "given":
        return Response(status_code=403)
    return Response(content, media_type="application/octet-stream")
