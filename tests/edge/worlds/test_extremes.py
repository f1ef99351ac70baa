"""Deep, long and large requests: taken and kept whole, or refused; never a fault (CONTRACT 0)."""

from __future__ import annotations

import json

import pytest

from support.rest import assert_error, bearer, connect, mint
from support.worlds import small_world

MIB = 1 << 20
WORLDS_LIMIT = 12 * MIB
DEEPEST = 254
"""`conjure.v1.JsonDocument`: at most 254 levels; a member of the world starts on the second."""

BIG_INTEGER = "123456789012345678901234567890"


def nested(levels: int, kind: str) -> str:
    opening, closing = ("[", "]") if kind == "array" else ('{"a":', "}")
    inner = "" if kind == "array" else "1"
    return opening * levels + inner + closing * levels


def world_with(member: str, *, more: str = "") -> bytes:
    """An import of the small world with JSON text as its member `x`."""
    return b'{"world":%s,"x":%s%s}}' % (
        json.dumps(small_world()).encode()[:-1],
        member.encode(),
        more.encode(),
    )


async def import_text(rest, app, content: bytes):
    return await rest.post("/v1/worlds", content=content, headers=bearer(app.secret))


class TestDepth:
    @pytest.mark.parametrize("kind", ["array", "object"])
    @pytest.mark.parametrize("more", ["", f',"big":{BIG_INTEGER}'], ids=["plain", "big integer"])
    @pytest.mark.parametrize("levels", [60, 200, 252, 253, 254, 300, 900, 2000, 100_000])
    async def test_a_deep_world_is_kept_whole_or_refused(self, rest, app, levels, kind, more):
        deep = nested(levels, kind)
        made = await import_text(rest, app, world_with(deep, more=more))
        if levels >= DEEPEST:
            assert_error(made, 400)
            return
        assert made.status_code == 200, made.text
        world_id = made.json()["worldId"]
        member = f'"x":{deep}'
        read = await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))
        assert member in read.text
        written = await rest.patch(
            f"/v1/worlds/{world_id}/entrance", json={"state": "cellar"}, headers=bearer(app.secret)
        )
        assert written.status_code == 200
        assert member in written.text
        token = (await mint(rest, app.secret, world_id))["token"]
        assert member in (await connect(rest, token)).text

    @pytest.mark.parametrize("levels", [60, 250])
    async def test_a_deep_state_is_read_back_in_its_scene(self, rest, app, levels):
        deep = nested(levels, "object")
        content = json.dumps({"world": small_world()}).replace(
            '"base": "A wide', f'"x":{deep},"base": "A wide'
        )
        made = await import_text(rest, app, content.encode())
        assert made.status_code == 200, made.text
        path = f"/v1/worlds/{made.json()['worldId']}/scene"
        assert f'"x":{deep}' in (await rest.get(path, headers=bearer(app.secret))).text

    async def test_a_deep_character_connects(self, rest, app):
        deep = nested(DEEPEST - 2, "array")
        world = json.dumps({"world": small_world(kind="character", character={"persona": "S"})})
        made = await import_text(
            rest, app, world.replace('"persona"', f'"intro":{deep},"persona"').encode()
        )
        assert made.status_code == 200, made.text
        token = (await mint(rest, app.secret, made.json()["worldId"]))["token"]
        answer = await connect(rest, token)
        assert answer.status_code == 200
        assert f'"intro":{deep}' in answer.text

    @pytest.mark.parametrize("kind", ["array", "object"])
    @pytest.mark.parametrize("levels", [60, 254, 300, 900, 2000, 100_000])
    async def test_a_deep_command_is_ignored_or_refused(self, rest, app, world_id, levels, kind):
        content = b'{"state":"cellar","x":%s}' % nested(levels, kind).encode()
        answer = await rest.patch(
            f"/v1/worlds/{world_id}/entrance", content=content, headers=bearer(app.secret)
        )
        if answer.status_code != 200:
            assert levels > 200
            assert_error(answer, 400)

    @pytest.mark.parametrize("levels", [300, 100_000])
    async def test_deep_nonsense_is_400(self, rest, app, world_id, levels):
        for content in (b"[" * levels, b'{"a":' * levels, nested(levels, "array").encode()):
            answer = await rest.patch(
                f"/v1/worlds/{world_id}/entrance", content=content, headers=bearer(app.secret)
            )
            assert_error(answer, 400)
            answer = await rest.post("/v1/sessions/connect", content=content)
            assert_error(answer, 400 if len(content) <= 16_384 else 413)


class TestNumbers:
    @pytest.mark.parametrize(
        "number",
        ["1e400", "-1e400", "1" * 400, "1" * 4300, "1" * 4301, "1" * 50_000, "0." + "1" * 5000,
         "1e-5000", "1e99999999999999999999", f"[1e400,{BIG_INTEGER}]"],
        ids=lambda number: number[:12] + f" ({len(number)})",
    )  # fmt: skip
    async def test_an_extreme_number_is_kept_or_refused(self, rest, app, number):
        made = await import_text(rest, app, world_with(number))
        if made.status_code != 200:
            assert_error(made, 400)
            return
        path = f"/v1/worlds/{made.json()['worldId']}"
        read = await rest.get(path, headers=bearer(app.secret))
        kept = json.loads(read.text, parse_int=str, parse_float=float)["x"]
        assert kept == (number if number.isdecimal() else float(number))


class TestSize:
    async def test_a_world_of_twelve_mebibytes_is_taken_and_a_byte_more_is_413(self, rest, app):
        frame = world_with('"%s"')
        room = WORLDS_LIMIT - len(frame) + len(b"%s")
        assert_error(await import_text(rest, app, frame.replace(b"%s", b"x" * (room + 1))), 413)
        made = await import_text(rest, app, frame.replace(b"%s", b"x" * room))
        assert made.status_code == 200, made.text
        path = f"/v1/worlds/{made.json()['worldId']}"
        read = await rest.get(path, headers=bearer(app.secret))
        assert len(read.json()["x"]) == room
        written = await rest.patch(
            f"{path}/entrance", json={"state": "cellar"}, headers=bearer(app.secret)
        )
        assert written.status_code == 200
        assert len(written.json()["world"]["x"]) == room

    async def test_between_the_two_limits_only_bodies_with_a_document_are_open(
        self, rest, app, world_id
    ):
        padding = "x" * 16_384
        made = await import_text(rest, app, world_with(json.dumps(padding)))
        assert made.status_code == 200
        body = {"x": padding, "state": "cellar", "name": "n"}
        for path in (f"/v1/worlds/{world_id}/entrance", f"/v1/worlds/{world_id}"):
            answer = await rest.patch(path, json=body, headers=bearer(app.secret))
            assert answer.status_code == 200, answer.text
        for path in (
            f"/v1/worlds/{world_id}/forks",
            f"/v1/worlds/{world_id}/versions",
            "/v1/sessions/token",
            "/v1/sessions/connect",
        ):
            answer = await rest.post(path, json=body, headers=bearer(app.secret))
            assert_error(answer, 413)

    async def test_what_was_stored_can_be_read_however_long_its_numbers_are_written(
        self, rest, app
    ):
        """`1e15` is four characters, and nineteen when it is written as 1000000000000000.0."""
        numbers = "[" + ",".join(["1e15"] * 900_000) + "]"
        made = await import_text(rest, app, world_with(numbers))
        if made.status_code != 200:
            assert_error(made, made.status_code)
            assert made.status_code in {413, 422}
            return
        read = await rest.get(f"/v1/worlds/{made.json()['worldId']}", headers=bearer(app.secret))
        assert read.status_code == 200, read.text[:200]
