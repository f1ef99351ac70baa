"""Malformed requests of every REST route, over sockets of their own; and what is to be true of each answer."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conjure.contract import rpcs
from conjure.edge.descriptor import rest_methods
from conjure.player.files import player_files
from conjure.v1 import auth_pb2
from support.edge.every_rpc import RPCS, UNSERVED
from support.fuzz.values import NAMES, broken, dump, mutated
from support.worlds import small_world

if TYPE_CHECKING:
    from random import Random

    from conjure.edge.descriptor import RestMethod

LONGEST_S = 60.0
"""Longer than any time limit of the product: what is not answered by then hangs."""
_VERBS = (
    "GET",
    "POST",
    "PATCH",
    "DELETE",
    "PUT",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "BREW",
    "get",
    "CONNECT",
)


@dataclass
class Known:
    """What exists: real names make requests reach further than made-up ones."""

    key: str
    world_id: str
    token: str
    states: list[str]
    events: list[str]
    version: str = ""
    others: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """`whole`: all of the body that its framing promises is sent. `unserved`: nobody is there for it."""

    data: bytes
    verb: str
    whole: bool
    unserved: bool = False


EXAMPLES: dict[str, Any] = {
    rpc.name: json.loads(rpc.operation.example) for rpc in rpcs() if rpc.operation.example
}
"""Bodies that the protos show."""


def templates(known: Known) -> dict[str, Any]:
    """Bodies that would be taken, by RPC, where the example of its proto says too little."""
    state = {"base": "A wide hall.", "variants": [{"when": "night", "base": "dark"}]}
    event = {"kind": "transition", "from": known.states[0], "to": known.states[-1], "name": "go on"}
    return {
        "CreateWorld": {"world": small_world(), "name": "n", "premise": "p", "async": False},
        "UpdateWorld": {"name": "n", "description": "d", "visibility": "private", "cover": "c"},
        "ForkWorld": {},
        "SetEntrance": {
            "state": known.states[0], "image": {"src": "https://x/y.png", "label": "l"},
        },
        "CreateState": {"id": "attic", **state},
        "UpdateState": {"patch": state},
        "CreateEvent": event,
        "UpdateEvent": {"patch": {**event, "name": "other"}},
        "ApplyOps": {
            "ops": [
                {"op": "add_state", "id": "loft", **state},
                {"op": "update_state", "id": known.states[0], "patch": state},
                {"op": "add_event", **event},
                {"op": "set_entrance", "state": known.states[0]},
                {"op": "rename_state", "id": known.states[-1], "to": "cave"},
                {"op": "delete_event", "name": "go on"},
            ],
            "expectedRev": "1",
        },
        "EditWorld": {
            "instruction": "Start in the cellar", "message": "m", "expectedRev": "1",
            "verifiedObjects": [{"label": "lamp", "bbox": [0, 0, 1, 1]}],
        },
        "ValidateGraph": {"world": small_world()},
        "LintGraph": {"data": small_world()},
        "MintSessionToken": {
            "worldId": known.world_id, "ttlSeconds": 300, "origin": "https://play.example",
            "playerIdentity": "p",
        },
        "Connect": {"token": known.token},
        "CreateCharacter": {
            "name": "n", "persona": "p", "stances": [{"id": "calm", "label": "Calm", "mood": "m"}],
            "intro": {"title": "t"}, "free": True, "cover": "c",
        },
        "UpdateCharacter": {"persona": "p", "stances": [{"id": "calm"}], "lore": None},
        "ForkCharacter": {},
        "Say": {
            "text": "Hello.", "token": known.token, "currentStance": "calm",
            "history": [{"role": "user", "text": "Hi."}, {"role": "character", "text": "Hello."}],
            "affect": {"v": 0.5, "a": -1, "d": 0, "rapport": 1}, "memory": {"summary": "We met."},
        },
        "SayStream": {"text": "Hello.", "token": known.token},
        "Speak": {"text": "Good evening.", "token": known.token, "style": 0.5},
        "DrawCharacter": {"prompt": "a lamp", "token": known.token},
        "ResumeTalk": {"token": known.token},
        "DrawState": {"state": known.states[0], "token": known.token},
        "AskTerminal": {
            "event": known.events[0], "text": "Who built it?", "flags": ["key"], "token": known.token,
        },
        "ConsolidateMemory": {"token": known.token},
        "CreateVersion": {"title": "t", "parentVersionId": known.version or None, "source": "save"},
        "CheckoutVersion": {"versionId": known.version, "expectedRev": "1"},
        "UpdateVersion": {"title": "t"},
    }  # fmt: skip


def request(known: Known, random: Random) -> Request:
    """One malformed request. The same random numbers make the same one."""
    method = random.choice(rest_methods())
    name = method.name.rpartition("/")[2]
    verb = random.choice(_VERBS) if random.random() < 0.06 else method.verb
    path = _path(method, known, random, keep=not name.startswith("Delete"))
    body = _body(name, known, random) if method.verb != "GET" or random.random() < 0.1 else b""
    rpc = method.name.rpartition(".")[2]
    is_players = RPCS[rpc].scheme == auth_pb2.SCHEME_SESSION_TOKEN
    headers = _headers(known, known.token if is_players else known.key, random)
    whole = True
    if random.random() < 0.08:
        length = random.choice(
            (b"-1", b"x", b"1e3", b"%d" % (len(body) + 5), b"99999999", b"0", b"")
        )
        headers.append((b"content-length", length))
        whole = False
    elif random.random() < 0.1:
        headers.append((b"transfer-encoding", b"chunked"))
        cut = random.randrange(len(body) + 1)
        pieces = [piece for piece in (body[:cut], body[cut:]) if piece]
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    elif body or method.verb != "GET":
        headers.append((b"content-length", b"%d" % len(body)))
    random.shuffle(headers)
    head = b"%s %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" % (verb.encode(), path)
    head += b"".join(b"%s: %s\r\n" % pair for pair in headers)
    data = head + b"\r\n" + body
    if random.random() < 0.02:
        data, whole = broken(data[: len(head)], random) + b"\r\n\r\n", False
    return Request(data, verb, whole, rpc in UNSERVED)


def _path(method: RestMethod, known: Known, random: Random, *, keep: bool) -> bytes:
    real = {
        "id": known.world_id, "world_id": known.world_id, "state_id": random.choice(known.states),
        "event_name": random.choice(known.events), "version_id": known.version,
        "player_identity": "ada", "release": player_files().release, "file": "player.js",
    }  # fmt: skip

    def fill(found: re.Match[str]) -> str:
        name = real.get(found[1], known.version or "x")
        usual = name.replace("%", "%25").replace(" ", "%20").replace("/", "%2F")
        return usual if keep and random.random() < 0.85 else random.choice(NAMES)

    path = re.sub(r"\{(\w+)[^}]*\}", fill, method.path)
    if random.random() < 0.04:
        path = random.choice((path + "/", "/" + path, path.upper(), path + "/%2e%2e", path[:-1]))
    if random.random() < 0.3:
        names = ("limit", "cursor", "token", "fromRev", "id", "x", "http_body", "", "limit[]")
        pairs = [
            f"{random.choice(names)}={random.choice(('0', '-1', '101', '9' * 400, 'x', '%zz', '%00', '', '%ff', '1&limit=2'))}"
            for _ in range(random.choice((1, 2, 50)))
        ]
        path += "?" + "&".join(pairs)
    return path.encode("utf-8")


def _body(name: str, known: Known, random: Random) -> bytes:
    valid = templates(known).get(name) or EXAMPLES.get(name, {})
    changed = valid
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        changed = mutated(changed, random)
    data = dump(changed).encode("utf-8", "surrogatepass")
    return broken(data, random) if random.random() < 0.2 else data


def _headers(known: Known, credential: str, random: Random) -> list[tuple[bytes, bytes]]:
    text = [f"Bearer {credential}"] * 14 + [
        "", "Bearer", "Bearer ", "Basic eDp5", known.key, f"Bearer  {known.key}", f"bearer {known.key}x",
        "Bearer " + "x" * 9000, f"Bearer {known.token}", "Bearer a.b.c", "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Bearer sk_test_" + "a" * 43, "Bearer \xff\xfe", f"Bearer {known.token[:-3]}",
    ]  # fmt: skip
    headers = [(b"authorization", random.choice(text).encode("latin-1"))]
    odd = (
        (
            "if-match",
            ('"1"', "*", 'W/"1"', "1", '"1", "2"', '"', "", "\xff", '"' + "9" * 500 + '"'),
        ),
        ("if-none-match", ('"1"', "*", ",,,", "", '"\x80"')),
        ("idempotency-key", ("k", "", "k" * 256, "\xe9", "k k", "k\t")),
        (
            "content-type",
            ("application/json", "text/plain", "application/grpc", "", "\xff", "x" * 999),
        ),
        ("accept", ("text/event-stream", "*/*;q=x")),
        ("origin", ("https://play.example", "null", "", "\xff")),
        ("last-event-id", ("1", "-1", "x", "9" * 99)),
        ("x-request-id", ("r", "", "r" * 999, "\xff", "a\tb")),
        ("content-encoding", ("gzip", "br", "x")),
        ("expect", ("100-continue", "x")),
        ("te", ("trailers", "gzip")),
        ("x-http-status", ("500",)),
        ("x-conjure-edge", ("0",)),
        ("grpc-timeout", ("1n", "x")),
        ("upgrade", ("h2c", "websocket")),
        ("x_y", ("1",)),
        ("bad-bin", ("!",)),
        ("range", ("bytes=0-1",)),
        ("cookie", ("a=b; " * 500,)),
        ("x-forwarded-for", ("1.2.3.4", "x" * 999)),
    )
    for name, values in random.sample(odd, random.choice((0, 0, 1, 2, 4))):
        headers.append((name.encode(), random.choice(values).encode("latin-1")))
    if random.random() < 0.03:
        headers.append((b"authorization", random.choice(text).encode("latin-1")))
    return headers


async def send(port: int, sent: Request) -> str | None:
    """Sends a request and judges the answer; returns what is wrong with it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
    try:
        async with asyncio.timeout(LONGEST_S):
            writer.write(sent.data)
            if not sent.whole:
                await asyncio.sleep(0.05)
                writer.write_eof()
            head = await reader.readuntil(b"\r\n\r\n")
            while head.startswith(b"HTTP/1.1 100 "):  # asked for with `expect`
                head = await reader.readuntil(b"\r\n\r\n")
            if b"text/event-stream" in head:
                return None if head.startswith(b"HTTP/1.1 200") else f"a stream of errors: {head!r}"
            body = await reader.read()
    except asyncio.IncompleteReadError:
        return None if not sent.whole else "hung up without an answer"
    except ConnectionError:
        # Refused by its headers alone, while a long body was on its way: TCP takes the answer along.
        is_long = len(sent.data) > 32_768
        return None if is_long or not sent.whole else "hung up without an answer"
    except TimeoutError:
        return "no answer in time"
    finally:
        writer.transport.abort()
    return judge(sent, head, body)


