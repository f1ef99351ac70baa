"""The two ways in, REST through Envoy and gRPC, behind one set of calls: each fills in an `Attempt`."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, Final, Protocol

import grpc
import grpc.aio
import httpx

from conjure.edge.replies import UNAVAILABLE
from support.chaos.ledger import LOST, Fate
from support.chaos.talk import SPOKEN, first_heard
from support.chaos.work import PREMISE, begin
from support.rest import assert_error, bearer
from support.rpc import Client, read_refusal
from support.talks import Talk
from support.versions import Versions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.chaos.ledger import Attempt, Ledger
    from support.chaos.talk import Visitor

_NEVER_SENT: Final = (
    "failed to connect to all addresses",
    "connections to all backends failing",
)
"""What the library says of a call for which there was no connection: nobody heard of it."""

Shown = tuple[str, bool]
"""A rev that a watcher is shown, and whether it is told to begin anew there."""


class Face(Protocol):
    """One app's calls. None of them raises for what a fault does: the attempt says what is known."""

    name: str

    async def write(self, attempt: Attempt) -> None: ...
    async def read(self, attempt: Attempt) -> None: ...
    async def create(self, attempt: Attempt, document: dict[str, Any]) -> None: ...
    async def job(self, attempt: Attempt) -> None: ...
    async def save(self, attempt: Attempt) -> None: ...
    async def mint(self, attempt: Attempt, world_id: str) -> str | None: ...
    async def connect(self, attempt: Attempt, token: str) -> None: ...
    async def end(self, attempt: Attempt, token: str) -> None: ...
    async def say(self, attempt: Attempt, visitor: Visitor) -> None: ...
    async def say_stream(self, attempt: Attempt, visitor: Visitor) -> None: ...
    async def speak(self, attempt: Attempt, visitor: Visitor) -> None: ...
    def watch(self, attempt: Attempt, from_rev: str | None) -> AsyncIterator[Shown]: ...


def settle(attempt: Attempt, status: int) -> None:
    """Says what is known after a status of a failure (CONTRACT 0)."""
    attempt.status = status
    # 499 is never sent; 500 promises nothing.
    attempt.fate = Fate.UNKNOWN if status in {LOST, 500, 504} else Fate.REFUSED


