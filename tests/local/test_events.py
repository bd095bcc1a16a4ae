# SPDX-License-Identifier: Apache-2.0
"""The Events API: bodies, counts, groups, limits."""

from __future__ import annotations

import gzip
import http.client
import select
import subprocess
import threading
import time
import urllib.parse
import uuid

import pytest
from helpers.api import Api
from helpers.local_tinybird import local_tinybird

SCHEMA = "id Int64 `json:$.id`, note Nullable(String) `json:$.note`"


def send(api, name, body, headers=None, **parameters):
    return api.call("POST", "/v0/events", body, headers, {"name": name, **parameters})


def counts(rows, quarantined=0):
    return {"successful_rows": rows, "quarantined_rows": quarantined}


@pytest.mark.parametrize(
    ("body", "format"),
    [
        (b'{"id":1}\n{"id":2}\n', "ndjson"),
        (b'{"id":1}\r\n\r\n{"id":2}', "ndjson"),
        (b'{\n  "id": 1,\n  "note": "a"\n}\n{\n  "id": 2\n}', "json"),
    ],
)
def test_bodies_of_one_and_of_many(api, body, format):
    name = api.create(SCHEMA)
    assert send(api, name, body, format=format, wait="true") == (200, counts(2))
    assert api.sql(f"SELECT id FROM {name} ORDER BY id") == [[1], [2]]


def test_values_arrive_as_they_left(api):
    name = api.create(
        "n UInt64 `json:$.n`, d Decimal(38, 10) `json:$.d`, s String `json:$.s`, deep Array(Int32) `json:$.a.b[:]`"
    )
    body = '{"n":18446744073709551615,"d":"12345678901234567890.0123456789","s":"\\u00e9\\n\\"","a":{"b":[1,2]}}'
    assert send(api, name, body, wait="true") == (200, counts(1))
    rows = api.sql(f"SELECT toString(n), toString(d), s, deep FROM {name}")
    assert rows == [["18446744073709551615", "12345678901234567890.0123456789", 'é\n"', [1, 2]]]


