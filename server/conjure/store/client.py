"""The client of the Valkey/Redis store.

What is particular about it, and why (ARCHITECTURE 6):

- **It never repeats a command by itself.** The library's default repeated one INCR eleven times when the
  server stalled. Here a command runs at most once, unless the caller says that it is idempotent.
- **It tells "not sent" from "no answer".** A command that could not be sent is StoreUnavailable: nothing
  happened, safe to retry. One that was sent and not answered may have happened: `effect` asks again with
  the same request id, which the script recognises, and only gives up (OutcomeUnknown) when the store
  stays away.
- **It is cheap, fair and bounded**: one multiplexed connection per process (`store.wire`).
- **It may be a cluster** (`store.cluster`), where a write is answered only when replicas have it
  (`store.replicated`). Nobody else knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import structlog
from redis.exceptions import NoScriptError, RedisError

from conjure.core import metrics
from conjure.core.errors import Internal, OutcomeUnknown, StoreUnavailable
from conjure.store.cluster import Cluster, Node
from conjure.store.link import NoReply, NotSent, Value
from conjure.store.round_trips import Operation, operation_of
from conjure.store.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from conjure.settings import StoreSettings

log = structlog.get_logger(__name__)

__all__ = ["EFFECT_MS", "Script", "Store", "Value"]

EFFECT_MS: Final = 60_000
"""How long an effect can be asked about under its request id: far longer than anybody asks."""


class Wiring(Protocol):
    """What leads to the store: one wire, one server with replicas, or a cluster."""

    def call(self, command: Sequence[Value], key: Value | None, safe: bool, /) -> Awaitable[Any]:
        """Runs a command and returns its reply; a `safe` one's when replicas have what it speaks of.

        `key` is any of the command's keys, None if it has none. Raises NotSent, NoReply, or the error
        that the server answered with.
        """
        ...

    async def close(self) -> None:
        """Ends all connections."""
        ...


_REFUSALS: Final = frozenset(
    (
        "LOADING", "MISCONF", "OOM", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "BUSY", "NOREPLICAS",
        "MASTERDOWN", "NOAUTH", "WRONGPASS", "DENIED", "NOPERM",
    )
)  # fmt: skip
# What the server says instead of NOPERM when a command of a script is not permitted: 7.2 on, and 7.0.
_NO_PERMISSION_IN_SCRIPT: Final = ("ACL failure in script", "The user executing the script can't")
_LOG_AGAIN_S: Final = 60.0


class Script:
    """A Lua script: a `.lua` file of a package, behind the common prelude and files it `includes`.

    An included file is one of the same package (`blobs`) or of another domain (`usage.spend`).

    The first line says to the server what kind it is (Redis 7): one that may write is refused as a
    whole when there is no memory, not in its middle; one that only reads then still runs.
    """

    def __init__(
        self, package: str, name: str, *, includes: Sequence[str] = (), reads_only: bool = False
    ) -> None:
        parts = ["#!lua flags=no-writes" if reads_only else "#!lua"]
        parts.append(_lua("conjure.store", "prelude"))
        parts += [_lua(*_place(part, package)) for part in includes]
        parts.append(_lua(package, name))
        self.source: Final = "\n".join(parts).encode()
        self.sha: Final = hashlib.sha1(self.source, usedforsecurity=False).hexdigest()
        self.operation: Final = Operation("EVALSHA", f"{package.removeprefix('conjure.')}.{name}")


def _place(include: str, package: str) -> tuple[str, str]:
    """Package and name of an included file: `blobs` is the script's own domain's, `usage.spend` is not."""
    domain, _, name = include.rpartition(".")
    return (f"conjure.{domain}" if domain else package, name)


def _lua(package: str, name: str) -> str:
    return resources.files(package).joinpath(f"{name}.lua").read_text()


class Store:
    """One process's connections to the store."""

    def __init__(self, settings: StoreSettings) -> None:
        self._patience_s = settings.patience_s
        self._wiring = _wired(settings)
        self._refusals = _RefusalLog()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wiring.close()

    async def ping(self) -> None:
        """Returns when the store answers, of a cluster any server. Raises StoreUnavailable."""
        await self.read("PING")

    async def read(self, *command: Value) -> Any:
        """Runs a command without effects and returns its reply.

        Raises StoreUnavailable, also when there is no answer: nothing can have happened.
        """
        return await self._once(_plain(command, safe=False))

    async def write(self, *command: Value) -> Any:
        """Runs a command that is idempotent by nature (SET, HSET, DEL), again if need be.

        Raises StoreUnavailable (not sent) or OutcomeUnknown (sent, never answered).
        """
        return await self._until_answered(_plain(command, safe=True))

    def query(self, script: Script, keys: Sequence[str], args: Sequence[Value]) -> Awaitable[Any]:
        """Runs a script without effects. Raises StoreUnavailable."""
        return self._once(_scripted(script, keys, args, safe=False))

    def effect(self, script: Script, keys: Sequence[str], args: Sequence[Value]) -> Awaitable[Any]:
        """Runs a script that is idempotent under a request id among its arguments.

        Raises StoreUnavailable (it did not run) or OutcomeUnknown (nobody knows).
        """
        return self._until_answered(_scripted(script, keys, args, safe=True))

    async def _once(self, command: _Command) -> Any:
        try:
            return await self._answer(command)
        except NoReply as error:
            raise StoreUnavailable from error

    async def _until_answered(self, command: _Command) -> Any:
        try:
            return await self._answer(command)
        except NoReply as first:
            give_up = asyncio.get_running_loop().time() + self._patience_s
            pause = 0.02
            while asyncio.get_running_loop().time() < give_up:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.25)
                # From here on "not sent" says nothing about the first time.
                with contextlib.suppress(NoReply, StoreUnavailable):
                    return await self._answer(command)
            metrics.STORE_OUTCOMES_UNKNOWN.at().add()
            log.error("store outcome unknown", cause=str(first))
            raise OutcomeUnknown from first

    async def _answer(self, command: _Command) -> Any:
        """Runs a command and names what came of it; lets NoReply through."""
        wiring, key, safe = self._wiring, command.key, command.safe
        try:
            try:
                with command.operation.round_trip():
                    return await wiring.call(command.words, key, safe)
            except NoScriptError:
                if command.script is None:
                    raise
                # A fresh server, or a replica that took over: it learns the script from the text itself.
                metrics.STORE_SCRIPTS_TAUGHT.at().add()
                with command.operation.round_trip("EVAL"):
                    return await wiring.call(command.with_text(), key, safe)
        except NotSent as error:
            cause = error.__cause__
            # While connecting: a wrong password, protected mode.
            if isinstance(cause, RedisError) and _is_refusal(cause):
                self._refusals.add(cause)
            raise StoreUnavailable from error
        except RedisError as error:
            if _is_refusal(error):
                self._refusals.add(error)
                raise StoreUnavailable from error
            log.error("the store refused a command", cause=f"{_code(error)}: {error}"[:200])
            raise Internal from error


