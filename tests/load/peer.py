"""The peer of ARCHITECTURE 5: connect as a FastAPI service that does all of our work, to compare with.

What a team that knows its tools writes for this one endpoint: uvicorn with uvloop and httptools and no access
log, middleware that is plain ASGI, PyJWT with the algorithm pinned and the claims required, redis-py's pool with
hiredis and no retries, the admission in one script; tokens that were verified, credentials of leases and worlds
kept in process, a world's text spliced into the answer. What Conjure does for a connect it does too: the script over tenant and system and
its keys, the checks of the token (published key, end, origin) at every call, rates that its processes share, the
signature of the runtime token, which is that of the lease and not of the call, a count and a histogram, the
request id, the shape of errors, the same body, the same settings of Python's garbage collector. It has no gRPC, no other endpoint and no drain.

`python peer.py PORT` with CONJURE_STORE_URL. With PEER_GZIP=1 its answers pass the framework's GZipMiddleware;
with PEER_SIGNS_EACH=1 it signs at each call, also what it has signed before.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import json
import math
import os
import re
import sys
import time
import uuid
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path[:1] = [str(Path(__file__).resolve().parents[2] / "server")]

import jwt
import orjson
import redis.asyncio as redis
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from jwt.algorithms import OKPAlgorithm
from prometheus_client import Counter, Histogram, make_asgi_app
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException as StarletteHTTPException

from conjure.core.caller import SessionCaller, Tenant
from conjure.core.errors import RateLimited
from conjure.core.lru import LruCache
from conjure.rates.limiter import RateLimiter
from conjure.run.collector import tune_gc
from conjure.settings import LATE_END_S, RateSettings, Settings
from conjure.store import keyspace
from conjure.store.client import Script
from conjure.worlds.stored_text import unpacked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SETTINGS = Settings.from_environment(os.environ)
LEASE_MS = SETTINGS.sessions.lease_s * 1000
SKEW_S = SETTINGS.sessions.clock_skew_s
REQUIRED = ["iss", "aud", "sub", "jti", "iat", "exp"]
SCHEMA = "1.0"
GZIP_LEVEL = 6  # zlib's own default; the middleware's, 9, takes longer and saves a hundredth
SIGNS_EACH = os.environ.get("PEER_SIGNS_EACH") == "1"
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
SOUND_ID = re.compile(rb"[\x21-\x7e]{1,128}")

REQUESTS = Counter("http_requests", "Requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "http_request_seconds", "Time to the last byte.", ["method", "route"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0),
)  # fmt: skip
ADMISSIONS = Counter("admissions", "Connects by what came of them.", ["outcome"])
ADMITTED, RECONNECTED = ADMISSIONS.labels("admitted"), ADMISSIONS.labels("reconnected")

REFUSALS = {
    b"gone": (404, "not found"),
    b"revoked": (401, "the credential is invalid, revoked or expired"),
    b"minutes": (402, "daily session minutes exhausted"),
    b"full": (503, "all sessions are taken"),
}


class Observed:
    """Counts and times each request, and gives it its id; plain ASGI, as it is in the way of all of them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.requests = functools.lru_cache(1024)(REQUESTS.labels)
        self.seconds = functools.lru_cache(1024)(SECONDS.labels)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given if SOUND_ID.fullmatch(given) else str(uuid.uuid4()).encode()
        token = REQUEST_ID.set(request_id.decode())
        begun, status = time.perf_counter(), 500

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id))
            await send(message)

        try:
            await self.app(scope, receive, told)
        finally:
            found = scope.get("route")
            route = "none" if found is None else found.path
            self.seconds(scope["method"], route).observe(time.perf_counter() - begun)
            self.requests(scope["method"], route, status).inc()
            REQUEST_ID.reset(token)