def judge(sent: Request, head: bytes, body: bytes) -> str | None:
    """What is wrong with an answer, if anything (CONTRACT 0)."""
    status = int(head[9:12])
    if status >= 500 and not (status == 503 and sent.unserved):
        return f"{status}: {body[:300]!r}"
    if b"\r\nx-request-id: " not in head.lower():
        return f"no request id: {head!r}"
    if status < 400 or sent.verb == "HEAD":
        return None
    if b"\r\ncontent-type: application/json" not in head.lower():
        return f"no JSON: {head!r}"
    if b"\r\ntransfer-encoding: chunked" in head.lower():
        body = _joined(body)
    try:
        error = json.loads(body)
    except ValueError:
        return f"{status} with a body that is no JSON: {body[:300]!r}"
    known = {"detail", "schemaVersion", "errors", "diagnostics"}
    if not (set(error) <= known and error.get("detail") and error.get("schemaVersion") == "1.0"):
        return f"{status} of another shape: {body[:300]!r}"
    if b"Traceback" in body or b".py" in body:
        return f"{status} that tells of the inside: {body[:300]!r}"
    return None


def _joined(chunks: bytes) -> bytes:
    """A body that came in chunks (RFC 9112, 7.1)."""
    whole = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        whole += rest[: int(size, 16)]
        chunks = rest[int(size, 16) + 2 :]
    return whole