class _RefusalLog:
    """Logs that the store refuses to serve, once a minute for each reason: every call meets the same one."""

    def __init__(self) -> None:
        self._not_before: dict[str, float] = {}

    def add(self, error: RedisError) -> None:
        now, code = asyncio.get_running_loop().time(), _code(error)
        if now >= self._not_before.get(code, now):
            self._not_before[code] = now + _LOG_AGAIN_S
            log.error("the store refuses to serve", code=code, cause=str(error)[:200])


def _wired(settings: StoreSettings) -> Wiring:
    if settings.cluster:
        return Cluster(settings)
    if settings.replicas:
        return Node(settings, settings.url)
    return Wire(settings, settings.url)


class _Command:
    """A command on its way: what is sent, what it is counted as, where it goes (see `Wiring.call`)."""

    __slots__ = ("key", "operation", "safe", "script", "words")

    def __init__(
        self,
        words: Sequence[Value],
        key: Value | None,
        operation: Operation,
        script: Script | None = None,
        *,
        safe: bool,
    ) -> None:
        self.words = words
        self.key = key
        self.operation = operation
        self.script = script  # None: a plain command
        self.safe = safe

    def with_text(self) -> Sequence[Value]:
        """The same for a server that does not know the script."""
        assert self.script is not None  # noqa: S101 - its caller asked
        return ("EVAL", self.script.source, *self.words[2:])


def _plain(words: Sequence[Value], *, safe: bool) -> _Command:
    key = words[1] if len(words) > 1 else None
    return _Command(words, key, operation_of(words), safe=safe)


def _scripted(
    script: Script, keys: Sequence[str], args: Sequence[Value], *, safe: bool
) -> _Command:
    words = ("EVALSHA", script.sha, len(keys), *keys, *args)
    return _Command(words, keys[0], script.operation, script, safe=safe)


def _code(error: RedisError) -> str:
    """The first word of an error reply; the library takes the ones it knows off the text."""
    return error.status_code or str(error).partition(" ")[0]


def _is_refusal(error: RedisError) -> bool:
    """Whether the server answered that it cannot serve now, or not us: it did nothing, and may recover.

    A script that meets a command it may not run has done what stands before it; asked again with the same
    request id once it may, it completes the rest.
    """
    text = str(error)
    return (
        _code(error) in _REFUSALS
        or "max number of clients" in text
        or text.startswith(_NO_PERMISSION_IN_SCRIPT)
    )