class Connector:
    """What the endpoint needs: the store, the keys, and what is remembered."""

    def __init__(self, store: redis.Redis) -> None:
        self.store = store
        admit = Script("conjure.sessions", "admit", includes=["lease", "places"])
        self.admit = store.register_script(admit.source)
        self.share = store.register_script(Script("conjure.rates", "exchange").source)
        self.rates = RateLimiter(SETTINGS.rates)
        self.public: dict[str, Any] = {}
        self.kid, self.private = "", None
        self.verified: LruCache[str, tuple[SessionCaller, str, int, Any]] = LruCache(10_000)
        self.worlds: LruCache[str, tuple[bytes, bytes]] = LruCache(1_000)
        self.signed: LruCache[tuple[SessionCaller, int, int, str], str] = LruCache(10_000)
        self.process, self.steps, self.reports = str(uuid.uuid4()), itertools.count(), 0

    async def read_keys(self) -> None:
        """Reads the published keys again; the newest that may sign does."""
        now, newest = time.time(), 0
        found: dict[str, Any] = {}
        for value in await self.store.hvals(keyspace.signing_keys()):
            record = json.loads(value)
            private = OKPAlgorithm.from_jwk(record["jwk"])
            found[record["kid"]] = self.public.get(record["kid"]) or private.public_key()
            if newest <= record["signs_from_s"] <= now:
                newest, self.kid, self.private = record["signs_from_s"], record["kid"], private
        self.public = found

    async def share_rates(self, limits: RateSettings) -> None:
        """Tells the other processes what was spent here, beside the calls, and hears of keys that changed."""
        epoch = None
        while True:
            await asyncio.sleep(limits.share_s)
            with contextlib.suppress(RedisError):
                for name, limit, cost in self.rates.take_reports(500):
                    self.reports += 1
                    micros = limit.interval_s * 1e6
                    spent, most = round(cost * micros), round(limit.most_s * 1e6)
                    args = [self.process, self.reports, spent, most]
                    self.rates.adopt(name, await self.share(keys=[name], args=args) / 1e6)
                before, epoch = epoch, await self.store.get(keyspace.security_epoch())
                if epoch != before:
                    await self.read_keys()

    def caller_of(self, token: str, origin: str | None) -> SessionCaller:
        """Who holds a token; only the signature of one that was verified before is not verified again."""
        public = self.public.get(kid_of(token.partition(".")[0]))
        if public is None:
            raise unauthorized()
        known = self.verified.get(token)
        if known is None or known[3] is not public:
            known = self.verify(token, public)
            self.verified.put(token, known)
        caller, audience, expires_at, _ = known
        if expires_at + SKEW_S <= time.time() or audience not in {"conjure", origin}:
            raise unauthorized()
        return caller

    def verify(self, token: str, public: Any) -> tuple[SessionCaller, str, int, Any]:
        """Reads a token whose signature is good."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token, public, algorithms=["EdDSA"], issuer="conjure", leeway=SKEW_S,
                options={"require": REQUIRED, "verify_aud": False},
            )  # fmt: skip
            world_id, jti = claims["wid"], claims["jti"]
            if str(uuid.UUID(world_id)) != world_id or str(uuid.UUID(jti)) != jti:
                raise unauthorized()
            tenant = Tenant(claims["app"], claims["mode"])
            caller = SessionCaller(tenant, world_id, jti, claims["sub"], int(claims["exp"]))
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError) as error:
            raise unauthorized() from error
        return caller, claims["aud"], caller.expires_at_s, public

    def runtime_token(self, caller: SessionCaller, from_ms: int, to_ms: int) -> str:
        """The credential of a lease: the same one for as long as the lease has these times, and signed once."""
        lease = (caller, from_ms, to_ms, self.kid)
        token = None if SIGNS_EACH else self.signed.get(lease)
        if token is None:
            token = self._signed(caller, from_ms, to_ms)
            self.signed.put(lease, token)
        return token

    def _signed(self, caller: SessionCaller, from_ms: int, to_ms: int) -> str:
        ends_at = to_ms // 1000
        return jwt.encode(
            {
                "iss": "conjure", "aud": "conjure-runtime", "sub": caller.player, "jti": caller.jti,
                "wid": caller.world_id, "iat": ends_at - (to_ms - from_ms) // 1000, "exp": ends_at,
            },
            self.private,
            algorithm="EdDSA",
            headers={"kid": self.kid},
        )  # fmt: skip


@functools.lru_cache(64)
def kid_of(header: str) -> str:
    """The key id in a token's header, which all tokens of a key have in common."""
    try:
        return str(jwt.get_unverified_header(f"{header}..").get("kid"))
    except jwt.InvalidTokenError as error:
        raise unauthorized() from error


def unauthorized() -> HTTPException:
    return HTTPException(401, "the credential is invalid, revoked or expired")


