# SPDX-License-Identifier: Apache-2.0
"""Who is let in. Users are told by a file: what each has is verified, never taken on trust."""

from __future__ import annotations

import base64
import hashlib
import json
import pathlib
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization

from .answers import Refusal


def fingerprint(public_key: str) -> str:
    """https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting"""
    key = serialization.load_pem_public_key(public_key.encode())
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


class Logins:
    def __init__(self, file: pathlib.Path):
        document = json.loads(file.read_text())
        self.account: str = document["account"].upper()
        self.users: dict[str, dict[str, Any]] = document["users"]

    def parameters(self, name: str) -> dict[str, Any]:
        """Those that the user has in every session (ALTER USER)."""
        return dict(self.users[name].get("parameters", {}))

    def check(self, data: dict[str, Any]) -> str:
        """The name of the user that this login is of. Some are known and not let in, with these words."""
        name = self.known(data)
        if words := self.users[name].get("refusal"):
            raise Refusal(*words, "08001")
        return name

    def known(self, data: dict[str, Any]) -> str:
        name = (data.get("LOGIN_NAME") or "").upper()
        how = (data.get("AUTHENTICATOR") or "SNOWFLAKE").upper()
        if how == "SNOWFLAKE_JWT":
            return self.by_key(data.get("TOKEN") or "")
        if how == "OAUTH":
            return self.by_oauth(data)
        if how == "PROGRAMMATIC_ACCESS_TOKEN":
            if data.get("TOKEN") not in self.users.get(name, {}).get("access_tokens", []):
                raise Refusal("394400", "Programmatic access token is invalid.", "08001")
            return name
        return self.by_password(name, data)

    def by_password(self, name: str, data: dict[str, Any]) -> str:
        user = self.users.get(name, {})
        if not user.get("password") or data.get("PASSWORD") != user["password"]:
            raise Refusal("390100", "Incorrect username or password was specified.", "08001")
        if user.get("needs_second_factor"):
            text = "Multi-factor authentication is required for this account. Log in to Snowsight to enroll."
            raise Refusal("390197", text, "08001")
        return name

    def by_oauth(self, data: dict[str, Any]) -> str:
        for name, user in self.users.items():
            if data.get("TOKEN") in user.get("oauth_tokens", []):
                return name
        raise Refusal("390303", "Invalid OAuth access token.", "08001")

    def by_key(self, token: str) -> str:
        """The token is signed with RS256; iss is ACCOUNT.USER.FINGERPRINT, sub is ACCOUNT.USER, and it lives an hour
        at most (https://docs.snowflake.com/en/developer-guide/sql-api/authenticating). It alone names the user."""
        try:
            said = jwt.decode(token, options={"verify_signature": False}).get("sub", "")
            name = said.rpartition(".")[2]
            public_key = self.users.get(name, {}).get("public_key")
            subject = f"{self.account}.{name}"
            if not public_key:
                raise jwt.InvalidTokenError("the user has no public key")
            claims = jwt.decode(
                token,
                public_key,
                algorithms=["RS256"],
                issuer=f"{subject}.{fingerprint(public_key)}",
                subject=subject,
                options={"require": ["exp", "iat", "iss", "sub"]},
            )
            if claims["exp"] > time.time() + 3600:
                raise jwt.InvalidTokenError("the token lives longer than an hour")
        except jwt.InvalidTokenError as error:
            raise Refusal("390144", "JWT token is invalid.", "08001") from error
        return name
