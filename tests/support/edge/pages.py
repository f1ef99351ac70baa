"""What a page of another origin sends, to an edge that it is tried with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from support.until import LIMIT_S

if TYPE_CHECKING:
    from support.edge.envoy import Edge

ORIGIN = "https://studio.example"
FROM_A_PAGE = {"origin": ORIGIN}
PREFLIGHT = FROM_A_PAGE | {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
}
EXPOSED = {"etag", "retry-after", "idempotent-replayed", "x-request-id"}


def page_of(edge: Edge) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=edge.rest, timeout=LIMIT_S, trust_env=False)


def listed(answer: httpx.Response, name: str) -> set[str]:
    return {item.strip() for item in answer.headers[f"access-control-{name}"].split(",")}


def assert_readable(answer: httpx.Response, what: object = None) -> None:
    """Any page may read it and what it exposes; no page is told to send cookies."""
    assert answer.headers.get_list("access-control-allow-origin") == ["*"], (what, answer.headers)
    assert listed(answer, "expose-headers") == EXPOSED, what
    assert "access-control-allow-credentials" not in answer.headers
    # The answer is the same for all origins.
    assert "origin" not in answer.headers.get("vary", "").lower()
