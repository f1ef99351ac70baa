"""What stores have in them, and a deployment that has some of everything to back up."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis

from conjure.administration import administration
from conjure.settings import AuthSettings, Settings
from conjure.store.masters import survey
from conjure.store.owned import is_owned, is_rebuilt, name_of
from conjure.store.topology import address_in
from support.chaos.endpoint import register
from support.jobs import Jobs
from support.rpc import Client, stubborn_client
from support.stack import TestApp, new_app, running_server, store_settings
from support.talks import new_character, new_talk
from support.until import until
from support.versions import Versions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conjure.administration import Administration

KINDS = {
    "world", "versions", "version-index", "version-blobs", "version-counts", "changes", "asset-names",
    "asset-counts", "index", "memory", "memories", "usage", "caps", "leases", "lease",
    "idempotency", "job", "job-steps", "queue-lanes", "queue", "queue-entry", "key", "asset",
    "user-app-rows", "app", "app-keys",
}  # fmt: skip
"""What a filled deployment has, by `name_of`."""


def settings_of(url: str, assets: Path) -> Settings:
    """The settings of a command on a store."""
    return Settings.from_environment(
        {
            "CONJURE_STORE_URL": url,
            "CONJURE_STORE_CLUSTER": str(store_settings(url).cluster),
            "CONJURE_ASSETS_URL": str(assets),
        }
    )


_READ: dict[bytes, tuple[str, ...]] = {
    b"string": ("GET",),
    b"hash": ("HGETALL",),
    b"set": ("SMEMBERS",),
    b"zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
    b"list": ("LRANGE", "0", "-1"),
    b"stream": ("XRANGE", "-", "+"),
}


async def contents(url: str) -> dict[bytes, tuple[bytes, int, Any]]:
    """Every key of a store, on all of its masters: type, the ms at which it lapses, and what is in it."""
    found: dict[bytes, tuple[bytes, int, Any]] = {}
    for master in await survey(store_settings(url)):
        host, port = address_in(master.url)
        async with Redis(host=host, port=port, protocol=2) as client:
            client.response_callbacks.clear()
            for key in await client.execute_command("KEYS", "*"):
                kind = await client.execute_command("TYPE", key)
                if kind not in _READ:
                    continue  # it has lapsed
                name, *rest = _READ[kind]
                value = await client.execute_command(name, key, *rest)
                ends = await client.execute_command("PEXPIRETIME", key)
                if kind == b"hash":
                    value = dict(zip(value[::2], value[1::2], strict=True))
                elif kind == b"set":
                    value = set(value)
                found[key] = (kind, ends, value)
    return found


async def asked_at_once(url: str) -> None:
    """Has a server begin a snapshot when it is asked, not five seconds later, when others may have asked too."""
    host, port = address_in(url)
    async with Redis(host=host, port=port) as client:
        await client.config_set("repl-diskless-sync-delay", 0)


def kept(found: dict[bytes, tuple[bytes, int, Any]], *, beyond_ms: int) -> dict[bytes, Any]:
    """What a restore must bring back as it was: keys of ours that are not directories, and last so long.

    Without the mark that a restore leaves in worlds, and without the times of claims: worlds claim again.
    """
    result = {}
    for key, (kind, ends, value) in found.items():
        if is_owned(key) and not is_rebuilt(key) and not 0 <= ends <= beyond_ms:
            rest = value
            if key.startswith(b"asset:{") and key.endswith(b":claims"):
                rest = set(value)
            elif kind == b"hash":
                rest = {name: text for name, text in value.items() if name != b"restored"}
            result[key] = (kind, ends, rest)
    return result


def kinds(found: dict[bytes, Any]) -> set[str]:
    """The kinds of keys."""
    return {name.kind for name in map(name_of, found) if name is not None}


@dataclass
class Filled:
    """A deployment that has some of everything, and is quiet."""

    app: TestApp
    caller: Client
    admin: Administration
    world_id: str
    public_id: str
    talk_token: str


@contextlib.asynccontextmanager
async def filled(directory: Path, url: str, assets: Path) -> AsyncIterator[Filled]:
    """Fills a store by real use; its server runs for as long as the block."""
    environment = {"CONJURE_ASSETS_URL": str(assets), "CONJURE_WEBHOOKS_ALLOW_PRIVATE": "true"}
    async with contextlib.AsyncExitStack() as opened:
        _, port = await opened.enter_async_context(running_server(directory, url, environment))
        admin = await opened.enter_async_context(
            administration(store_settings(url), AuthSettings())
        )
        app = await new_app(admin)
        await admin.apps.create("of a user", owner="somebody")
        await app.set_caps(generation=500, session=500, session_seconds=100_000, live_sessions=50)
        # Nobody listens there: deliveries wait for their next try.
        await register(admin.store, app.id, "https://127.0.0.1:1/")
        caller = await opened.enter_async_context(stubborn_client(port, app.secret))
        world_id = (await caller.generate("a lighthouse under the sea")).world_id
        for state in ("hall", "cellar"):
            await caller.new_world(name=state)
        await caller.create(idempotency_key="once")
        public_id = await caller.new_world(name="seen by all")
        await caller.describe(public_id, visibility="public")
        await caller.set_entrance(public_id, "cellar")
        versions = Versions(caller, public_id)
        for title in ("one", "two"):
            await versions.create(title=title)
            await caller.set_entrance(public_id, "hall")
        jobs = Jobs(caller)
        await jobs.finished(await jobs.begun("a mill by a river"))
        for minted in await caller.new_tokens(3, world_id):
            await caller.connect(minted.token)
        character_id = await new_character(caller)
        talk = await new_talk(caller, "ada", character_id)
        await talk.say("Hello. My boat is called Petrel.")

        async def is_quiet() -> bool:
            found = await contents(url)
            return any(b":queue:deliveries:" in key for key in found)

        await until(is_quiet)
        yield Filled(app, caller, admin, world_id, public_id, talk.token)
