# SPDX-License-Identifier: Apache-2.0
"""Puts objects into a store that speaks S3's protocol, with nothing of the kit: what it reads was written by somebody
else. Signs as https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html says."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import http.client
import urllib.parse
import uuid


def hmac_sha256(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Bucket:
    """A bucket of a store: a new one, or one that is there."""

    def __init__(self, url: str, access_key: str, secret_key: str, name: str = "") -> None:
        self.url = url
        self.host = urllib.parse.urlsplit(url).netloc
        self.access_key = access_key
        self.secret_key = secret_key
        self.name = name or "cdk-" + uuid.uuid4().hex
        if not name:
            self.request("PUT", f"/{self.name}")

    def request(self, method: str, path: str, body: bytes = b"") -> http.client.HTTPResponse:
        moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{moment[:8]}/us-east-1/s3/aws4_request"
        digest = hashlib.sha256(body).hexdigest()
        target = urllib.parse.quote(path, safe="/-_.~")
        headers = {"host": self.host, "x-amz-content-sha256": digest, "x-amz-date": moment}
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = f"{method}\n{target}\n\n{lines}\n{names}\n{digest}"
        to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{self.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac_sha256(key, part)
        signature = hmac_sha256(key, to_sign).hex()
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status in (200, 204), f"{method} {target}: {answer.status} {text[:500]!r}"
            return answer
        finally:
            connection.close()

    def put(self, key: str, content: str | bytes) -> str:
        """@return its entity tag"""
        body = content.encode() if isinstance(content, str) else content
        return self.request("PUT", f"/{self.name}/{key}", body).getheader("ETag").strip('"')

    def modified(self, key: str) -> str:
        """When it was written, to the second."""
        return self.request("GET", f"/{self.name}/{key}").getheader("Last-Modified")

    def delete(self, key: str) -> None:
        self.request("DELETE", f"/{self.name}/{key}")
