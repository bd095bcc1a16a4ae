# SPDX-License-Identifier: Apache-2.0
"""List prices in US dollars, for the United States. They change, and contracts have others: put yours in."""

from __future__ import annotations

import dataclasses

GB, TIB, GIB = 10**9, 2**40, 2**30
DAYS_OF_A_MONTH = 30

# https://cloud.google.com/bigquery/pricing
BIGQUERY_QUERY_PER_TIB = 6.25
BIGQUERY_STORAGE_READ_PER_TIB = 1.10
# https://cloud.google.com/storage/pricing: Standard, one region; to the internet, the first tier
GCS_PER_GIB_MONTH = 0.020
GCS_EGRESS_PER_GIB = 0.12
# https://aws.amazon.com/s3/pricing: Standard, us-east-1; to the internet, the first tier
S3_PER_GIB_MONTH = 0.023
S3_EGRESS_PER_GIB = 0.09
# https://www.snowflake.com/en/pricing-options: Enterprise; credits by size:
# https://docs.snowflake.com/en/user-guide/warehouses-overview
SNOWFLAKE_PER_CREDIT = 3.00
SNOWFLAKE_CREDITS_PER_HOUR = {"X-Small": 1, "Large": 8}


@dataclasses.dataclass(frozen=True)
class Item:
    what: str
    formula: str
    dollars: float


def storage(name: str, kind: str, stored: int, joined: int, per_gib_month: float) -> Item:
    """A day of everything and of the largest joined object: less is left as imports end."""
    return Item(
        f"{name}, {kind}: a day",
        f"({stored / GIB:,.0f} + {joined / GIB:,.0f} GiB) x {per_gib_month} / {DAYS_OF_A_MONTH}",
        (stored + joined) / GIB * per_gib_month / DAYS_OF_A_MONTH,
    )


def egress(name: str, kind: str, stored: int, per_gib: float) -> Item:
    return Item(
        f"{name}, {kind}: to Tinybird in another cloud or region",
        f"{stored / GIB:,.0f} GiB x {per_gib}",
        stored / GIB * per_gib,
    )


def of_load(read: int, stored: dict[str, int], joined: dict[str, int]) -> list[Item]:
    """@param read by the warehouse, in bytes @param stored in the bucket, by format @param joined at once"""
    items = [
        Item(
            "BigQuery: the query, on demand",
            f"{read / TIB:.3f} TiB x {BIGQUERY_QUERY_PER_TIB}",
            read / TIB * BIGQUERY_QUERY_PER_TIB,
        ),
        Item(
            "BigQuery: Storage Read API, directly only",
            f"{read / TIB:.3f} TiB x {BIGQUERY_STORAGE_READ_PER_TIB:.2f}",
            read / TIB * BIGQUERY_STORAGE_READ_PER_TIB,
        ),
    ]
    items += [
        Item(
            f"Snowflake: an hour of a warehouse, {size}",
            f"{credits} x {SNOWFLAKE_PER_CREDIT:.2f}",
            credits * SNOWFLAKE_PER_CREDIT,
        )
        for size, credits in SNOWFLAKE_CREDITS_PER_HOUR.items()
    ]
    for kind in stored:
        items.append(storage("Cloud Storage", kind, stored[kind], joined[kind], GCS_PER_GIB_MONTH))
        items.append(storage("S3", kind, stored[kind], joined[kind], S3_PER_GIB_MONTH))
    for kind in stored:
        items.append(egress("Cloud Storage", kind, stored[kind], GCS_EGRESS_PER_GIB))
        items.append(egress("S3", kind, stored[kind], S3_EGRESS_PER_GIB))
    return items
