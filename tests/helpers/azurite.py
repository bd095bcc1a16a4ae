# SPDX-License-Identifier: Apache-2.0
"""Azurite, Microsoft's emulator of Azure Storage, on a free port: once over HTTP, once over HTTPS, where it takes
tokens of Microsoft Entra (it looks at what they say, not at their signature)."""

from __future__ import annotations

import base64
import contextlib
import os
import pathlib
import shutil
import socket
import tempfile
from collections.abc import Iterator

from helpers.mariadb import make_certificates
from helpers.processes import free_port, running, wait_for

ACCOUNT = "cdktest"
PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent


def node() -> str:
    """The node that bin/test has found or installed, or any, when pytest is called without it."""
    if found := os.environ.get("CDK_TEST_NODE") or shutil.which("node"):
        return found
    raise RuntimeError("there is no Node: bin/test installs one for tests/connectors/cloud/azure")


def program() -> str:
    found = os.environ.get("CDK_TEST_AZURITE") or next(
        map(str, (PROJECT / ".deps").glob("azurite-*/node_modules/azurite/dist/src/blob/main.js")), ""
    )
    if not pathlib.Path(found).is_file():
        raise RuntimeError("Azurite is not installed: bin/test does that for tests/connectors/cloud/azure")
    return found


@contextlib.contextmanager
def one_azurite(root: pathlib.Path, environment: dict[str, str], *options: str) -> Iterator[int]:
    root.mkdir()
    port = free_port()
    command = [node(), program(), "--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence"]
    command += ["--disableTelemetry", *options]
    with running(command, root / "log", cwd=root, env=environment) as process:

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_for(listens, process, root / "log")
        yield port


@contextlib.contextmanager
def azurite() -> Iterator[dict[str, str]]:
    """Gives the variables that the kit reads for the server over HTTP; CDK_TEST_AZURE_HTTPS is the endpoint of the
    other one and CDK_TEST_AZURE_CA the certificate to trust."""
    with tempfile.TemporaryDirectory(prefix="cdk_azurite_") as directory, contextlib.ExitStack() as stack:
        root = pathlib.Path(directory)
        key = base64.b64encode(os.urandom(64)).decode()
        environment = {**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{key}"}
        plain = stack.enter_context(one_azurite(root / "plain", environment))
        certificates = make_certificates(root)
        tls = ["--cert", certificates["ssl_cert"], "--key", certificates["ssl_key"], "--oauth", "basic"]
        secure = stack.enter_context(one_azurite(root / "secure", environment, *tls))
        endpoint = f"http://127.0.0.1:{plain}/{ACCOUNT}"
        yield {
            "AZURE_STORAGE_CONNECTION_STRING": f"AccountName={ACCOUNT};AccountKey={key};BlobEndpoint={endpoint};",
            "CDK_TEST_AZURE_ACCOUNT": ACCOUNT,
            "CDK_TEST_AZURE_KEY": key,
            "CDK_TEST_AZURE_ENDPOINT": endpoint,
            "CDK_TEST_AZURE_HTTPS": f"https://127.0.0.1:{secure}/{ACCOUNT}",
            "CDK_TEST_AZURE_CA": certificates["ssl_ca"],
        }
