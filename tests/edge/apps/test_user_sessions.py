"""Who is a user, by the keys of the identity provider, over both faces (CONTRACT 0.1)."""

from __future__ import annotations

import time

from conjure.core.errors import Reason
from conjure.core.ids import new_id
from conjure.v1.app_service_pb2 import ListAppsRequest
from conjure.v1.app_service_pb2_grpc import AppServiceStub
from support.issuer import ed_key
from support.rest import assert_error, bearer
from support.rpc import TIMEOUT_S, metadata, refused
from support.stack import channel, running_server
from support.users import make_app, user_token


async def listed(target: str, credential: str | None):
    """The apps of a user, over gRPC."""
    async with channel(target) as opened:
        answer = await AppServiceStub(opened).ListApps(
            ListAppsRequest(), metadata=metadata(credential), timeout=TIMEOUT_S
        )
        return [app.id for app in answer.apps]


async def test_a_user_is_the_same_by_whatever_key_and_face(stack, rest):
    subject = f"user-{new_id()}"
    app_id = await make_app(rest, user_token(subject))
    for key in stack.user_keys:
        token = key.token(sub=subject)
        apps = (await rest.get("/v1/apps", headers=bearer(token))).json()["apps"]
        assert [app["id"] for app in apps] == [app_id], key.algorithm
        assert await listed(stack.server_target, token) == [app_id]


async def test_whoever_is_no_user_is_401_over_both_faces(stack, rest, app):
    rsa, ec, ed = stack.user_keys
    for token in (
        None, "no token", app.secret, app.publishable,
        ed.token(exp=time.time() - 1), ed.token(aud="anon"), ed.token(sub=None), ed.token(exp=None),
        ed_key("ed").token(), rsa.token({"kid": "ec"}), ec.token()[:-4] + "AAAA", user_token(exp=1),
    ):  # fmt: skip
        answer = await rest.get("/v1/apps", headers={} if token is None else bearer(token))
        assert_error(answer, 401)
        reasons = Reason.MISSING_CREDENTIAL, Reason.INVALID_CREDENTIAL
        await refused(listed(stack.server_target, token), reasons[bool(token)])


async def test_without_keys_of_the_issuer_it_is_503_and_not_401(stack, tmp_path):
    """Nobody can tell whether it is a good token, so nobody is signed out for it."""
    away = {"CONJURE_AUTH_USER_JWKS_URL": "http://127.0.0.1:1/jwks.json"}
    async with running_server(tmp_path, stack.store_url, away) as (_, port):
        target = f"127.0.0.1:{port}"
        refusal = await refused(
            listed(target, stack.user_keys[0].token()), Reason.ISSUER_UNAVAILABLE
        )
        assert refusal.error.http_status == 503
        assert int(refusal.trailers["retry-after"]) >= 1
        assert await listed(target, user_token()) == [], "the secret needs no issuer"
        await refused(listed(target, "no token"), Reason.INVALID_CREDENTIAL)
