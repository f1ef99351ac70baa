"""What is wrong with the store, said when a server starts rather than by the first calls that fail.

A store that would silently lose worlds, or cannot run the scripts at all, keeps the server from starting
(`CONJURE_STORE_CHECK`). Everything else is only logged: calls are answered with 503 until the store is
mended, and the server needs no restart. A managed service may forbid `INFO` or `CONFIG`; then the log says
what was not checked.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog
from redis.exceptions import RedisError

from conjure.core.caller import Tenant
from conjure.settings import SettingsError, variable
from conjure.store import keyspace
from conjure.store.link import NotSent
from conjure.store.masters import TROUBLE, connected, facts_in, master_urls, wrong_server
from conjure.store.topology import address_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conjure.settings import StoreSettings
    from conjure.store.masters import Run

log = structlog.get_logger(__name__)

OLDEST_MAJOR: Final = 7
"""Scripts say on their first line whether they write, which older servers do not read."""

COMMANDS: Final = (
    "DEL", "EXISTS", "GET", "HDEL", "HEXISTS", "HGET", "HGETALL", "HINCRBY", "HKEYS",
    "HLEN", "HMGET", "HSCAN", "HSET",
    "HSETNX", "HSTRLEN", "HVALS", "LLEN", "LRANGE", "PERSIST", "PEXPIRE", "PEXPIREAT", "PING", "RPUSH",
    "SADD", "SET", "SMEMBERS", "SREM", "TIME", "UNLINK", "XADD", "XRANGE", "ZADD", "ZCARD", "ZCOUNT",
    "ZRANDMEMBER", "ZRANGE", "ZRANGEBYLEX", "ZRANGEBYSCORE", "ZREM", "ZREMRANGEBYSCORE", "ZREVRANGE",
    "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE", "ZSCAN", "ZSCORE",
)  # fmt: skip
"""Every command that the server and its scripts run on any store (a test compares), beside EVAL."""

_TENANT: Final = Tenant("app", "test")
_KEYS: Final = (
    keyspace.world(_TENANT, "id"), keyspace.public_world("id"), keyspace.public_world_step("id"),
    keyspace.places(),
    keyspace.user_rate("id"), keyspace.user_apps("id"), keyspace.api_key("id"), keyspace.app("id"),
    keyspace.apps(),
    keyspace.signing_keys(), keyspace.security_epoch(), keyspace.queue_directory("jobs"),
    keyspace.queue_graves("jobs"), keyspace.queue_sweeper(), keyspace.asset("id"),
    keyspace.asset_claims("id"), keyspace.assets_due(), keyspace.assets_collector(),
    keyspace.store_format(),
)  # fmt: skip
"""A key of each kind, for the key patterns of an ACL."""

# Returns the commands that the user may not run on a key. It runs none of them. The key is an argument, so
# that any server of a cluster takes the script.
_PERMISSIONS: Final = """#!lua flags=no-writes
local key, refused = ARGV[1], {}
for at = 2, #ARGV do
  if not redis.acl_check_cmd(ARGV[at], key) then
    table.insert(refused, ARGV[at])
  end
end
return refused
"""
_REFUSALS: Final = {
    "DENIED": "protected mode: without a password it takes connections from its own machine only",
    "NOAUTH": f"it needs a password, in {variable('store', 'url')}",
    "WRONGPASS": f"it does not take the user and password in {variable('store', 'url')}",
    "LOADING": "it is still reading its data",
}
_SHOWN: Final = 8
_ATTEMPTS: Final = 3
_PAUSE_S: Final = 0.3  # the wire tries no sooner


class Kind(Enum):
    """What a finding means."""

    # The store deletes worlds by itself, or cannot run the scripts: the server must not use it.
    UNFIT = "unfit"
    # Calls fail until somebody changes the store or the settings.
    FAULT = "fault"
    # Everything works, but a crash or a lack of memory may lose what was acknowledged.
    RISK = "risk"
    # The store does not say.
    UNCHECKED = "unchecked"


_Fact = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with one server of the store."""

    kind: Kind
    text: str
    server: str  # host:port, or the path of a socket


class UnfitStore(SettingsError):
    """A store that must not be used as it is configured, unless the settings say so."""


async def check_store(settings: StoreSettings) -> None:
    """Logs all that is wrong with the store. Raises UnfitStore if `settings.check` is `refuse`."""
    if settings.check == "off":
        return
    findings = await examine_store(settings)
    for finding in findings:
        write = log.error if finding.kind in {Kind.UNFIT, Kind.FAULT} else log.warning
        write("store check", kind=finding.kind.value, server=finding.server, found=finding.text)
    unfit = list(dict.fromkeys(item.text for item in findings if item.kind is Kind.UNFIT))
    if unfit and settings.check == "refuse":
        raise UnfitStore(
            f"{'; '.join(unfit)}. {variable('store', 'check')}=warn starts the server all the same"
        )


async def examine_store(settings: StoreSettings) -> list[Finding]:
    """Returns what is wrong with the store; of a cluster, with each of its masters."""
    try:
        urls = await master_urls(settings) if settings.cluster else settings.urls
    except TROUBLE as error:
        return [_unreachable(error, settings.urls[0])]
    found: list[Finding] = []
    for url in urls:
        try:
            async with connected(settings, url) as server:
                facts = await _examine(server, settings)
        except TROUBLE as error:
            found.append(_unreachable(error, url))
        else:
            found += [Finding(kind, text, _name(url)) for kind, text in facts]
    return found


