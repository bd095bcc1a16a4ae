# SPDX-License-Identifier: Apache-2.0
"""No credential of an object store shows, in any message of any level, whatever a server answers.

The server here plays whoever is asked: the store, who gives tokens, Tinybird. It refuses, and its refusal repeats the
whole request, secrets and signatures included, which is the worst that a server can do (S3 itself repeats what was
signed). No server that can be run for a test does that for all of these.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.server
import json
import pathlib
import re
import ssl
import subprocess
import threading
import urllib.parse
from collections.abc import Callable, Iterator

import pytest

SECRET = "planted+secret/of=this-test"
OTHER = "planted.token.of.this.test"
KEY = base64.b64encode(b"planted account key of this test").decode()
# The places of a request where a signature stands.
SIGNATURES = re.compile(
    r"(?:Signature=|[?&]sig=|SharedKey [^:\s]*:|Bearer |assertion=|AWS4-HMAC-SHA256.*Signature=)([^&\s,\"<]+)"
)
Answer = tuple[int, str, str]


class Repeating(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            raise AssertionError("no case here sends such a body")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        request = f"{self.command} {self.path}\n{self.headers}\n{body}"
        self.server.requests.append(request)
        text = request
        if self.server.bare:
            values = [*self.headers.values(), *(value for _, value in urllib.parse.parse_qsl(body))]
            text = f"{' '.join(reversed(values))} {self.path.partition('?')[2]}"
        status, kind, text = self.server.script(self.command, self.path) or refusal(request, text)
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer

    def log_message(self, *_):
        pass


def refusal(request: str, text: str) -> Answer:
    """The text in one line, which all the services show: in each one's own form, so it depends on who was asked."""
    line = " ".join(text.split())
    if "x-ms-version" in request or "AWS4-HMAC" in request or "Action=AssumeRole" in request:
        escaped = line.replace("&", "&amp;").replace("<", "&lt;")
        return 403, "application/xml", f"<Error><Code>Refused</Code><Message>It was {escaped}</Message></Error>"
    document = {"error": {"status": "REFUSED", "message": f"It was {line}"}}
    if "grant_type" in request or "/oauth2/" in request or "X-IDENTITY-HEADER" in request:
        document = {"error": "refused", "error_description": f"It was {line}", "message": f"It was {line}"}
    return 403, "application/json", json.dumps(document)


