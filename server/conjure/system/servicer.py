"""conjure.v1.SystemService."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

import orjson

from conjure import openapi
from conjure.core.caching import OF_A_RELEASE
from conjure.kernel import SCHEMA_BYTES
from conjure.rpc.conditional import needs_body
from conjure.rpc.messages import document
from conjure.v1 import system_service_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.rpc.call import Call
    from conjure.sessions.signing import SigningKeys
    from conjure.store.client import Store


class SystemServicer:
    """proto ↔ the deployment."""

    def __init__(self, store: Store, signing_keys: SigningKeys) -> None:
        self._store = store
        self._signing_keys = signing_keys
        self._kept: dict[Callable[[], bytes], tuple[bytes, str]] = {}

    async def GetHealth(self, request: pb.GetHealthRequest, call: Call) -> pb.GetHealthResponse:
        """Answers when the store does."""
        call.response_headers["cache-control"] = "no-store"
        await self._store.ping()
        return pb.GetHealthResponse(status="ok")

    async def GetJwks(self, request: pb.GetJwksRequest, call: Call) -> pb.GetJwksResponse:
        """Answers with the public keys."""
        # Half of how long a new key is published before it signs.
        call.response_headers["cache-control"] = "public, max-age=300"
        jwks = await self._signing_keys.jwks()
        return pb.GetJwksResponse(jwks=document(orjson.dumps(jwks)))

    async def GetWorldSchema(
        self, request: pb.GetWorldSchemaRequest, call: Call
    ) -> pb.GetWorldSchemaResponse:
        """Answers with the kernel's own schema."""
        call.response_headers["cache-control"] = "public, max-age=3600"
        return pb.GetWorldSchemaResponse(schema=document(SCHEMA_BYTES))

    async def GetOpenApi(self, request: pb.GetOpenApiRequest, call: Call) -> pb.GetOpenApiResponse:
        """Answers with the contract as JSON."""
        text, etag = await self._made(openapi.json_text, call)
        if not needs_body(call, etag):
            return pb.GetOpenApiResponse(etag=etag)
        return pb.GetOpenApiResponse(openapi=document(text), etag=etag)

    async def GetOpenApiYaml(
        self, request: pb.GetOpenApiYamlRequest, call: Call
    ) -> pb.GetOpenApiYamlResponse:
        """Answers with the contract as YAML."""
        text, etag = await self._made(openapi.yaml_text, call)
        needed = needs_body(call, etag)
        return pb.GetOpenApiYamlResponse(openapi=text if needed else b"", etag=etag)

    async def GetDocs(self, request: pb.GetDocsRequest, call: Call) -> pb.GetDocsResponse:
        """Answers with the page that shows the contract."""
        page = openapi.docs_page()
        call.response_headers["content-security-policy"] = page.policy
        call.response_headers["x-content-type-options"] = "nosniff"
        call.response_headers["referrer-policy"] = "no-referrer"
        text, etag = await self._made(_page_text, call)
        needed = needs_body(call, etag)
        return pb.GetDocsResponse(page=text if needed else b"", etag=etag)

    async def _made(self, make: Callable[[], bytes], call: Call) -> tuple[bytes, str]:
        """Returns a text that is made once, and its entity tag. The first caller waits 0.2 s."""
        call.response_headers["cache-control"] = OF_A_RELEASE
        kept = self._kept.get(make)
        if kept is None:
            text = await asyncio.to_thread(make)
            kept = self._kept[make] = (text, hashlib.sha256(text).hexdigest()[:16])
        return kept


def _page_text() -> bytes:
    return openapi.docs_page().html
