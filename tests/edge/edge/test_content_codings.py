"""Bodies in a coding are refused before anything reads them, and so is what cannot be expected."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING

import pytest

from conjure.edge.descriptor import rest_methods
from support.cases import each_of
from support.edge.raw_http import send
from support.rest import assert_error, bearer

if TYPE_CHECKING:
    import httpx

METHODS = rest_methods()
WRITES = [method for method in METHODS if method.verb != "GET"]
GETS = [method for method in METHODS if method.verb == "GET"]

BODY = b'{"state":"hall"}'
CODINGS = {
    "gzip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    "br": b"\x8b\x07\x80" + BODY + b"\x03",
    "zstd": b"\x28\xb5\x2f\xfd\x20\x10\x81\x00\x00" + BODY,
    "compress": b"\x1f\x9d",
    "nonsense": BODY,
    "GZip": gzip.compress(BODY),
    "identity, gzip": gzip.compress(BODY),
    "gzip, identity": gzip.compress(BODY),
    "gzip, br": BODY,
    "identityx": BODY,
    "x-identity": BODY,
    "identity;q=1": BODY,
    "*": BODY,
}
PLAIN = ("identity", "Identity", "", "identity, identity", ", identity ,")


def codings_of(method) -> dict[str, bytes]:
    """A fifth of them for most routes, all of them for some: each coding comes to many routes."""
    start = METHODS.index(method)
    if start % 20 == 0:
        return CODINGS
    return dict(list(CODINGS.items())[start % 5 :: 5])


def path_of(method) -> str:
    return method.path.replace("{", "<").replace("}", ">")


def assert_unsupported(answer: httpx.Response) -> None:
    body = assert_error(answer, 415)
    assert body == {
        "detail": "the body must come without a Content-Encoding",
        "schemaVersion": "1.0",
    }
    # RFC 9110, 15.5.16: what would be taken.
    assert answer.headers["accept-encoding"] == "identity"


every_write = each_of("method", WRITES, ids=lambda method: f"{method.verb} {method.path}")


class TestEveryRouteWithABody:
    @every_write
    async def test_a_coded_body_is_415_and_no_server_sees_it(self, client, upstream, method):
        for coding, content in codings_of(method).items():
            answer = await client.request(
                method.verb, path_of(method), content=content, headers={"content-encoding": coding}
            )
            assert_unsupported(answer)
        assert upstream.calls == []

    @every_write
    async def test_a_second_header_line_counts(self, client, upstream, method):
        lines = [("content-encoding", "identity"), ("content-encoding", "br")]
        assert_unsupported(
            await client.request(method.verb, path_of(method), content=BODY, headers=lines)
        )
        assert upstream.calls == []

    @every_write
    async def test_a_body_as_it_is_passes(self, client, upstream, method):
        for coding in PLAIN:
            answer = await client.request(
                method.verb, path_of(method), content=BODY, headers={"content-encoding": coding}
            )
            assert answer.status_code == 200, coding
            assert upstream.last.method == method.name
            assert upstream.last.http_body.data == BODY


@each_of("method", GETS, ids=lambda method: method.path)
async def test_the_body_of_a_get_means_nothing_in_any_coding(client, upstream, method):
    for coding, content in codings_of(method).items():
        headers = {"content-encoding": coding}
        for body in (b"", content):
            answer = await client.request("GET", path_of(method), content=body, headers=headers)
            assert answer.status_code == 200
            assert upstream.last.method == method.name
        head = await client.head(path_of(method), headers=headers)
        assert head.status_code == 200


async def test_unknown_paths_and_wrong_verbs_are_told_first(client):
    coded = {"content-encoding": "gzip"}
    assert_error(await client.post("/nope", content=b"x", headers=coded), 404)
    assert_error(await client.put("/v1/worlds", content=b"x", headers=coded), 405)


async def test_a_gzip_body_of_gigabytes_is_refused_unread(client, upstream):
    answer = await client.post(
        "/v1/worlds", content=gzip.compress(b" " * (64 << 20)), headers={"content-encoding": "gzip"}
    )
    assert_unsupported(answer)
    assert upstream.calls == []


async def test_a_real_server_does_not_say_that_the_premise_is_missing(rest, app):
    content = gzip.compress(json.dumps({"premise": "a lighthouse"}).encode())
    headers = bearer(app.secret) | {"content-encoding": "gzip"}
    assert_unsupported(await rest.post("/v1/worlds", content=content, headers=headers))
    headers["content-encoding"] = "identity"
    answer = await rest.post("/v1/worlds", json={"premise": "a lighthouse"}, headers=headers)
    assert answer.status_code == 200


class TestExpectations:
    @pytest.mark.parametrize("text", ["foo", "100-continue, foo", "foo, 100-continue", "99", "q=1"])
    @pytest.mark.parametrize("verb_and_path", [("GET", "/v1/usage"), ("POST", "/v1/worlds")])
    async def test_what_cannot_be_expected_is_417(self, edge, upstream, verb_and_path, text):
        upstream.reset()
        answer = await send(edge.rest, *verb_and_path, {"expect": text})
        body = assert_error(answer, 417)
        assert body == {"detail": "the expectation cannot be met", "schemaVersion": "1.0"}
        assert upstream.calls == []

    @pytest.mark.parametrize("text", ["100-continue", "100-Continue"])
    async def test_a_client_that_waits_is_recorded_to_go_on(self, edge, text):
        answer = await send(
            edge.rest, "POST", "/v1/worlds", {"expect": text, "content-length": "2"}
        )
        assert answer.status_code == 100

    async def test_no_expectation_is_met_by_all(self, edge):
        assert (await send(edge.rest, "GET", "/v1/usage", {"expect": ""})).status_code == 200