@contextlib.contextmanager
def serving(server: http.server.HTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Case:
    """A folder for files, the server's URLs, and what to put into the environment."""

    def __init__(self, folder: pathlib.Path, certificate: pathlib.Path) -> None:
        self.folder = folder
        self.certificate = certificate
        self.requests: list[str] = []
        self.url = ""
        self.tls_url = ""

    @contextlib.contextmanager
    def served(
        self, script: Callable[[str, str], Answer | None] = lambda *_: None, bare: bool = False
    ) -> Iterator[Case]:
        """By one server without TLS and one with it, for Azure's tokens go nowhere else.

        @param script answers instead of a refusal, unless it gives None
        @param bare what the refusal repeats has no names in front that tell a secret
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate / "cert.pem", self.certificate / "key.pem")
        plain, tls = (http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repeating) for _ in range(2))
        tls.socket = context.wrap_socket(tls.socket, server_side=True)
        for server in (plain, tls):
            server.script, server.requests, server.bare = script, self.requests, bare
        with serving(plain) as address, serving(tls) as tls_address:
            self.url, self.tls_url = f"http://{address}", f"https://{tls_address}"
            yield self

    def file(self, name: str, content: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return str(path)

    def google(self, **fields) -> dict[str, str]:
        return {
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": self.url,
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS": self.url,
            "GOOGLE_APPLICATION_CREDENTIALS": self.file("google.json", json.dumps(fields)),
        }

    def service_account(self) -> dict[str, str]:
        key = pathlib.Path(__file__).parents[1] / "core/cloud/gcs/data/service_account.json"
        return self.google(**{**json.loads(key.read_text()), "token_uri": f"{self.url}/token"})

    def azure(self, **more: str) -> dict[str, str]:
        return {"AZURE_STORAGE_ACCOUNT": "account", "AZURE_STORAGE_SERVICE_ENDPOINT": self.url, **more}

    def entra(self, **more: str) -> dict[str, str]:
        more = {"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client", "AZURE_AUTHORITY_HOST": self.tls_url, **more}
        return self.azure_by_token(**more)

    def azure_by_token(self, **more: str) -> dict[str, str]:
        more["SSL_CERT_FILE"] = str(self.certificate / "cert.pem")
        return self.azure(**more) | {"AZURE_STORAGE_SERVICE_ENDPOINT": self.tls_url}

    def aws(self, **more: str) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", **more}

    def aws_profile(self, config: str, credentials: str = "") -> dict[str, str]:
        return self.aws(
            AWS_CONFIG_FILE=self.file("config", f"[default]\n{config}\n"),
            AWS_SHARED_CREDENTIALS_FILE=self.file("credentials", f"[default]\n{credentials}\n"),
        )

    def sso(self) -> dict[str, str]:
        start = "https://start.invalid"
        document = {"accessToken": SECRET, "expiresAt": "2100-01-01T00:00:00Z"}
        self.file(f".aws/sso/cache/{hashlib.sha1(start.encode()).hexdigest()}.json", json.dumps(document))
        return self.aws_profile(
            f"sso_start_url = {start}\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = role"
        )


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


AWS_KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": OTHER}
# Those that reach a server, which repeats what it was sent.
ASKING = {
    "s3 keys": ("s3", lambda case: case.aws(**AWS_KEYS)),
    "s3 credentials file": (
        "s3",
        lambda case: case.aws_profile(
            "", f"aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\naws_session_token = {OTHER}"
        ),
    ),
    "s3 process": (
        "s3",
        lambda case: case.aws_profile(
            "credential_process = cat "
            + case.file(
                "made.json",
                json.dumps(
                    {"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": SECRET, "SessionToken": OTHER}
                ),
            )
        ),
    ),
    "s3 assumed role": (
        "s3",
        lambda case: case.aws_profile(
            "role_arn = arn:aws:iam::1:role/r\nsource_profile = default\nexternal_id = external",
            f"aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}",
        ),
    ),
    "s3 web identity": (
        "s3",
        lambda case: case.aws(AWS_WEB_IDENTITY_TOKEN_FILE=case.file("token", OTHER + "\n"), AWS_ROLE_ARN="arn:aws:r"),
    ),
    "s3 container": (
        "s3",
        lambda case: case.aws(
            AWS_CONTAINER_CREDENTIALS_FULL_URI=case.url + "/role", AWS_CONTAINER_AUTHORIZATION_TOKEN=OTHER
        ),
    ),
    "s3 container, token cut": (
        "s3",
        lambda case: case.aws(
            AWS_CONTAINER_CREDENTIALS_FULL_URI=case.url + "/role",
            AWS_CONTAINER_AUTHORIZATION_TOKEN=OTHER * 40,
        ),
    ),
    "s3 sso": ("s3", lambda case: case.sso()),
    "azure connection string": (
        "azure",
        lambda case: {
            "AZURE_STORAGE_CONNECTION_STRING": f"AccountName=account;AccountKey={KEY};BlobEndpoint={case.url}"
        },
    ),
    "azure connection string with a signature": (
        "azure",
        lambda case: {
            "AZURE_STORAGE_CONNECTION_STRING": f"BlobEndpoint={case.url};"
            f"SharedAccessSignature=sv=2022-11-02&sp=rl&sig={urllib.parse.quote(KEY, safe='')}"
        },
    ),
    "azure key": ("azure", lambda case: case.azure(AZURE_STORAGE_KEY=KEY)),
    "azure signature": (
        "azure",
        lambda case: case.azure(AZURE_STORAGE_SAS_TOKEN=f"?sv=2022-11-02&sig={urllib.parse.quote(SECRET, safe='')}"),
    ),
    "azure service principal": ("azure", lambda case: case.entra(AZURE_CLIENT_SECRET=SECRET)),
    "azure workload identity": (
        "azure",
        lambda case: case.entra(AZURE_FEDERATED_TOKEN_FILE=case.file("token", OTHER)),
    ),
    "azure managed identity": (
        "azure",
        lambda case: case.azure_by_token(IDENTITY_ENDPOINT=f"{case.url}/msi/token", IDENTITY_HEADER=SECRET),
    ),
    "gcs service account": ("gcs", lambda case: case.service_account()),
    "gcs user": (
        "gcs",
        lambda case: case.google(
            type="authorized_user",
            client_id="client",
            client_secret=SECRET,
            refresh_token=OTHER,
            token_uri=f"{case.url}/token",
        ),
    ),
    "gcs workforce user": (
        "gcs",
        lambda case: case.google(
            type="external_account_authorized_user",
            client_id="client",
            client_secret=SECRET,
            refresh_token=OTHER,
            token_url=f"{case.url}/token",
        ),
    ),
    "gcs external account": (
        "gcs",
        lambda case: case.google(
            type="external_account",
            audience="//iam.googleapis.com/x",
            subject_token_type="urn:ietf:params:oauth:token-type:jwt",
            token_url=f"{case.url}/token",
            client_id="client",
            client_secret=SECRET,
            credential_source={"file": case.file("subject", OTHER)},
        ),
    ),
    "gcs external account by URL": (
        "gcs",
        lambda case: case.google(
            type="external_account",
            audience="//iam.googleapis.com/x",
            subject_token_type="urn:ietf:params:oauth:token-type:jwt",
            token_url=f"{case.url}/token",
            credential_source={"url": f"{case.url}/subject", "headers": {"X-Secret": SECRET * 40}},
        ),
    ),
}
# Those that mean nothing, and are refused before anything is sent.
SENSELESS = {
    "s3 endpoint": ("s3", lambda case: case.aws(**AWS_KEYS) | {"AWS_ENDPOINT_URL_S3": f"http://user:{OTHER}@store"}),
    "s3 endpoint is the secret": ("s3", lambda case: case.aws(**AWS_KEYS) | {"AWS_ENDPOINT_URL_S3": SECRET}),
    "s3 process prints no JSON": (
        "s3",
        lambda case: case.aws_profile(f"credential_process = echo {OTHER}"),
    ),
    "s3 file without sections": (
        "s3",
        lambda case: case.aws(
            AWS_SHARED_CREDENTIALS_FILE=case.file("credentials", f"aws_secret_access_key = {SECRET}\n{OTHER}\n")
        ),
    ),
    "azure connection string": ("azure", lambda case: {"AZURE_STORAGE_CONNECTION_STRING": SECRET}),
    "azure connection string without a name": (
        "azure",
        lambda case: {"AZURE_STORAGE_CONNECTION_STRING": f"AccountKey={KEY};BlobEndpoint={case.url}"},
    ),
    "azure key is no base64": ("azure", lambda case: case.azure(AZURE_STORAGE_KEY="*" + SECRET)),
    "azure signature is none": ("azure", lambda case: case.azure(AZURE_STORAGE_SAS_TOKEN=SECRET)),
    "gcs key in the place of its file": (
        "gcs",
        lambda case: {
            "GOOGLE_APPLICATION_CREDENTIALS": json.dumps({"type": "service_account", "private_key": SECRET}),
        },
    ),
    "gcs file is no JSON": (
        "gcs",
        lambda case: {"GOOGLE_APPLICATION_CREDENTIALS": case.file("key.json", f'{{"private_key": "{SECRET}"')},
    ),
    "gcs key is none": (
        "gcs",
        lambda case: case.google(
            type="service_account", client_email="a@b", private_key=SECRET, token_uri=f"{case.url}/token"
        ),
    ),
}


def append(program: str, folder: pathlib.Path, connector: str, variables: dict[str, str], *more: str):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TB_CDK_TOKEN": "p.eyJ1IjoieCJ9.sig"}
    environment |= {"TB_CDK_TAG": "secrets", "TB_CDK_ENDPOINT": "http://127.0.0.1:1", **variables}
    command = [program, "--verbose", "append", "--connector", connector, "--bucket", "bucket", "--key", "rows.csv"]
    command += ["--data-source", "rows", *more]
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )


def check(done: subprocess.CompletedProcess, requests: list[str]) -> None:
    shown = done.stdout + done.stderr
    assert "error: " in shown
    assert done.returncode in (1, 2), shown
    secrets = {SECRET, OTHER, KEY}
    for request in requests:
        secrets.update(found for found in SIGNATURES.findall(request))
    for secret in secrets:
        for form in (secret, urllib.parse.quote(secret, safe=""), urllib.parse.unquote(secret)):
            assert form not in shown, f"{form!r} shows in:\n{shown}"
    # Nor a part of one, which is left where a text is cut before it is masked.
    assert "planted" not in shown, shown


@pytest.mark.parametrize("name", ASKING)
def test_a_refusal_that_repeats_the_request_shows_no_secret(program, tmp_path, certificate, name):
    connector, variables = ASKING[name]
    with Case(tmp_path, certificate).served() as case:
        done = append(program, tmp_path, connector, variables(case))
        assert case.requests, done.stderr
        check(done, case.requests)


@pytest.mark.parametrize("name", ASKING)
def test_a_secret_is_known_without_its_name(program, tmp_path, certificate, name):
    connector, variables = ASKING[name]
    with Case(tmp_path, certificate).served(bare=True) as case:
        done = append(program, tmp_path, connector, variables(case))
        assert case.requests, done.stderr
        check(done, [])
        # A signed assertion is as good as the key for an hour, and its begin is known by heart: {"alg":…
        assert "eyJhbGci" not in done.stdout + done.stderr


def gives_tokens(method: str, path: str) -> Answer | None:
    """A token that is good, or credentials; then the store refuses."""
    kind = "application/json"
    if path.startswith("/role"):
        made = {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": SECRET, "Token": OTHER}
        return 200, kind, json.dumps({**made, "Expiration": "2100-01-01T00:00:00Z"})
    if path.startswith("/subject"):
        return 200, "text/plain", OTHER
    if "/token" in path:
        return 200, kind, json.dumps({"access_token": OTHER, "expires_in": 3600, "token_type": "Bearer"})
    return None


@pytest.mark.parametrize(
    "name",
    [
        "s3 container",
        "azure service principal",
        "azure workload identity",
        "azure managed identity",
        "gcs service account",
        "gcs user",
        "gcs external account",
        "gcs external account by URL",
    ],
)
def test_a_token_that_was_given_does_not_show_when_the_store_refuses(program, tmp_path, certificate, name):
    connector, variables = ASKING[name]
    with Case(tmp_path, certificate).served(gives_tokens) as case:
        done = append(program, tmp_path, connector, variables(case))
        assert len(case.requests) >= 2, done.stderr
        assert OTHER in case.requests[-1]
        check(done, case.requests)


def one_object(method: str, path: str) -> Answer | None:
    """A store with one object, and a Tinybird with the data source; who is asked to import it refuses."""
    if "list-type=2" in path:
        text = "<ListBucketResult><Contents><Key>rows.csv</Key><Size>9</Size><ETag>x</ETag>"
        text += "<LastModified>2026-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>"
        return 200, "application/xml", text
    if "comp=list" in path:
        text = "<EnumerationResults><Blobs><Blob><Name>rows.csv</Name><Properties><Content-Length>9</Content-Length>"
        text += "<Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified><Etag>x</Etag></Properties></Blob>"
        return 200, "application/xml", text + "</Blobs><NextMarker/></EnumerationResults>"
    if path.startswith("/storage/v1/b/bucket/o"):
        item = {"name": "rows.csv", "size": "9", "timeCreated": "2026-01-01T00:00:00Z", "generation": "1"}
        return 200, "application/json", json.dumps({"items": [item]})
    if path.startswith("/v0/datasources/"):
        column = {"name": "a", "type": "String", "jsonpath": "$.a"}
        return 200, "application/json", json.dumps({"id": "1", "name": "rows", "columns": [column]})
    return gives_tokens(method, path)


@pytest.mark.parametrize("name", ["s3 keys", "azure key", "azure connection string", "gcs service account"])
def test_a_signed_url_does_not_show_when_tinybird_refuses_it(program, tmp_path, certificate, name):
    connector, variables = ASKING[name]
    with Case(tmp_path, certificate).served(one_object) as case:
        done = append(program, tmp_path, connector, {**variables(case), "TB_CDK_ENDPOINT": case.url}, "--via", "url")
        asked = urllib.parse.unquote(case.requests[-1])
        assert re.search(r"(X-Amz-|X-Goog-)Signature=|[?&]sig=", asked), asked
        check(done, [*case.requests, asked])


@pytest.mark.parametrize("name", SENSELESS)
def test_what_means_nothing_is_not_repeated(program, tmp_path, certificate, name):
    connector, variables = SENSELESS[name]
    with Case(tmp_path, certificate).served() as case:
        done = append(program, tmp_path, connector, variables(case))
        check(done, case.requests)
