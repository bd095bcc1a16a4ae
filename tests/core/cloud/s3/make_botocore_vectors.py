# SPDX-License-Identifier: Apache-2.0
"""Writes botocore_vectors.inc: what AWS's own Python library signs, on keys that are hard to write into a URL.

Made with botocore 1.43.11: python make_botocore_vectors.py > botocore_vectors.inc
"""

import datetime
import hashlib
import unittest.mock

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

NOW = datetime.datetime(2026, 10, 21, 7, 28, 0, tzinfo=datetime.timezone.utc)
KEYS = [
    "plain.csv",
    "with blank and+plus",
    "100%/a%2Fb",
    'quotes \' and "double"',
    "a&b=c;d?e#f",
    "día/日本語/🦜",
    "//double//slash/",
    "dots/../and/./more",
    "~tilde*(star)!,:@$",
    "tab\tand\nnewline",
    "a\\back[slash]{brace}|^`<>",
]
QUERY = {"uploadId": "a+b/c==", "partNumber": "7"}


def literal(text: str) -> str:
    return (
        '"'
        + "".join(
            f"\\{byte:03o}" if byte < 32 or byte > 126 or chr(byte) in '"\\?' else chr(byte) for byte in text.encode()
        )
        + '"'
    )


def url_of(key: str) -> str:
    return "https://bucket.s3.eu-west-3.amazonaws.com/" + percent_encode(key, safe="/~")


def main() -> None:
    print(f"// Written by make_botocore_vectors.py with botocore {botocore.__version__}.")
    print("// clang-format off")
    for token in (None, "session/token+with==signs"):
        credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
        for key in KEYS:
            request = AWSRequest("PUT", url_of(key), params=dict(QUERY), data=b"body")
            request.context["payload_signing_enabled"] = True
            auth = botocore.auth.S3SigV4Auth(credentials, "s3", "eu-west-3")
            auth.add_auth(request)
            signature = request.headers["Authorization"].rpartition("=")[2]
            presigned = AWSRequest("GET", url_of(key))
            botocore.auth.S3SigV4QueryAuth(credentials, "s3", "eu-west-3", expires=604800).add_auth(presigned)
            signed = presigned.url.rpartition("=")[2]
            values = (key, token or "", url_of(key), signature, signed)
            print("{" + ", ".join(literal(value) for value in values) + "},")
            assert hashlib.sha256(b"body").hexdigest() == request.headers["X-Amz-Content-SHA256"]


def now(remove_tzinfo: bool = True) -> datetime.datetime:
    return NOW.replace(tzinfo=None) if remove_tzinfo else NOW


with unittest.mock.patch.object(botocore.auth, "get_current_datetime", now):
    main()
