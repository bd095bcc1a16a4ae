# SPDX-License-Identifier: Apache-2.0
"""COPY INTO @stage (https://docs.snowflake.com/en/sql-reference/sql/copy-into-location): the query is run and its rows
are written as the options say, an object at a time."""

from __future__ import annotations

import decimal
import gzip
import io
import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from . import objects, parquet_types
from .answers import Refusal
from .state import Query

# Several objects for results that tests can wait for.
ROWS_OF_AN_OBJECT = 5000

# A comment in a query: after its first object it waits until it is cancelled.
HOLD = "/* hold after an object */"
# It does so while its warehouse resumes, and writes once more before it heeds that: when it was looked for twice.
RESUMES = "/* resumes after an object */"
# A machine fails after an object, and the statement begins anew: what was written stays, and is not told of.
BEGINS_ANEW = "/* begins anew after an object */"

STATEMENT = re.compile(
    r"\s*COPY\s+INTO\s+@(?P<stage>[^/\s]+)/(?P<path>\S*)\s+FROM\s+\((?P<query>.*)\)\s+FILE_FORMAT\s*=\s*"
    r"\((?P<format>.*)\)(?P<options>[^()]*)$",
    re.DOTALL | re.IGNORECASE,
)
# DuckDB has no such collation, and compares so by itself.
COLLATED = re.compile(r"COLLATE\((\"(?:[^\"]|\"\")*\"), 'utf8'\)")
OPTION = re.compile(r"\s*(\w+)\s*=\s*(\(\s*'(?:[^'\\]|\\.)*'\s*\)|'(?:[^'\\]|\\.)*'|\w+)", re.DOTALL)
# Those that are played, with their documented defaults.
FORMAT_OPTIONS = {
    "TYPE": "CSV",
    "COMPRESSION": "GZIP",
    "RECORD_DELIMITER": "\n",
    "FIELD_DELIMITER": ",",
    "FIELD_OPTIONALLY_ENCLOSED_BY": "NONE",
    "ESCAPE": "NONE",
    "ESCAPE_UNENCLOSED_FIELD": "\\",
    "NULL_IF": "\\N",
    "EMPTY_FIELD_AS_NULL": "TRUE",
    "FILE_EXTENSION": "",
}
COPY_OPTIONS = {
    "HEADER": "FALSE",
    "SINGLE": "FALSE",
    "OVERWRITE": "FALSE",
    "MAX_FILE_SIZE": "16777216",
    "DETAILED_OUTPUT": "FALSE",
}


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text)


def options_of(text: str, known: dict[str, str]) -> dict[str, str]:
    chosen = dict(known)
    position = 0
    while text[position:].strip():
        found = OPTION.match(text, position)
        if found is None or found[1].upper() not in known:
            raise Refusal("001003", f"SQL compilation error: syntax error unexpected '{text[position:].strip()}'.")
        value = found[2].strip("() ")
        chosen[found[1].upper()] = unescaped(value[1:-1]) if value.startswith("'") else value.upper()
        position = found.end()
    return chosen


def field(value: Any, is_text: bool, options: dict[str, str]) -> str:
    """In a column of strings what stands for NULL is enclosed as they are: so the first example of
    https://docs.snowflake.com/en/user-guide/data-unload-considerations."""
    quote, escape = options["FIELD_OPTIONALLY_ENCLOSED_BY"], options["ESCAPE"]
    is_enclosed = is_text and quote != "NONE"
    if value is None:
        return quote + options["NULL_IF"] + quote if is_enclosed else options["NULL_IF"]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{round(value, 9):.9f}".rstrip("0").rstrip(".")
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if not is_text:
        return str(value)
    if is_enclosed:
        return quote + value.replace(quote, (quote if escape == "NONE" else escape) + quote) + quote
    escape = options["ESCAPE_UNENCLOSED_FIELD"] if escape == "NONE" else escape
    for special in [] if escape == "NONE" else [escape, options["FIELD_DELIMITER"], options["RECORD_DELIMITER"]]:
        value = value.replace(special, escape + special)
    return value


