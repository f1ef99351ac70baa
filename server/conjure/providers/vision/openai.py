"""Eyes: a vision model behind chat completions."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.providers.openai import protocol
from conjure.providers.openai.chat import Message, chat_model
from conjure.providers.openai.failures import AnswerUnfit, BudgetSpent, ModelError, ModelUnavailable
from conjure.providers.openai.repeats import Repeats
from conjure.providers.openai.spending import Spending
from conjure.providers.plain import tidy
from conjure.providers.vision import schemas
from conjure.providers.vision.boxes import hotspots
from conjure.providers.vision.port import Hotspot, Perceived, VisionError, VisionUnavailable
from conjure.providers.vision.prompts import GROUND, PERCEIVE, prompt

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from conjure.providers.openai.chat import ChatModel
    from conjure.providers.pictures.frames import Frame
    from conjure.settings.models import OpenaiSettings, VisionSettings

_MOST_CALLS: Final = 8  # with those by which it is found out what an endpoint can do
_MOST_TOKENS: Final = 60_000
_ANSWER_TOKENS: Final = 1_500
_TOKENS_OF_A_BOX: Final = 80

_MOST_SUMMARY: Final = 1_000  # characters
_MOST_TEXT: Final = 200
_MOST_TEXTS: Final = 32
_MOST_NAME: Final = 200
_MOST_DESCRIPTION: Final = 4_000


class OpenaiVision:
    """Looks at frames with a model; `most_s` is the time that a look may take."""

    def __init__(self, model: ChatModel, *, most_s: float) -> None:
        self._model = model
        self._most_s = most_s
        self._repeats = Repeats(
            " ".join((prompt(name), protocol.OBJECT)) for name in (PERCEIVE, GROUND)
        )

    def require(self) -> None:
        """Configured: there is somebody who looks."""

    async def perceive(
        self, frame: Frame, *, room_name: str | None, room_description: str | None
    ) -> Perceived:
        """Says what is to be seen, in texts that are bounded and clean. Raises VisionError."""
        said = await self._ask(
            frame, PERCEIVE, "what_is_seen", schemas.PERCEIVED,
            {
                "room_name": tidy(room_name or "", _MOST_NAME),
                "room_description": tidy(room_description or "", _MOST_DESCRIPTION),
            },
            most_tokens=_ANSWER_TOKENS,
        )  # fmt: skip
        summary = tidy(said["summary"], _MOST_SUMMARY)
        # Of what leaves, and not of the megabyte that it may be cut from.
        if not summary or self._repeats.any_in(said["summary"][: 2 * _MOST_SUMMARY]):
            raise VisionError("the model said nothing of the picture")
        lists = (self._texts(said[name]) for name in ("visible", "affordances", "exits"))
        return Perceived(summary, *lists)

    async def ground(self, frame: Frame, labels: Sequence[str]) -> tuple[Hotspot, ...]:
        """Says where the labels are. Raises VisionError."""
        names = {tidy(label, _MOST_TEXT): label for label in reversed(labels)}
        names.pop("", None)  # signs that nobody sees
        if not names:
            return ()
        said = await self._ask(
            frame, GROUND, "where_things_are", schemas.GROUNDED,
            {"labels": [*reversed(names)]},
            most_tokens=500 + _TOKENS_OF_A_BOX * len(names),
        )  # fmt: skip
        found = hotspots(
            said["found"], [*reversed(names)],
            scale=said["scale"], width=frame.width, height=frame.height,
        )  # fmt: skip
        return tuple(Hotspot(names[spot.label], spot.bbox, spot.confidence) for spot in found)

    def _texts(self, said: list[str]) -> tuple[str, ...]:
        """Each once, and none that says nothing, or what the model was told."""
        some = [
            text
            for text in said[: 4 * _MOST_TEXTS]
            if not self._repeats.any_in(text[: 2 * _MOST_TEXT])
        ]
        clean = dict.fromkeys(tidy(text, _MOST_TEXT) for text in some)
        return tuple(text for text in clean if text)[:_MOST_TEXTS]

    async def _ask(
        self,
        frame: Frame,
        task: str,
        name: str,
        schema: Mapping[str, Any],
        data: Mapping[str, Any],
        *,
        most_tokens: int,
    ) -> Any:
        messages = (
            Message("system", prompt(task)),
            Message("user", orjson.dumps(data).decode(), images=(frame.picture,)),
        )
        spending = Spending(_MOST_CALLS, _MOST_TOKENS, self._most_s)

        async def ask() -> Any:
            return await self._model.object(
                messages, schema, name=name, most_tokens=most_tokens, spending=spending
            )

        try:
            try:
                return await ask()
            except AnswerUnfit:  # the next one may fit
                return await ask()
        except (ModelUnavailable, BudgetSpent) as error:
            raise VisionUnavailable(f"{type(error).__name__}: {error}") from error
        except ModelError as error:
            raise VisionError(f"{type(error).__name__}: {error}") from error


@contextlib.asynccontextmanager
async def openai_vision(
    settings: VisionSettings, openai: OpenaiSettings
) -> AsyncIterator[OpenaiVision]:
    """The model of the settings; leaving closes its connections."""
    async with chat_model(settings, openai, label="vision") as model:
        yield OpenaiVision(model, most_s=settings.most_s)
