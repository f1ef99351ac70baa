"""PATCH /v1/worlds/{id}/entrance: every answer it gives a caller who knows the world (CONTRACT 3.2).

Who may not call, and which worlds there are, is in `test_entrance_access`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.edge.exact import exact
from support.rest import assert_error, bearer, import_world

if TYPE_CHECKING:
    import httpx

BODY_LIMIT = 12 << 20
NOWHERE = {"state": "attic"}
"""Names no state of the small world."""


@pytest.fixture
def entrance(rest, app, world_id):
    """Calls the endpoint on `world_id` with JSON or with bytes."""

    async def call(body: Any = None, *, headers: Any = (), content: bytes | None = None):
        lines = headers.items() if isinstance(headers, dict) else headers
        return await rest.patch(
            f"/v1/worlds/{world_id}/entrance",
            content=json.dumps(body).encode() if content is None else content,
            headers=[*bearer(app.secret).items(), *lines],
        )

    return call


@pytest.fixture
def stored(rest, app, world_id):
    """Reads what is stored: the exact document, and its ETag."""

    async def read() -> tuple[Any, str]:
        answer = await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))
        assert answer.status_code == 200, answer.text
        return exact(answer.content), answer.headers["etag"]

    return read


@pytest.fixture
async def rev(stored) -> str:
    """The revision before the test acts."""
    return (await stored())[1].strip('"')


def assert_written(answer: httpx.Response) -> dict[str, Any]:
    """A GraphWriteResult and nothing else; its ETag is the quoted `rev`."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    body = answer.json()
    assert set(body) == {"world", "diagnostics", "rev", "schemaVersion"}
    assert body["schemaVersion"] == "1.0"
    assert isinstance(body["rev"], str)
    assert answer.headers["etag"] == f'"{body["rev"]}"'
    for finding in body["diagnostics"]:
        assert {"lint", "severity", "path", "message"} <= set(finding)
        assert finding["severity"] in {"warning", "info"}
    return body


class TestWritten:
    async def test_the_entrance_moves_and_stays_moved(self, entrance, stored):
        before, etag = await stored()
        answer = await entrance({"state": "cellar"})
        body = assert_written(answer)
        assert body["world"]["entrance"]["state"] == "cellar"
        after, now = await stored()
        assert now == answer.headers["etag"] != etag
        assert after.pop("schemaVersion") == "1.0"
        assert after == exact(answer.content)["world"]
        before.pop("schemaVersion")
        before["entrance"]["state"] = "cellar"
        assert after == before, "nothing but the state changed"

    async def test_the_kernels_advice_comes_with_the_answer(self, entrance):
        advice = assert_written(await entrance({"state": "hall"}))["diagnostics"]
        assert [finding["lint"] for finding in advice] == ["no-ending"]

    @pytest.mark.parametrize(
        "image",
        [
            {"src": "https://example.com/new.png"},
            {"src": "https://example.com/new.png", "label": "A door"},
            {"src": "data:image/png;base64,AAAA", "label": ""},
            {"src": "https://example.com/é 🌍\u2028.png", "label": "שלום"},
        ],
    )
    async def test_a_new_image_takes_the_place_of_the_present_one(self, entrance, stored, image):
        body = assert_written(await entrance({"state": "hall", "image": image}))
        assert body["world"]["entrance"]["image"] == image
        assert (await stored())[0]["entrance"]["image"] == image

    async def test_an_image_without_a_label_does_not_inherit_one(self, entrance):
        await entrance({"state": "hall", "image": {"src": "a", "label": "old"}})
        body = assert_written(await entrance({"state": "hall", "image": {"src": "b"}}))
        assert body["world"]["entrance"]["image"] == {"src": "b"}

    async def test_no_image_keeps_the_present_one_with_members_nobody_knows(self, rest, app):
        image = {"src": "x", "label": "l", "credit": {"by": None, "n": 9007199254740993, "f": 1.0}}
        world = {"state": "hall", "image": image, "mood": [1.0, 1]}
        world_id = await import_world(rest, app.secret, entrance=world)
        answer = await rest.patch(
            f"/v1/worlds/{world_id}/entrance", json={"state": "cellar"}, headers=bearer(app.secret)
        )
        assert_written(answer)
        expected = exact(json.dumps(world | {"state": "cellar"}))
        assert exact(answer.content)["world"]["entrance"] == expected

    @pytest.mark.parametrize(
        "extra",
        [
            {"unknown": 5, "id": "other", "worldId": [], "rev": "9"},
            {"world": {"entrance": {"state": "attic"}}, "http_body": "x", "httpBody": {"data": 1}},
            {"State": 5, "IMAGE": 5, "expected_rev": "stale", "expected_Rev": 7},
            {"expectedRev": None},
            {"": {}, "__proto__": None, "a" * 5000: [[]]},
        ],
    )
    async def test_members_of_the_command_that_nobody_knows_are_ignored(
        self, entrance, stored, extra
    ):
        body = assert_written(await entrance({"state": "cellar"} | extra))
        world = (await stored())[0]
        assert world["entrance"]["state"] == "cellar"
        assert set(body["world"]) == set(world) - {"schemaVersion"}

    async def test_a_state_may_have_any_name(self, rest, app):
        names = ["", "a/b", "__proto__", "Ünï 🌍", "x" * 256, 'q"\\\n']
        scene = {"states": {name: {"base": "A room."} for name in names}, "events": []}
        world_id = await import_world(
            rest, app.secret, scene=scene, entrance={"state": "", "image": {"src": "x"}}
        )
        for name in names[1:]:  # to name nothing is to leave it out
            answer = await rest.patch(
                f"/v1/worlds/{world_id}/entrance", json={"state": name}, headers=bearer(app.secret)
            )
            assert assert_written(answer)["world"]["entrance"]["state"] == name


