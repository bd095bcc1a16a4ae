# SPDX-License-Identifier: Apache-2.0
"""Writes vectors.hpp: signatures as Microsoft's own library makes them, for names that are hard to encode.

Run by hand, in an environment with azure-storage-blob 12.19.1 (its service version is the kit's, 2023-11-03):
python write_vectors.py >vectors.hpp
"""

from __future__ import annotations

import base64
import datetime
import json
from urllib.parse import quote

from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.rest import HttpRequest
from azure.storage.blob import BlobClient, BlobSasPermissions, UserDelegationKey, generate_blob_sas
from azure.storage.blob._shared.authentication import SharedKeyCredentialPolicy

# The published key of the emulators: https://learn.microsoft.com/en-us/azure/storage/common/storage-use-azurite
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
EXPIRY = datetime.datetime(2026, 10, 21, 7, 28, 0)
COMMON = {"x-ms-date": "Wed, 21 Oct 2026 07:28:00 GMT", "x-ms-version": "2023-11-03"}
NAMES = [
    "plain.csv",
    "dir/part-0.csv.gz",
    "a b",
    "100%",
    "%41",
    "a+b&c=d?e#f",
    "ü/日本語/😀",
    "'quote\"'",
    "~tilde_-.txt",
    "(paren)!*;:@$,[]",
    "back\\slash",
    "//two/",
    "tab\there",
    "<xml>&amp;",
]


def delegation_key() -> UserDelegationKey:
    key = UserDelegationKey()
    key.signed_oid = "11059fcc-5514-4800-b5f8-49808b9cfab6"
    key.signed_tid = "ab1f708d-50f6-404c-a006-d71b2ac7a606"
    key.signed_start = "2026-10-21T07:00:00Z"
    key.signed_expiry = "2026-10-22T07:28:00Z"
    key.signed_service = "b"
    key.signed_version = "2023-11-03"
    key.value = base64.b64encode(b"a user delegation key of thirty-two").decode()
    return key


def authorization(method: str, url: str, headers: dict[str, str]) -> str:
    request = HttpRequest(method, url, headers={**COMMON, **headers})
    SharedKeyCredentialPolicy("myaccount", KEY).on_request(PipelineRequest(request, PipelineContext(None)))
    return request.headers["Authorization"]


def literal(text: str) -> str:
    """A C++ literal: octal escapes have at most three digits, so that no digit behind one is taken for its own."""
    plain = set(b" !#$%&'()*+,-./:;<=>?@[]^_`{|}~")
    return (
        '"'
        + "".join(chr(b) if (b < 128 and chr(b).isalnum()) or b in plain else f"\\{b:03o}" for b in text.encode())
        + '"'
    )


def vector(name: str) -> list[str]:
    url = BlobClient("https://myaccount.blob.core.windows.net", "box", name).url
    sas = {"account_name": "myaccount", "container_name": "box", "blob_name": name, "expiry": EXPIRY}
    sas["permission"] = BlobSasPermissions(read=True)
    block = "?comp=block&blockid=" + quote("AAA=", safe="")
    a_list = "/box?restype=container&comp=list&maxresults=5000&prefix=" + quote(name, safe="")
    return [
        name,
        url,
        generate_blob_sas(**sas, account_key=KEY, protocol="https"),
        generate_blob_sas(**sas, account_key=KEY),
        generate_blob_sas(**sas, user_delegation_key=delegation_key(), protocol="https"),
        authorization("GET", url, {"x-ms-range": "bytes=5-", "If-Match": '"0x1"'}),
        authorization("PUT", url + block, {"Content-Type": "application/octet-stream", "Content-Length": "123"}),
        authorization("GET", "https://myaccount.blob.core.windows.net" + a_list, {}),
    ]


def main() -> None:
    print(f"""// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

/// Made by azure-storage-blob 12.19.1 for Python: see write_vectors.py beside it.
namespace tinybird_cdk::testing {{

struct AzureVector {{
    std::string_view name;
    std::string_view url;
    std::string_view service_sas;
    std::string_view service_sas_any_protocol;
    std::string_view user_delegation_sas;
    std::string_view authorization_of_get;
    std::string_view authorization_of_put_block;
    std::string_view authorization_of_list;
}};

// clang-format off
constexpr std::string_view azure_vector_key = {json.dumps(KEY)};
constexpr std::array<AzureVector, {len(NAMES)}> azure_vectors{{{{""")
    for name in NAMES:
        print("    {" + ",\n     ".join(literal(text) for text in vector(name)) + "},")
    print("""}};
// clang-format on

}  // namespace tinybird_cdk::testing""")


if __name__ == "__main__":
    main()
