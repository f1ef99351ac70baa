"""conjure.v1.SessionService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.rpc.messages import timestamp
from conjure.v1 import session_pb2
from conjure.v1 import session_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.rpc.call import Call
    from conjure.sessions.service import SessionService
    from conjure.sessions.store import Lease


class SessionServicer:
    """proto ↔ sessions."""

    def __init__(self, sessions: SessionService) -> None:
        self._sessions = sessions

    async def MintSessionToken(
        self, request: pb.MintSessionTokenRequest, call: Call
    ) -> pb.MintSessionTokenResponse:
        """Mints a session token."""
        minted = await self._sessions.mint(
            call.tenant,
            world_id=request.world_id,
            player=request.player_identity if request.HasField("player_identity") else None,
            origin=request.origin if request.HasField("origin") else None,
            ttl_s=request.ttl_seconds if request.HasField("ttl_seconds") else None,
            idempotency_key=call.idempotency_key,
        )
        call.is_replayed = minted.replayed
        return pb.MintSessionTokenResponse(
            token=minted.token,
            expires_in=minted.expires_in_s,
            world_id=minted.world_id,
            slug=minted.slug,
            jti=minted.jti,
        )

    async def Connect(self, request: pb.ConnectRequest, call: Call) -> pb.ConnectResponse:
        """Exchanges a session token for a runtime credential and the world."""
        connected = await self._sessions.connect(call.session)
        response = pb.ConnectResponse(
            world_id=connected.world_id,
            reactor_jwt=connected.runtime.jwt,
            expires_in=connected.runtime.expires_in_s,
            expires_at=connected.runtime.expires_at_s,
        )
        response.world.json = (
            connected.world
        )  # handed over as a message it would be copied once more
        return response

    async def Disconnect(self, request: pb.DisconnectRequest, call: Call) -> pb.DisconnectResponse:
        """Ends the caller's session."""
        return pb.DisconnectResponse(ok=True, seconds=await self._sessions.disconnect(call.session))

    async def TrackSession(
        self, request: pb.TrackSessionRequest, call: Call
    ) -> pb.TrackSessionResponse:
        """Binds the runtime's id of it to the caller's session."""
        await self._sessions.track(call.session, request.reactor_session_id)
        return pb.TrackSessionResponse(ok=True)

    async def EndSession(self, request: pb.EndSessionRequest, call: Call) -> pb.EndSessionResponse:
        """Ends a session."""
        lease, refunded = await self._sessions.end(call.tenant, request.jti, revoke=request.revoke)
        return pb.EndSessionResponse(session=session_message(lease), refunded_seconds=refunded)

    async def ListSessions(
        self, request: pb.ListSessionsRequest, call: Call
    ) -> pb.ListSessionsResponse:
        """Lists live sessions."""
        page, following = await self._sessions.list(
            call.tenant,
            limit=request.limit if request.HasField("limit") else None,
            cursor=request.cursor if request.HasField("cursor") else None,
        )
        sessions = [session_message(lease) for lease in page]
        return pb.ListSessionsResponse(sessions=sessions, next_cursor=following)


def session_message(lease: Lease) -> session_pb2.Session:
    """The typed form of a lease."""
    message = session_pb2.Session(
        jti=lease.jti,
        world_id=lease.world_id,
        player_identity=lease.player,
        charged_seconds=lease.charged_s,
        reactor_session_id=lease.tracked or None,
    )
    if lease.start_ms:  # else the token never connected
        message.start_time.CopyFrom(timestamp(lease.start_ms))
        message.end_time.CopyFrom(timestamp(lease.end_ms))
    return message
