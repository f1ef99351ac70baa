"""Every graph write: what it asserts, and what it refuses before it looks (CONTRACT 0, 3)."""

from __future__ import annotations

import pytest

from support.edge.graph import BODY_LIMIT, Graph, assert_written
from support.rest import assert_error, bearer

WRITES = {
    "create state": ("POST", ("states",), {"id": "attic", "base": "An attic."}),
    "update state": ("PATCH", ("states", "hall"), {"narration": "Dust."}),
    "update state, in patch": ("PATCH", ("states", "hall"), {"patch": {"narration": "Dust."}}),
    "delete state": ("DELETE", ("states", "spare"), None),
    "create event": ("POST", ("events",), {"name": "Look", "kind": "override", "from": "hall"}),
    "update event": ("PATCH", ("events", "Go down"), {"hotkey": "f"}),
    "delete event": ("DELETE", ("events", "Wave"), None),
    "ops": ("POST", ("ops",), {"ops": [{"op": "delete_event", "name": "Wave"}]}),
}
MORE = {"create state": ("stateId",), "create event": ("eventName",), "ops": ("applyErrors",)}
BODIES = [name for name, (_, _, body) in WRITES.items() if body is not None]

# Bytes that are no JSON object.
MALFORMED = [
    b"[]",
    b'[{"base":"x"}]',
    b'"x"',
    b"5",
    b"null",
    b"true",
    b"{",
    b'{"base":"x",}',
    b'{"base":"x"}{}',
    b'{"base":"x","x":NaN}',
    b'{"base":"x","x":01}',
    b'{"base":"\xff"}',
    b'{"base":"\\ud800"}',
    b"base=x",
]


@pytest.fixture
async def graph(rest, app) -> Graph:
    return await Graph.of(rest, app.secret)


class Write:
    """One write, on a world that takes it."""

    def __init__(self, name: str, graph: Graph) -> None:
        self.verb, self.parts, self.body = WRITES[name]
        self.more = MORE.get(name, ())
        self.graph = graph

    async def __call__(self, *, extra=None, **headers):
        if self.body is None:
            return await self.graph.call(self.verb, *self.parts, **headers)
        body = self.body | (extra or {})
        return await self.graph.call(self.verb, *self.parts, body=body, **headers)

    async def raw(self, content: bytes):
        return await self.graph.call(self.verb, *self.parts, content=content)

    def assert_written(self, answer):
        return assert_written(answer, *self.more)


@pytest.fixture(params=WRITES)
def write(graph, request) -> Write:
    """Every write."""
    return Write(request.param, graph)


@pytest.fixture(params=BODIES)
def bodied(graph, request) -> Write:
    """Every write with a body."""
    return Write(request.param, graph)