class RestFace:
    """REST through Envoy."""

    name = "rest"

    def __init__(self, rest: httpx.AsyncClient, key: str, ledger: Ledger) -> None:
        self._rest = rest
        self._headers = bearer(key)
        self._ledger = ledger

    async def _ask(
        self, attempt: Attempt, method: str, path: str, body: Any = None, **headers: str
    ) -> Any:
        try:
            answer = await self._rest.request(
                method, path, json=body, headers=self._headers | headers
            )
        except httpx.ConnectError:  # nobody heard of it
            attempt.fate, attempt.status = Fate.REFUSED, LOST
            return None
        except httpx.HTTPError:
            settle(attempt, LOST)
            return None
        return self._read(attempt, answer)

    def _read(self, attempt: Attempt, answer: httpx.Response) -> Any:
        if answer.status_code in {200, 202}:
            attempt.fate, attempt.status = Fate.DONE, answer.status_code
            return answer.json()
        settle(attempt, answer.status_code)
        try:
            attempt.answer = assert_error(answer, answer.status_code)["detail"]
            if answer.status_code in {429, 503}:
                assert int(answer.headers["retry-after"]) >= 1, answer.headers
        except (AssertionError, KeyError, ValueError) as error:
            self._ledger.malformed.append(f"{attempt}: {answer.text[:300]!r} {error}")
        return None

    async def write(self, attempt: Attempt) -> None:
        headers = {} if attempt.asserted is None else {"if-match": f'"{attempt.asserted}"'}
        path = f"/v1/worlds/{attempt.subject}/entrance"
        body = await self._ask(attempt, "PATCH", path, {"state": attempt.mark}, **headers)
        if body is not None:
            attempt.answer = body["rev"]

    async def read(self, attempt: Attempt) -> None:
        body = await self._ask(attempt, "GET", f"/v1/worlds/{attempt.subject}/scene")
        if body is not None:
            attempt.answer, attempt.mark = body["rev"], body["entrance"]["state"]

    async def create(self, attempt: Attempt, document: dict[str, Any]) -> None:
        headers = {"idempotency-key": attempt.mark} if attempt.mark else {}
        body = await self._ask(attempt, "POST", "/v1/worlds", {"world": document}, **headers)
        if body is not None:
            attempt.answer = body["worldId"]

    async def job(self, attempt: Attempt) -> None:
        asked = {"premise": PREMISE, "name": attempt.subject, "async": True}
        key = {"idempotency-key": attempt.mark}
        body = await self._ask(attempt, "POST", "/v1/worlds", asked, **key)
        if body is not None:
            attempt.answer = body["jobId"]

    async def save(self, attempt: Attempt) -> None:
        path = f"/v1/worlds/{attempt.subject}/versions"
        body = await self._ask(attempt, "POST", path, {"title": attempt.mark})
        if body is not None:
            attempt.answer = body["versionId"]

    async def mint(self, attempt: Attempt, world_id: str) -> str | None:
        body = await self._ask(attempt, "POST", "/v1/sessions/token", {"worldId": world_id})
        if body is None:
            return None
        attempt.answer = body["jti"]
        return str(body["token"])

    async def connect(self, attempt: Attempt, token: str) -> None:
        body = await self._ask(
            attempt, "POST", "/v1/sessions/connect", authorization=f"Bearer {token}"
        )
        if body is not None:
            attempt.amount = body["expiresIn"]

    async def end(self, attempt: Attempt, token: str) -> None:
        await self._ask(attempt, "POST", "/v1/sessions/end", authorization=f"Bearer {token}")

    async def say(self, attempt: Attempt, visitor: Visitor) -> None:
        path, given = _said(visitor, "say"), {"text": attempt.mark}
        body = await self._ask(attempt, "POST", path, given, **bearer(visitor.token))
        if body is not None:
            attempt.answer = body["reply"]

    async def say_stream(self, attempt: Attempt, visitor: Visitor) -> None:
        """Until its last event has come, which holds the turn, nobody knows whether it was kept."""
        async for line in self._streamed(
            attempt, visitor, "say-stream", attempt.mark, by_line=True
        ):
            if line.startswith('data: {"turn":'):
                attempt.fate, attempt.status = Fate.DONE, 200
                attempt.answer = json.loads(line[6:])["turn"]["reply"]

    async def speak(self, attempt: Attempt, visitor: Visitor) -> None:
        async for piece in self._streamed(attempt, visitor, "tts", SPOKEN):
            attempt.amount += len(piece)
            first_heard(attempt)

    async def _streamed(
        self, attempt: Attempt, visitor: Visitor, what: str, text: str, *, by_line: bool = False
    ) -> AsyncIterator[Any]:
        """The pieces, or the lines, of an answer, as far as they come; none of a refusal."""
        path, headers = _said(visitor, what), bearer(visitor.token)
        with contextlib.suppress(httpx.HTTPError):
            async with self._rest.stream(
                "POST", path, json={"text": text}, headers=headers
            ) as answer:
                if answer.status_code != 200:
                    await answer.aread()
                    self._read(attempt, answer)
                    return
                async for part in answer.aiter_lines() if by_line else answer.aiter_raw():
                    yield part

    async def watch(self, attempt: Attempt, from_rev: str | None) -> AsyncIterator[Shown]:
        headers = {} if from_rev is None else {"last-event-id": from_rev}
        path = f"/v1/worlds/{attempt.subject}/events-stream"
        with contextlib.suppress(httpx.HTTPError):
            async with self._rest.stream(
                "GET", path, headers=self._headers | headers, timeout=httpx.Timeout(10, read=40)
            ) as answer:
                if answer.status_code != 200:
                    await answer.aread()
                    self._read(attempt, answer)
                    return
                attempt.fate, attempt.status = Fate.DONE, 200
                event = ""
                async for line in answer.aiter_lines():
                    name, _, value = line.partition(": ")
                    if not name:
                        event = ""
                    elif name == "event":
                        event = value
                    elif name == "data" and event != "end":
                        change = json.loads(value)
                        yield change["rev"], bool(change.get("reset"))


