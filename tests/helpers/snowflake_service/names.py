# SPDX-License-Identifier: Apache-2.0
"""Names that stand in no quotes (https://docs.snowflake.com/en/sql-reference/reserved-keywords)."""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp

from .answers import Refusal

# Of those that fakesnow takes for names. They can't be an alias in FROM.
RESERVED = re.compile(
    "CONNECT|CONSTRAINT|CURRENT|DROP|FOLLOWING|FOR|GRANT|ILIKE|INCREMENT|ISSUE|LIKE|MINUS|OF|QUALIFY|REGEXP|REVOKE"
    "|RLIKE|ROW|ROWS|SAMPLE|SET|SOME|START|TABLE|TABLESAMPLE|THEN|TO|TRIGGER|UNIQUE|UPDATE|VALUES|WHENEVER",
    re.IGNORECASE,
)


def refuse_reserved_names(sql: str) -> None:
    try:
        statements = sqlglot.parse(sql, read="snowflake")
    except sqlglot.errors.SqlglotError:
        return  # for fakesnow to refuse
    for statement in filter(None, statements):
        for alias in statement.find_all(exp.TableAlias):
            name = alias.this
            if isinstance(name, exp.Identifier) and not name.quoted and RESERVED.fullmatch(name.name):
                text = f"SQL compilation error:\nsyntax error unexpected '{name.name}'."
                raise Refusal("001003", text)
