# SPDX-License-Identifier: Apache-2.0
"""Objects of a stage, written to the store that its URL names."""

from __future__ import annotations

import os
import urllib.parse

import requests

from .answers import Refusal


def write(url: str, data: bytes) -> None:
    """@param url gcs://BUCKET/KEY, in the Cloud Storage of STORAGE_EMULATOR_HOST"""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "gcs":
        raise Refusal("001011", f"invalid URL prefix found in: '{url}'")
    answer = requests.post(
        f"{os.environ['STORAGE_EMULATOR_HOST']}/upload/storage/v1/b/{parts.netloc}/o",
        params={"uploadType": "media", "name": parts.path.lstrip("/")},
        data=data,
        timeout=60,
    )
    if not answer.ok:
        raise Refusal("091008", f"Failed to access remote file: {answer.status_code} {answer.text}")