class TestPreconditions:
    async def test_the_etag_of_a_write_is_the_if_match_of_the_next(self, entrance, rev):
        etag = f'"{rev}"'
        for state in ("cellar", "hall", "cellar"):
            answer = await entrance({"state": state}, headers={"if-match": etag})
            assert_written(answer)
            assert answer.headers["etag"] != etag
            etag = answer.headers["etag"]

    async def test_the_rev_of_a_write_is_the_expected_rev_of_the_next(self, entrance, rev):
        for state in ("cellar", "hall"):
            rev = assert_written(await entrance({"state": state, "expectedRev": rev}))["rev"]

    @pytest.mark.parametrize(
        "header",
        [
            '"{rev}"',
            "{rev}",
            "*",
            '"{rev}" , "other"',
            '"other", "{rev}"',
            '"{rev}","other"',
            "other, {rev}",
            'W/"{rev}", "{rev}"',
            # RFC 9110, 5.6.1: a recipient must take empty elements of a list for nothing.
            '"other",, "{rev}"',
            ', "{rev}"',
            '"{rev}",',
        ],
    )
    async def test_an_if_match_that_names_the_present_revision_lets_the_write_through(
        self, entrance, rev, header
    ):
        answer = await entrance({"state": "cellar"}, headers={"if-match": header.format(rev=rev)})
        assert_written(answer)

    async def test_if_match_on_two_header_lines_is_one_list(self, entrance, rev):
        lines = [("if-match", '"other"'), ("if-match", f'"{rev}"')]
        assert_written(await entrance({"state": "cellar"}, headers=lines))

    @pytest.mark.parametrize(
        "header",
        [
            '"other"',
            "other",
            '"other", "another"',
            # Weak validators never match (CONTRACT 0).
            'W/"{rev}"',
            "W/{rev}",
            '"other", W/"{rev}"',
            # The star is only one when it stands alone and unquoted.
            '"*"',
            '"{rev}0"',
            '"{rev} "',
        ],
    )
    async def test_an_if_match_that_does_not_name_it_is_409_and_writes_nothing(
        self, entrance, stored, rev, header
    ):
        before = await stored()
        answer = await entrance({"state": "cellar"}, headers={"if-match": header.format(rev=rev)})
        assert_error(answer, 409)
        assert await stored() == before

    @pytest.mark.parametrize("form", ["other", "", "{rev}0", '"{rev}"', 'W/"{rev}"', "*"])
    async def test_a_stale_expected_rev_is_409_and_writes_nothing(
        self, entrance, stored, rev, form
    ):
        before = await stored()
        answer = await entrance({"state": "cellar", "expectedRev": form.format(rev=rev)})
        assert_error(answer, 409)
        assert await stored() == before

    async def test_a_revision_is_stale_as_soon_as_another_write_has_passed(
        self, entrance, stored, rev
    ):
        assert_written(await entrance({"state": "cellar"}))
        before = await stored()
        assert_error(await entrance({"state": "hall", "expectedRev": rev}), 409)
        assert_error(await entrance({"state": "hall"}, headers={"if-match": f'"{rev}"'}), 409)
        assert await stored() == before

    async def test_a_stale_revision_is_409_even_when_the_state_does_not_exist(self, entrance):
        assert_error(await entrance(NOWHERE, headers={"if-match": '"other"'}), 409)

    async def test_both_preconditions_may_agree(self, entrance, rev):
        body = {"state": "cellar", "expectedRev": rev}
        rev = assert_written(await entrance(body, headers={"if-match": f'"{rev}"'}))["rev"]
        body = {"state": "hall", "expectedRev": rev}
        assert_written(await entrance(body, headers={"if-match": "*"}))

    @pytest.mark.parametrize(("header", "field"), [("{rev}", "other"), ("other", "{rev}")])
    async def test_both_preconditions_may_not_differ(self, entrance, stored, rev, header, field):
        before = await stored()
        answer = await entrance(
            {"state": "cellar", "expectedRev": field.format(rev=rev)},
            headers={"if-match": f'"{header.format(rev=rev)}"'},
        )
        assert_error(answer, 400)
        assert await stored() == before