class TestPreconditions:
    @pytest.mark.parametrize("form", ['"{rev}"', "*"])
    async def test_the_present_revision_lets_a_write_through(self, write, graph, form):
        answer = await write(if_match=form.format(rev=await graph.rev()))
        write.assert_written(answer)

    async def test_another_revision_is_409_and_writes_nothing(self, write, graph):
        rev = await graph.rev()
        async with graph.unchanged():
            for form in ('"other"', 'W/"{rev}"', '"{rev}0"', '"*"'):
                assert_error(await write(if_match=form.format(rev=rev)), 409)

    async def test_a_revision_is_stale_after_any_other_write(self, write, graph):
        rev = await graph.rev()
        await graph.written("PATCH", "entrance", body={"state": "cellar"})
        async with graph.unchanged():
            assert_error(await write(if_match=f'"{rev}"'), 409)

    async def test_an_expected_rev_beside_the_members_is_asserted(self, bodied, graph):
        async with graph.unchanged():
            assert_error(await bodied(extra={"expectedRev": "other"}), 409)
        body = bodied.assert_written(await bodied(extra={"expectedRev": await graph.rev()}))
        assert "expectedRev" not in str(body["world"]), "an assertion is no member"

    async def test_an_expected_rev_of_null_asserts_nothing(self, bodied):
        bodied.assert_written(await bodied(extra={"expectedRev": None}))

    async def test_an_expected_rev_that_is_no_string_is_400(self, bodied, graph):
        async with graph.unchanged():
            for rev in (1, 1.0, True, [], {}, ["1"]):
                problems = assert_error(await bodied(extra={"expectedRev": rev}), 400)["errors"]
                assert any(problem.startswith("expectedRev") for problem in problems), rev

    async def test_both_may_not_differ(self, bodied, graph):
        rev = await graph.rev()
        async with graph.unchanged():
            for header, field in ((rev, "other"), ("other", rev)):
                answer = await bodied(extra={"expectedRev": field}, if_match=f'"{header}"')
                assert_error(answer, 400)

    async def test_both_may_agree(self, bodied, graph):
        rev = await graph.rev()
        answer = await bodied(extra={"expectedRev": rev}, if_match=f'"{rev}"')
        bodied.assert_written(answer)

    @pytest.mark.parametrize("parts", [("states", "attic"), ("events", "Fly")], ids="/".join)
    async def test_a_stale_revision_comes_before_what_else_is_wrong(self, graph, parts):
        for verb in ("PATCH", "DELETE"):
            answer = await graph.call(verb, *parts, body={"base": "x"}, if_match='"other"')
            assert_error(answer, 409)

    @pytest.mark.parametrize("parts", [("states", "spare"), ("events", "Wave")], ids="/".join)
    async def test_a_delete_honours_an_expected_rev_in_its_body(self, graph, parts):
        """CONTRACT 0: asserted with If-Match or `expectedRev` in the body; an assertion is not lost."""
        async with graph.unchanged():
            assert_error(await graph.call("DELETE", *parts, body={"expectedRev": "other"}), 409)

    @pytest.mark.parametrize("parts", [("states", "spare"), ("events", "Wave")], ids="/".join)
    async def test_a_delete_honours_an_expected_rev_in_its_query(self, graph, rest, parts):
        headers = bearer(graph.key)
        async with graph.unchanged():
            path = f"{graph.path(*parts)}?expectedRev=other"
            assert_error(await rest.delete(path, headers=headers), 409)
        path = f"{graph.path(*parts)}?expectedRev={await graph.rev()}"
        assert_written(await rest.delete(path, headers=headers))

    @pytest.mark.parametrize("parts", [("states", "spare"), ("events", "Wave")], ids="/".join)
    async def test_a_delete_takes_an_empty_body(self, graph, parts):
        await graph.written("DELETE", *parts, body={})


class TestMalformed:
    async def test_a_body_that_is_no_json_object_is_400(self, bodied, graph):
        async with graph.unchanged():
            for content in MALFORMED:
                body = assert_error(await bodied.raw(content), 400)
                assert "diagnostics" not in body, content

    async def test_an_empty_body_creates_nothing(self, graph):
        async with graph.unchanged():
            for parts in (("states",), ("events",), ("ops",)):
                for content in (b"", b"{}"):
                    assert_error(await graph.call("POST", *parts, content=content), 400)

    @pytest.mark.parametrize("parts", [("states", "hall"), ("events", "Wave")], ids="/".join)
    @pytest.mark.parametrize("content", [b"", b"{}", b'{"patch":{}}', b'{"expectedRev":"1"}'])
    async def test_an_empty_patch_is_400_and_changes_nothing(self, graph, parts, content):
        async with graph.unchanged():
            assert_error(await graph.call("PATCH", *parts, content=content), 400)

    async def test_twelve_mebibytes_are_taken_and_a_byte_more_is_413(self, bodied, graph):
        frame = b'{"base":"x","kind":"override","from":"hall","ops":[{"op":"delete_event","name":"Wave"}]}'
        # Blanks count for a body and not for the world, which has a limit of its own.
        async with graph.unchanged():
            assert_error(await bodied.raw(frame.ljust(BODY_LIMIT + 1)), 413)
        answer = await bodied.raw(frame.ljust(BODY_LIMIT))
        if bodied.parts == ("events", "Go down"):
            assert_error(answer, 422)  # an override that carries `to`
        else:
            bodied.assert_written(answer)
