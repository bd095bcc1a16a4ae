# SPDX-License-Identifier: Apache-2.0
"""Runs in the environment of the original kit: every call of its client, and a load by its SQLite connector."""

import json
import os
import sqlite3
import sys
import tempfile
import time

from tinybird_cdk import connector_for, formats
from tinybird_cdk.tinybird import Client


def write(folder: str, name: str, text: str) -> str:
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def main(data_source: str, folder: str) -> dict:
    client = Client()
    counted = f"SELECT count() FROM {data_source}"
    seen = {}
    csv = write(folder, "o.csv", "1,a\n2,b\n")
    ndjson = write(folder, "o.ndjson", '{"id":3,"note":"c"}\n')

    client.append_file(csv, data_source, formats.CSV)
    client.append_file(ndjson, data_source, formats.NDJSON)
    client.append_data("4,d\n", data_source, formats.CSV)
    seen["appended"] = client.query(counted, scalar=True)
    client.replace_file(csv, data_source, formats.CSV)
    client.replace_file(ndjson, data_source, formats.NDJSON, replace_condition="id = 3")
    client.replace_data("2,B\n", data_source, formats.CSV, replace_condition="id = 2")
    seen["replaced"] = client.query(f"SELECT * FROM {data_source} ORDER BY id")
    client.append_event('{"id":9,"note":"z"}', data_source)
    client.append_events(['{"id":10,"note":"z"}', '{"id":11,"note":"z"}'], data_source)
    # Events are answered before they are stored, as by Tinybird.
    deadline = time.monotonic() + 30
    while (stored := client.query(counted, scalar=True)) < 6 and time.monotonic() < deadline:
        time.sleep(0.05)
    seen["events"] = stored
    seen["name"] = client.data_source(data_source)["name"]
    client.alter(data_source, "`id` Int64 `json:$.id`, `note` String `json:$.note`, `x` Nullable(Int32) `json:$.x`")
    seen["columns"] = [column["name"] for column in client.data_source(data_source)["columns"]]
    client.alter_linker(data_source, "sqlite", "SELECT 1")
    seen["linker"] = client.linker(data_source, "sqlite")["query"]
    client.truncate(data_source)
    seen["truncated"] = client.query(counted, scalar=True)

    os.environ["SQLITE_DATABASE"] = os.path.join(folder, "shop.sqlite")
    with sqlite3.connect(os.environ["SQLITE_DATABASE"]) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, note TEXT, x INTEGER)")
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?)", [(1, "it's", 5), (2, 'a "quote"', 7)])
    connector = connector_for("sqlite")
    connector.append("SELECT * FROM orders", data_source, fmt=formats.CSV)
    connector.replace("SELECT * FROM orders", data_source, fmt=formats.NDJSON)
    seen["connector"] = connector.query_tb(f"SELECT id, note, x FROM {data_source} ORDER BY id")
    return seen


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        result = main(sys.argv[1], scratch)
    with open(sys.argv[2], "w") as output:
        json.dump(result, output)