def as_csv(rows: pa.Table, options: dict[str, str], _query: str) -> bytes:
    if options["FIELD_OPTIONALLY_ENCLOSED_BY"] == "NONE" and options["EMPTY_FIELD_AS_NULL"] == "TRUE":
        raise Refusal("001008", "EMPTY_FIELD_AS_NULL = TRUE needs FIELD_OPTIONALLY_ENCLOSED_BY.")
    lines = [[field(name, True, options) for name in rows.column_names]] if options["HEADER"] == "TRUE" else []
    are_text = [pa.types.is_string(one.type) or pa.types.is_null(one.type) for one in rows.schema]
    for row in rows.to_pylist():
        lines.append([field(value, is_text, options) for value, is_text in zip(row.values(), are_text, strict=True)])
    end, between = options["RECORD_DELIMITER"], options["FIELD_DELIMITER"]
    return "".join(between.join(line) + end for line in lines).encode()


def as_json(rows: pa.Table, _options: dict[str, str], _query: str) -> bytes:
    if rows.num_columns != 1:
        raise Refusal("002086", "JSON file format can produce one and only one column of type variant or object.")
    return "".join(f"{value}\n" for value in rows.column(0).to_pylist()).encode()


def as_parquet(rows: pa.Table, options: dict[str, str], query: str) -> bytes:
    """As with ENABLE_UNLOAD_PHYSICAL_TYPE_OPTIMIZATION = FALSE: whole numbers are decimals, unless a cast says
    otherwise."""
    columns = []
    for column, chosen in zip(rows.columns, parquet_types.by_casts(query, rows.num_columns), strict=True):
        default = pa.decimal128(38, 0) if pa.types.is_integer(column.type) else column.type
        try:
            columns.append(column.cast(chosen or default))
        except pa.ArrowInvalid as error:
            raise Refusal("100046", f"Number out of representable range: {error}", "22003") from error
    names = rows.column_names if options["HEADER"] == "TRUE" else [f"_COL_{i}" for i in range(rows.num_columns)]
    written = io.BytesIO()
    pyarrow.parquet.write_table(
        pa.table(columns, names=names), written, compression=options["COMPRESSION"], store_schema=False
    )
    return written.getvalue()


def run(
    query: Query, url_of: Callable[[str], str], read: Callable[[str], pa.Table], master_keys: dict[str, str]
) -> list[list[Any]]:
    """@param url_of the URL of a stage @param read runs a query @param master_keys of the URLs of encrypted stages
    @return the name, the bytes and the rows of each object"""
    statement = STATEMENT.match(query.text)
    if statement is None:
        raise Refusal("001003", "SQL compilation error: syntax error in COPY INTO.")
    options = options_of(statement["format"], FORMAT_OPTIONS) | options_of(statement["options"], COPY_OPTIONS)
    formats = {"CSV": as_csv, "JSON": as_json, "PARQUET": as_parquet}
    if options["DETAILED_OUTPUT"] != "TRUE":
        raise Refusal("001003", "only DETAILED_OUTPUT = TRUE is played")
    if options["TYPE"] not in formats:
        raise Refusal("001003", f"the type {options['TYPE']} is not played")
    selected = COLLATED.sub(r"\1", statement["query"])
    count = 0
    written: list[list[Any]] = []
    while True:
        if query.cancelled.is_set():
            raise Refusal("000604", "SQL execution canceled", "57014")
        rows = read(f"SELECT * FROM ({selected}) LIMIT {ROWS_OF_AN_OBJECT} OFFSET {count}")
        if rows.num_rows == 0:
            return written
        data = formats[options["TYPE"]](rows, options, statement["query"])
        if options["COMPRESSION"] == "GZIP":
            data = gzip.compress(data)
        if key := master_keys.get(url_of(statement["stage"])):
            data = objects.encrypted(data, key)
        extension = "snappy.parquet" if options["TYPE"] == "PARQUET" else options["FILE_EXTENSION"]
        name = f"{statement['path']}0_{len(written)}_0.{extension}"
        if BEGINS_ANEW in query.text and not written:
            objects.write(url_of(statement["stage"]) + f"{statement['path']}1_0_0.{extension}", data)
        objects.write(url_of(statement["stage"]) + name, data)
        written.append([name, len(data), rows.num_rows])
        count += rows.num_rows
        if HOLD in query.text:
            query.cancelled.wait()
        if RESUMES in query.text:
            query.status = "RESUMING_WAREHOUSE"
            query.cancelled.wait()
            query.looked_for.acquire()
            query.looked_for.acquire()
            objects.write(url_of(statement["stage"]) + f"{statement['path']}0_9_0.{extension}", data)
