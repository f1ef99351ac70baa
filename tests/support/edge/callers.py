"""Every kind of caller, and what the contract answers it: the rule of CONTRACT 0.1, from scheme and scope."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conjure.core.errors import Reason
from conjure.v1 import auth_pb2
from support.edge.every_rpc import RPCS
from support.rest import bearer
from support.users import user_token

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from support.edge.every_rpc import Case, Place
    from support.stack import TestApp

_READ = frozenset({"worlds:read"})
_ALL = _READ | {"worlds:write", "sessions:mint", "usage:read"}
_UNKNOWN_KEY = "sk_test_" + "0" * 43


@dataclass(frozen=True)
class Caller:
    """Somebody with an `authorization` header, or without one.

    `scheme`: which RPCs its credential is for, unspecified when it is none. `tenant` and `scopes` are those
    of an API key, `user_id` of a user session, `world_id` of a session token.
    """

    name: str
    authorization: str | None = None
    scheme: int = auth_pb2.SCHEME_UNSPECIFIED
    tenant: Tenant | None = None
    scopes: frozenset[str] = frozenset()
    user_id: str = ""
    world_id: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def headers(self) -> dict[str, str]:
        """What it sends with each call."""
        return {} if self.authorization is None else {"authorization": self.authorization}

    @property
    def is_bearer(self) -> bool:
        """Whether it has the form `Bearer <credential>`, whatever the credential."""
        scheme, _, credential = (self.authorization or "").partition(" ")
        return scheme == "Bearer" and bool(credential)


def callers(place: Place, other: TestApp) -> list[Caller]:
    """Nobody, and a holder of every credential that works somewhere; the owner last: it may end the world."""
    owner = place.owner
    return [
        Caller("nobody"),
        _user("another user", other.user_id),
        _user("user", owner.user_id),
        player(place),
        _app("another app's pk", other.publishable, other.tenant(), _READ),
        _app("another app", other.secret, other.tenant()),
        _app("another app, the other mode", other.live_secret, other.tenant("live")),
        _app("the other mode", owner.live_secret, owner.tenant("live")),
        _app("owner's pk", owner.publishable, owner.tenant(), _READ),
        _app("owner", owner.secret, owner.tenant()),
    ]


def player(place: Place) -> Caller:
    """Who plays there."""
    holder = _holder("player", place.token, auth_pb2.SCHEME_SESSION_TOKEN)
    return replace(holder, world_id=place.world_id)


def impostors(owner: TestApp, revoked_key: str) -> list[Caller]:
    """Senders of an `authorization` header that is good nowhere, `revoked_key` among them."""
    return [
        Caller("a scheme without a credential", "Bearer"),
        Caller("a key without a scheme", owner.secret),
        Caller("another scheme", f"Basic {base64.b64encode(owner.secret.encode()).decode()}"),
        _holder("a malformed key", f"{owner.secret}x"),
        _holder("an unknown key", _UNKNOWN_KEY),
        _holder("a revoked key", revoked_key),
    ]


def refusal(case: Case, who: Caller, place: Place) -> Reason | None:
    """Why the contract refuses `who` this call on a world that is there; None when it does not (CONTRACT 0.1).

    The order is part of it: who is asked before what, so that a stranger learns nothing of the rest.
    """
    rpc = RPCS[case.rpc]
    if rpc.scheme == auth_pb2.SCHEME_PUBLIC:
        return None
    if who.scheme != rpc.scheme:
        return Reason.INVALID_CREDENTIAL if who.is_bearer else Reason.MISSING_CREDENTIAL
    if who.user_id:
        is_owner = who.user_id == place.owner.user_id
        return Reason.NOT_FOUND if case.is_of_an_app and not is_owner else None
    if who.tenant is None:
        names_it = "id" in rpc.descriptor.input_type.fields_by_name
        return Reason.NOT_FOUND if names_it and who.world_id != place.world_id else None
    if rpc.scope not in who.scopes:
        return Reason.MISSING_SCOPE
    if not case.is_of_a_world or who.tenant == place.owner.tenant():
        return None
    is_shown = case.is_open and place.visibility != "private"
    return None if is_shown and who.tenant.mode == "test" else Reason.NOT_FOUND


def _holder(name: str, credential: str, scheme: int = auth_pb2.SCHEME_UNSPECIFIED) -> Caller:
    return Caller(name, bearer(credential)["authorization"], scheme)


def _user(name: str, user_id: str) -> Caller:
    authorization = bearer(user_token(user_id))["authorization"]
    return Caller(name, authorization, auth_pb2.SCHEME_USER, user_id=user_id)


def _app(name: str, key: str, tenant: Tenant, scopes: frozenset[str] = _ALL) -> Caller:
    return Caller(name, f"Bearer {key}", auth_pb2.SCHEME_API_KEY, tenant, scopes)
