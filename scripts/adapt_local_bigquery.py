#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes local-bigquery 0.3.2, which asks for Python 3.13, run with the 3.11 of Debian 12.

Two of its files use what only later Pythons can parse: type parameters (PEP 695), which say nothing at run time, and a
quote inside an f-string (PEP 701). Fails when the files are others than expected. To be run by the Python that
local-bigquery is installed for.
"""

from __future__ import annotations

import importlib.util
import pathlib
import sys

CHANGES = {
    "catalog/metadata.py": (
        ("def list_[R: Resource](model: type[R], *keys: str) -> list[R]:", "def list_(model, *keys: str):"),
        ("def load[R: Resource](model: type[R], *keys: str) -> R | None:", "def load(model, *keys: str):"),
        ("def save[R: Resource](resource: R, *keys: str) -> R:", "def save(resource, *keys: str):"),
    ),
    "engine/results.py": (
        (
            '    return (\n        f"CASE WHEN list_bool_or(list_transform({expression}, e -> e IS NULL)) "\n'
            '        f"THEN error(\'{message.replace("\'", "\'\'")}\') ELSE {expression} END"\n',
            '    message = message.replace("\'", "\'\'")\n'
            '    return (\n        f"CASE WHEN list_bool_or(list_transform({expression}, e -> e IS NULL)) "\n'
            "        f\"THEN error('{message}') ELSE {expression} END\"\n",
        ),
    ),
}


def main() -> None:
    found = importlib.util.find_spec("local_bigquery")
    if found is None or found.origin is None:
        sys.exit("local-bigquery is not installed")
    for name, changes in CHANGES.items():
        file = pathlib.Path(found.origin).parent / name
        text = file.read_text(encoding="utf-8")
        for old, new in changes:
            if text.count(old) != 1 and new not in text:
                sys.exit(f"{file} is not the one that is expected: {old!r}")
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
