"""Channels for blocking and for awaited calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import grpc
import grpc.aio

from conjure_client.errors import ApiError
from conjure_client.retries import pause_s, service_config

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

Item = TypeVar("Item")

DEADLINE_S = 30.0
"""The longest that a unary call takes when its caller says nothing: the edge ends it then, too."""


def connect(
    target: str,
    key: str = "",
    *,
    plaintext: bool = False,
    credentials: grpc.ChannelCredentials | None = None,
    deadline_s: float | None = DEADLINE_S,
    retries: bool = True,
    options: Sequence[tuple[str, Any]] = (),
) -> grpc.Channel:
    """Returns a channel for blocking calls, over TLS unless `plaintext`. Failures are `ApiError`.

    `key` goes with every call that has no `authorization` metadata of its own. `credentials` are for a CA or
    a client certificate of one's own: `grpc.ssl_channel_credentials(...)`. `deadline_s` is for unary calls
    without a timeout; a stream has none. Raises ValueError for a key that is none.
    """
    rules = _Rules(_checked(key), deadline_s, retries=retries)
    given = _options(retries=retries, options=options)
    if plaintext:
        channel = grpc.insecure_channel(target, given)
    else:
        channel = grpc.secure_channel(target, credentials or grpc.ssl_channel_credentials(), given)
    return grpc.intercept_channel(channel, _Blocking(rules))


def connect_aio(
    target: str,
    key: str = "",
    *,
    plaintext: bool = False,
    credentials: grpc.ChannelCredentials | None = None,
    deadline_s: float | None = DEADLINE_S,
    retries: bool = True,
    options: Sequence[tuple[str, Any]] = (),
) -> grpc.aio.Channel:
    """Returns a channel for calls that are awaited; the rest is as `connect` has it."""
    rules = _Rules(_checked(key), deadline_s, retries=retries)
    given = _options(retries=retries, options=options)
    interceptors = [_Awaited(rules), _AwaitedStream(rules)]
    if plaintext:
        return grpc.aio.insecure_channel(target, given, interceptors=interceptors)
    trusted = credentials or grpc.ssl_channel_credentials()
    return grpc.aio.secure_channel(target, trusted, given, interceptors=interceptors)


def _checked(key: str) -> str:
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError("a key is printable ASCII without spaces")  # and is not repeated here
    return key


def _options(*, retries: bool, options: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    ours: dict[str, Any] = {
        "grpc.max_receive_message_length": -1,  # a world may have 12 MiB; gRPC takes 4 by itself
        "grpc.enable_retries": int(retries),
        # A second by itself: the attempts of a call would all find a channel that waits.
        "grpc.initial_reconnect_backoff_ms": 100,
        "grpc.primary_user_agent": "conjure-client",
    }
    if retries:
        ours["grpc.service_config"] = service_config()
    return list((ours | dict(options)).items())


class _Details(NamedTuple):
    """What a call is made with."""

    method: str
    timeout: float | None
    metadata: Any
    credentials: Any
    wait_for_ready: Any
    compression: Any


class _Rules:
    """What holds for every call of a channel."""

    def __init__(self, key: str, deadline_s: float | None, *, retries: bool) -> None:
        self._key = key
        self._deadline_s = deadline_s
        self._retries = retries

    def details(self, given: Any, *, is_stream: bool = False) -> _Details:
        """Returns what a caller gave, completed."""
        metadata = list(given.metadata or ())
        if self._key and "authorization" not in {name.lower() for name, _ in metadata}:
            metadata.append(("authorization", f"Bearer {self._key}"))
        timeout = given.timeout
        if timeout is None and not is_stream:
            timeout = self._deadline_s
        method = given.method.decode() if isinstance(given.method, bytes) else given.method
        return _Details(
            method, timeout, metadata, given.credentials, given.wait_for_ready,
            getattr(given, "compression", None),
        )  # fmt: skip

    def pause_s(self, call: _Attempts, error: ApiError) -> float | None:
        """Returns how long to wait before the next attempt; None when there is none."""
        if not self._retries:
            return None
        return pause_s(call.details.method, error, call.made, call.remaining_s())


class _Attempts:
    """The attempts of one call, within its one deadline."""

    def __init__(self, details: _Details) -> None:
        self.details = details
        self.made = 0
        self._ends = None if details.timeout is None else time.monotonic() + details.timeout

    def next(self) -> _Details:
        """Returns what the next attempt is made with."""
        self.made += 1
        return self.details._replace(timeout=self.remaining_s())

    def remaining_s(self) -> float | None:
        """Returns the seconds until the deadline."""
        return None if self._ends is None else max(0.0, self._ends - time.monotonic())


class _Blocking(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    def __init__(self, rules: _Rules) -> None:
        self._rules = rules

    def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        attempts = _Attempts(self._rules.details(client_call_details))
        while True:
            call = continuation(attempts.next(), request)
            # Made with `.future()`: gRPC's own call, which can be iterated too. Nobody waits here.
            if isinstance(call, Iterator):
                return _Translated(call)
            if not isinstance(failure := call.exception(), grpc.RpcError):
                return call
            error = ApiError.of(failure)
            pause = self._rules.pause_s(attempts, error)
            if pause is None:
                return error  # an outcome that raises itself: what is raised here is INTERNAL
            time.sleep(pause)

    def intercept_unary_stream(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        details = self._rules.details(client_call_details, is_stream=True)
        return _Translated(continuation(details, request))


class _Translated(Generic[Item]):
    """A call that goes on, whose failure is an ApiError."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        return self._or_error(lambda: next(self._call))

    def result(self, timeout: float | None = None) -> Item:
        return self._or_error(lambda: self._call.result(timeout))

    def exception(self, timeout: float | None = None) -> Any:
        failure = self._call.exception(timeout)
        return ApiError.of(failure) if isinstance(failure, grpc.RpcError) else failure

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        self._call.add_done_callback(lambda _: fn(self))

    def _or_error(self, take: Callable[[], Item]) -> Item:
        try:
            return take()
        except grpc.RpcError as error:
            raise ApiError.of(error) from None


class _Awaited(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, rules: _Rules) -> None:
        self._rules = rules

    async def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        attempts = _Attempts(self._rules.details(client_call_details))
        while True:
            call = await continuation(_aio_details(attempts.next()), request)
            try:
                await call
            except grpc.aio.AioRpcError as failure:
                error = ApiError.of(failure)
                pause = self._rules.pause_s(attempts, error)
                if pause is None:
                    raise error from None
            else:
                return call
            await asyncio.sleep(pause)


class _AwaitedStream(grpc.aio.UnaryStreamClientInterceptor):
    def __init__(self, rules: _Rules) -> None:
        self._rules = rules

    async def intercept_unary_stream(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        details = self._rules.details(client_call_details, is_stream=True)
        return _items(await continuation(_aio_details(details), request))


def _aio_details(details: _Details) -> grpc.aio.ClientCallDetails:
    method: Any = details.method.encode()  # its interceptors are given, and want, bytes
    return grpc.aio.ClientCallDetails(
        method, details.timeout, grpc.aio.Metadata(*details.metadata),
        details.credentials, details.wait_for_ready,
    )  # fmt: skip


async def _items(call: Any) -> AsyncIterator[Any]:
    try:
        async for item in call:
            yield item
    except grpc.aio.AioRpcError as error:
        raise ApiError.of(error) from None
    finally:
        call.cancel()