class GrpcFace:
    """gRPC: typed messages, straight to the servers or through Envoy's other listener."""

    def __init__(self, caller: Client, ledger: Ledger, *, name: str = "grpc") -> None:
        self.name = name
        self._caller = caller
        self._ledger = ledger

    async def _ask(self, attempt: Attempt, call: Any) -> Any:
        try:
            answer = await call
        except grpc.aio.AioRpcError as error:
            self._read(attempt, error)
            return None
        attempt.fate, attempt.status = Fate.DONE, 200
        return answer

    def _read(self, attempt: Attempt, error: grpc.aio.AioRpcError) -> None:
        if "grpc-status-details-bin" not in dict(error.trailing_metadata() or ()):
            # Envoy's words, with which it promises that nothing was sent; or the library's own.
            is_edges = (
                error.details() == UNAVAILABLE and error.code() is grpc.StatusCode.UNAVAILABLE
            )
            settle(attempt, 503 if is_edges else LOST)
            if (error.details() or "").startswith(_NEVER_SENT):
                attempt.fate = Fate.REFUSED
            attempt.answer = f"{error.code().name} {error.details()}"
            return
        try:
            refusal = read_refusal(error)
        except AssertionError as wrong:
            self._ledger.malformed.append(f"{attempt}: {error!r} {wrong}")
            settle(attempt, LOST)
            return
        settle(attempt, refusal.error.http_status)
        attempt.answer = refusal.reason
        if (
            attempt.status in {429, 503}
            and not str(refusal.trailers.get("retry-after", "")).isdecimal()
        ):
            self._ledger.malformed.append(f"{attempt}: no retry-after")

    async def write(self, attempt: Attempt) -> None:
        call = self._caller.set_entrance(
            attempt.subject, attempt.mark, expected_rev=attempt.asserted
        )
        done = await self._ask(attempt, call)
        if done is not None:
            attempt.answer = done.result.rev

    async def read(self, attempt: Attempt) -> None:
        done = await self._ask(attempt, self._caller.scene(attempt.subject))
        if done is not None:
            attempt.answer, attempt.mark = done.rev, done.entrance.state

    async def create(self, attempt: Attempt, document: dict[str, Any]) -> None:
        headers = {"idempotency_key": attempt.mark} if attempt.mark else {}
        done = await self._ask(attempt, self._caller.create(document, **headers))
        if done is not None:
            attempt.answer = done.world_id

    async def job(self, attempt: Attempt) -> None:
        call = begin(self._caller, attempt.subject, attempt.mark)
        done = await self._ask(attempt, call)
        if done is not None:
            attempt.answer = done.accepted.job_id

    async def save(self, attempt: Attempt) -> None:
        call = Versions(self._caller, attempt.subject).create(title=attempt.mark)
        done = await self._ask(attempt, call)
        if done is not None:
            attempt.answer = done.version_id

    async def mint(self, attempt: Attempt, world_id: str) -> str | None:
        done = await self._ask(attempt, self._caller.mint(world_id))
        if done is None:
            return None
        attempt.answer = done.jti
        return str(done.token)

    async def connect(self, attempt: Attempt, token: str) -> None:
        done = await self._ask(attempt, self._caller.connect(token))
        if done is not None:
            attempt.amount = done.expires_in

    async def end(self, attempt: Attempt, token: str) -> None:
        done = await self._ask(attempt, self._caller.end(attempt.subject))
        if done is not None:
            attempt.amount = done.refunded_seconds

    async def say(self, attempt: Attempt, visitor: Visitor) -> None:
        done = await self._ask(attempt, self._talk(visitor).say(attempt.mark))
        if done is not None:
            attempt.answer = done.reply

    async def say_stream(self, attempt: Attempt, visitor: Visitor) -> None:
        """Until its last message has come, which holds the turn, nobody knows whether it was kept."""
        heard = False
        try:
            async for message in self._talk(visitor).say_stream(attempt.mark):
                heard = True
                if message.HasField("turn"):
                    attempt.fate, attempt.status = Fate.DONE, 200
                    attempt.answer = message.turn.reply
        except grpc.aio.AioRpcError as error:
            if attempt.fate is not Fate.DONE:
                self._read(attempt, error)
            if heard and attempt.fate is Fate.REFUSED:
                attempt.fate = Fate.UNKNOWN

    async def speak(self, attempt: Attempt, visitor: Visitor) -> None:
        try:
            async for message in self._talk(visitor).speak(SPOKEN):
                attempt.amount += len(message.content)
                first_heard(attempt)
        except grpc.aio.AioRpcError as error:
            if attempt.fate is not Fate.DONE:
                self._read(attempt, error)

    def _talk(self, visitor: Visitor) -> Talk:
        return Talk(self._caller, visitor.character_id, visitor.token)

    async def watch(self, attempt: Attempt, from_rev: str | None) -> AsyncIterator[Shown]:
        stream = self._caller.watch(attempt.subject, from_rev)
        try:
            await stream.initial_metadata()
            attempt.fate, attempt.status = Fate.DONE, 200
            async for change in stream:
                yield change.rev, change.reset
        except grpc.aio.AioRpcError as error:
            if attempt.fate is not Fate.DONE:
                self._read(attempt, error)
        finally:
            stream.cancel()


def _said(visitor: Visitor, what: str) -> str:
    return f"/v1/characters/{visitor.character_id}/{what}"
