"""conjure.v1.AssetService."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.assets.names import read_file_name
from conjure.core.caching import IMMUTABLE
from conjure.core.errors import NotFound
from conjure.rpc.conditional import needs_body
from conjure.v1 import asset_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.assets.service import Assets
    from conjure.rpc.call import Call

_HEADERS: Final = {
    "cache-control": IMMUTABLE,
    "x-content-type-options": "nosniff",
    # A picture that is opened by itself is a page of this origin: what stands in it runs and loads nothing.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    # Pages that keep out what is not meant for them (COEP) may show it.
    "cross-origin-resource-policy": "cross-origin",
}


class AssetServicer:
    """proto ↔ assets."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets

    async def GetAsset(self, request: pb.GetAssetRequest, call: Call) -> pb.GetAssetResponse:
        """Answers with a picture."""
        named = read_file_name(request.file)
        if named is None:
            raise NotFound
        sha256, extension = named
        # Also for who has it already: a 304 says that it is there still.
        picture = await self._assets.read(sha256, extension)
        call.response_headers.update(_HEADERS)
        response = pb.GetAssetResponse(media_type=picture.media_type, sha256=sha256)
        if needs_body(call, sha256):
            response.content = picture.content
        return response
