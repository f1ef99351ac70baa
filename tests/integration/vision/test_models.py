"""Looks and seed frames with models behind them: what is answered, what is charged, what is remembered."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import threading
from pathlib import Path

import grpc
import pytest

from conjure.core.errors import Reason
from conjure.v1 import vision_pb2
from conjure.v1 import vision_service_pb2 as pb
from conjure.v1.vision_service_pb2_grpc import VisionServiceStub
from support.model import Held, Raw, failure, misbehave, structured
from support.pictures import encoded, in_base64, opened
from support.rpc import TIMEOUT_S, client, metadata, outcomes, refused
from support.stack import running_server
from support.until import until

FRAME = in_base64(encoded())
SEEN = {"summary": "A hall.", "visible": ["a door"], "affordances": ["open it"], "exits": ["it"]}
DOOR = {"label": "door", "x0": 0.1, "y0": 0.2, "x1": 0.3, "y1": 0.9, "confidence": 0.8}
SECRET = "a word that no log and no answer has"
LOOKS = 2


@pytest.fixture
def model(running):
    running.reset()
    running.good = lambda call: structured(SEEN, call)
    return running


@pytest.fixture(scope="module")
async def server(stack, running, tmp_path_factory):
    directory = tmp_path_factory.mktemp("models")
    environment = {
        "CONJURE_OPENAI_URL": running.url,
        "CONJURE_OPENAI_CIRCUIT_FAILURES": "1000",
        "CONJURE_VISION_PROVIDER": "openai",
        "CONJURE_VISION_MODEL": "a-model",
        "CONJURE_VISION_LOOKS": str(LOOKS),
        "CONJURE_PICTURES_PROVIDER": "openai",
        "CONJURE_PICTURES_MODEL": "an-image-model",
        "CONJURE_LOG_LEVEL": "debug",
    }
    async with running_server(directory, stack.store_url, environment) as (_, port):
        yield port
    assert SECRET not in (directory / "server.log").read_text()


def lose(name: str) -> None:
    """As if the folder of assets had been lost."""
    (path,) = Path(os.environ["CONJURE_ASSETS_URL"]).rglob(name)
    path.unlink()


class Caller:
    """An app's calls of the service."""

    def __init__(self, opened, key):
        self.plain = opened
        self._stub, self._key = VisionServiceStub(opened.channel), key

    def _how(self, headers):
        return {"metadata": metadata(self._key, **headers), "timeout": TIMEOUT_S}

    def perceive(self, frame=FRAME, **fields):
        return self._stub.Perceive(pb.PerceiveRequest(frame_b64=frame, **fields), **self._how({}))

    def ground(self, *labels, frame=FRAME):
        asked = [vision_pb2.Label(label=label, choice_id=choice) for label, choice in labels]
        request = pb.GroundObjectsRequest(frame_b64=frame, labels=asked)
        return self._stub.GroundObjects(request, **self._how({}))

    def draw(self, prompt="A lighthouse.", **headers):
        return self._stub.DrawSeedFrame(
            pb.DrawSeedFrameRequest(prompt=prompt), **self._how(headers)
        )

    async def used(self):
        return await self.plain.used("image")


@pytest.fixture
async def caller(server, app):
    async with client(server, app.secret) as opened:
        yield Caller(opened, app.secret)