def test_without_waiting_events_are_accepted_and_come_in_their_order(api):
    name = api.create(SCHEMA)
    for i in range(20):
        assert send(api, name, f'{{"id":{i}}}') == (202, counts(1))
    # What waits goes behind them.
    assert send(api, name, '{"id":20}', wait="true") == (200, counts(1))
    assert api.sql(f"SELECT id FROM {name} ORDER BY id") == [[i] for i in range(21)]


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_packed_bodies(api, encoding):
    name = api.create(SCHEMA)
    plain = b"".join(b'{"id":%d}\n' % i for i in range(100_000))
    if encoding == "gzip":
        packed = gzip.compress(plain)
    else:
        packed = subprocess.run(["zstd", "-c"], input=plain, capture_output=True, check=True).stdout
    assert send(api, name, packed, {"Content-Encoding": encoding}, wait="true") == (200, counts(100_000))
    assert api.sql(f"SELECT count(), sum(id) FROM {name}") == [[100_000, 4999950000]]
    # Cut anywhere, nothing of it counts.
    for cut in (packed[:-5], packed[: len(packed) // 2], b"x" + packed):
        status, answer = send(api, name, cut, {"Content-Encoding": encoding}, wait="true")
        assert (status, bool(answer["error"])) == (400, True)
    assert api.sql(f"SELECT count() FROM {name}") == [[100_000]]


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
def test_ten_megabytes_unpacked_are_the_most(api, encoding):
    name = api.create(SCHEMA)
    line = b'{"id":1}'
    largest = line + b" " * (10_000_000 - len(line))
    pack = {
        "": lambda body: body,
        "gzip": gzip.compress,
        "zstd": lambda body: subprocess.run(["zstd", "-c"], input=body, capture_output=True, check=True).stdout,
    }[encoding]
    headers = {"Content-Encoding": encoding} if encoding else {}
    assert send(api, name, pack(largest), headers, wait="true") == (200, counts(1))
    status, answer = send(api, name, pack(largest + b" "), headers, wait="true")
    assert (status, bool(answer["error"])) == (413, True)
    assert api.sql(f"SELECT count() FROM {name}") == [[1]]


def test_what_does_not_fit_is_counted_and_kept(api):
    name = api.create(SCHEMA)
    body = '{"id":1}\n{"id":1.5,"note":"half"}\nnothing\n{"id":2'
    assert send(api, name, body, wait="true") == (200, counts(1, 3))
    assert api.sql(f"SELECT id FROM {name}") == [[1]]
    rows = api.sql(f"SELECT id, note, c__error_column, c__error FROM {name}_quarantine")
    assert rows == [["1.5", "half", ["id"], ["value '1.5' on column 'id' is not Int64"]]]


def test_defaults_stand_in(api):
    name = api.create("id Int64 `json:$.id`, kind String `json:$.kind` DEFAULT 'none'")
    assert send(api, name, '{"id":1}\n{"id":2,"kind":"x"}\n{"id":"no"}', wait="true") == (200, counts(2, 1))
    assert api.sql(f"SELECT id, kind FROM {name} ORDER BY id") == [[1, "none"], [2, "x"]]


def test_each_request_of_a_group_gets_its_own_counts(api):
    name = api.create(SCHEMA)
    problems = []

    def client(i):
        for k in range(20):
            good, bad = (i + k) % 3, (i * k) % 3
            lines = [f'{{"id":{i * 1000 + k},"note":"{n}"}}' for n in range(good)]
            lines += [f'{{"id":"bad {i} {k}","note":"{n}"}}' for n in range(bad)]
            answer = send(api, name, "\n".join(lines), wait="true")
            if answer != (200, counts(good, bad)):
                problems.append(answer)

    threads = [threading.Thread(target=client, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    good = sum((i + k) % 3 for i in range(16) for k in range(20))
    bad = sum((i * k) % 3 for i in range(16) for k in range(20))
    assert api.sql(f"SELECT count(), uniqExact(id, note) FROM {name}") == [[good, good]]
    assert api.sql(f"SELECT count(), uniqExact(id, note) FROM {name}_quarantine") == [[bad, bad]]


def test_many_rows_in_one_request(api):
    name = api.create(SCHEMA)
    body = b"".join(b'{"id":%d}\n' % i for i in range(400_000))
    assert send(api, name, body, wait="true") == (200, counts(400_000))
    assert api.sql(f"SELECT count(), uniqExact(id) FROM {name}") == [[400_000, 400_000]]


def test_a_missing_data_source_is_made_from_its_first_events(api):
    name = "e_" + uuid.uuid4().hex
    body = '{"id":1,"user":{"name":"a","age":3},"tags":["x"],"at":"2024-01-02 03:04:05","list":[{"k":1}]}\n{"id":2}'
    assert send(api, name, body, wait="true") == (200, counts(2))
    columns = {c["name"]: c for c in api.call("GET", f"/v0/datasources/{name}")[1]["columns"]}
    assert {n: (c["type"], c["nullable"], c["jsonpath"]) for n, c in columns.items()} == {
        "id": ("Int64", False, "$.id"),
        "user_name": ("String", True, "$.user.name"),
        "user_age": ("Int64", True, "$.user.age"),
        "tags": ("Array(String)", False, "$.tags[:]"),
        "at": ("DateTime", True, "$.at"),
        "list": ("String", True, "$.list"),
    }
    rows = api.sql(f"SELECT id, user_name, user_age, tags, list FROM {name} ORDER BY id")
    assert rows == [[1, "a", 3, ["x"], '[{"k":1}]'], [2, None, None, [], None]]


def test_many_that_come_first_make_one_data_source(api):
    name = "e_" + uuid.uuid4().hex
    answers = []
    threads = [
        threading.Thread(target=lambda i=i: answers.append(send(api, name, f'{{"id":{i}}}', wait="true")))
        for i in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [(200, counts(1))] * 10
    assert api.sql(f"SELECT count(), uniqExact(id) FROM {name}") == [[10, 10]]


@pytest.mark.parametrize(
    ("name", "body", "parameters"),
    [
        ("", "{}", {}),
        ("not a name", '{"a":1}', {}),
        ("nothing_to_guess_from", "x", {}),
        ("nothing_to_guess_from", "", {}),
        ("e", '{"a":1}', {"format": "csv"}),
        ("e", '{"a":1}', {"mode": "replace"}),
    ],
)
def test_refusals(api, name, body, parameters):
    status, answer = send(api, name, body, **parameters)
    assert (status, bool(answer["error"])) == (400, True)


def test_an_alter_between_events_loses_none(api):
    name = api.create("id Int64 `json:$.id`")
    stop = threading.Event()
    sent = []

    def client():
        i = 0
        while not stop.is_set():
            assert send(api, name, f'{{"id":{i},"extra":"x"}}', wait="true") == (200, counts(1))
            i += 1
        sent.append(i)

    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    schema = "id Int64 `json:$.id`, extra Nullable(String) `json:$.extra`"
    status, answer = api.call("POST", f"/v0/datasources/{name}/alter", parameters={"schema": schema})
    stop.set()
    for thread in threads:
        thread.join()
    assert status == 200, answer
    assert len(sent) == 4
    assert api.sql(f"SELECT count() FROM {name}") == [[sum(sent)]]


def test_a_full_buffer_is_told_and_takes_again_when_there_is_room():
    with local_tinybird("--event-buffer", "100000") as variables:
        api = Api(variables)
        name = api.create(SCHEMA)
        path = "/v0/events?" + urllib.parse.urlencode({"name": name, "wait": "true"})
        body = b'{"id":1}'.ljust(90_000)

        def begin_slow() -> http.client.HTTPConnection:
            """A request that has begun holds its bytes."""
            slow = http.client.HTTPConnection(api.host, timeout=60)
            slow.putrequest("POST", path)
            slow.putheader("Authorization", f"Bearer {api.token}")
            slow.putheader("Content-Length", str(len(body)))
            slow.putheader("Expect", "100-continue")
            slow.endheaders()
            assert slow.sock.recv(1024).startswith(b"HTTP/1.1 100")
            slow.send(body[:80_000])
            return slow

        def refusal(slow: http.client.HTTPConnection) -> http.client.HTTPResponse | None:
            """What another request is told, or nothing when the slow one was told it."""
            while not select.select([slow.sock], [], [], 0)[0]:
                assert time.monotonic() < deadline
                connection = http.client.HTTPConnection(api.host, timeout=60)
                connection.request("POST", path, b'{"id":2}'.ljust(50_000), {"Authorization": f"Bearer {api.token}"})
                answer = connection.getresponse()
                answer.read()
                connection.close()
                if answer.status == 429:
                    return answer
            return None

        def end(slow: http.client.HTTPConnection) -> int:
            try:
                slow.send(body[80_000:])
                return slow.getresponse().status
            except ConnectionError:
                # The server does not read what it refused.
                return 429
            finally:
                slow.close()

        deadline = time.monotonic() + 60
        while True:
            assert time.monotonic() < deadline
            slow = begin_slow()
            refused = refusal(slow)
            # When the other one was quicker it was the slow one that was refused, which may be seen at its end only.
            if end(slow) == 200 and refused:
                break
        assert int(refused.getheader("Retry-After")) >= 1
        assert refused.getheader("X-Ratelimit-Remaining") == "0"
        assert send(api, name, b'{"id":3}'.ljust(50_000), wait="true") == (200, counts(1))
        assert api.sql(f"SELECT countIf(id = 1), countIf(id = 3) FROM {name}") == [[1, 1]]
