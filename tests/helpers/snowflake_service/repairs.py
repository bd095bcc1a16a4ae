# SPDX-License-Identifier: Apache-2.0
"""What fakesnow 0.12.1 gives otherwise than the service."""

from __future__ import annotations

import importlib
from typing import Any

import fakesnow.arrow
import fakesnow.rowtype
import pyarrow as pa


def apply() -> None:
    nulls_of_moments()
    intervals()


def intervals() -> None:
    """They come as numbers, here of months (https://github.com/snowflakedb/drivers/pull/937); fakesnow has none."""
    fakesnow.rowtype.duckdb_to_sf_type["INTERVAL"] = "interval_year_month"
    as_service = fakesnow.arrow.to_sf

    def with_months(table: pa.Table, rowtype: Any) -> pa.Table:
        columns = []
        for column in table.columns:
            if pa.types.is_interval(column.type):
                months = [None if one is None else one.months for one in column.to_pylist()]
                columns.append(pa.array(months, pa.int64()))
            else:
                columns.append(column)
        return as_service(pa.table(columns, names=table.column_names), rowtype)

    # The package has a function of that name too.
    importlib.import_module("fakesnow.server").to_sf = with_months


def nulls_of_moments() -> None:
    whole = fakesnow.arrow.timestamp_to_sf_struct

    def with_nulls(moments: pa.Array | pa.ChunkedArray) -> pa.Array:
        """A NULL is one of the structure, which drivers look at; fakesnow marks its members alone."""
        array = moments.combine_chunks() if isinstance(moments, pa.ChunkedArray) else moments
        filled = whole(array.fill_null(pa.scalar(0, type=array.type)))
        members = [filled.field(i) for i in range(filled.type.num_fields)]
        return pa.StructArray.from_arrays(members, fields=list(filled.type), mask=array.is_null())

    fakesnow.arrow.timestamp_to_sf_struct = with_nulls
