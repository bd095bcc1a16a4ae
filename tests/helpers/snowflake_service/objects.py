# SPDX-License-Identifier: Apache-2.0
"""Objects of a stage, written to the store that its URL names."""

from __future__ import annotations

import base64
import os
import urllib.parse

import requests
from cryptography.hazmat.primitives import ciphers, padding

from .answers import Refusal


def encrypted(data: bytes, master_key: str) -> bytes:
    """As with ENCRYPTION = (TYPE = 'AWS_CSE' MASTER_KEY = '...'): what is stored can't be read without the key."""
    key, vector = os.urandom(16), os.urandom(16)
    padder = padding.PKCS7(128).padder()
    cipher = ciphers.Cipher(ciphers.algorithms.AES(key), ciphers.modes.CBC(vector)).encryptor()
    wrapping = ciphers.Cipher(ciphers.algorithms.AES(base64.b64decode(master_key)), ciphers.modes.ECB()).encryptor()
    wrapped = wrapping.update(key) + wrapping.finalize()
    return wrapped + vector + cipher.update(padder.update(data) + padder.finalize()) + cipher.finalize()


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
