"""The server: a thread of its own with a loop of its own, so that a test may block, or run a product that does."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Self, cast

import httptools
from PIL import Image

from support.model import good, wire
from support.model.calls import Call
from support.model.endpoint import Endpoint
from support.model.outcomes import (
    JSON,
    Cut,
    Drip,
    Endless,
    Garbage,
    Hang,
    Held,
    Outcome,
    Paused,
    Raw,
    Reply,
    Slow,
    failure,
)

Answer = Outcome | Callable[[Call], Outcome]
Answers = Callable[[Call], Outcome] | Sequence[Answer]
"""One that is asked each time, or a script: each in turn, then the good model."""

_MOMENT_S: Final = 0.005


class ModelServer:
    """Use as a context manager. All of its attributes may be read and set while it runs."""

    def __init__(self) -> None:
        self.port = 0
        self.calls: list[Call] = []
        """All that came, in order."""
        self.connections = 0
        """How many were made."""
        self.most_at_once = 0
        """How many calls were under way at the same time, at most."""
        self.endpoint = Endpoint()
        self.good: Callable[[Call], Reply] = good.reply
        self.models: tuple[str, ...] = ("a-model",)
        self.image: bytes = _png()
        """What is drawn."""
        self.image_answers: Sequence[Answer] = ()
        """Instead of a picture, for image generations: each in turn."""
        self._answers: Answers = ()
        self._taken = self._images_taken = 0
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[_Connection] = set()
        self._thread = threading.Thread(target=self._run, name="model server", daemon=True)
        self._is_listening = threading.Event()
        self._end: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """The base URL, as the settings want it."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def answers(self) -> Answers:
        """To chat completions: what is asked each time, or one after the other and then the good model's."""
        return self._answers

    @answers.setter
    def answers(self, answers: Answers) -> None:
        self._answers, self._taken = answers, 0

    @property
    def chats(self) -> list[Call]:
        """The chat completions among the calls."""
        return [call for call in self.calls if call.path.endswith("/chat/completions")]

    def reset(self) -> None:
        """As new; the port stays."""
        self.calls = []
        self.connections = self.most_at_once = 0
        self.endpoint, self.good, self.answers = Endpoint(), good.reply, ()
        self.image_answers, self._images_taken = (), 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_listening.wait()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._end is not None
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        server = await self._loop.create_server(
            lambda: _Connection(self), "127.0.0.1", 0, backlog=256
        )
        self.port = server.sockets[0].getsockname()[1]
        self._is_listening.set()
        await self._end.wait()
        server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in tuple(self._open):
            connection.transport.abort()
        await server.wait_closed()

    def _outcome(self, call: Call) -> Outcome:
        """What becomes of a call."""
        path = call.path.partition("?")[0]
        refused = self.endpoint.refusal(call)
        if refused is not None:
            return refused
        match call.method, path:
            case "GET", "/v1/models":
                listed = [{"id": name, "object": "model", "owned_by": "us"} for name in self.models]
                return Raw(200, {"object": "list", "data": listed}, JSON)
            case "POST", "/v1/chat/completions":
                return self._chat(call)
            case "POST", "/v1/images/generations":
                return self._images(call)
            case "GET", _ if path.startswith("/images/"):
                return Raw(200, self.image, {"content-type": "image/png"})
        return failure(404, f"Invalid URL ({call.method} {path})")

    def _chat(self, call: Call) -> Outcome:
        if not isinstance(call.body, dict) or not isinstance(call.body.get("messages"), list):
            return failure(400, "We could not parse the JSON body of your request.")
        if callable(self._answers):
            return self._answers(call)
        taken = self._taken
        self._taken += 1
        if taken < len(self._answers):
            return _settled(self._answers[taken], call)
        return self.good(call)

    def _images(self, call: Call) -> Outcome:
        taken = self._images_taken
        self._images_taken += 1
        if taken < len(self.image_answers):
            return _settled(self.image_answers[taken], call)
        body = call.body if isinstance(call.body, dict) else {}
        if body.get("response_format", self.endpoint.image_as) == "url":
            image = {"url": f"http://127.0.0.1:{self.port}/images/1.png"}
        else:
            image = {"b64_json": base64.b64encode(self.image).decode()}
        return Raw(200, {"created": 1_790_000_000, "data": [image]}, JSON)

    def _began(self, connection: _Connection, call: Call) -> None:
        self.calls.append(call)
        # Not by their tasks: a caller that has its answer may be back before its task has ended.
        under_way = sum(not (each.answered or each.left) for each in self.calls)
        self.most_at_once = max(self.most_at_once, under_way)
        task = self._loop.create_task(connection.play(call))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)