class TestRefusedByTheKernel:
    @pytest.mark.parametrize("state", ["attic", " ", "Hall", "hall ", "__proto__", "toString"])
    async def test_a_state_that_does_not_exist_is_a_dangling_reference(
        self, entrance, stored, state
    ):
        before = await stored()
        body = assert_error(await entrance({"state": state}), 422)
        assert set(body) == {"detail", "diagnostics", "schemaVersion"}
        first = body["diagnostics"][0]
        assert (first["lint"], first["severity"]) == ("dangling-ref", "error")
        assert first["path"] == "entrance.state"
        assert first["message"]
        assert await stored() == before, "nothing is stored and the revision stands"

    async def test_a_refusal_says_all_that_the_kernel_found_errors_first(self, entrance):
        found = assert_error(await entrance(NOWHERE), 422)["diagnostics"]
        severities = [finding["severity"] for finding in found]
        assert severities == sorted(severities, key=["error", "warning", "info"].index)
        assert {"dangling-ref", "no-ending"} <= {finding["lint"] for finding in found}

    async def test_a_refused_image_is_not_stored_either(self, entrance, stored):
        before = await stored()
        assert_error(await entrance(NOWHERE | {"image": {"src": "new"}}), 422)
        assert await stored() == before

    async def test_a_refusal_does_not_stand_in_the_way_of_the_next_write(self, entrance, rev):
        assert_error(await entrance(NOWHERE | {"expectedRev": rev}), 422)
        assert_written(await entrance({"state": "cellar", "expectedRev": rev}))


