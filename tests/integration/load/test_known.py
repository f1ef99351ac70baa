"""The sessions that `make load` calls known: live, half of them early in their lease and half late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import redis

from conjure.sessions.tokens import SessionTokens
from conjure.settings import SessionSettings
from conjure.store import keyspace
from load.known import age, known_sessions
from load.stand import Stand
from support.rest import bearer, import_world

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from support.stack import Stack, TestApp


@pytest.mark.one_store("the load harness measures one store")
async def test_known_sessions_are_early_and_late_and_none_is_prolonged(
    stack: Stack, rest: httpx.AsyncClient, app: TestApp, tmp_path: Path
):
    """A connect of any of them takes nothing: it is answered with the credential of its lease."""
    assert stack.store is not None
    store = redis.Redis.from_url(stack.store_url, decode_responses=True)
    tokens = SessionTokens(SessionSettings(), app.admin.signing_keys)
    on = Stand(tmp_path, stack.store, stack.store_url, store, app.admin, app, tokens)
    world = await import_world(rest, app.secret)
    await app.set_caps(live_sessions=4)
    known = await known_sessions(on, world, 4)
    lease_s = SessionSettings().lease_s

    age(on, known)

    turns = []
    for _ in range(2):
        answers = [
            await rest.post("/v1/sessions/connect", headers=bearer(token)) for token in known.tokens
        ]
        assert [answer.status_code for answer in answers] == [200] * len(answers)
        turns.append([answer.json() for answer in answers])
    first, second = turns
    ends = [one["expiresAt"] for one in first]
    assert [one["reactorJwt"] for one in first] == [one["reactorJwt"] for one in second]
    assert ends[0] - ends[1] == ends[2] - ends[3] == round(0.45 * lease_s)
    leases = [keyspace.lease(app.tenant(), jti) for jti in known.jtis]
    assert [store.hget(lease, "charged") for lease in leases] == [str(lease_s)] * len(leases)
    store.close()
