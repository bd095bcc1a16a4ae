# SPDX-License-Identifier: Apache-2.0
"""Snowflake for tests: fakesnow (https://github.com/tekumara/fakesnow) over DuckDB, with what it lacks played by
helpers/snowflake_service. bin/test installs it for tests/connectors/sql/snowflake.

With TB_CDK_TEST_SUITE_SF_ACCOUNT and its siblings set, the tests run against that account instead.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator

from helpers.processes import free_port, running, wait_for

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
SUITE = "TB_CDK_TEST_SUITE_"
# Their password, as they would have it in a file; nobody else's.
KEY_PASSWORD = "opens the key"


def environment_of_python() -> pathlib.Path:
    found = pathlib.Path(os.environ.get("CDK_TEST_FAKESNOW") or PROJECT / ".deps" / "fakesnow")
    if not (found / "bin" / "python").is_file():
        raise RuntimeError("fakesnow is not installed: bin/test does that for tests/connectors/sql/snowflake")
    return found


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, capture_output=True)


def write_keys(root: pathlib.Path) -> None:
    """key.p8, encrypted.p8, old.pem (PKCS #1), key.pub, other.p8, which belongs to nobody, and curve.p8, which is no
    RSA key."""
    for name in ("key", "other"):
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(root / f"{name}.p8"))
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(root / "curve.p8"))
    key = str(root / "key.p8")
    openssl("rsa", "-in", key, "-pubout", "-out", str(root / "key.pub"))
    openssl("rsa", "-in", key, "-traditional", "-out", str(root / "old.pem"))
    openssl("pkcs8", "-topk8", "-in", key, "-passout", f"pass:{KEY_PASSWORD}", "-out", str(root / "encrypted.p8"))


def write_users(root: pathlib.Path) -> pathlib.Path:
    kit = {
        "password": "p@ss w:rd/1",
        "public_key": (root / "key.pub").read_text(),
        "oauth_tokens": ["an-oauth-token"],
        "access_tokens": ["an-access-token"],
    }
    file = root / "users.json"
    person = {"password": "secret of a person", "needs_second_factor": True}
    # Whose sessions are otherwise than the service's defaults.
    formats = {"DATE_INPUT_FORMAT": "DD.MM.YYYY", "TIMESTAMP_INPUT_FORMAT": "DD.MM.YYYY HH24:MI:SS"}
    european = {"password": kit["password"], "parameters": {**formats, "ROWS_PER_RESULTSET": "1500"}}
    users = {"KIT": kit, "PERSON": person, "EUROPEAN": european}
    # Known, and not let in.
    refusals = {
        "ANYWHERE": ["390432", "Network policy is required."],
        "DISABLED": ["390101", "User access disabled. Contact your local system administrator."],
        "LOCKED": ["390102", "Your user account has been temporarily locked due to too many failed attempts."],
        "UNLUCKY": ["390998", "Words that no client knows yet."],
    }
    users |= {name: {"password": kit["password"], "refusal": words} for name, words in refusals.items()}
    file.write_text(json.dumps({"account": "kit-tests", "users": users}))
    return file


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/tests/queries", timeout=60) as answer:
            return answer.status == 200
    except OSError:
        return False


def of_account() -> dict[str, str] | None:
    """The variables of the account that the caller has named, if one is; bin/test leaves them alone."""
    if not os.environ.get(f"{SUITE}SF_ACCOUNT"):
        return None
    names = ["ACCOUNT", "USER", "PWD", "PRIVATE_KEY_FILE", "PAT", "WAREHOUSE", "DATABASE", "SCHEMA", "STAGE", "ROLE"]
    found = {f"SF_{name}": os.environ.get(f"{SUITE}SF_{name}", "") for name in names}
    # Those of the stage's bucket.
    names = ["GOOGLE_APPLICATION_CREDENTIALS", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
    names += ["AWS_REGION", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY"]
    found |= {name: os.environ.get(f"{SUITE}SF_{name}", "") for name in names}
    found["TB_WORKSPACE_ID"] = os.environ.get(f"{SUITE}TB_WORKSPACE_ID", "")
    return {name: value for name, value in found.items() if value}


@contextlib.contextmanager
def snowflake() -> Iterator[dict[str, str]]:
    """Gives the variables that the connector reads, and CDK_TEST_SNOWFLAKE for tests of what only the emulator has."""
    if (account := of_account()) is not None:
        yield account
        return
    venv = environment_of_python()
    with tempfile.TemporaryDirectory(prefix="cdk_snowflake_") as directory:
        root = pathlib.Path(directory)
        write_keys(root)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [str(venv / "bin" / "python"), "-m", "helpers.snowflake_service", "--port", str(port)]
        command += ["--users", str(write_users(root))]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT / "tests"), "HOME": directory}
        with running(command, root / "log", env=environment) as process:
            wait_for(lambda: answers(url), process, root / "log", seconds=300)
            yield {
                "SF_ACCOUNT": "kit-tests",
                "SF_USER": "KIT",
                "SF_PWD": "p@ss w:rd/1",
                "SF_HOST": "127.0.0.1",
                "SF_PORT": str(port),
                "SF_PROTOCOL": "http",
                "SF_DATABASE": "KIT",
                "SF_SCHEMA": "PUBLIC",
                "SF_ROLE": "LOADER",
                "CDK_TEST_SNOWFLAKE": url,
                "CDK_TEST_SNOWFLAKE_KEYS": directory,
                "CDK_TEST_SNOWFLAKE_KEY_PWD": KEY_PASSWORD,
            }