class TestMalformed:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "state"),
            ({"state": None}, "state"),
            ({"image": {"src": "x"}}, "state"),
            *(({"state": value}, "state") for value in (5, 1.5, True, False, 0, [], ["hall"], {})),
            *(
                ({"state": "cellar", "image": value}, "image")
                for value in ("x", 5, True, [], [{"src": "x"}])
            ),
            ({"state": "cellar", "image": {}}, "image.src"),
            ({"state": "cellar", "image": {"label": "only"}}, "image.src"),
            *(
                ({"state": "cellar", "image": {"src": value}}, "image.src")
                for value in (None, 5, True, [], {})
            ),
            *(
                ({"state": "cellar", "image": {"src": "x", "label": value}}, "image.label")
                for value in (5, True, [], {})
            ),
            *(
                ({"state": "cellar", "expectedRev": value}, "expectedRev")
                for value in (5, 1.0, True, [], {}, ["1"])
            ),
        ],
        ids=lambda value: json.dumps(value) if isinstance(value, dict) else value,
    )
    async def test_a_missing_or_ill_typed_field_is_named_and_writes_nothing(
        self, entrance, stored, body, field
    ):
        before = await stored()
        problems = assert_error(await entrance(body), 400)["errors"]
        assert any(problem.startswith(field) for problem in problems), problems
        assert await stored() == before

    async def test_every_ill_typed_field_is_named_at_once(self, entrance):
        body = {"state": 5, "image": {"src": 5, "label": 5}, "expectedRev": 5}
        problems = assert_error(await entrance(body), 400)["errors"]
        assert {problem.split()[0] for problem in problems} == {
            "state", "image.src", "image.label", "expectedRev",
        }  # fmt: skip

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b" \r\n\t ",
            b"[]",
            b'[{"state":"cellar"}]',
            b'"x"',
            b"5",
            b"null",
            b"true",
            b"{",
            b'{"state":"cellar"',
            b'{"state":"cellar}',
            b'{"state":"cellar",}',
            b"{'state':'cellar'}",
            b"{state:1}",
            b'{"state":"cellar"}{}',
            b'{"state":"cellar"} x',
            b'{"state":"cellar","x":NaN}',
            b'{"state":"cellar","x":-Infinity}',
            b'{"state":"cellar","x":01}',
            b'{"state":"cellar","x":+1}',
            b'{"state":"cellar","x":.5}',
            b'{"state":"cellar","x":123456789012345678901234567890,"y":NaN}',
            b'{"state":"cellar"/**/}',
            b'{"state":"cel\xfflar"}',
            b'{"state":"cellar","\xc0\xaf":1}',
            b'{"state":"cellar","x":"\xed\xa0\x80"}',
            b'{"state":"cellar","x":"\\ud800"}',
            b'{"state":"cellar","x":"\\udc00\\ud800"}',
            b'{"state":"cel\nlar"}',
            b'{"state":"cellar","x":"\\x41"}',
            '{"state":"cellar"}'.encode("utf-16"),
            b"\x00",
            b"state=cellar",
            b"<state>cellar</state>",
        ],
    )
    async def test_a_body_that_is_no_json_object_is_400_and_writes_nothing(
        self, entrance, stored, content
    ):
        before = await stored()
        body = assert_error(await entrance(content=content), 400)
        assert "diagnostics" not in body
        assert await stored() == before

    async def test_of_a_member_that_comes_twice_the_last_one_counts_or_none(self, entrance, stored):
        """The contract is silent; either is sound, a mixture or a fault is not."""
        answer = await entrance(content=b'{"state":"attic","state":"cellar"}')
        assert answer.status_code in {200, 400}
        expected = "cellar" if answer.status_code == 200 else "hall"
        assert (await stored())[0]["entrance"]["state"] == expected

    @pytest.mark.parametrize("content_type", [None, "text/plain", "application/json; charset=x"])
    async def test_the_content_type_does_not_matter(self, entrance, content_type):
        headers = {} if content_type is None else {"content-type": content_type}
        assert_written(await entrance({"state": "cellar"}, headers=headers))


class TestTooLarge:
    async def test_twelve_mebibytes_are_taken_and_a_byte_more_is_413(self, entrance, stored):
        frame = b'{"state":"cellar","padding":"%s"}'
        room = BODY_LIMIT - len(frame) + len(b"%s")
        before = await stored()
        assert_error(await entrance(content=frame % (b"x" * (room + 1))), 413)
        assert await stored() == before
        assert_written(await entrance(content=frame % (b"x" * room)))

    async def test_a_body_far_over_the_limit_is_413(self, entrance):
        assert_error(await entrance(content=b"x" * (BODY_LIMIT + (1 << 20))), 413)
