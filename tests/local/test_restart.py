# SPDX-License-Identifier: Apache-2.0
"""What a data directory keeps, and what a crash leaves."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess

import pytest
from helpers.api import Api
from helpers.local_tinybird import PROGRAM
from helpers.processes import running, wait_for


@contextlib.contextmanager
def server(directory, tmp_path):
    ready = tmp_path / "ready.json"
    ready.unlink(missing_ok=True)
    log = tmp_path / "log"
    command = [PROGRAM, "--port", "0", "--data-dir", str(directory), "--ready-file", str(ready), "--parent-dies"]
    with running(command, log) as process:
        wait_for(ready.exists, process, log)
        answer = json.loads(ready.read_text())
        yield process, Api({"TB_CDK_ENDPOINT": answer["endpoint"], "TB_CDK_TOKEN": answer["token"]})


def test_data_and_token_are_kept(tmp_path):
    directory = tmp_path / "data"
    with server(directory, tmp_path) as (_, api):
        name = api.create("id Int32")
        api.load(name, "1\n2\n")
        token = api.token
    with server(directory, tmp_path) as (_, api):
        assert api.token == token
        assert api.sql(f"SELECT count() FROM {name}") == [[2]]
        assert api.call("GET", f"/v0/datasources/{name}")[1]["statistics"]["row_count"] == 2


@pytest.mark.parametrize("mode", ["append", "replace"])
def test_kill_in_the_middle_of_a_load_leaves_the_old_rows(tmp_path, mode):
    directory = tmp_path / "data"
    with server(directory, tmp_path) as (process, api):
        name = api.create("id Int32")
        api.load(name, "1\n2\n")
        connection = http.client.HTTPConnection(api.host)
        connection.putrequest("POST", f"/v1/datasources/{name}/{mode}?format=csv")
        connection.putheader("Authorization", f"Bearer {api.token}")
        connection.putheader("Content-Length", "100000000")
        connection.endheaders()
        connection.send(b"7\n" * 1_000_000)
        process.kill()
        process.wait()
        connection.close()
    with server(directory, tmp_path) as (_, api):
        assert api.sql(f"SELECT groupArray(id) FROM (SELECT id FROM {name} ORDER BY id)") == [[[1, 2]]]


def test_a_stop_ends_what_is_idle_and_waits_for_what_is_not(tmp_path):
    directory = tmp_path / "data"
    with server(directory, tmp_path) as (process, api):
        name = api.create("id Int32")
        idle = http.client.HTTPConnection(api.host)
        idle.request("GET", "/health")
        idle.getresponse().read()
        loading = http.client.HTTPConnection(api.host)
        loading.putrequest("POST", f"/v1/datasources/{name}/append?format=csv")
        loading.putheader("Authorization", f"Bearer {api.token}")
        loading.putheader("Content-Length", "4")
        loading.putheader("Expect", "100-continue")
        loading.endheaders()
        assert loading.sock.recv(1024).startswith(b"HTTP/1.1 100")
        loading.send(b"1\n")
        process.terminate()
        with pytest.raises(OSError):
            while True:
                socket.create_connection(api.host.split(":"), timeout=10).close()
        loading.send(b"2\n")
        assert loading.getresponse().status == 202
        # The idle connection stays open on this side: nobody waits for its end.
        assert process.wait(timeout=30) == 0
        idle.close()
    with server(directory, tmp_path) as (_, api):
        assert api.sql(f"SELECT count() FROM {name}") == [[2]]


def test_a_second_server_is_told(tmp_path):
    directory = tmp_path / "data"
    with server(directory, tmp_path):
        command = [PROGRAM, "--port", "0", "--data-dir", str(directory)]
        second = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert "in use by another tb-cdk-local" in second.stderr
