"""Answers in gzip, as clients get them through the edge (CONTRACT 0)."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from support.edge.every_rpc import CASES, RPCS, Place, character_world, http_request
from support.heavy import HEAVY, running_heavy_server
from support.rest import assert_error, bearer, connect, import_world, mint
from support.rpc import client
from support.stack import new_app, running_edge
from support.until import until
from support.worlds import prose_world

if TYPE_CHECKING:
    import httpx

TAKES = {"accept-encoding": "gzip"}
AS_IT_IS = {"accept-encoding": "identity"}
READS = ("", "/scene", "/states", "/events", "/states/room 1", "/graph.svg")


CODED = [case for case in CASES if RPCS[case.rpc].is_compressed]
OF_THE_MOMENT = {"SessionService/Connect", "PlayerService/GetEmbedPage"}
"""Their answers tell the time that is left."""


@dataclass
class Coded:
    """An answer as it came, before anything was decoded."""

    status: int
    headers: httpx.Headers
    raw: bytes

    @property
    def text(self) -> bytes:
        """What it decodes to, as one member to the last byte."""
        if self.headers.get("content-encoding") is None:
            return self.raw
        assert self.headers["content-encoding"] == "gzip"
        decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
        text = decoder.decompress(self.raw)
        assert decoder.eof
        assert not decoder.unused_data
        assert gzip.decompress(self.raw) == text
        return text

    @property
    def is_coded(self) -> bool:
        return "content-encoding" in self.headers


@pytest.fixture(scope="module")
async def place(stack, rest) -> Place:
    return await Place.made(rest, await new_app(stack.admin), "private")


async def ask(rest: httpx.AsyncClient, verb: str, path: str, headers: dict[str, str]) -> Coded:
    async with rest.stream(verb, path, headers=headers) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert "accept-encoding" in answer.headers["vary"].lower()
    return Coded(answer.status_code, answer.headers, raw)


@pytest.fixture
async def path(rest, app) -> str:
    """The address of a world of 17 KB."""
    return f"/v1/worlds/{await import_world(rest, app.secret, **prose_world(17_000))}"


@pytest.mark.parametrize("part", READS)
async def test_reads(rest, app, path, part):
    plain = await ask(rest, "GET", path + part, bearer(app.secret) | AS_IT_IS)
    assert not plain.is_coded
    rev = plain.headers["etag"].strip('"')
    assert not rev.endswith("gzip")
    for _ in range(2):
        found = await ask(rest, "GET", path + part, bearer(app.secret) | TAKES)
        assert found.text == plain.raw
        if len(plain.raw) < 1_024:
            assert not found.is_coded
            assert found.headers["etag"] == f'"{rev}"'
        else:
            assert len(found.raw) < len(plain.raw) / 2
            assert found.headers["etag"] == f'"{rev}-gzip"'
            assert found.headers["content-length"] == str(len(found.raw))
        head = await ask(rest, "HEAD", path + part, bearer(app.secret) | TAKES)
        assert head.raw == b""
        ours = {"date", "x-request-id"}
        assert {k: v for k, v in head.headers.items() if k not in ours} == {
            k: v for k, v in found.headers.items() if k not in ours
        }


async def test_connect(rest, app, path):
    world_id = path.rpartition("/")[2]
    world = (await rest.get(path, headers=bearer(app.secret))).json()
    for _ in range(2):
        token = (await mint(rest, app.secret, world_id))["token"]
        found = await ask(rest, "POST", "/v1/sessions/connect", bearer(token) | TAKES)
        assert found.is_coded
        assert "etag" not in found.headers
        plain = await connect(rest, token, **AS_IT_IS)
        assert plain.content.startswith(b'{"world":{')
        assert found.text.startswith(b'{"world":{')
        first, second = json.loads(found.text), plain.json()
        for body in (first, second):
            assert body.pop("expiresIn") > 0
        assert first == second, "the same credential, while it lasts"
        assert first["world"] == {k: v for k, v in world.items() if k != "schemaVersion"}
        credential = first["reactorJwt"].encode()
        assert credential in found.raw, "what is secret is never compressed with what is not"


async def test_a_version(rest, app, path):
    made = await rest.post(f"{path}/versions", json={}, headers=bearer(app.secret))
    version = f"{path}/versions/{made.json()['versionId']}"
    plain = await ask(rest, "GET", version, bearer(app.secret) | AS_IT_IS)
    found = await ask(rest, "GET", version, bearer(app.secret) | TAKES)
    assert found.is_coded
    assert found.text == plain.raw


async def test_the_schema_and_the_keys_are_public(rest):
    for address in ("/schema/smworld-1.0.json", "/.well-known/jwks.json"):
        plain = await ask(rest, "GET", address, AS_IT_IS)
        assert (await ask(rest, "GET", address, TAKES)).text == plain.raw


@pytest.mark.parametrize(
    "accepted", ["identity", "", "br", "gzip;q=0", "gzip;q=0.5, identity", "gzip;q=x", "*;q=0"]
)
async def test_who_does_not_take_it_gets_the_answer_as_it_is(rest, app, path, accepted):
    plain = await rest.get(path, headers=bearer(app.secret))
    found = await ask(rest, "GET", path, bearer(app.secret) | {"accept-encoding": accepted})
    assert (found.raw, found.is_coded) == (plain.content, False)
    assert found.headers["etag"] == plain.headers["etag"]


async def test_what_answers_no_document_has_one_coding(rest, app, path):
    answer = await rest.get(f"{path}/versions", headers=bearer(app.secret) | TAKES)
    assert "accept-encoding" not in answer.headers["vary"].lower()
    assert "content-encoding" not in answer.headers
    written = await rest.patch(
        f"{path}/states/room 1", json={"base": "New."}, headers=bearer(app.secret) | TAKES
    )
    assert len(written.content) > 10_000
    assert "content-encoding" not in written.headers
    assert written.headers["etag"] == f'"{written.json()["rev"]}"'


async def test_refusals_go_out_as_they_are(rest, app, path):
    nowhere = "/v1/worlds/11111111-2222-4333-8444-555555555555"
    for credential, address, status in ((app.secret, nowhere, 404), ("sk_test_garbage", path, 401)):
        answer = await rest.get(address, headers=bearer(credential) | TAKES)
        assert_error(answer, status)
        assert "content-encoding" not in answer.headers
        assert "etag" not in answer.headers
        assert "accept-encoding" in answer.headers["vary"].lower()


class TestWhatIsAsserted:
    """A tag of gzip names a revision as the plain one does."""

    @pytest.mark.parametrize("part", ["", "/scene", "/states", "/states/room 1"])
    async def test_a_304_has_the_tag_that_a_200_would_have(self, rest, app, path, part):
        who = bearer(app.secret)
        plain = (await ask(rest, "GET", path + part, who | AS_IT_IS)).headers["etag"]
        coded = (await ask(rest, "GET", path + part, who | TAKES)).headers["etag"]
        gzip_tag = f'{plain[:-1]}-gzip"'
        for taken, etag in ((AS_IT_IS, plain), (TAKES, coded)):
            for named in (plain, gzip_tag, f"W/{plain}", f"W/{gzip_tag}", "*", f'"x", {plain}'):
                for verb in ("GET", "HEAD"):
                    headers = who | taken | {"if-none-match": named}
                    answer = await ask(rest, verb, path + part, headers)
                    assert (answer.status, answer.raw) == (304, b"")
                    # Of a small part in gzip there never was a 200; who says so is believed.
                    if coded != plain or gzip_tag not in named:
                        assert answer.headers["etag"] == etag
                    assert not answer.is_coded

    async def test_the_tag_of_an_earlier_revision_gets_the_new_one(self, rest, app, path):
        who = bearer(app.secret) | TAKES
        before = (await ask(rest, "GET", path, who)).headers["etag"]
        await rest.patch(f"{path}/states/room 1", json={"base": "New."}, headers=bearer(app.secret))
        answer = await ask(rest, "GET", path, who | {"if-none-match": before})
        assert (answer.status, answer.is_coded) == (200, True)
        assert b"New." in answer.text

    async def test_writes_take_it_for_the_revision(self, rest, app, path):
        who = bearer(app.secret)
        for number in range(3):
            tag = (await ask(rest, "GET", path, who | TAKES)).headers["etag"]
            assert tag.endswith('-gzip"')
            body, headers = {"state": f"room {number}"}, who
            if number == 0:
                headers = who | {"if-match": tag}
            elif number == 1:
                body["expectedRev"] = tag.strip('"')
            else:
                body["expectedRev"] = tag.strip('"').removesuffix("-gzip")
                headers = who | {"if-match": tag}
            weak = await rest.patch(
                f"{path}/entrance", json={"state": "room 1"}, headers=who | {"if-match": f"W/{tag}"}
            )
            assert_error(weak, 409)
            written = await rest.patch(f"{path}/entrance", json=body, headers=headers)
            assert written.status_code == 200, written.text
            stale = await rest.patch(f"{path}/entrance", json=body, headers=who | {"if-match": tag})
            assert_error(stale, 409)

    async def test_a_deletion_may_say_it_twice(self, rest, app, path):
        tag = (await ask(rest, "GET", path, bearer(app.secret) | TAKES)).headers["etag"].strip('"')
        rev = tag.removesuffix("-gzip")
        answer = await rest.request(
            "DELETE", f"{path}?expectedRev={tag}", json={"expectedRev": rev},
            headers=bearer(app.secret),
        )  # fmt: skip
        assert answer.status_code == 200, answer.text


async def test_each_view_has_its_own(rest, app, other_app):
    """The compressed form of what the owner sees goes to nobody else."""
    world = character_world(notes="n" * 2_000)
    path = f"/v1/worlds/{await import_world(rest, app.secret, **world)}"
    await rest.patch(path, json={"visibility": "public"}, headers=bearer(app.secret))
    found = {}
    for key in (app.secret, app.publishable, other_app.secret, app.secret, app.publishable):
        plain = await ask(rest, "GET", path, bearer(key) | AS_IT_IS)
        answer = await ask(rest, "GET", path, bearer(key) | TAKES)
        assert answer.is_coded
        assert answer.text == plain.raw
        assert (b"SecretOfTheBrain" in answer.text) is (key == app.secret)
        found[answer.headers["etag"]] = answer.raw
        assert answer.headers["etag"] == f'{plain.headers["etag"][:-1]}-gzip"'
    assert len(found) == len(set(found.values())) == 2
    public = next(tag for tag in found if ".public" in tag)
    headers = bearer(app.secret) | {"if-match": public}
    assert_error(await rest.patch(path, json={"name": "Another"}, headers=headers), 409)


async def test_what_is_large_comes_as_it_is_at_first(rest, app):
    path = f"/v1/worlds/{await import_world(rest, app.secret, **prose_world(100_000))}"
    plain = await ask(rest, "GET", path, bearer(app.secret) | AS_IT_IS)
    first = await ask(rest, "GET", path, bearer(app.secret) | TAKES)
    assert (first.raw, first.headers["etag"]) == (plain.raw, plain.headers["etag"])

    async def coded() -> bool:
        return (await ask(rest, "GET", path, bearer(app.secret) | TAKES)).is_coded

    await until(coded)
    later = await ask(rest, "GET", path, bearer(app.secret) | TAKES)
    assert later.text == plain.raw
    assert len(later.raw) < len(plain.raw) / 2


async def test_a_heavy_worker_answers_in_gzip(stack, app, tmp_path, rest):
    path = f"/v1/worlds/{await import_world(rest, app.secret, **prose_world(4 * HEAVY))}"
    plain = await ask(rest, "GET", path, bearer(app.secret) | AS_IT_IS)
    async with (
        running_heavy_server(tmp_path, stack.store_url) as server,
        running_edge(tmp_path, server.port) as (_, port, _),
        type(rest)(base_url=f"http://127.0.0.1:{port}", timeout=90, trust_env=False) as heavy,
    ):
        found = await ask(heavy, "GET", path, bearer(app.secret) | TAKES)
        assert found.is_coded
        assert found.text == plain.raw
        assert found.headers["etag"] == f'{plain.headers["etag"][:-1]}-gzip"'
        assert not [name for name in found.headers if name.startswith("x-conjure")]
        again = bearer(app.secret) | TAKES | {"if-none-match": found.headers["etag"]}
        answer = await ask(heavy, "GET", path, again)
        assert (answer.status, answer.headers["etag"]) == (304, found.headers["etag"])
        token = (await mint(rest, app.secret, path.rpartition("/")[2]))["token"]
        connected = await ask(heavy, "POST", "/v1/sessions/connect", bearer(token) | TAKES)
        assert connected.is_coded
        assert json.loads(connected.text)["world"]["scene"] == json.loads(plain.raw)["scene"]


async def test_callers_over_grpc_get_messages(stack, app, path):
    """They have codings of their own."""
    async with client(stack.server_target, app.secret) as caller:
        found = await caller.world(path.rpartition("/")[2], accept_encoding="gzip")
    assert json.loads(found.document.json)["scene"]
    assert found.etag == found.rev


@pytest.mark.parametrize("case", CODED, ids=str)
async def test_every_route_that_may_answer_in_gzip_does(rest, place, case):
    """Unless it is so short that it would be longer: the same text, whichever way."""
    path, _ = http_request(case, place)
    credential = place.credential(case.rpc)
    plain = await ask(rest, case.verb, path, bearer(credential) | AS_IT_IS)
    found = await ask(rest, case.verb, path, bearer(credential) | TAKES)
    assert (plain.status, found.status) == (200, 200)
    assert not plain.is_coded

    async def coded() -> bool:
        nonlocal found
        found = await ask(rest, case.verb, path, bearer(credential) | TAKES)
        return found.is_coded

    if len(plain.raw) > 2_000:  # what is large goes out as it is until it has been compressed
        await until(coded)
    if case.rpc not in OF_THE_MOMENT:
        assert found.text == plain.raw
