"""Frames over REST: one that is drawn, and what is refused of one that is sent (CONTRACT 11)."""

from __future__ import annotations

import base64
import json

import pytest

from support.assets import asset_path, is_asset_url
from support.pictures import encoded, in_base64, opened
from support.rest import assert_error, bearer

ORIGIN = "https://studio.example"
FRAME = in_base64(encoded())
PLACES = {"/v1/perceive": {}, "/v1/ground/objects": {"labels": ["a door"]}}


@pytest.fixture
def post(rest, app):
    async def send(path, body, key=app.secret):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await rest.post(path, content=content, headers=bearer(key) | {"origin": ORIGIN})

    return send


@pytest.fixture
def images(rest, app):
    async def used():
        answer = await rest.get("/v1/usage", headers=bearer(app.secret))
        return answer.json()["usage"]["image"]

    return used


class TestSeedFrames:
    async def test_a_frame_is_drawn_kept_and_charged(self, rest, post, images):
        asked = {"prompt": "A lighthouse above the sea", "pov": "first_person", "mood": "night"}
        answer = await post("/v1/seed-frame", asked | {"style": "ink", "unknown": 1})
        assert answer.status_code == 200, answer.text
        assert answer.headers["access-control-allow-origin"] in {"*", ORIGIN}
        body = answer.json()
        assert sorted(body) == [
            "art_style", "imageBase64", "mimeType", "prompt", "schemaVersion", "url",
        ]  # fmt: skip
        content = base64.b64decode(body["imageBase64"], validate=True)
        picture = opened(content)
        assert (body["mimeType"], picture.format, picture.size) == ("image/png", "PNG", (1280, 720))
        assert is_asset_url(body["url"])
        assert (await rest.get(asset_path(body["url"]))).content == content
        assert body["prompt"] == asked["prompt"]
        assert "night" in body["art_style"]
        assert await images() == 1
        again = await post("/v1/seed-frame", asked | {"style": "ink"})
        assert again.json() == body
        assert await images() == 2

    async def test_a_day_has_so_many(self, app, post, images):
        await app.set_caps(image=1)
        assert (await post("/v1/seed-frame", {"prompt": "a mill"})).status_code == 200
        assert (
            "quota"
            in assert_error(await post("/v1/seed-frame", {"prompt": "a mill"}), 402)["detail"]
        )
        assert await images() == 1

    async def test_a_page_cannot_spend(self, app, post, images):
        """A publishable key stands in web pages."""
        refused = assert_error(await post("/v1/seed-frame", {"prompt": "x"}, app.publishable), 403)
        assert "worlds:write" in refused["detail"]
        for path, more in PLACES.items():
            assert_error(await post(path, {"frame_b64": FRAME} | more, app.publishable), 403)
        assert await images() == 0

    @pytest.mark.parametrize(
        ("body", "status", "field"),
        [
            ({}, 400, "prompt"),
            ({"prompt": None}, 400, "prompt"),
            ({"prompt": ""}, 400, "prompt"),
            ({"prompt": " \n"}, 400, "prompt"),
            ({"prompt": 7}, 400, "prompt"),
            ({"prompt": ["x"]}, 400, "prompt"),
            ({"prompt": "x" * 4_001}, 400, "prompt"),
            ({"prompt": "x", "mood": ""}, 400, "mood"),
            ({"prompt": "x", "pov": "x" * 65}, 400, "pov"),
            ({"prompt": "x", "style": {}}, 400, "style"),
            (b'{"prompt": "x", "prompt": "y"}', 400, "twice"),
            (b"[]", 400, "object"),
            (b'{"prompt": "\xff"}', 400, "UTF-8"),
            ({"prompt": "x" * 17_000}, 413, ""),
        ],
    )
    async def test_what_cannot_be_drawn_costs_nothing(self, post, images, body, status, field):
        refused = assert_error(await post("/v1/seed-frame", body), status)
        assert field in " ".join([refused["detail"], *refused.get("errors", [])])
        assert await images() == 0

    @pytest.mark.parametrize(
        "prompt", ["x", "<svg onload=x>&]]>", "\u202e\u0000\ud7ff😀" * 9, "日本" * 900]
    )
    async def test_any_prompt_is_drawn(self, post, prompt):
        answer = await post("/v1/seed-frame", {"prompt": prompt, "mood": prompt[:200]})
        assert answer.status_code == 200
        opened(base64.b64decode(answer.json()["imageBase64"]))


@pytest.mark.parametrize("path", PLACES)
class TestLooks:
    async def test_nobody_looks_without_a_provider(self, post, path):
        """Also at what is no picture: that there is nobody is known before."""
        for frame in (FRAME, f"data:image/png;base64,{FRAME}", "AAAA", "no base64!"):
            answer = await post(path, {"frame_b64": frame} | PLACES[path])
            assert "no vision provider" in assert_error(answer, 503)["detail"]
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["access-control-allow-origin"] in {"*", ORIGIN}

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"frame_b64": None}, "frame_b64 is required"),
            ({"frame_b64": ""}, "frame_b64 is required"),
            ({"frame_b64": 7}, "frame_b64 must be a string"),
            ({"frame_b64": {"a": [1]}}, "frame_b64 must be a string"),
        ],
    )
    async def test_a_frame_is_a_text(self, post, path, change, field):
        body = {"frame_b64": FRAME} | PLACES[path] | change
        assert field in assert_error(await post(path, body), 400)["detail"]

    async def test_a_body_has_12_mebibytes(self, post, path):
        body = {"frame_b64": "A" * (12 * 1_048_576)} | PLACES[path]
        assert_error(await post(path, body), 413)
        fits = {"frame_b64": "A" * (12 * 1_048_576 - 100)} | PLACES[path]
        assert_error(await post(path, fits), 503)

    async def test_a_body_of_members_is_no_picture(self, post, path):
        """Whatever is sent instead, it is answered: here by the process for heavy documents."""
        body = {"frame_b64": FRAME, "more": [{}] * 100_000} | PLACES[path]
        assert_error(await post(path, body), 503)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (None, "labels is required"),
        ([], "labels is required"),
        ("door", "labels must be an array"),
        ({"label": "door"}, "labels must be an array"),
        ([7], "labels[0] must be a string or an object"),
        (["door", None], "labels[1] must be a string or an object"),
        ([["door"]], "labels[0] must be a string or an object"),
        ([{"label": 7}], "labels[0].label must be a string"),
        ([{"label": "door", "choice_id": 7}], "labels[0].choice_id must be a string"),
        ([{"label": "door", "choice_id": ""}], "labels[0].choice_id must have 1 to 200"),
        ([{}], "labels[0].label must have 1 to 200"),
        (["door", " "], "labels[1].label must have 1 to 200"),
        (["x" * 201], "labels[0].label must have 1 to 200"),
        (["door"] * 65, "labels must have 1 to 64 items"),
        ([7] * 100_000, "labels[0] must be"),
    ],
    ids=range(15),
)
async def test_labels_that_are_none(post, labels, told):
    answer = await post("/v1/ground/objects", {"frame_b64": FRAME, "labels": labels})
    assert told in assert_error(answer, 400)["detail"]


async def test_rooms_have_bounds(post):
    body = {"frame_b64": FRAME, "room_name": "x" * 201, "room_description": "x" * 4_001}
    refused = assert_error(await post("/v1/perceive", body), 400)
    assert [text.partition(" ")[0] for text in refused["errors"]] == [
        "room_name",
        "room_description",
    ]
