"""What is outside of tenants, made anew from what is in them.

On a cluster the snapshots are not of one moment, so a directory's copy could lead nowhere, or miss what there
is. The tenants decide, as they do everywhere; their part of the snapshot is of one moment.

| what | is made from |
|---|---|
| public worlds | each world's own visibility |
| places of the system | the leases of every tenant |
| where work is due, and graves | the lanes of every tenant |
| the list of all apps | each app's own hash |
| when to look at an asset | its record: all of them within the usual time |
| claims on assets, and records that are missing | what each world says that its documents name |
| the list of a user's apps | an app's owner, where the list does not have it |
| keys: the record by which calls find one | the row in the key's app; a key that no app has is removed |
| the security epoch | another one than ever |
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

import orjson

from conjure.core.caller import Tenant
from conjure.core.paging import index_member
from conjure.store import epoch, keyspace
from conjure.store.owned import TYPES, Name, app_steps_of, name_of
from conjure.worlds.access import READABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.administration import Administration
    from conjure.assets.safekeeping import Kept, Safekeeping
    from conjure.store.client import Store, Value
    from conjure.store.copying import Part

_SHA256: Final = re.compile(rb"[0-9a-f]{64}")
_GRAVE: Final = "dead"
_READABLE: Final = frozenset(text.encode() for text in READABLE)


@dataclass(slots=True)
class _Key:
    """A key as calls find it."""

    app: str
    id: str
    is_revoked: bool


@dataclass(slots=True)
class _Keys:
    """The keys of an app as the app has them, each with the digest; those it knows to be revoked."""

    digests: dict[str, str] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Mended:
    """What the snapshots did not agree on, and what was done about it."""

    keys_written: int = 0
    keys_removed: int = 0
    apps_listed: int = 0
    assets_claimed: int = 0


class Rebuilding:
    """Looks at all that is copied, writes the directories beside it, and afterwards mends the rest.

    Memory goes with the number of apps and keys, not of worlds. `mark` is this restore's, in every world:
    revisions that are given from now on are of another incarnation than any before (worlds/revisions.lua).
    """

    def __init__(self, store: Store, *, mark: str, look_s: float) -> None:
        self._store = store
        self._mark = mark
        self._look_ms = look_s * 1000
        self._now_ms = int(time.time() * 1000)
        self._writes: dict[str, list[Value]] = defaultdict(list)
        self._apps: dict[str, str] = {}  # id to owner
        self._app_keys: dict[str, _Keys] = defaultdict(_Keys)
        self._keys: dict[str, _Key] = {}  # by digest
        self._listed: dict[str, list[str]] = {}  # app to the hashes of users
        self._claims: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self.counts: Counter[str] = Counter()

    def close(self) -> None:
        """Forgets what was noted."""
        self._claims.close()

    def look(self, part: Part) -> bool:
        """Notes what a key means elsewhere; a world gets its mark. False: it only has a name like ours."""
        name = name_of(part.key)
        if name is None:
            return True
        if part.type != TYPES.get(name.kind, part.type):
            return False
        try:
            self._look(name, part)
        except (KeyError, ValueError):  # members that are missing, no numbers, or no text
            return False
        return True

    def _look(self, name: Name, part: Part) -> None:
        """Nothing is noted of what it raises KeyError or ValueError for."""
        if name.tenant is not None:
            self._look_at_tenant(name.tenant, name, part)
        elif name.kind == "asset":
            # Spread over the time in which each is looked at once: by its name, which is as good as a die.
            at = self._now_ms + int(self._look_ms * int(name.id[:4], 16) / 65_536)
            self._writes[keyspace.assets_due()] += (at, name.id)
            self.counts["assets"] += 1
        elif name.kind == "user-app-rows":
            for app_id in [app_id.decode() for app_id, _ in part.pairs()]:
                self._listed.setdefault(app_id, []).append(name.id)
        elif name.kind == "key":
            found = dict(part.pairs())
            if b"id" in found:
                self._keys[name.id] = _Key(
                    found[b"app"].decode(), found[b"id"].decode(), b"revoked" in found
                )
                self.counts["keys"] += 1
        else:
            self._look_at_app(name, part)

    def _look_at_tenant(self, tenant: Tenant, name: Name, part: Part) -> None:
        if name.kind == "world":
            self._look_at_world(tenant, name.id, part)
        elif name.kind == "leases":
            places: list[Value] = []
            for jti, end in part.pairs():
                places += (end, f"{tenant.tag}:{jti.decode()}")
            self._writes[keyspace.places()] += places
        elif name.kind == "queue-lanes":
            for lane in [str(value, "utf-8") for value in part.values]:  # type: ignore[arg-type]
                self._look_at_lane(tenant, lane)
        elif name.kind == "asset-counts":
            names = [sha256.decode() for sha256, _ in part.pairs() if _SHA256.fullmatch(sha256)]
            if names:
                line = orjson.dumps([tenant.app, tenant.mode, name.id, names])
                self._claims.write(line + b"\n")

    def _look_at_lane(self, tenant: Tenant, name: str) -> None:
        work, _, lane = name.partition(":")
        if work == _GRAVE:
            self._writes[keyspace.queue_graves(lane)] += (self._now_ms, tenant.tag)
        else:
            self._writes[keyspace.queue_directory(work)] += (self._now_ms, f"{tenant.tag}|{lane}")

    def _look_at_world(self, tenant: Tenant, world_id: str, part: Part) -> None:
        found = dict(part.pairs())
        if found.get(b"visibility") in _READABLE:
            self._writes[keyspace.public_world(world_id)] += (tenant.tag,)
        if b"rev" in found:
            part.values = [
                item for pair in found.items() if pair[0] != b"restored" for item in pair
            ]
            part.values += ("restored", self._mark)
            self.counts["worlds"] += 1

    def _look_at_app(self, name: Name, part: Part) -> None:
        found = dict(part.pairs())
        if name.kind == "app-keys":
            pairs = ((key_id.decode(), digest.decode()) for key_id, digest in found.items())
            self._app_keys[name.id].digests.update(pairs)
        elif name.kind == "app-revoked-keys":
            self._app_keys[name.id].revoked.update(key_id.decode() for key_id in found)
        elif b"name" in found:
            member = index_member(int(found[b"created"]), name.id)
            self._apps[name.id] = found.get(b"owner", b"").decode()
            self._writes[keyspace.apps()] += (0, member)
            self.counts["apps"] += 1

    def writes(self) -> Iterator[tuple[Value, ...]]:
        """Takes the commands that write what was noted since the last time."""
        noted, self._writes = self._writes, defaultdict(list)
        for key, values in noted.items():
            yield ("SET", key, *values) if len(values) == 1 else ("ZADD", key, *values)

    async def mend(
        self, admin: Administration, keeping: Safekeeping, known: dict[str, Kept]
    ) -> Mended:
        """Makes the rest agree, once everything is copied. `known`: the assets that the backup has.

        Repeating it does no harm. Raises StoreUnavailable, OutcomeUnknown.
        """
        mended = Mended()
        await self._mend_keys(admin, mended)
        await self._mend_lists(admin, mended)
        self._claims.seek(0)
        for line in self._claims:
            app, mode, world_id, names = orjson.loads(line)
            await keeping.claim(Tenant(app, mode), world_id, names, known)
            mended.assets_claimed += len(names)
        async with epoch.changing(self._store):  # a value that was never there
            pass
        return mended

    async def _mend_keys(self, admin: Administration, mended: Mended) -> None:
        """A key is what its app says; one that is revoked anywhere is revoked."""
        for app_id, keys in self._app_keys.items():
            for key_id in keys.revoked & keys.digests.keys():
                record = self._keys.get(keys.digests[key_id])
                if record is None or not record.is_revoked:
                    await self._store.write(
                        "HSETNX", keyspace.api_key(keys.digests[key_id]), "revoked", self._now_ms
                    )
            steps = list(self._open_steps(keys))
            if steps:
                mended.keys_written += len(steps)
                # Whoever lists the keys of an app does what is left undone (apps/key_store.py).
                flat = [part for step in steps for part in (step, 1)]
                await self._store.write("HSET", keyspace.app_key_steps(app_id), *flat)
                await admin.keys.list(app_id)
        for digest, key in self._keys.items():
            theirs = self._app_keys.get(key.app)
            if not key.is_revoked and (theirs is None or theirs.digests.get(key.id) != digest):
                mended.keys_removed += 1
                await self._store.write("DEL", keyspace.api_key(digest))

    def _open_steps(self, keys: _Keys) -> Iterator[str]:
        for key_id, digest in keys.digests.items():
            record = self._keys.get(digest)
            if record is None:
                yield f"made:{key_id}"
            elif record.is_revoked and key_id not in keys.revoked:
                yield f"revoked:{key_id}"

    async def _mend_lists(self, admin: Administration, mended: Mended) -> None:
        """Every app is in its owner's list; what is listed there and is no app is completed when read."""
        for app_id, owner in self._apps.items():
            if owner and app_id not in self._listed:
                mended.apps_listed += 1
                await admin.apps.list_again(app_id)
        for app_id, users in self._listed.items():
            if app_id not in self._apps:
                for user in users:
                    await self._store.write("HSET", app_steps_of(user), app_id, 1)
