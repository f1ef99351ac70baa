"""The peer of ARCHITECTURE 5: connect as a FastAPI service, to compare with.

What a team that knows its tools writes for this one endpoint: uvicorn with uvloop and httptools, no access
log, PyJWT with the algorithm pinned and the claims required, redis-py's pool with hiredis and no retries,
the admission in one script, the world kept in process by its revision, its text spliced into the answer.
The script, the keys, the checks of the token, the runtime token and the body are those of Conjure, so that
both do the same work. It has no edge, no gRPC, no other endpoint, and says nothing useful of errors.

`python peer.py PORT` with CONJURE_STORE_URL; the signing key is read from the store at the start.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path[:1] = [str(Path(__file__).resolve().parents[2] / "server")]

import jwt
import redis.asyncio as redis
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from jwt.algorithms import OKPAlgorithm
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from conjure.store import keyspace
from conjure.core.caller import Tenant
from conjure.store.client import Script

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LEASE_S = 300
UNLIMITED = 1_000_000_000
REQUIRED = ["iss", "aud", "sub", "jti", "iat", "exp"]


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens the pool, and reads the newest signing key."""
    store = redis.Redis.from_url(
        os.environ["CONJURE_STORE_URL"],
        max_connections=64,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=2,
    )
    script = Script("conjure.sessions", "admit", includes=["lease", "places"])
    record = json.loads((await store.hvals(keyspace.signing_keys()))[-1])
    private = OKPAlgorithm.from_jwk(record["jwk"])
    app.state.admit = store.register_script(script.source)
    app.state.private, app.state.public = private, private.public_key()
    app.state.kid = record["kid"]
    app.state.worlds = {}
    yield
    await store.aclose()


app = FastAPI(lifespan=lifespan)


@app.post("/v1/sessions/connect")
async def connect(request: Request) -> Response:
    """Exchanges a session token for a runtime token and the world."""
    state = request.app.state
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401, "a session token is needed")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            state.public,
            algorithms=["EdDSA"],
            issuer="conjure",
            leeway=5,
            options={"require": REQUIRED, "verify_aud": False},
        )
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "this token is not valid") from error
    if claims["aud"] not in {"conjure", request.headers.get("origin")}:
        raise HTTPException(401, "this token is not valid here")

    tenant, world_id, jti = Tenant(claims["app"], claims["mode"]), claims["wid"], claims["jti"]
    key = keyspace.world(tenant, world_id)
    known = state.worlds.get(key, (b"", b""))
    outcome, *rest = await state.admit(
        keys=[
            key,
            keyspace.leases(tenant),
            keyspace.lease(tenant, jti),
            keyspace.credential(tenant, jti),
            keyspace.usage(tenant),
            keyspace.caps(tenant),
            keyspace.places(),
        ],
        args=[
            jti, claims["sub"], LEASE_S * 1000, UNLIMITED, UNLIMITED, str(uuid.uuid4()), known[0],
            world_id, f"{tenant.tag}:{jti}", UNLIMITED, claims["exp"] * 1000, 0, 0, "",
        ],
    )  # fmt: skip
    if outcome != b"ok":
        raise HTTPException({b"gone": 404, b"minutes": 402}.get(outcome, 429), "not admitted")
    begin, finish, _, _, now, rev, doc, *_ = rest
    if doc:
        known = state.worlds[key] = (rev, doc)

    expires_at = int(finish) // 1000
    left = max(1, (int(finish) - int(now)) // 1000)
    runtime_token = jwt.encode(
        {
            "iss": "conjure", "aud": "conjure-runtime", "sub": claims["sub"], "jti": jti,
            "wid": world_id, "iat": expires_at - (int(finish) - int(begin)) // 1000, "exp": expires_at,
        },
        state.private,
        algorithm="EdDSA",
        headers={"kid": state.kid},
    )  # fmt: skip
    head = (
        f'{{"worldId":"{world_id}","reactorJwt":"{runtime_token}","expiresIn":{left},'
        f'"expiresAt":{expires_at},"schemaVersion":"1.0","world":'
    )
    return Response(head.encode() + known[1] + b"}", media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