async def _examine(run: Run, settings: StoreSettings) -> list[_Fact]:
    await _let_in(run)
    found: list[_Fact] = []
    info: dict[str, str] = {}
    try:
        info = facts_in(_text(await run("INFO")))
    except RedisError as error:
        what = "version, role, persistence and memory policy"
        found.append((Kind.UNCHECKED, f"INFO is refused ({error}): {what} are not checked"))
    else:
        found += [*findings_in(info, settings), *await _persistence(run, info)]
    if (_major(info) or OLDEST_MAJOR) >= OLDEST_MAJOR:
        found += await _permissions(run, settings)
    return found


async def _let_in(run: Run) -> None:
    """Returns when the server answers us; raises its reason when it does not."""
    for _ in range(_ATTEMPTS - 1):
        # Again, as a server that hangs up at once is not always heard out.
        with contextlib.suppress(NotSent):
            await run("PING")
            return
        await asyncio.sleep(_PAUSE_S)
    await run("PING")


def findings_in(info: Mapping[str, str], settings: StoreSettings) -> list[tuple[Kind, str]]:
    """Returns what a server's INFO says about version, role and memory policy."""
    return [*_version(info), *_role(info, settings), *_memory(info)]


def _version(info: Mapping[str, str]) -> Iterator[_Fact]:
    major = _major(info)
    if major is not None and major < OLDEST_MAJOR:
        text = f"version {info['redis_version']} cannot run the scripts: 7.0 or newer is needed"
        yield Kind.UNFIT, text


def _role(info: Mapping[str, str], settings: StoreSettings) -> Iterator[_Fact]:
    why = wrong_server(info, settings)
    if why is not None:
        yield Kind.FAULT, why
    if info.get("role") in {"slave", "replica"}:
        return
    connected = int(info.get("connected_slaves", settings.replicas))
    if connected < settings.replicas:
        name = variable("store", "wait_replicas")
        text = f"{connected} replicas are connected, and {name} is {settings.replicas}"
        yield Kind.FAULT, f"{text}: writes are not acknowledged"


def _memory(info: Mapping[str, str]) -> Iterator[_Fact]:
    policy = info.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return
    has_limit = info.get("maxmemory", "0") != "0"
    evicts_all = policy.startswith("allkeys")
    what = "worlds" if evicts_all else "leases, holds and idempotency records"
    when = "when memory is short" if has_limit else "once maxmemory is set"
    kind = Kind.UNFIT if evicts_all and has_limit else Kind.RISK
    yield kind, f"maxmemory-policy {policy} deletes {what} {when}: it must be noeviction"


async def _persistence(run: Run, info: Mapping[str, str]) -> list[_Fact]:
    if info.get("aof_enabled") != "1":
        text = "appendonly is off: a store that ends loses what was written since its last snapshot"
        return [(Kind.RISK, text)]
    try:
        reply = await run("CONFIG", "GET", "appendfsync")
    except RedisError as error:
        return [(Kind.UNCHECKED, f"CONFIG is refused ({error}): appendfsync is not checked")]
    policy = _text(reply[1]) if len(reply) > 1 else "unknown"
    if policy == "always":
        return []
    text = f"appendfsync is {policy}: a machine that fails loses the last acknowledged writes"
    return [(Kind.RISK, f"{text}; it should be always")]


async def _permissions(run: Run, settings: StoreSettings) -> list[_Fact]:
    commands = (*COMMANDS, "WAIT") if settings.replicas else COMMANDS
    try:
        refused = await _refused(run, _KEYS[0], *commands)
        # What may not be run at all says nothing about keys.
        allowed = [name for name in ("SET", "GET") if name not in refused]
        keys = [key for key in _KEYS if allowed and await _refused(run, key, allowed[0])]
    except RedisError as error:
        return [(Kind.FAULT, f"scripts cannot run: {error}")]
    found = []
    if refused:
        found.append((Kind.FAULT, f"the user has no permission to run {_listed(refused)}"))
    if keys:
        found.append((Kind.FAULT, f"the user has no access to keys such as {_listed(keys)}"))
    return found


async def _refused(run: Run, key: str, *commands: str) -> list[str]:
    return [_text(name) for name in await run("EVAL", _PERMISSIONS, 0, key, *commands)]


def _unreachable(error: Exception, url: str) -> Finding:
    cause = error.__cause__ if isinstance(error.__cause__, RedisError) else error
    text = str(cause)
    code = getattr(cause, "status_code", None) or text.partition(" ")[0]
    return Finding(Kind.FAULT, _REFUSALS.get(code, f"it cannot be used: {text}")[:300], _name(url))


def _major(info: Mapping[str, str]) -> int | None:
    # Valkey says here which Redis it is compatible with.
    number = info.get("redis_version", "").partition(".")[0]
    return int(number) if number.isdecimal() else None


def _name(url: str) -> str:
    host, port = address_in(url)
    return urlsplit(url).path if url.startswith("unix:") else f"{host}:{port}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
