# SPDX-License-Identifier: Apache-2.0
"""Which types numbers get in Parquet
(https://docs.snowflake.com/en/user-guide/data-unload-considerations#explicitly-converting-numeric-columns-to-parquet-data-types).
"""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.tokens import TokenType

TYPES = {
    exp.DataType.Type.TINYINT: pa.int32(),
    exp.DataType.Type.SMALLINT: pa.int32(),
    exp.DataType.Type.INT: pa.int32(),
    exp.DataType.Type.BIGINT: pa.int64(),
    exp.DataType.Type.FLOAT: pa.float32(),
    exp.DataType.Type.DOUBLE: pa.float64(),
}


class AsWritten(Snowflake):
    """FLOAT and DOUBLE are one type to a query, and two in Parquet."""

    class Tokenizer(Snowflake.Tokenizer):
        KEYWORDS: ClassVar = {**Snowflake.Tokenizer.KEYWORDS, "FLOAT": TokenType.FLOAT}


def type_of(select: exp.Expression, expression: exp.Expression) -> pa.DataType | None:
    """By the outermost cast. A column of a query inside is what it is there: the documentation does not say that it is
    not, so a connector must not depend on it."""
    value = expression.unalias().unnest()
    if isinstance(value, exp.Cast):
        return TYPES.get(value.to.this)
    if not isinstance(value, exp.Column):
        return None
    for inner in (source for source in select.find_all(exp.Subquery) if isinstance(source.this, exp.Select)):
        for one in inner.this.expressions:
            if one.alias_or_name == value.name:
                return type_of(inner.this, one)
    return None


def by_casts(query: str, columns: int) -> list[pa.DataType | None]:
    """For each column the type that a cast gives it; nothing: none does."""
    select = sqlglot.parse_one(query, dialect=AsWritten)
    chosen = [type_of(select, one) for one in select.selects]
    return chosen if len(chosen) == columns else [None] * columns