async def credential_of(request: Request) -> str:
    """The session token, as a Bearer or in the body; a body is an object of JSON in any case."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    credential = token if scheme.lower() == "bearer" else ""
    if request.headers.get("content-length", "0") != "0":
        try:
            body = orjson.loads(await request.body())
        except orjson.JSONDecodeError as error:
            raise HTTPException(400, "the request body is not a JSON object") from error
        if not isinstance(body, dict):
            raise HTTPException(400, "the request body is not a JSON object")
        credential = credential or str(body.get("token", ""))
    if not credential or len(credential) > 8192:
        raise HTTPException(401, "a session token is required, as a Bearer or as token")
    return credential


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens the pool, reads the keys, and shares rates for as long as the service runs."""
    store = redis.Redis.from_url(
        SETTINGS.store.url,
        max_connections=256,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=2,
    )
    app.state.connector = connector = Connector(store)
    await connector.read_keys()
    tune_gc()
    sharing = asyncio.create_task(connector.share_rates(SETTINGS.rates))
    yield
    sharing.cancel()
    await store.aclose()


app = FastAPI(lifespan=lifespan, openapi_url=None)
if os.environ.get("PEER_GZIP") == "1":
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=GZIP_LEVEL)
app.add_middleware(Observed)  # the last one that is added is the first one that is asked


@app.exception_handler(StarletteHTTPException)
async def failed(request: Request, error: StarletteHTTPException) -> Response:
    """The shape of all failures."""
    body = {"detail": error.detail, "schemaVersion": SCHEMA}
    return Response(
        orjson.dumps(body), error.status_code, error.headers, media_type="application/json"
    )


@app.post("/v1/sessions/connect")
async def connect(request: Request) -> Response:
    """Exchanges a session token for a runtime token and the world."""
    connector: Connector = request.app.state.connector
    token = await credential_of(request)
    caller = connector.caller_of(token, request.headers.get("origin"))
    try:
        connector.rates.spend(caller)
    except RateLimited as error:
        wait = {"retry-after": str(error.retry_after_s)}
        raise HTTPException(429, "too many requests", wait) from error

    tenant, world_id, jti = caller.tenant, caller.world_id, caller.jti
    key = keyspace.world(tenant, world_id)
    known = connector.worlds.get(key) or (b"", b"")
    caps, sessions = SETTINGS.caps, SETTINGS.sessions
    try:
        outcome, *rest = await connector.admit(
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
                jti, caller.player, LEASE_MS, caps.live_sessions, caps.session_seconds, f"{connector.process}.{next(connector.steps)}",
                known[0], world_id, f"{tenant.tag}:{jti}", sessions.global_live_sessions,
                (caller.expires_at_s + LATE_END_S) * 1000, 0, 0, "",
            ],
        )  # fmt: skip
    except RedisError as error:
        raise HTTPException(503, "the store is not available", {"retry-after": "1"}) from error
    if outcome != b"ok":
        ADMISSIONS.labels(outcome.decode()).inc()
        status, detail = REFUSALS.get(outcome, (503, "not admitted"))
        wait = (
            {"retry-after": str(max(1, math.ceil(int(rest[0]) / 1000)))}
            if outcome == b"full"
            else None
        )
        raise HTTPException(status, detail, wait)
    begin, finish, _, has_charged, now, rev, doc, *_ = rest
    (ADMITTED if has_charged else RECONNECTED).inc()
    if doc:
        known = (rev, unpacked(doc, key))
        connector.worlds.put(key, known)

    from_ms, to_ms = int(begin), int(finish)
    head = (
        f'{{"worldId":"{world_id}","reactorJwt":"{connector.runtime_token(caller, from_ms, to_ms)}",'
        f'"expiresIn":{max(1, (to_ms - int(now)) // 1000)},"expiresAt":{to_ms // 1000},'
        f'"schemaVersion":"{SCHEMA}","world":'
    )
    body = head.encode() + known[1] + b"}"
    connector.rates.answered(caller, 0, len(body))
    return Response(body, media_type="application/json")


@app.get("/healthz")
async def healthz() -> Response:
    """That it serves."""
    return Response(b'{"status":"ok"}', media_type="application/json")


app.mount("/metrics", make_asgi_app())


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=310,  # longer than an edge keeps a connection that is idle
    )
