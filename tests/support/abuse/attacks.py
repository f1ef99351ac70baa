"""Every attack of one caller against the others, by name.

`tests/abuse` runs each once at the size TEST, `tests/chaos/test_abuse_floods.py` again and again at FLOOD.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from support.abuse import bodies, crowds
from support.abuse.flood import LOST, flood, request
from support.picture_files import b64, picture
from support.rest import bearer, mint

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Awaitable, Callable, Sequence

    from support.abuse.ground import Ground
    from support.abuse.neighbour import Neighbour

    Act = Callable[[Neighbour], Awaitable[Counter[int]]]
    """Attacks once, beside this neighbour; returns how often each status came back."""

    Prepare = Callable[["Ground", "Scale"], Awaitable[Act]]

REFUSED: Final = frozenset({400, 401, 402, 404, 408, 409, 412, 413, 422, 429, 503, 504, LOST})
"""What an attacker may be answered. Never 500: that would be a fault of ours."""

# A document that takes too long was looked at, too.
_CHECKED: Final = frozenset({200, 400, 422, 503, 504})
_SERVED: Final = frozenset({200})


@dataclass(frozen=True, slots=True)
class Scale:
    """How large documents are, in bytes, those to be stored and those to be checked; and how many times as
    many callers come as a test needs."""

    document: int
    checked: int
    crowd: int


# A test needs no more than a stall that nobody could miss.
TEST: Final = Scale(document=3 * bodies.MIB // 4, checked=3 * bodies.MIB // 16, crowd=1)
# As large as the edge lets through (12 MiB, with room for what stands around a document).
FLOOD: Final = Scale(document=11_700_000, checked=bodies.MIB, crowd=8)


@dataclass(frozen=True, slots=True)
class Attack:
    """`reaches`: the statuses that tell that it came as far as it should; one answer must have one of them."""

    prepare: Prepare
    reaches: frozenset[int]


ATTACKS: Final[dict[str, Attack]] = {}


def _attack(name: str, reaches: frozenset[int]) -> Callable[[Prepare], Prepare]:
    def add(prepare: Prepare) -> Prepare:
        ATTACKS[name] = Attack(prepare, reaches)
        return prepare

    return add


def _floods(ground: Ground, requests: Sequence[bytes], *, connections: int, each: int = 1) -> Act:
    async def act(neighbour: Neighbour) -> Counter[int]:
        return await flood(ground.port, requests, connections=connections, each=each)

    return act


# Nobody: no credential, or none that is good.


def _junk(size: int) -> bytes:
    """A body with a token in it that is none, and much that has to be read to find that out."""
    return b'{"token":"x","a":' + bodies.repeated(b'{"a":{}}', size - 40) + b"}"


@_attack("anonymous: connect with the heaviest body that is read", frozenset({401}))
async def _(ground: Ground, scale: Scale) -> Act:
    sent = request("POST", "/v1/sessions/connect", body=_junk(2_800))
    return _floods(ground, [sent], connections=12 * scale.crowd, each=40)


@_attack("anonymous: connect with the largest body that the edge lets through", frozenset({400}))
async def _(ground: Ground, scale: Scale) -> Act:
    sent = request("POST", "/v1/sessions/connect", body=_junk(16_384))
    return _floods(ground, [sent], connections=12 * scale.crowd, each=40)


@_attack("anonymous: connect with a body of a mebibyte", frozenset({413}))
async def _(ground: Ground, scale: Scale) -> Act:
    sent = request("POST", "/v1/sessions/connect", body=_junk(bodies.MIB))
    return _floods(ground, [sent], connections=12 * scale.crowd, each=5)


@_attack("anonymous: a large world without a key", frozenset({401}))
async def _(ground: Ground, scale: Scale) -> Act:
    body = b'{"world":' + bodies.with_big_integer(scale.document) + b"}"
    return _floods(ground, [request("POST", "/v1/worlds", body=body)], connections=12, each=2)


@_attack("anonymous: keys that do not exist, each another one", frozenset({401}))
async def _(ground: Ground, scale: Scale) -> Act:
    key = ground.attacker.secret
    sent = [
        request("GET", "/v1/usage", bearer(f"{key[:-6]}{n:06}")) for n in range(480 * scale.crowd)
    ]
    return _floods(ground, sent, connections=12 * scale.crowd, each=40)


@_attack("anonymous: session tokens whose signature is wrong", frozenset({401}))
async def _(ground: Ground, scale: Scale) -> Act:
    token = (await mint(ground.rest, ground.attacker.secret, await ground.world()))["token"]
    head, payload, signature = token.split(".")
    sent = [
        request("POST", "/v1/sessions/connect", bearer(f"{head}.{payload}.{n:06}{signature[6:]}"))
        for n in range(480 * scale.crowd)
    ]
    return _floods(ground, sent, connections=12 * scale.crowd, each=40)


# A secret key: documents to be stored.


def _creates(make: Callable[[int], bytes]) -> Prepare:
    async def prepare(ground: Ground, scale: Scale) -> Act:
        body = b'{"world":' + make(scale.document) + b"}"
        sent = request("POST", "/v1/worlds", bearer(ground.attacker.secret), body)
        return _floods(ground, [sent], connections=scale.crowd)

    return prepare


for _name, _make in bodies.HOSTILE.items():
    ATTACKS[f"secret key: create, {_name}"] = Attack(_creates(_make), _CHECKED)


@_attack("secret key: one large creation again and again, with its Idempotency-Key", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    body = b'{"world":' + bodies.with_big_integer(scale.document) + b"}"
    headers = bearer(ground.attacker.secret) | {"idempotency-key": "again"}
    return _floods(ground, [request("POST", "/v1/worlds", headers, body)], connections=1, each=3)


@_attack("secret key: frames of 40 megapixels, each of another kind", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    """A hundredth of that in bytes, a second and half a gigabyte to decode."""
    key = bearer(ground.attacker.secret)
    sent = [
        request("POST", "/v1/worlds", key, json.dumps({"frame_b64": b64(frame)}).encode())
        for frame in (picture(kind, size=(8_000, 5_000)) for kind in ("WEBP", "JPEG", "PNG"))
    ]
    return _floods(ground, sent, connections=3 * scale.crowd)


@_attack("secret key: very many Idempotency-Keys", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    body = json.dumps({"worldId": await ground.world()}).encode()
    key = bearer(ground.attacker.secret)
    sent = [
        request("POST", "/v1/sessions/token", key | {"idempotency-key": f"key-{n}"}, body)
        for n in range(400 * scale.crowd)
    ]
    return _floods(ground, sent, connections=8 * scale.crowd, each=50)


@_attack("secret key: batches of 500 ops on a large world", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    world_id = await _large(ground, scale)
    ops = [{"op": "update_state", "id": "hall", "patch": {"x": n}} for n in range(500)]
    return _floods(
        ground,
        [
            request(
                "POST",
                f"/v1/worlds/{world_id}/ops",
                bearer(ground.attacker.secret),
                json.dumps({"ops": ops}).encode(),
            )
        ],
        connections=4,
    )


@_attack("secret key: batches of ops that touch much of a light world", _SERVED)
async def _(ground: Ground, _: Scale) -> Act:
    """Neither the batches nor the world are heavy by their text."""
    world_id = await ground.once("busy", lambda: ground.import_text(bodies.often_named(13_000)))
    ways = (("hall", "loft"), ("loft", "hall"))
    ops = [{"op": "rename_state", "from": old, "to": new} for old, new in ways] * 80
    sent = request(
        "POST",
        f"/v1/worlds/{world_id}/ops",
        bearer(ground.attacker.secret),
        json.dumps({"ops": ops}).encode(),
    )
    return _floods(ground, [sent], connections=2)


@_attack("secret key: entrances of a large world", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    path = f"/v1/worlds/{await _large(ground, scale)}/entrance"
    key = bearer(ground.attacker.secret)
    sent = [request("PATCH", path, key, b'{"state":"%s"}' % s) for s in (b"cellar", b"hall")]
    return _floods(ground, sent, connections=2, each=2)


@_attack("secret key: forks of a large world", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    path = f"/v1/worlds/{await _large(ground, scale)}/forks"
    sent = request("POST", path, bearer(ground.attacker.secret), b"{}")
    return _floods(ground, [sent], connections=2)


@_attack("secret key: a large state is added to a world", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    world_id = await ground.once("growing", lambda: ground.import_text(bodies.world()))
    path = f"/v1/worlds/{world_id}/states"
    state = b'"base":"A large room.","x":' + bodies.repeated(b'{"a":[1,2]}', scale.document // 3)
    body = b'{%s,"big":%s}' % (state, bodies.BIG_INTEGER)
    sent = request("POST", path, bearer(ground.attacker.secret), body)
    return _floods(ground, [sent], connections=2)


# Versions.


@_attack("secret key: checkouts of large versions", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    world_id, versions = await _large_versions(ground, scale)
    path = f"/v1/worlds/{world_id}/checkout"
    key = bearer(ground.attacker.secret)
    sent = [request("POST", path, key, json.dumps({"versionId": v}).encode()) for v in versions]
    return _floods(ground, sent, connections=2, each=2)


@_attack("publishable key: differences between large versions", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    world_id, (one, other) = await _large_versions(ground, scale)
    path = f"/v1/worlds/{world_id}/versions/{one}/diff/{other}"
    sent = request("GET", path, bearer(ground.attacker.publishable))
    return _floods(ground, [sent], connections=4)


@_attack("publishable key: a list of 10,000 versions, 10 at once", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    world_id = await ground.import_text(bodies.world())
    await ground.save(world_id)
    await ground.fill_versions(world_id, 10_000)
    path = f"/v1/worlds/{world_id}/versions"
    return _floods(
        ground, [request("GET", path, bearer(ground.attacker.publishable))], connections=10
    )


# A publishable key: documents to be read and checked.


def _checks(
    verb: str, make: Callable[[int], bytes], *, at_once: int, large: bool = False
) -> Prepare:
    async def prepare(ground: Ground, scale: Scale) -> Act:
        body = b'{"world":' + make(scale.document if large else scale.checked) + b"}"
        path = f"/v1/worlds/{await ground.world()}/{verb}"
        sent = request("POST", path, bearer(ground.attacker.publishable), body)
        return _floods(ground, [sent], connections=at_once)

    return prepare


for _name in ("one integer of 23 digits", "short strings that break a lint"):
    ATTACKS[f"publishable key: lint, 10 at once, {_name}"] = Attack(
        _checks("lint", bodies.HOSTILE[_name], at_once=10), _CHECKED
    )
ATTACKS["publishable key: lint, arrays 200 deep"] = Attack(
    _checks("lint", bodies.deep, at_once=4), _CHECKED
)
ATTACKS["publishable key: lint, events that need 50 flags each"] = Attack(
    _checks("lint", bodies.requirements, at_once=4), _CHECKED
)
ATTACKS["publishable key: lint, 10 at once, keys that make a million situations"] = Attack(
    _checks("lint", bodies.locks, at_once=10), _CHECKED
)
ATTACKS["publishable key: validate, 10 at once, one integer of 23 digits"] = Attack(
    _checks("validate", bodies.with_big_integer, at_once=10), _CHECKED
)
ATTACKS["publishable key: lint, the largest world"] = Attack(
    _checks("lint", bodies.with_big_integer, at_once=2, large=True), _CHECKED
)


@_attack("publishable key: the scene of a large world that the server has not read yet", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    text = bodies.with_big_integer(scale.document)
    key = bearer(ground.attacker.publishable)

    async def act(neighbour: Neighbour) -> Counter[int]:
        # Cold once only: each time other worlds.
        worlds = [await ground.store_cold(text) for _ in range(3)]
        sent = [request("GET", f"/v1/worlds/{world_id}/scene", key) for world_id in worlds]
        return await flood(ground.port, sent, connections=len(sent), each=1)

    return act


@_attack("publishable key: reads of a large world, 10 at once", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    path = f"/v1/worlds/{await _large(ground, scale)}"
    sent = request("GET", path, bearer(ground.attacker.publishable))
    return _floods(ground, [sent], connections=10)


@_attack("publishable key: pictures of a graph that is hard to draw, 10 at once", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    world_id = await ground.once("tangle", lambda: ground.import_text(bodies.tangle()))
    sent = request("GET", f"/v1/worlds/{world_id}/graph.svg", bearer(ground.attacker.publishable))
    return _floods(ground, [sent], connections=10)


# A browser: a session token.


@_attack("a browser: connects to a large world, 10 at once", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    world_id = await _large(ground, scale)
    token = (await mint(ground.rest, ground.attacker.secret, world_id))["token"]
    sent = request("POST", "/v1/sessions/connect", bearer(token))
    return _floods(ground, [sent], connections=10)


@_attack("a browser: a wave of reconnects with one token", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    token = (await mint(ground.rest, ground.attacker.secret, await ground.world()))["token"]
    sent = request("POST", "/v1/sessions/connect", bearer(token))
    return _floods(ground, [sent], connections=30 * scale.crowd, each=10)


# Callers that hold on to what they have.


@_attack("publishable key: more watch streams than the server takes", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    path = f"/v1/worlds/{await ground.world()}/events-stream"
    sent = request("GET", path, bearer(ground.attacker.publishable))
    return crowds.holding(ground, sent, ground.streams * 5 // 4)


@_attack("publishable key: slow readers of a large world", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    path = f"/v1/worlds/{await _large(ground, scale)}"
    sent = request("GET", path, bearer(ground.attacker.publishable))
    return crowds.holding(ground, sent, 20 * scale.crowd)


@_attack("secret key: seed frames, 4 at once", _SERVED)
async def _(ground: Ground, scale: Scale) -> Act:
    sent = [
        request("POST", "/v1/seed-frame", bearer(ground.attacker.secret), b'{"prompt":"%d"}' % at)
        for at in range(4)
    ]
    return _floods(ground, sent, connections=4)


@_attack(
    "secret key: large frames that nobody looks at, and labels without number", frozenset({503})
)
async def _(ground: Ground, scale: Scale) -> Act:
    frame = b'{"frame_b64":"' + b"QUFB" * (scale.document // 4) + b'"}'
    labels = b'{"frame_b64":"QUFB","labels":' + bodies.repeated(b'"a"', scale.document) + b"}"
    headers = bearer(ground.attacker.secret)
    sent = [
        request("POST", "/v1/perceive", headers, frame),
        request("POST", "/v1/ground/objects", headers, labels),
    ]
    return _floods(ground, sent, connections=6)


@_attack("secret key: slow senders of a large world", frozenset({crowds.UNANSWERED}))
async def _(ground: Ground, scale: Scale) -> Act:
    body = b'{"world":' + bodies.world(bodies.structure(scale.document)) + b"}"
    sent = request("POST", "/v1/worlds", bearer(ground.attacker.secret), body)
    return crowds.holding(ground, sent[: len(sent) // 100], 100 * scale.crowd, answers=False)


async def _large(ground: Ground, scale: Scale) -> str:
    """A large world of the attacker's, always the same of a size."""
    return await ground.once(
        f"large {scale.document}",
        lambda: ground.import_text(bodies.with_big_integer(scale.document)),
    )


async def _large_versions(ground: Ground, scale: Scale) -> tuple[str, list[str]]:
    """A large world with two versions that differ in every part."""

    async def make() -> tuple[str, list[str]]:
        world_id = await ground.import_text(bodies.states(scale.document // 4))
        first = await ground.save(world_id)
        answer = await ground.rest.post(
            f"/v1/worlds/{world_id}/states",
            json={"id": "more", "base": "More.", "x": [{"n": n} for n in range(20_000)]},
            headers=bearer(ground.attacker.secret),
        )
        assert answer.status_code == 200, answer.text[:300]
        return world_id, [first, await ground.save(world_id)]

    return await ground.once(f"versions {scale.document}", make)
