"""Every key name, and nothing else. Nobody spells a key anywhere else.

A tenant's keys share the hash tag `{app:mode}`: one slot, so that each step over several of them is one
script on one node, and so that a caller cannot even name another tenant's data (ARCHITECTURE 1.2). On a
cluster the keys outside of tenants are each in a slot of their own: no command and no script spans two of
them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conjure.core.caller import Tenant


def world(tenant: Tenant, world_id: str) -> str:
    """Hash: doc, rev, name, description, cover, kind, visibility, slug, created, updated (ms), head.

    And named, the revision whose document's assets are counted (assets/names.lua).
    Once its visibility has changed also visibility_seq (of the last change) and, until the directory of
    public worlds has followed, unconfirmed (the same number; worlds/directory.py). After a restore also
    restored, that restore's mark (worlds/revisions.lua).
    """
    return f"t:{{{tenant.tag}}}:world:{world_id}"


def versions(tenant: Tenant, world_id: str) -> str:
    """Hash: version id to its node, JSON: seq, parent, source, title, created (ms), blob (an address)."""
    return f"t:{{{tenant.tag}}}:versions:{world_id}"


def version_index(tenant: Tenant, world_id: str) -> str:
    """Sorted set, all scores 0: `<created ms, 13 digits>:<seq, 12 digits>:<version id>`."""
    return f"t:{{{tenant.tag}}}:version-index:{world_id}"


def version_blobs(tenant: Tenant, world_id: str) -> str:
    """Hash: SHA-256 of a snapshot's canonical text, its address, to the packed snapshot."""
    return f"t:{{{tenant.tag}}}:version-blobs:{world_id}"


def version_counts(tenant: Tenant, world_id: str) -> str:
    """Hash: address to how many need that blob; keyframe (an address), seq, bytes (of all blobs)."""
    return f"t:{{{tenant.tag}}}:version-counts:{world_id}"


def changes(tenant: Tenant, world_id: str) -> str:
    """Stream: an entry `<n>-0` per write, n of its revision; the last 1000.

    With rev, after (the revision before it), ops (JSON array of texts) and time (ms).
    """
    return f"t:{{{tenant.tag}}}:changes:{world_id}"


def asset_names(tenant: Tenant, world_id: str) -> str:
    """Hash: document to the assets that it names; assets/names.lua has the form.

    `doc`, a version id, or `picture:` and what stands for one in `pictures`.
    """
    return f"t:{{{tenant.tag}}}:asset-names:{world_id}"


def asset_counts(tenant: Tenant, world_id: str) -> str:
    """Hash: asset to how many documents of the world name it; also bytes (of `asset_names`) and seq."""
    return f"t:{{{tenant.tag}}}:asset-counts:{world_id}"


def pictures(tenant: Tenant, world_id: str) -> str:
    """Hash: SHA-256 of what was drawn of a state to where that is; player/remember.lua has the form."""
    return f"t:{{{tenant.tag}}}:pictures:{world_id}"


def worlds(tenant: Tenant, kind: str = "world") -> str:
    """Sorted set, all scores 0: `<created ms, 13 digits>:<world id>`, one per kind of world."""
    return f"t:{{{tenant.tag}}}:index:{kind}"


def slugs(tenant: Tenant) -> str:
    """Hash: slug to world id."""
    return f"t:{{{tenant.tag}}}:slugs"


def of_world(tenant: Tenant, world_id: str) -> tuple[str, ...]:
    """Every key that belongs to one world alone: what its deletion removes. The world's own is first."""
    return (
        world(tenant, world_id),
        versions(tenant, world_id),
        version_blobs(tenant, world_id),
        version_counts(tenant, world_id),
        version_index(tenant, world_id),
        changes(tenant, world_id),
        asset_names(tenant, world_id),
        asset_counts(tenant, world_id),
        pictures(tenant, world_id),
    )


def memory(tenant: Tenant, character_id: str, player_hash: str) -> str:
    """Hash: what a character remembers of a player; conversations/memory.lua has its members.

    `player_hash`: the SHA-256 of who it is, which is any text.
    """
    return f"t:{{{tenant.tag}}}:memory:{character_id}:{player_hash}"


def memories(tenant: Tenant, character_id: str) -> str:
    """Sorted set: SHA-256 of each player that a character remembers to the ms of their last turn."""
    return f"t:{{{tenant.tag}}}:memories:{character_id}"


def public_world(world_id: str) -> str:
    """String: the tag of the tenant whose world it is, while others may read it.

    Outside of tenants, as readers do not know whose it is. Only a hint: the world's hash decides.
    """
    return f"public:{world_id}"


def public_world_step(world_id: str) -> str:
    """String: the number of the last step that the entry took, for an hour; in its slot."""
    return f"public-step:{{{public_world(world_id)}}}"


