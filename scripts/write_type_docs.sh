#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes docs/types/NAME.md for each SQL connector, from what the program that was built last says.
set -euo pipefail
project=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
program=${TB_CDK_PROGRAM:-$project/build/default/bin/tb-cdk}
for connector in adbc bigquery duckdb mysql postgresql snowflake sqlite; do
    page=$project/docs/types/$connector.md
    "$program" connectors --types "$connector" --output markdown >"$page.new"
    mv "$page.new" "$page"
done
