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

# The service's own parts have some megabytes; here results that tests can wait for have several.
ROWS_INLINE = 1000
ROWS_OF_A_PART = 8000

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


def cut(data: dict[str, Any], base_url: str, query: str) -> None:
    """Leaves the first rows in the answer."""
    encoded = data.get("rowsetBase64")
    if not encoded or (data.get("total") or 0) <= ROWS_INLINE:
        return
    rows = pa.ipc.open_stream(base64.b64decode(encoded)).read_all()
    data["rowsetBase64"] = base64.b64encode(ipc(rows.slice(0, ROWS_INLINE))).decode()
    data["returned"] = data["total"]
    data["chunkHeaders"] = {"x-of-the-part": "given"}
    data["chunks"] = []
    for begin in range(ROWS_INLINE, rows.num_rows, ROWS_OF_A_PART):
        part = rows.slice(begin, ROWS_OF_A_PART)
        is_last = begin + ROWS_OF_A_PART >= rows.num_rows
        content = ipc(part.slice(0, part.num_rows // 2) if is_last and ENDS_EARLY in query else part)
        name = str(next(NUMBERS))
        PARTS[name] = content
        data["chunks"].append(
            {
                "url": f"{base_url}tests/parts/{name}",
                "rowCount": part.num_rows,
                "uncompressedSize": len(content),
                "compressedSize": len(content),
            }
        )


async def part(request: Request) -> Response:
    """Each is asked for once."""
    content = PARTS.pop(request.path_params["name"], None)
    if content is None or request.headers.get("x-of-the-part") != "given":
        return Response(status_code=403)
    return Response(content, media_type="application/octet-stream")
