# SPDX-License-Identifier: Apache-2.0
"""The logging handler of tinybird-python-sdk, unmodified: one request to the Events API for each record."""

from __future__ import annotations

import os
import subprocess

from helpers.api import Api

PROGRAM = """
import logging, sys
from tb.logger import TinybirdLoggingHandler
handler = TinybirdLoggingHandler(sys.argv[1], sys.argv[2], "shop", sys.argv[3])
log = logging.getLogger("orders")
log.setLevel(logging.INFO)
log.addHandler(handler)
for number in range(5):
    log.info("order %d", number)
try:
    raise ValueError("no such order")
except ValueError:
    log.exception("failed")
"""


def test_records_arrive(tinybird, programs):
    api = Api(tinybird)
    name = api.create(
        "`message` String `json:$.message`, `level` Int32 `json:$.level`, `app_name` String `json:$.app_name`, "
        "`created` Float64 `json:$.created`"
    )
    done = subprocess.run(
        [programs / "python", "-c", PROGRAM, tinybird["TB_CDK_TOKEN"], tinybird["TB_CDK_ENDPOINT"], name],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert api.sql(f"SELECT message, level, app_name FROM {name} ORDER BY level, message") == [
        *[[f"order {number}", 20, "shop"] for number in range(5)],
        ["failed", 40, "shop"],
    ]
