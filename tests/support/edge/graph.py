"""What the graph tests share: a caller of one world's graph, and what its answers have to be."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from support.edge.exact import exact
from support.rest import bearer, import_world
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

BODY_LIMIT = 12 << 20  # of bodies that hold a document (CONTRACT 0)
WRITTEN = {"world", "diagnostics", "rev", "schemaVersion"}
"""The members of a GraphWriteResult."""

_ABSENT: Any = object()


def three_rooms(**members: Any) -> dict[str, Any]:
    """The small world, a third room that nothing refers to, and an event in place."""
    world = small_world(**members)
    world["scene"]["states"]["spare"] = {"base": "A spare room with a narrow bed."}
    world["scene"]["events"].append({"name": "Wave", "kind": "override", "from": ["hall"]})
    return world


class Graph:
    """The graph of one world over REST, called with one key."""

    def __init__(self, rest: httpx.AsyncClient, key: str, world_id: str) -> None:
        self.rest = rest
        self.key = key
        self.world_id = world_id

    @classmethod
    async def of(cls, rest: httpx.AsyncClient, key: str, **members: Any) -> Graph:
        """The graph of a new world."""
        return cls(rest, key, await import_world(rest, key, **three_rooms(**members)))

    def to(self, *, key: str | None = None, world_id: str | None = None) -> Graph:
        """The same, called with another key or on another world."""
        return Graph(self.rest, key or self.key, world_id or self.world_id)

    def path(self, *parts: str) -> str:
        """The address of a part of the graph; each part is one segment, whatever is in it."""
        return "/".join(["/v1/worlds", self.world_id, *(quote(part, safe="") for part in parts)])

    async def call(
        self, verb: str, *parts: str, body: Any = _ABSENT, content: bytes = b"", **headers: str
    ) -> httpx.Response:
        """Calls with JSON, with bytes, or without a body; `if_match` is the header `if-match`."""
        lines = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.rest.request(
            verb,
            self.path(*parts),
            content=content if body is _ABSENT else json.dumps(body).encode(),
            headers=bearer(self.key) | lines,
        )

    async def read(self, *parts: str) -> dict[str, Any]:
        """A read that succeeds; its ETag is its `rev`."""
        answer = await self.call("GET", *parts)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        assert answer.headers["etag"] == f'"{body["rev"]}"'
        assert body["schemaVersion"] == "1.0"
        return body

    async def stored(self) -> tuple[Any, str]:
        """What is stored: the exact document, and its ETag."""
        answer = await self.call("GET")
        assert answer.status_code == 200, answer.text
        document = exact(answer.content)
        document.pop("schemaVersion")
        return document, answer.headers["etag"]

    async def rev(self) -> str:
        """The revision now."""
        return (await self.stored())[1].strip('"')

    async def written(self, verb: str, *parts: str, more: tuple[str, ...] = (), **how: Any) -> Any:
        """A write that succeeds: it made a revision, and what it answers is what is stored."""
        before = await self.rev()
        answer = await self.call(verb, *parts, **how)
        body = assert_written(answer, *more)
        assert body["rev"] != before
        assert await self.stored() == (exact(answer.content)["world"], answer.headers["etag"])
        return body

    async def applied(self, *ops: Any, **how: Any) -> Any:
        """A batch that succeeds."""
        return await self.written("POST", "ops", more=("applyErrors",), body={"ops": ops}, **how)

    @contextlib.asynccontextmanager
    async def unchanged(self) -> AsyncIterator[None]:
        """What happens inside stores nothing and moves no revision."""
        before = await self.stored()
        yield
        assert await self.stored() == before


def assert_written(answer: httpx.Response, *more: str) -> dict[str, Any]:
    """A GraphWriteResult and nothing but `more`; its ETag is the quoted `rev`."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    body: dict[str, Any] = answer.json()
    assert set(body) == WRITTEN | set(more)
    assert body["schemaVersion"] == "1.0"
    assert isinstance(body["rev"], str)
    assert answer.headers["etag"] == f'"{body["rev"]}"'
    for finding in body["diagnostics"]:
        assert set(finding) - {"loc"} == {"lint", "severity", "path", "message"}
        assert finding["severity"] in {"warning", "info"}
    return body
