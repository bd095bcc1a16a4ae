# SPDX-License-Identifier: Apache-2.0
"""Stands in for a source distribution's build backend while pip downloads it.

pip asks the backend for the package's name even where nothing is to be built, and the real one would compile.
"""

import pathlib


def prepare_metadata_for_build_wheel(directory: str, _settings: object = None) -> str:
    header = pathlib.Path("PKG-INFO").read_text(encoding="utf-8").split("\n\n")[0]
    fields = dict(line.split(": ", 1) for line in header.splitlines() if ": " in line)
    name, version = fields["Name"], fields["Version"]
    folder = pathlib.Path(directory, f"{name}-{version}.dist-info")
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    return folder.name