class _Connection(asyncio.Protocol):
    """One connection; it is kept alive between calls."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._can_write = asyncio.Event()
        self._can_write.set()
        self._playing: asyncio.Task[None] | None = None
        self._call: Call | None = None
        self._begin()

    def _begin(self) -> None:
        self._path = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._server.connections += 1
        self._server._open.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._server._open.discard(self)
        self._can_write.set()
        if self._call is not None and not self._call.answered:
            self._call.left = True
        if self._playing is not None:
            self._playing.cancel()

    def data_received(self, data: bytes) -> None:
        with contextlib.suppress(httptools.HttpParserCallbackError):
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserError:
                self.transport.abort()

    def pause_writing(self) -> None:
        self._can_write.clear()

    def resume_writing(self) -> None:
        self._can_write.set()

    # What the parser calls.

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        call = Call(
            self._parser.get_method().decode(), self._path.decode("latin-1"), self._headers,
            b"".join(self._body), time.monotonic(), lambda: self._server.good(call),
        )  # fmt: skip
        self._begin()
        self._call = call
        self._server._began(self, call)

    # What a call becomes.

    async def play(self, call: Call) -> None:
        """Answers a call; ends early when the caller has gone."""
        self._playing = asyncio.current_task()
        try:
            outcome: Outcome
            try:
                outcome = self._server._outcome(call)
            except Exception as error:  # noqa: BLE001 - a fault of the test's own: it shall see it
                outcome = failure(500, f"the test's answer failed: {error!r}")
            await self._play(outcome, call)
        finally:
            self._playing = None

    async def _play(self, outcome: Outcome, call: Call) -> None:
        match outcome:
            case Slow():
                await asyncio.sleep(outcome.seconds)
                await self._play(self._then(outcome.then, call), call)
            case Held():
                while not outcome.event.is_set():  # noqa: ASYNC110 - of the test's thread
                    await asyncio.sleep(_MOMENT_S)
                await self._play(self._then(outcome.then, call), call)
            case Paused():
                whole = Raw(200, outcome.first + outcome.rest, outcome.headers)
                head, _ = wire.parts(whole, call)
                await self._send(head + outcome.first)
                while not outcome.event.is_set():  # noqa: ASYNC110 - of the test's thread
                    await asyncio.sleep(_MOMENT_S)
                call.answered = True
                await self._send(outcome.rest)
            case Drip():
                head, body = wire.parts(self._then(outcome.then, call), call)
                if outcome.is_body_only:
                    await self._send(head)
                    head = b""
                for at in range(0, len(sent := head + body), outcome.size):
                    await self._send(sent[at : at + outcome.size])
                    await asyncio.sleep(outcome.every_s)
                call.answered = True
            case Cut():
                self.transport.write(wire.cut(outcome, self._then(outcome.then, call), call))
                call.answered = True
                self.transport.close()
            case Endless():
                await self._send(wire.ENDLESS_HEAD)
                while True:
                    await self._send(wire.ENDLESS_CHUNK)
            case Garbage():
                self.transport.write(outcome.sent)
                call.answered = True
                self.transport.close()
            case Hang():
                await asyncio.Event().wait()
            case Reply() | Raw():
                call.answered = True
                await self._send(b"".join(wire.parts(outcome, call)))

    def _then(self, answer: Any, call: Call) -> Any:
        return call.good() if answer is None else _settled(answer, call)

    async def _send(self, data: bytes) -> None:
        self.transport.write(data)
        await self._can_write.wait()
        await asyncio.sleep(0)  # who reads as fast as this writes would keep the loop for itself


def _settled(answer: Answer, call: Call) -> Outcome:
    return answer(call) if callable(answer) else answer


def _png() -> bytes:
    """A small picture: a warm sky over dark ground."""
    image = Image.new("RGB", (96, 64), (236, 176, 110))
    image.paste((38, 40, 60), (0, 40, 96, 64))
    encoded = io.BytesIO()
    image.save(encoded, "PNG")
    return encoded.getvalue()
