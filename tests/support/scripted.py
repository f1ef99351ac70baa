"""A gRPC server that says what it is told to, for tests of clients."""

from __future__ import annotations

import threading
from concurrent import futures

import grpc
from google.protobuf import any_pb2
from google.rpc import status_pb2

from conjure.core.catalog import CATALOG
from conjure.core.errors import Reason
from conjure.v1 import errors_pb2
from support.until import LIMIT_S

READ, WRITE = "/conjure.v1.WorldService/GetWorld", "/conjure.v1.WorldService/DeleteWorld"


class Scripted:
    """A gRPC server whose answers are written down: each a status code, a Reason, or none for a success."""

    def __init__(self, *answers, credentials=None, retry_after="0.01", is_silent=False):
        self.answers, self.calls, self.retry_after = list(answers), [], retry_after
        self.is_silent = is_silent
        self.stopped = threading.Event()
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        handlers = {name.rpartition("/")[2]: self.handler() for name in (READ, WRITE)}
        self.server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("conjure.v1.WorldService", handlers),)
        )
        bind = self.server.add_insecure_port
        address = "localhost:0"
        self.port = (
            bind(address)
            if credentials is None
            else self.server.add_secure_port(address, credentials)
        )
        self.target = f"localhost:{self.port}"

    def handler(self):
        return grpc.unary_unary_rpc_method_handler(
            self.answer, response_serializer=lambda answer: answer
        )

    def answer(self, request, context):
        self.calls.append(dict(context.invocation_metadata()))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Reason):
            spec = CATALOG[answer]
            packed = any_pb2.Any()
            reason = errors_pb2.Reason.Value(f"REASON_{answer.value}")
            packed.Pack(errors_pb2.ApiError(http_status=spec.http, detail="no", reason=reason))
            status = status_pb2.Status(code=spec.code.value, message="no", details=[packed])
            context.set_trailing_metadata((
                ("grpc-status-details-bin", status.SerializeToString()),
                ("retry-after", self.retry_after),
            ))  # fmt: skip
            code = next(one for one in grpc.StatusCode if one.value[0] == spec.code.value)
            context.abort(code, "no")
        if answer is not None:
            context.abort(answer, "no")
        if self.is_silent:
            self.stopped.wait(LIMIT_S)
        return b""

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.server.stop(0).wait()
