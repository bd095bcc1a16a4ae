# SPDX-License-Identifier: Apache-2.0
"""What fakesnow 0.12.1 gives otherwise than the service."""

from __future__ import annotations

import fakesnow.arrow
import pyarrow as pa


def apply() -> None:
    whole = fakesnow.arrow.timestamp_to_sf_struct

    def with_nulls(moments: pa.Array | pa.ChunkedArray) -> pa.Array:
        """A NULL is one of the structure, which drivers look at; fakesnow marks its members alone."""
        array = moments.combine_chunks() if isinstance(moments, pa.ChunkedArray) else moments
        filled = whole(array.fill_null(pa.scalar(0, type=array.type)))
        members = [filled.field(i) for i in range(filled.type.num_fields)]
        return pa.StructArray.from_arrays(members, fields=list(filled.type), mask=array.is_null())

    fakesnow.arrow.timestamp_to_sf_struct = with_nulls
