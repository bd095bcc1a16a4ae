#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks every #include against the layers of ARCHITECTURE.md. Dependencies point down only."""

from __future__ import annotations

import pathlib
import re
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')

# Which layers of src/ a layer may include, beside itself and the public headers.
LAYERS = {
    "core": set(),
    "http": {"core"},
    "encode": {"core"},
    "tinybird": {"core", "http"},
    "cloud": {"core", "http"},
    "adbc": {"core"},
    "transfer": {"core", "encode", "http", "tinybird", "cloud"},
    "framework": {"core", "encode", "http", "tinybird", "cloud", "transfer"},
    "cli": set(),
    "conformance": set(),
    "python": set(),
    "local": {"core"},
}

# Third-party headers, and the places that may know them.
THIRD_PARTY = {
    r"curl/": {"http"},
    r"zlib\.h": {"http/gzip.cpp", "local/gunzip.cpp", "local/gzip_body.cpp", "local/url_source.cpp"},
    r"zstd\.h": {"local/events/zstd_body.cpp"},
    r"spdlog/": {"core/logger.cpp"},
    r"nlohmann/": {"core", "encode", "local", "cloud"},
    r"openssl/": {"cloud/crypto.cpp", "connectors/snowflake/key_pair.cpp"},
    r"pugixml\.hpp": {"cloud"},
    r"fmt/": {
        "core",
        "http",
        "adbc",
        "encode",
        "tinybird",
        "cloud",
        "transfer",
        "framework",
        "cli",
        "local",
        "connectors",
        "conformance",
    },
    r"CLI/": {"cli", "local/options.cpp"},
    r"httplib\.h": {
        "local/bounded_server.cpp",
        "local/bounded_server.hpp",
        "local/http_server.cpp",
        "local/url_source.cpp",
    },
    r"xxhash\.h": {"encode", "tinybird/import_pace.cpp"},
    r"mysql\.h|errmsg\.h|mariadb": {"connectors/mysql"},
    r"libpq-fe\.h|libpq/|postgres": {"connectors/postgresql"},
    r"sqlite3\.h": {"connectors/sqlite"},
    r"nanoarrow/": {"encode/arrow", "encode/parquet", "adbc", "connectors/bigquery"},
    r"arrow/|parquet/": {"encode/parquet/plugin"},
    r"arrow-adbc/": {"adbc"},
}


def allowed_place(path: str, places: set[str]) -> bool:
    return any(path == place or path.startswith(place + "/") for place in places)


def problem_of(path: str, quoted: bool, target: str) -> str | None:
    """What is wrong with an include of a file below src/, or nothing."""
    layer = path.split("/")[0]
    if target.startswith("tinybird_cdk/"):
        return None
    for pattern, places in THIRD_PARTY.items():
        if re.match(pattern, target):
            return None if allowed_place(path, places) else f"{target} belongs to {', '.join(sorted(places))}"
    if not quoted:
        return None
    if layer == "connectors":
        folder = "/".join(path.split("/")[:2])
        return (
            None
            if (PROJECT / "src" / folder / target).exists()
            else "a connector sees its own folder and public headers"
        )
    target_layer = target.split("/")[0]
    if target_layer == layer or target_layer in LAYERS[layer]:
        return None
    return f"{layer}/ may not include {target_layer}/"


def public_problem_of(quoted: bool, target: str) -> str | None:
    if target.startswith("tinybird_cdk/") and not quoted:
        return None
    if quoted or "/" in target or target.endswith(".h"):
        return "a public header includes the standard library and other public headers only"
    return None


def problems_in(file: pathlib.Path, public: bool) -> list[str]:
    found = []
    path = file.relative_to(PROJECT / ("include" if public else "src")).as_posix()
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted = match.group(1) == '"'
        problem = public_problem_of(quoted, match.group(2)) if public else problem_of(path, quoted, match.group(2))
        if problem:
            found.append(f"{file.relative_to(PROJECT)}:{number}: {problem}")
    return found


def main() -> None:
    problems: list[str] = []
    for root, public in ((PROJECT / "src", False), (PROJECT / "include", True)):
        for file in sorted(root.rglob("*.[ch]pp")):
            problems += problems_in(file, public)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
