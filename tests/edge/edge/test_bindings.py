"""An RPC that is reached by several verbs and paths, through a real Envoy."""

from __future__ import annotations

import httpx
import pytest

from conjure.contract import rpcs, rpcs_of
from conjure.rpc.methods import methods_of
from support.edge.envoy import Edge
from support.edge.services import service_of, two_ways
from support.edge.upstream import Upstream
from support.rest import assert_error
from support.until import LIMIT_S

COMMON_LIMIT = 2_000
BOOK = "/v1/shelves/a%2F1/books/k1"


@pytest.fixture
async def upstream():
    async with Upstream() as upstream:
        yield upstream


@pytest.fixture
def service():
    return service_of(two_ways())


@pytest.fixture
async def client(upstream, service, tmp_path, monkeypatch):
    """A client of an edge whose contract has that service too."""
    monkeypatch.setattr("conjure.edge.descriptor.rpcs", lambda: (*rpcs(), *rpcs_of(service)))
    async with (
        Edge(tmp_path, upstream.port, max_body_bytes=COMMON_LIMIT) as edge,
        httpx.AsyncClient(base_url=edge.rest, timeout=LIMIT_S, trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize(("verb", "path"), [("DELETE", BOOK), ("POST", f"{BOOK}/burn")])
async def test_each_binding_leads_to_the_rpc(client, upstream, service, verb, path):
    answer = await client.request(verb, path, content=b'{"id":"other"}')
    assert answer.status_code == 200
    (method,) = methods_of(service, max_request_bytes=1)
    assert upstream.last.method == method.full_name
    request = method.request.FromString(upstream.last.request)
    assert (request.id, request.key_id) == ("a/1", "k1")
    assert upstream.last.http_body.data == b'{"id":"other"}'
    binding = method.binding_of(upstream.last.header("x-envoy-original-method"))
    assert binding.verb == verb
    assert binding.has_body == (verb == "POST")


async def test_each_path_has_its_own_verbs(client):
    for path, allow in ((BOOK, "DELETE"), (f"{BOOK}/burn", "POST")):
        answer = await client.put(path)
        assert_error(answer, 405)
        assert answer.headers["allow"] == allow


async def test_an_rpc_that_states_no_limit_has_the_common_one(client, upstream):
    """It is a setting, which servers read too; what states a limit does not follow it."""
    for path in (f"{BOOK}/burn", "/v1/worlds"):
        assert (await client.post(path, content=b"x" * COMMON_LIMIT)).status_code == 200
    upstream.reset()
    assert_error(await client.post(f"{BOOK}/burn", content=b"x" * (COMMON_LIMIT + 1)), 413)
    assert upstream.calls == []
    assert (await client.post("/v1/worlds", content=b"x" * (COMMON_LIMIT + 1))).status_code == 200
