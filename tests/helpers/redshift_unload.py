# SPDX-License-Identifier: Apache-2.0
"""What Redshift does with a statement, where PostgreSQL would do something else. See redshift.py."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re

from helpers.s3_objects import Bucket

VERSION = (
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), "
    "Redshift 1.0.77467"
)
STRING = r"'((?:[^'\\]|''|\\.)*)'"
UNLOAD = re.compile(rf"\s*UNLOAD\s*\(\s*{STRING}\s*\)\s*TO\s*{STRING}\s*(.*)", re.IGNORECASE | re.DOTALL)
IAM_ROLE = re.compile(rf"IAM_ROLE\s+(?:default\b|{STRING})", re.IGNORECASE)
# One object would prove nothing about several.
SLICES = 4
# Sessions with these tags have that happen right after an UNLOAD.
LOSES_AN_OBJECT, ADDS_AN_OBJECT = "an object is lost", "an object is added"
OPTIONS = re.compile(
    rf"\s*(?:(FORMAT)\s+(?:AS\s+)?(CSV|JSON)|(DELIMITER|NULL|REGION)\s+(?:AS\s+)?{STRING}|(HEADER|GZIP|MANIFEST)"
    r"|(MAXFILESIZE)\s+(?:AS\s+)?([\d.]+)\s*(MB|GB)?)",
    re.IGNORECASE,
)


def unescaped(literal: str) -> str:
    """The text of a string, without its outer quotes."""
    return re.sub(r"''|\\(.)", lambda found: found[1] or "'", literal, flags=re.DOTALL)


def raising(code: str, text: str) -> str:
    quoted = text.replace("'", "''")
    return f"DO $x$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = '{quoted}'; END $x$"


def refusal_of(sql: str) -> str:
    """A statement that fails as this one does; empty when Redshift takes it."""
    if "typarray" in sql and "pg_type" in sql:
        return raising("42703", 'column "typarray" does not exist in pg_type')
    if re.match(r"\s*COPY\s*\(", sql, re.IGNORECASE):
        return raising("42601", 'syntax error at or near "("')
    if not re.match(r"\s*UNLOAD\b", sql, re.IGNORECASE):
        return ""
    unload = UNLOAD.match(sql)
    if not unload:
        return raising("42601", "syntax error in UNLOAD")
    if not IAM_ROLE.match(unload[3]):
        return raising("42601", "UNLOAD needs an authorization")
    if re.search(r"\bLIMIT\s+\d+\s*;?\s*$", unescaped(unload[1]), re.IGNORECASE):
        return raising("0A000", "LIMIT clause is not supported in the outer SELECT of UNLOAD")
    rest = OPTIONS.sub("", IAM_ROLE.sub("", unload[3]))
    return raising("42601", f'syntax error at or near "{rest.split()[0]}"') if rest.strip(" ;\n") else ""


def rewritten(sql: str, unload_count: int) -> str:
    sql = re.sub(r"\bversion\(\)", f"CAST('{VERSION}' AS VARCHAR)", sql, flags=re.IGNORECASE)
    sql = re.sub(r"\bpg_last_unload_count\(\)", f"CAST({unload_count} AS BIGINT)", sql, flags=re.IGNORECASE)
    # PostgreSQL takes settings that it doesn't know when their names have a dot.
    return re.sub(r"^\s*SET query_group TO", "SET redshift.query_group TO", sql, flags=re.IGNORECASE)


def copy_fields(line: bytes) -> list[str | None]:
    """A line of COPY's text format (https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2)."""
    meant = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}
    return [
        None if field == "\\N" else re.sub(r"\\(.)", lambda found: meant.get(found[1], found[1]), field)
        for field in line.decode().rstrip("\n").split("\t")
    ]


@dataclasses.dataclass
class Unload:
    """One UNLOAD and the rows that PostgreSQL has given for it."""

    query: str
    prefix: str
    options: dict[str, str]
    header: list[str] = dataclasses.field(default_factory=list)
    lines: list[bytes] = dataclasses.field(default_factory=list)

    @classmethod
    def of(cls, sql: str) -> Unload | None:
        found = UNLOAD.match(sql)
        if not found:
            return None
        options = {}
        for option in OPTIONS.finditer(IAM_ROLE.sub("", found[3])):
            name = next(group for group in (option[1], option[3], option[5], option[6]) if group)
            options[name.upper()] = option[2] or unescaped(option[4] or "")
        return cls(unescaped(found[1]), unescaped(found[2]), options)

    @property
    def is_json(self) -> bool:
        return self.options.get("FORMAT", "").upper() == "JSON"

    def copy(self) -> str:
        """For JSON PostgreSQL makes the objects, for it knows the types. Truth values would be t and f in Redshift."""
        if self.is_json:
            return f"COPY (SELECT row_to_json(u) FROM (\n{self.query}\n) AS u) TO STDOUT"
        return f"COPY (\n{self.query}\n) TO STDOUT WITH (HEADER)"

    def take(self, line: bytes) -> None:
        if not self.is_json and not self.header:
            self.header = [name or "" for name in copy_fields(line)]
        else:
            self.lines.append(line)

    def text(self, line: bytes) -> str:
        values = copy_fields(line)
        if self.is_json:
            return values[0] or ""
        null = self.options.get("NULL", "")
        return self.line([null if value is None else value for value in values])

    def line(self, values: list[str]) -> str:
        if self.options.get("FORMAT", "").upper() == "CSV":
            # Quotes only where something asks for them, so NULL AS is not told from the same text.
            values = [
                '"' + value.replace('"', '""') + '"' if re.search(r'[,"\n\r]', value) else value for value in values
            ]
            return ",".join(values)
        # Neither ESCAPE nor ADDQUOTES: values go out as they are.
        return self.options.get("DELIMITER", "|").join(values)

    def write(self, store: Bucket, fault: str) -> int:
        """@return rows"""
        bucket, key = re.fullmatch(r"s3://([^/]+)/(.*)", self.prefix).groups()
        target = Bucket(store.url, store.access_key, store.secret_key, bucket)
        names = []
        for slice_number in range(SLICES):
            rows = [self.text(line) for line in self.lines[slice_number::SLICES]]
            # JSON of no rows is no object; text has its header line, or is empty.
            if not rows and (self.is_json or slice_number > 0):
                continue
            if "HEADER" in self.options:
                rows.insert(0, self.line(self.header))
            content = "".join(row + "\n" for row in rows).encode()
            name = f"{key}{slice_number:04}_part_00"
            if "GZIP" in self.options:
                name, content = name + ".gz", gzip.compress(content)
            target.put(name, content)
            names.append(name)
        # What is not written has no manifest either.
        if "MANIFEST" in self.options and names:
            entries = [{"url": f"s3://{bucket}/{name}"} for name in names]
            target.put(f"{key}manifest", json.dumps({"entries": entries}))
        # What somebody else would do there.
        if fault == LOSES_AN_OBJECT:
            target.delete(names[-1])
        elif fault == ADDS_AN_OBJECT:
            target.put(names[-1].replace("_part_00", "_part_01"), content)
        return len(self.lines)