def usage(tenant: Tenant) -> str:
    """Hash: `day` (days since 1970, UTC) and a count per unit, of that day only."""
    return f"t:{{{tenant.tag}}}:usage"


def caps(tenant: Tenant) -> str:
    """Hash: unit (or `live_sessions`) to a cap that replaces the default."""
    return f"t:{{{tenant.tag}}}:caps"


def holds(tenant: Tenant, unit: str) -> str:
    """Sorted set: hold id to the ms at which it lapses. A hold is a unit reserved, not yet spent."""
    return f"t:{{{tenant.tag}}}:holds:{unit}"


def leases(tenant: Tenant) -> str:
    """Sorted set: `jti` to the ms at which its lease ends."""
    return f"t:{{{tenant.tag}}}:leases"


def lease(tenant: Tenant, jti: str) -> str:
    """Hash: what a token's session is and has cost; sessions/lease.lua has its members.

    Kept for a day beyond the token, some 600 bytes.
    """
    return f"t:{{{tenant.tag}}}:lease:{jti}"


def credential(tenant: Tenant, jti: str) -> str:
    """String: the credential that a runtime gave for a lease (JSON: jwt, expires_at_s), until it ends."""
    return f"t:{{{tenant.tag}}}:credential:{jti}"


def effect(tenant: Tenant, request_id: str) -> str:
    """String: what a write answered, kept for a minute so that it can be asked for again."""
    return f"t:{{{tenant.tag}}}:effect:{request_id}"


def idempotency(scope: Tenant | str, route: str, key_hash: str) -> str:
    """Hash: what an Idempotency-Key stands for; usage/idempotency.lua has its members.

    `scope`: whose key it is and the slot that it lies in, with the effect: a tenant, `user` or `app_of_user`.
    """
    within = scope if isinstance(scope, str) else f"t:{{{scope.tag}}}"
    return f"{within}:idempotency:{route}:{key_hash}"


def job(tenant: Tenant, job_id: str) -> str:
    """Hash: a job; jobs/record.lua has its members."""
    return f"t:{{{tenant.tag}}}:job:{job_id}"


def job_steps(tenant: Tenant, job_id: str) -> str:
    """List: `<status>|<phase>|<progress>` of each change of a job."""
    return f"t:{{{tenant.tag}}}:job-steps:{job_id}"


def open_jobs(tenant: Tenant) -> str:
    """Sorted set: id of each job that is not finished to the ms at which it lapses."""
    return f"t:{{{tenant.tag}}}:open-jobs"


def places() -> str:
    """Sorted set of the whole system: `app:mode:jti` to the ms at which the lease ends."""
    return "places"


def rate(tenant: Tenant, caller: str, caller_id: str) -> str:
    """Hash: tat (µs, when the bucket is empty again) and per process the number of its last report."""
    return f"t:{{{tenant.tag}}}:rate:{caller}:{caller_id}"


def user_rate(user_id: str) -> str:
    """The same for a user, who is of no tenant."""
    return f"rate:user:{user_id}"


def api_key(key_hash: str) -> str:
    """Hash: what an API key may do, by the SHA-256 of the key."""
    return f"key:{key_hash}"


def user(user_id: str) -> str:
    """What keys of a user begin with, in one slot. A `sub` is any text, so it is hashed."""
    return f"user:{{{_user_hash(user_id)}}}"


def user_apps(user_id: str) -> str:
    """Sorted set, all scores 0: `<created ms, 13 digits>:<app id>`."""
    return f"{user(user_id)}:apps"


def user_app_rows(user_id: str) -> str:
    """Hash: app id to `<created ms>:<name>`: what is listed, and what the app's own hash is made from."""
    return f"{user(user_id)}:app-rows"


def user_app_steps(user_id: str) -> str:
    """Hash: the ids of apps whose own hash may not be as it will be: somebody is at it, or has died."""
    return f"{user(user_id)}:app-steps"


def app(app_id: str) -> str:
    """Hash: name, owner, created (ms)."""
    return f"app:{{{app_id}}}"


def app_of_user(app_id: str, user_id: str) -> str:
    """What keys of a user begin with that lie in the slot of an app."""
    return f"{app(app_id)}:user:{_user_hash(user_id)}"


def app_keys(app_id: str) -> str:
    """Hash: key id to the SHA-256 of the key."""
    return f"app:{{{app_id}}}:keys"


def app_key_rows(app_id: str) -> str:
    """Hash: key id to `<created ms>:<JSON>`: what is listed, and what the key's own hash is made from."""
    return f"app:{{{app_id}}}:key-rows"


def app_key_steps(app_id: str) -> str:
    """Hash: `made:<key id>` and `revoked:<key id>` of keys whose own hash may not say so yet, or not here."""
    return f"app:{{{app_id}}}:key-steps"


