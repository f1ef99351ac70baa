"""What a call that failed raises."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NoReturn

from google.protobuf.message import DecodeError
from grpc.aio import AioRpcError, Metadata

from conjure_client._google import read_status
from conjure_client.v1 import errors_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    import grpc

    from conjure_client.v1.diagnostic_pb2 import KernelDiagnostic

_DETAILS = "grpc-status-details-bin"
# Refused by a rate or a share: nothing has begun.
_LIMITED = (errors_pb2.REASON_RATE_LIMITED, errors_pb2.REASON_OVER_SHARE)


class ApiError(AioRpcError):
    """A failure as Conjure states it, from a blocking call or an awaited one.

    It is a `grpc.RpcError` with `code()`, `details()` and `trailing_metadata()`. When the failure is not the
    server's own (nobody listens, the deadline passed here) `http_status` is 0, and `reason` is unspecified.
    """

    def __init__(self, error: grpc.RpcError) -> None:
        known: Any = error  # every error of a call has the methods of one
        super().__init__(
            known.code(),
            Metadata(*(known.initial_metadata() or ())),
            Metadata(*(known.trailing_metadata() or ())),
            details=known.details(),
            debug_error_string=known.debug_error_string(),
        )
        trailers: dict[str, Any] = dict(known.trailing_metadata() or ())
        stated = _stated(trailers.get(_DETAILS, b""))
        self.http_status: int = stated.http_status
        """The status that REST answers with."""
        self.detail: str = stated.detail or known.details() or ""
        """What is wrong, for people."""
        self.errors: tuple[str, ...] = tuple(stated.errors)
        """One text for each field that is wrong."""
        self.diagnostics: tuple[KernelDiagnostic, ...] = tuple(stated.diagnostics)
        """Why the kernel refused the world."""
        self.omitted_diagnostics: int = stated.omitted_diagnostics
        """How many more there were."""
        self.reason: errors_pb2.Reason.ValueType = stated.reason
        """Why, for programs: compare it with `errors_pb2.REASON_NOT_FOUND` and the others."""
        self.request_id: str = str(trailers.get("x-request-id", ""))
        """What leads to the server's log."""
        self.retry_after_s: float | None = _seconds(trailers.get("retry-after"))
        """When to try again, if the server says so."""

    @classmethod
    def of(cls, error: grpc.RpcError) -> ApiError:
        """Returns what a failed call says; an ApiError is returned as it is."""
        return error if isinstance(error, cls) else cls(error)

    @property
    def had_no_effect(self) -> bool:
        """Whether the server itself says that the call did nothing, so that it can be made again as it is.

        A connection that broke says nothing: the call may have been carried out.
        """
        return self.http_status == 503 or self.reason in _LIMITED  # CONTRACT 0

    def __str__(self) -> str:
        known = errors_pb2.Reason.DESCRIPTOR.values_by_number.get(self.reason)
        name = known.name.removeprefix("REASON_") if known and self.reason else self.code().name
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{name}: {'; '.join((self.detail, *self.errors))}{request}"

    # As grpc's own errors are: an interceptor around ours is handed the error in place of a finished call.

    def result(self, timeout: float | None = None) -> NoReturn:
        """Raises this error."""
        raise self

    def exception(self, timeout: float | None = None) -> ApiError:
        """Returns this error."""
        return self

    def traceback(self, timeout: float | None = None) -> Any:
        """Returns where it was raised."""
        return self.__traceback__

    def done(self) -> bool:
        """The call has ended."""
        return True

    def running(self) -> bool:
        """The call has ended."""
        return False

    def cancelled(self) -> bool:
        """The call has ended by itself."""
        return False

    def cancel(self) -> bool:
        """There is nothing to cancel."""
        return False

    def is_active(self) -> bool:
        """The call has ended."""
        return False

    def time_remaining(self) -> float | None:
        """The call has ended."""
        return None

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """The call has ended."""
        return False

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        """Calls it now."""
        fn(self)


def _stated(data: bytes) -> errors_pb2.ApiError:
    """The ApiError in a status; an empty one when there is none."""
    stated = errors_pb2.ApiError()
    try:
        for detail in read_status(data).details:
            if detail.Unpack(stated):
                break
    except DecodeError:
        stated.Clear()
    return stated


def _seconds(text: object) -> float | None:
    try:
        seconds = float(str(text))
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
