# SPDX-License-Identifier: Apache-2.0
"""MinIO with a bucket, as a context, and the pre-signed URLs with which curl reaches its objects."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import hmac
import os
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))
from helpers.object_stores import ACCESS_KEY, SECRET_KEY, minio

BUCKET = "bench"
REGION = "us-east-1"


@dataclass
class Store:
    endpoint: str

    @property
    def variables(self) -> dict[str, str]:
        """Those that make the kit use it."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
        }

    def signed_url(self, method: str, key: str = "") -> str:
        """Valid for a day. See "Authenticating Requests: Using Query Parameters" of S3's API reference."""
        now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/{REGION}/s3/aws4_request"
        host = urllib.parse.urlsplit(self.endpoint).netloc
        path = f"/{BUCKET}/{key}".rstrip("/")
        query = urllib.parse.urlencode(
            {
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                "X-Amz-Credential": f"{ACCESS_KEY}/{scope}",
                "X-Amz-Date": now,
                "X-Amz-Expires": 86400,
                "X-Amz-SignedHeaders": "host",
            },
            quote_via=urllib.parse.quote,
            safe="",
        )
        request = f"{method}\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        secret = f"AWS4{SECRET_KEY}".encode()
        for part in scope.split("/"):
            secret = hmac.digest(secret, part.encode(), "sha256")
        return f"{self.endpoint}{path}?{query}&X-Amz-Signature={hmac.digest(secret, text.encode(), 'sha256').hex()}"

    def put(self, key: str, file: str) -> None:
        subprocess.run(["curl", "-sS", "--fail", "-T", file, self.signed_url("PUT", key)], check=True)


@contextlib.contextmanager
def store() -> Iterator[Store]:
    """Its files are in memory where there is room for such: the disk is not what is measured."""
    place = tempfile.tempdir
    tempfile.tempdir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    try:
        with minio() as endpoint:
            made = Store(endpoint)
            subprocess.run(["curl", "-sS", "--fail", "-X", "PUT", made.signed_url("PUT")], check=True)
            yield made
    finally:
        tempfile.tempdir = place
