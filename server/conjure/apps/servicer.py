"""conjure.v1.AppService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.rpc.messages import timestamp
from conjure.v1 import app_pb2
from conjure.v1 import app_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.apps.keys import ApiKeys
    from conjure.apps.model import ApiKey, App
    from conjure.apps.service import Apps
    from conjure.rpc.call import Call


class AppServicer:
    """proto ↔ apps and their keys."""

    def __init__(self, apps: Apps, keys: ApiKeys) -> None:
        self._apps = apps
        self._keys = keys

    async def CreateApp(self, request: pb.CreateAppRequest, call: Call) -> pb.CreateAppResponse:
        """Makes an app."""
        made = await self._apps.create_once(request.name, call.user_id, call.idempotency_key)
        call.is_replayed = made.replayed
        return pb.CreateAppResponse(app=app_message(made.app))

    async def ListApps(self, request: pb.ListAppsRequest, call: Call) -> pb.ListAppsResponse:
        """Answers with a page, newest first."""
        page, following = await self._apps.page(
            call.user_id,
            limit=request.limit if request.HasField("limit") else None,
            cursor=request.cursor if request.HasField("cursor") else None,
        )
        return pb.ListAppsResponse(apps=map(app_message, page), next_cursor=following)

    async def CreateKey(self, request: pb.CreateKeyRequest, call: Call) -> pb.CreateKeyResponse:
        """Makes a key, and shows it."""
        app = await self._apps.owned(call.user_id, request.id)
        made = await self._keys.create_once(
            app.id,
            kind=request.kind if request.HasField("kind") else "publishable",
            mode=request.mode if request.HasField("mode") else "test",
            name=request.name if request.HasField("name") else None,
            user_id=call.user_id,
            idempotency_key=call.idempotency_key,
        )
        call.is_replayed = made.replayed
        return pb.CreateKeyResponse(
            id=made.key.id,
            key=made.plaintext,
            prefix=made.key.prefix,
            last4=made.key.last4,
            kind=made.key.kind,
            mode=made.key.mode,
            name=made.key.name,
            scopes=made.key.scopes,
            created_at=timestamp(made.key.created_ms),
        )

    async def ListKeys(self, request: pb.ListKeysRequest, call: Call) -> pb.ListKeysResponse:
        """Answers with all keys of an app, newest first."""
        app = await self._apps.owned(call.user_id, request.id)
        return pb.ListKeysResponse(keys=map(key_message, await self._keys.list(app.id)))

    async def RevokeKey(self, request: pb.RevokeKeyRequest, call: Call) -> pb.RevokeKeyResponse:
        """Ends a key."""
        app = await self._apps.owned(call.user_id, request.id)
        return pb.RevokeKeyResponse(
            ok=True, revoked=await self._keys.revoke(app.id, request.key_id)
        )


def app_message(app: App) -> app_pb2.App:
    """The typed form of an app."""
    return app_pb2.App(id=app.id, name=app.name, created_at=timestamp(app.created_ms))


def key_message(key: ApiKey) -> app_pb2.ApiKey:
    """The typed form of what is known of a key."""
    return app_pb2.ApiKey(
        id=key.id,
        prefix=key.prefix,
        last4=key.last4,
        kind=key.kind,
        mode=key.mode,
        name=key.name,
        scopes=key.scopes,
        created_at=timestamp(key.created_ms),
        revoked_at=None if key.revoked_ms is None else timestamp(key.revoked_ms),
        last_used_at=None if key.last_used_ms is None else timestamp(key.last_used_ms),
    )