def app_keys_made(app_id: str) -> str:
    """Hash: `day` (days since 1970, UTC) and `keys`, how many were made on it."""
    return f"app:{{{app_id}}}:keys-made"


def app_revoked_keys(app_id: str) -> str:
    """Sorted set: key id to the ms at which it was revoked. These do not count; the oldest are forgotten."""
    return f"app:{{{app_id}}}:revoked-keys"


def app_key_use(app_id: str) -> str:
    """Hash: key id to the ms at which it was last used, a minute late."""
    return f"app:{{{app_id}}}:key-use"


def webhooks(app_id: str) -> str:
    """Sorted set, all scores 0: `<created ms, 13 digits>:<webhook id>`."""
    return f"{app(app_id)}:webhooks"


def webhook(app_id: str, webhook_id: str) -> str:
    """Hash: url, events (JSON array), secret, created (ms), last (JSON of the newest try) and at (its ms).

    While deliveries fail also failing_since (ms); once it is disabled also disabled (ms). Of one that was
    deleted, for a day: deleted (ms), and nothing else.
    """
    return f"{app(app_id)}:webhook:{webhook_id}"


def apps() -> str:
    """Sorted set, all scores 0: `<created ms, 13 digits>:<app id>`."""
    return "apps"


def queue_lanes(tenant: Tenant) -> str:
    """Set: `<kind>:<lane>` of each lane of durable work that has entries; `dead:<kind>` if any was buried.

    queue/entries.lua has the members of these five.
    """
    return f"t:{{{tenant.tag}}}:queue-lanes"


def queue_ready(tenant: Tenant, kind: str, lane: str) -> str:
    """Sorted set: entry id to the ms from which on it may be claimed."""
    return f"t:{{{tenant.tag}}}:queue:{kind}:{lane}:ready"


def queue_claimed(tenant: Tenant, kind: str, lane: str) -> str:
    """Sorted set: entry id to the ms at which its claim lapses."""
    return f"t:{{{tenant.tag}}}:queue:{kind}:{lane}:claimed"


def queue_entry(tenant: Tenant, kind: str, entry_id: str) -> str:
    """Hash: a piece of durable work."""
    return f"t:{{{tenant.tag}}}:queue-entry:{kind}:{entry_id}"


def queue_dead(tenant: Tenant, kind: str) -> str:
    """Sorted set: id of a dead letter to the ms of its end."""
    return f"t:{{{tenant.tag}}}:queue-dead:{kind}"


def queue_directory(kind: str) -> str:
    """Sorted set of the whole system: `app:mode|lane` to the ms from which on workers look there."""
    return f"queue:{kind}"


def queue_graves(kind: str) -> str:
    """Sorted set of the whole system: `app:mode` that has dead letters to the ms at which that was noted."""
    return f"queue-graves:{kind}"


def queue_sweeper() -> str:
    """String: the process that sweeps now, for as long as the others leave it to that one."""
    return "queue:sweeper"


def asset(sha256: str) -> str:
    """Hash: ext, bytes, created (ms); stored (1) once its object is there, deleting (ms) before that goes.

    Outside of tenants: the same picture of two tenants is one asset.
    """
    return f"asset:{{{sha256}}}"


def asset_claims(sha256: str) -> str:
    """Hash: `app:mode:world id` or, for a while, `app:mode`, to the ms at which it claimed the asset."""
    return f"asset:{{{sha256}}}:claims"


def assets_due() -> str:
    """Sorted set of the whole system: asset to the ms from which on it is looked at."""
    return "assets:due"


def assets_collector() -> str:
    """String: the process that collects now, for as long as the others leave it to that one."""
    return "assets:collector"


def signing_keys() -> str:
    """Hash: kid to a private JWK with its times."""
    return "signing:keys"


def security_epoch() -> str:
    """String: another one whenever an API key is revoked or a signing key is made (store/epoch.py)."""
    return "security:epoch"


def store_format() -> str:
    """Hash: format (a number), release (that wrote it), since (ms); store/format.py says what they mean.

    While an upgrade is under way also upgrading (to which format), step and at: how far it has come. While
    something is restored, restoring: a text for people.
    """
    return "store:format"


def restoring_turn() -> str:
    """String: the process that restores, for as long as it lives."""
    return "store:restoring-turn"


def _user_hash(user_id: str) -> str:
    return hashlib.sha256(user_id.encode("utf-8", "surrogatepass")).hexdigest()


def fence(key: str, name: str) -> str:
    """String, empty, for seconds: in the slot of `key` (one of this module), so on its server."""
    return f"fence:{name}:{{{hash_tag(key)}}}"


def hash_tag(key: str) -> str:
    """The part of a key that decides its slot (Redis cluster specification)."""
    start = key.find("{")
    end = key.find("}", start + 1)
    return key[start + 1 : end] if 0 <= start < end - 1 else key
