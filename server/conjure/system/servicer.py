"""conjure.v1.SystemService."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from conjure.kernel import SCHEMA_BYTES
from conjure.rpc.messages import document
from conjure.v1 import system_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.rpc.call import Call
    from conjure.sessions.signing import SigningKeys
    from conjure.store.client import Store


class SystemServicer:
    """proto ↔ the deployment."""

    def __init__(self, store: Store, signing_keys: SigningKeys) -> None:
        self._store = store
        self._signing_keys = signing_keys

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
