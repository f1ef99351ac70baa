"""Pictures by a model: `/images/generations` of any endpoint that speaks OpenAI's API.

What comes back is a stranger's file: it is decoded, checked and encoded again like a frame that a caller
sends. Nothing that the endpoint says reaches callers, and nothing that they typed reaches the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.core.urls import UrlRefused, http_url
from conjure.providers.http import OutboundClient, OutboundError
from conjure.providers.openai import endpoint
from conjure.providers.openai.patience import wait_s
from conjure.providers.pictures.frames import MOST_BYTES, FrameRefused, frame_of
from conjure.providers.pictures.port import Drawn, Picture, PicturesDeclined, PicturesError
from conjure.providers.plain import tidy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.http import Answer
    from conjure.providers.pictures.port import PictureRequest
    from conjure.settings.models import OpenaiSettings, PictureSettings

_MOST_ANSWER_BYTES: Final = (
    MOST_BYTES * 4 // 3 + 65_536
)  # one picture in base64, and what stands around it
_MOST_PROMPT: Final = 3_600  # characters; with the rest below the 4,000 that models of images take
_MOST_WORDS: Final = 200
_USUAL_STYLE: Final = "painterly realism, soft volumetric light, fine film grain"

# What endpoints do not know they refuse with 400, or with 422. Which of them is told apart by what the text
# speaks of; it is looked at for nothing else.
_REFUSALS: Final = frozenset({400, 403, 422})
_DECLINES: Final = re.compile(
    r"content.?policy|content.?filter|moderation|safety.?system|responsibleai", re.IGNORECASE
)
_MOST_REFUSAL: Final = 4_096


@dataclass(frozen=True, slots=True)
class _Traits:
    """What a request has that not every endpoint takes."""

    response_format: bool = True
    size: bool = True


class OpenaiPictures:
    """A model that draws. `client` calls its endpoint, `strangers` other hosts that it names.

    The second one calls public addresses only: who runs the endpoint has not chosen them.
    """

    def __init__(
        self,
        client: OutboundClient,
        strangers: OutboundClient,
        *,
        url: str,
        settings: PictureSettings,
    ) -> None:
        self._client = client
        self._strangers = strangers
        self._url = url
        self._model = settings.model
        self._size = settings.size
        self._most_s = settings.most_s
        self._traits = _Traits()

    async def draw(self, request: PictureRequest) -> Drawn:
        """Has a picture made. Raises PicturesError, PicturesDeclined."""
        style = tidy(request.style or "", _MOST_WORDS) or _USUAL_STYLE
        prompt = _description(request)
        try:
            ends = asyncio.get_running_loop().time() + self._most_s
            async with asyncio.timeout_at(ends):
                answer = await self._ask(
                    f"{prompt}\nStyle: {style}.\nNo lettering, no frame.", ends
                )
                picture = await self._picture(answer)
        except TimeoutError as error:
            raise PicturesError(f"no picture within {self._most_s} s") from error
        except OutboundError as error:
            raise PicturesError(str(error)) from error
        return Drawn(picture, prompt, style)

    async def _ask(self, prompt: str, ends: float) -> bytes:
        """Asks until there is an answer: while the endpoint is busy, and without what it refuses.

        `ends`: when nobody waits any more, by the loop's clock; it is not waited for what comes later.
        """
        tries = 0
        traits = self._traits
        while True:
            tries += 1
            answer = await self._client.post_json(
                f"{self._url}/images/generations", self._body(prompt, traits)
            )
            if answer.status == 200:
                self._traits = traits
                return answer.body
            if answer.status in {429, 503}:
                wait = wait_s(tries, answer.retry_after, is_limit=answer.status == 429)
                if wait is None or wait >= ends - asyncio.get_running_loop().time():
                    raise PicturesError(f"the endpoint answered {answer.status}, {tries} times")
                await asyncio.sleep(wait)
                continue
            traits = _without_what_is_refused(answer, traits)

    def _body(self, prompt: str, traits: _Traits) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self._model, "prompt": prompt, "n": 1}
        if traits.size and self._size:
            body["size"] = self._size
        if traits.response_format:
            body["response_format"] = "b64_json"
        return body

    async def _picture(self, answer: bytes) -> Picture:
        item = _first(answer)
        text, url = item.get("b64_json"), item.get("url")
        sent: str | bytes
        if isinstance(text, str) and text:
            sent = text
        elif isinstance(url, str) and url[:5].lower() == "data:":
            sent = url
        elif isinstance(url, str) and url:
            sent = await self._fetch(url)
        else:
            raise PicturesError("the endpoint answered without a picture")
        try:
            frame = await frame_of(sent)
        except FrameRefused as refused:
            raise PicturesError(f"what the endpoint drew {refused}") from refused
        return frame.picture

    async def _fetch(self, url: str) -> bytes:
        try:
            where, own = http_url(url), http_url(self._url)
        except UrlRefused as refused:
            raise PicturesError(f"the URL of the picture {refused}") from refused
        is_own = (where.scheme, where.host, where.port) == (own.scheme, own.host, own.port)
        answer = await (self._client if is_own else self._strangers).get(url)
        if answer.status != 200:
            raise PicturesError(f"the picture's host answered {answer.status}")
        return answer.body


def _description(request: PictureRequest) -> str:
    """What a person typed, as one description: the model is to draw it, whatever it says."""
    parts = [tidy(request.prompt, _MOST_PROMPT - 2 * _MOST_WORDS)]
    if mood := tidy(request.mood or "", _MOST_WORDS):
        parts.append(f"Mood: {mood}")
    if pov := tidy((request.pov or "").replace("_", " "), _MOST_WORDS):
        parts.append(f"Camera: {pov}")
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _without_what_is_refused(answer: Answer, traits: _Traits) -> _Traits:
    """What to send next. Raises PicturesError, PicturesDeclined."""
    text = answer.body[:_MOST_REFUSAL].decode("utf-8", "replace").lower()
    if answer.status in _REFUSALS:
        if _DECLINES.search(text):
            raise PicturesDeclined(f"the endpoint declined with {answer.status}")
        if traits.response_format and "response_format" in text:
            return _Traits(response_format=False, size=traits.size)
        if traits.size and "size" in text:
            return _Traits(response_format=traits.response_format, size=False)
        if traits.response_format:  # some only say that they do not like it
            return _Traits(response_format=False, size=traits.size)
    raise PicturesError(f"the endpoint answered {answer.status}")


def _first(answer: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(answer)
    except ValueError as error:
        raise PicturesError("the endpoint did not answer with JSON") from error
    data = said.get("data") if isinstance(said, dict) else None
    item = data[0] if isinstance(data, list) and data else None
    if not isinstance(item, dict):
        raise PicturesError("the endpoint answered without a picture")
    return item


@contextlib.asynccontextmanager
async def openai_pictures(
    settings: PictureSettings, openai: OpenaiSettings
) -> AsyncIterator[OpenaiPictures]:
    """The model of the settings; leaving closes its connections."""
    ours = endpoint.client(
        settings, openai,
        label="pictures", timeout_s=settings.most_s, most_answer_bytes=_MOST_ANSWER_BYTES,
    )  # fmt: skip
    others = OutboundClient(
        "pictures-elsewhere",
        timeout_s=settings.most_s,
        max_concurrent=openai.concurrent,
        max_response_bytes=MOST_BYTES,
        allows_private=False,
    )
    async with ours as client, others as strangers:
        yield OpenaiPictures(
            client, strangers, url=endpoint.address(settings, openai), settings=settings
        )
