"""The client of the Valkey/Redis store.

What is particular about it, and why (DESIGN 6):

- **It never repeats a command by itself.** The library's default repeated one INCR eleven times when the
  server stalled. Here a command runs at most once, unless the caller says that it is idempotent.
- **It tells "not sent" from "no answer".** A command that could not be sent is StoreUnavailable: nothing
  happened, safe to retry. One that was sent and not answered may have happened: `effect` asks again with
  the same request id, which the script recognises, and only gives up (OutcomeUnknown) when the store
  stays away.
- **It is cheap, fair and bounded**: one multiplexed connection per process (`core.wire`).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Self

import structlog
from redis.exceptions import NoScriptError, ResponseError

from conjure.core.errors import Internal, OutcomeUnknown, StoreUnavailable
from conjure.core.wire import NoReply, NotSent, Value, Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.settings import StoreSettings

log = structlog.get_logger(__name__)

__all__ = ["Script", "Store", "Value"]


class Script:
    """A Lua script: a `.lua` file of a package, behind the common prelude of `conjure.core`."""

    def __init__(self, package: str, name: str) -> None:
        prelude = resources.files("conjure.core").joinpath("prelude.lua").read_text()
        body = resources.files(package).joinpath(f"{name}.lua").read_text()
        self.name = f"{package.removeprefix('conjure.')}/{name}"
        self.source: Final = f"{prelude}\n{body}".encode()
        self.sha: Final = hashlib.sha1(self.source, usedforsecurity=False).hexdigest()


class Store:
    """One process's connections to the store."""

    def __init__(self, settings: StoreSettings) -> None:
        self._recovery_s = settings.recovery_s
        self._wire = Wire(settings)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wire.close()

    async def ping(self) -> None:
        """Returns when the store answers. Raises StoreUnavailable."""
        await self.read("PING")

    async def read(self, *command: Value) -> Any:
        """Runs a command without effects and returns its reply.

        Raises StoreUnavailable, also when there is no answer: nothing can have happened.
        """
        try:
            return await self._once(command)
        except NoReply as error:
            raise StoreUnavailable from error

    async def write(self, *command: Value) -> Any:
        """Runs a command that is idempotent by nature (SET, HSET, DEL), again if need be.

        Raises StoreUnavailable (not sent) or OutcomeUnknown (sent, never answered).
        """
        return await self._until_answered(command)

    async def query(self, script: Script, keys: Sequence[str], args: Sequence[Value]) -> Any:
        """Runs a script without effects. Raises StoreUnavailable."""
        try:
            return await self._script(script, keys, args, again=False)
        except NoReply as error:
            raise StoreUnavailable from error

    async def effect(self, script: Script, keys: Sequence[str], args: Sequence[Value]) -> Any:
        """Runs a script that is idempotent under a request id among its arguments.

        Raises StoreUnavailable (it did not run) or OutcomeUnknown (nobody knows).
        """
        return await self._script(script, keys, args, again=True)

    async def _script(
        self,
        script: Script,
        keys: Sequence[str],
        args: Sequence[Value],
        *,
        again: bool,
    ) -> Any:
        run = self._until_answered if again else self._once
        tail = (len(keys), *keys, *args)
        try:
            return await run(("EVALSHA", script.sha, *tail))
        except NoScriptError:
            # A fresh server, or a replica that took over: it learns the script from the text itself.
            return await run(("EVAL", script.source, *tail))

    async def _until_answered(self, command: Sequence[Value]) -> Any:
        try:
            return await self._once(command)
        except NoReply as first:
            give_up = asyncio.get_running_loop().time() + self._recovery_s
            pause = 0.02
            while asyncio.get_running_loop().time() < give_up:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.25)
                with contextlib.suppress(NoReply, StoreUnavailable):
                    return await self._once(command)
            log.error("store outcome unknown", command=command[0], cause=repr(first.__cause__))
            raise OutcomeUnknown from first

    async def _once(self, command: Sequence[Value]) -> Any:
        try:
            return await self._wire.call(command)
        except NotSent as error:
            raise StoreUnavailable from error
        except NoScriptError:
            raise
        except ResponseError as error:
            if _is_refusal(error):
                raise StoreUnavailable from error
            log.exception("store refused a command", command=command[0])
            raise Internal from error


def _is_refusal(error: ResponseError) -> bool:
    """Whether the server answered that it cannot serve now: it did nothing, and may recover."""
    return str(error).startswith(
        ("LOADING", "MISCONF", "OOM", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "BUSY", "NOREPLICAS",
         "MASTERDOWN", "max number of clients")
    )  # fmt: skip