class TestLooks:
    async def test_what_is_seen(self, model, caller):
        seen = await caller.perceive(f"data:image/gif;base64,{FRAME}", room_name="The hall")
        assert seen.summary == "A hall."
        assert list(seen.visible) == ["a door"]
        assert list(seen.exits) == ["it"]

    async def test_each_choice_gets_the_box_of_its_label(self, model, caller):
        """A label is looked for once, however it is written and how often."""
        model.answers = [lambda call: structured({"scale": "fractions", "found": [DOOR]}, call)]
        found = await caller.ground(
            ("Door ", "c-2"), ("lamp", None), ("door", "c-1"), ("door", "c-1"), ("door", None)
        )
        spots = [
            (spot.label, spot.choice_id if spot.HasField("choice_id") else None, [*spot.bbox])
            for spot in found.hotspots
        ]
        box = [100, 200, 300, 900]
        assert spots == [("Door ", "c-2", box), ("door", "c-1", box), ("door", None, box)]
        assert {spot.confidence for spot in found.hotspots} == {0.8}
        assert json.loads(model.chats[0].texts[-1]) == {"labels": ["Door", "lamp"]}

    @pytest.mark.parametrize(
        ("frame", "told"),
        [
            ("no base64!", "frame_b64 must be base64"),
            (in_base64(b"no picture"), "frame_b64 must be"),
            (in_base64(encoded()[:50]), "frame_b64 "),
            ("data:text/plain,x", "frame_b64 must be base64"),
        ],
    )
    async def test_what_is_no_picture_never_gets_to_the_model(self, model, caller, frame, told):
        for call in (caller.perceive(frame), caller.ground(("door", None), frame=frame)):
            refusal = await refused(call, Reason.UNREADABLE_FRAME)
            assert refusal.error.http_status == 422
            assert refusal.error.errors[0].startswith(told)
        assert model.calls == []

    @pytest.mark.parametrize("answer", [misbehave.refused, misbehave.prose, failure(500, SECRET)])
    async def test_a_model_that_fails_is_503(self, model, caller, answer):
        model.answers = [answer] * 3
        refusal = await refused(caller.perceive(room_name=SECRET), Reason.VISION_UNAVAILABLE)
        assert refusal.error.http_status == 503
        assert SECRET not in str(refusal)

    async def test_so_many_look_at_once(self, model, caller):
        """More are refused at once: nobody waits in a queue with megabytes."""
        may_answer = threading.Event()
        model.answers = [Held(may_answer)] * LOOKS
        looking = [asyncio.ensure_future(caller.perceive()) for _ in range(LOOKS)]
        await until(lambda: len(model.chats) == LOOKS)
        _, reasons = await outcomes([caller.perceive()])
        assert set(reasons) <= {Reason.OVER_SHARE, Reason.OVERLOADED}
        assert sum(reasons.values()) == 1
        may_answer.set()
        assert [(await look).summary for look in looking] == ["A hall."] * LOOKS
        assert (await caller.perceive()).summary == "A hall."

    async def test_who_leaves_ends_what_costs(self, model, caller):
        model.answers = [Held(threading.Event())]
        look = asyncio.ensure_future(caller.perceive())
        await until(lambda: len(model.chats) == 1)
        look.cancel()
        await until(lambda: model.chats[0].left)


class TestSeedFrames:
    async def test_a_model_draws(self, model, caller):
        drawn = await caller.draw()
        picture = opened(base64.b64decode(drawn.image_base64))
        assert (drawn.mime_type, picture.format, picture.size) == ("image/jpeg", "JPEG", (96, 64))
        assert drawn.url.endswith(".jpg")
        assert await caller.used() == 1

    @pytest.mark.parametrize(
        ("answer", "reason", "status"),
        [
            (failure(500, SECRET), Reason.PICTURES_UNAVAILABLE, 503),
            (Raw(200, {"data": [{"b64_json": in_base64(SECRET.encode())}]}), Reason.PICTURES_UNAVAILABLE, 503),
            (failure(400, f"content_policy_violation: {SECRET}"), Reason.INVALID_FIELD, 400),
        ],
    )  # fmt: skip
    async def test_what_is_not_drawn_is_not_charged(self, model, caller, answer, reason, status):
        """And leaves no trace: the same key draws when it is tried again."""
        model.image_answers = [answer]
        refusal = await refused(caller.draw(SECRET, idempotency_key="again"), reason)
        assert refusal.error.http_status == status
        assert SECRET not in str(refusal)
        assert await caller.used() == 0
        assert (await caller.draw(SECRET, idempotency_key="again")).mime_type == "image/jpeg"
        assert await caller.used() == 1

    async def test_a_picture_that_is_lost_is_drawn_anew_and_not_charged(self, model, caller):
        first = await caller.draw(idempotency_key="lost")
        lose(first.url.rpartition("/")[2])
        again = await caller.draw(idempotency_key="lost")
        assert again.mime_type == first.mime_type
        assert len(model.calls) == 2
        assert await caller.used() == 1

    async def test_a_quota_is_held_while_it_is_drawn(self, app, model, caller):
        """The last one of a day is drawn once, however many ask at once."""
        await app.set_caps(image=1)
        may_answer = threading.Event()
        drawn = Raw(200, {"data": [{"b64_json": FRAME}]})
        model.image_answers = [Held(may_answer, drawn)]
        first = asyncio.ensure_future(caller.draw())
        await until(lambda: len(model.calls) == 1)
        await refused(caller.draw(), Reason.QUOTA_EXCEEDED)
        may_answer.set()
        assert (await first).url

    async def test_the_cover_of_a_world_is_the_models(self, model, caller):
        made = await caller.plain.generate("a lighthouse in the mist")
        assert made.cover.endswith(".jpg")
        (call,) = model.calls
        assert "lighthouse" in call.body["prompt"]
        model.reset()
        model.image_answers = [failure(500, "down")]
        made = await caller.plain.generate("a mill")
        assert made.cover.endswith(".svg")


async def test_only_secret_keys_look_and_draw(server, app):
    async with client(server) as opened:
        caller = Caller(opened, app.publishable)
        for call in (caller.perceive(), caller.ground(("door", None)), caller.draw()):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await call
            assert raised.value.code() is grpc.StatusCode.PERMISSION_DENIED
