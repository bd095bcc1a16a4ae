# SPDX-License-Identifier: Apache-2.0
"""A Storage Read API that hands on what a real one has, and plays faults on the way.

The emulator gives a whole stream as one message and never breaks. This stands before it: it takes its Arrow batches,
cuts them into as many rows as it is told, and serves any offset of them. Run by the Python of local-bigquery, which has
gRPC and Arrow; `streams()` does that.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator

SERVICE = "google.cloud.bigquery.storage.v1.BigQueryRead"


@dataclasses.dataclass
class Plan:
    rows: int = 10_000  # of a message
    refuse: str = ""  # the status that each session is refused with
    # The statuses that a read ends with, one after the other, each after so many messages; then the first one again.
    breaks: list[str] = dataclasses.field(default_factory=list)
    after: int = 3
    fail: str = ""  # the status that reads end with from then on, without a row
    stall: bool = False  # instead: no more messages, and no end
    damage: bool = False  # batches are cut off in their middle
    key: str = ""  # PEM files: TLS instead of clear text
    certificate: str = ""


class Relay:
    def __init__(self, upstream: str, plan: Plan, log) -> None:
        import grpc
        from google.cloud.bigquery_storage_v1 import types

        self.grpc, self.types, self.plan, self.log = grpc, types, plan, log
        channel = grpc.insecure_channel(upstream, options=[("grpc.max_receive_message_length", -1)])
        self.create = channel.unary_unary(
            f"/{SERVICE}/CreateReadSession",
            types.CreateReadSessionRequest.serialize,
            types.ReadSession.deserialize,
        )
        self.read = channel.unary_stream(
            f"/{SERVICE}/ReadRows", types.ReadRowsRequest.serialize, types.ReadRowsResponse.deserialize
        )
        self.lock = threading.Lock()
        self.schemas, self.tables, self.broken = {}, {}, 0

    def note(self, **what) -> None:
        with self.lock:
            self.log.write(json.dumps(what) + "\n")
            self.log.flush()

    def session(self, request, context):
        self.note(call="session", streams=request.max_stream_count, metadata=dict(context.invocation_metadata()))
        if self.plan.refuse:
            context.abort(getattr(self.grpc.StatusCode, self.plan.refuse), "the caller does not have permission: 100 %")
        session = self.create(request)
        for stream in session.streams:
            self.schemas[stream.name] = session.arrow_schema.serialized_schema
        return session

    def table(self, name: str):
        """All rows of a stream, taken from the real one once."""
        import pyarrow

        if name not in self.tables:
            schema = pyarrow.ipc.read_schema(pyarrow.py_buffer(self.schemas[name]))
            answers = self.read(self.types.ReadRowsRequest(read_stream=name))
            self.tables[name] = pyarrow.Table.from_batches(
                [
                    pyarrow.ipc.read_record_batch(
                        pyarrow.py_buffer(answer.arrow_record_batch.serialized_record_batch), schema
                    )
                    for answer in answers
                ],
                schema,
            )
        return self.tables[name]

    def rows(self, request, context):
        self.note(call="rows", stream=request.read_stream, offset=request.offset)
        context.add_callback(lambda: self.note(call="end", stream=request.read_stream))
        table = self.table(request.read_stream)
        with self.lock:
            failing = bool(self.plan.fail) and self.broken >= len(self.plan.breaks) > 0
        if failing:
            context.abort(getattr(self.grpc.StatusCode, self.plan.fail), "the rows are gone")
        for sent, batch in enumerate(table.slice(request.offset).to_batches(max_chunksize=self.plan.rows)):
            if sent == self.plan.after and self.plan.stall:
                self.note(call="stall")
                ended = threading.Event()
                context.add_callback(ended.set)
                ended.wait()
                return
            if sent == self.plan.after and self.plan.breaks:
                with self.lock:
                    status = self.plan.breaks[self.broken % len(self.plan.breaks)]
                    self.broken += 1
                self.note(call="break", status=status)
                context.abort(getattr(self.grpc.StatusCode, status), "Received RST_STREAM with error code 2")
            message = batch.serialize().to_pybytes()
            if self.plan.damage:
                message = message[: len(message) // 2]
            yield self.types.ReadRowsResponse(
                row_count=batch.num_rows,
                arrow_record_batch=self.types.ArrowRecordBatch(serialized_record_batch=message),
            )

    def serve(self) -> int:
        server = self.grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=16))
        handlers = {
            "CreateReadSession": self.grpc.unary_unary_rpc_method_handler(
                self.session, self.types.CreateReadSessionRequest.deserialize, self.types.ReadSession.serialize
            ),
            "ReadRows": self.grpc.unary_stream_rpc_method_handler(
                self.rows, self.types.ReadRowsRequest.deserialize, self.types.ReadRowsResponse.serialize
            ),
        }
        server.add_generic_rpc_handlers([self.grpc.method_handlers_generic_handler(SERVICE, handlers)])
        if self.plan.key:
            pair = (pathlib.Path(self.plan.key).read_bytes(), pathlib.Path(self.plan.certificate).read_bytes())
            port = server.add_secure_port("127.0.0.1:0", self.grpc.ssl_server_credentials([pair]))
        else:
            port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self.server = server
        return port


@dataclasses.dataclass
class Streams:
    address: str
    log: pathlib.Path

    def calls(self, kind: str) -> list[dict]:
        return [call for call in map(json.loads, self.log.read_text().splitlines()) if call["call"] == kind]


@contextlib.contextmanager
def streams(plan: Plan) -> Iterator[Streams]:
    """Before the emulator that the environment names."""
    from helpers.bigquery import environment_of_python

    with tempfile.TemporaryDirectory(prefix="cdk_streams_") as directory:
        log = pathlib.Path(directory) / "log"
        log.touch()
        upstream = os.environ["BIGQUERY_STORAGE_GRPC_ENDPOINT"]
        command = [str(environment_of_python() / "bin" / "python"), __file__, upstream, str(log)]
        process = subprocess.Popen(
            [*command, json.dumps(dataclasses.asdict(plan))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Streams(f"127.0.0.1:{int(process.stdout.readline())}", log)
        finally:
            process.stdin.close()
            process.stdout.close()
            process.kill()
            process.wait()


def main() -> None:
    upstream, log, plan = sys.argv[1:]
    with open(log, "a", encoding="utf-8") as output:
        relay = Relay(upstream, Plan(**json.loads(plan)), output)
        print(relay.serve(), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
