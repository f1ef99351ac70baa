"""What a server says of itself when Prometheus asks."""

from __future__ import annotations

import asyncio
import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
from prometheus_client.parser import text_string_to_metric_families

from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator


LINE = re.compile(r"([a-z_]+[a-z0-9_]*)(?:\{(.*)\})? (\S+)(?: [0-9.]+)?")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


class Scrape:
    """The samples of one scrape, under the names that Prometheus stores."""

    def __init__(self, text: str) -> None:
        self._text = text

    @functools.cached_property
    def samples(self) -> list[Sample]:
        """All of them."""
        # The library's parser says whether it is well formed, but renames what does not end in _total.
        assert list(text_string_to_metric_families(self._text))
        return [_read(line) for line in self._text.splitlines() if line and line[0] != "#"]

    @functools.cached_property
    def names(self) -> set[str]:
        return {sample.name for sample in self.samples}

    def matching(self, name: str, **labels: str) -> Iterator[Sample]:
        # Reading all is a quarter of a second, too much for those who ask again and again for one.
        if "samples" in self.__dict__:
            found = iter(self.samples)
        else:
            lines = re.findall(rf"^{re.escape(name)}[{{ ].*$", self._text, re.MULTILINE)
            found = map(_read, lines)
        for sample in found:
            if sample.name == name and labels.items() <= sample.labels.items():
                yield sample

    def total(self, name: str, **labels: str) -> float:
        """The sum over all series of `name` that have these labels."""
        return sum(sample.value for sample in self.matching(name, **labels))


def _read(line: str) -> Sample:
    found = LINE.fullmatch(line)
    assert found, line
    name, labels, value = found.groups()
    return Sample(name, dict(LABEL.findall(labels or "")), float(value))


async def scrape(url: str) -> Scrape:
    async with httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as client:
        answer = await client.get(url)
    assert answer.status_code == 200, answer.text
    return Scrape(answer.text)


async def _at_rest(url: str) -> Scrape:
    """A scrape in which no call runs: one's caller may have the answer before the server has counted it."""
    async with asyncio.timeout(LIMIT_S):
        while (found := await scrape(url)).total("conjure_rpc_in_flight", kind="call"):  # noqa: ASYNC110 - a number of another process
            await asyncio.sleep(0.01)
    return found


async def until_scraped(url: str, name: str, value: float, **labels: str) -> None:
    """Returns once a number has a value. Raises TimeoutError when it does not come to it."""

    async def is_there() -> bool:
        return (await scrape(url)).total(name, **labels) == value

    await until(is_there)


class Moves:
    """How numbers moved since this was made, as seen between calls: all that were answered are counted."""

    def __init__(self, url: str, before: Scrape) -> None:
        self.url = url
        self._before = before
        self._after = before

    @classmethod
    async def since_now(cls, url: str) -> Moves:
        return cls(url, await _at_rest(url))

    async def now(self) -> None:
        self._after = await _at_rest(self.url)

    def of(self, name: str, **labels: str) -> float:
        return self._after.total(name, **labels) - self._before.total(name, **labels)
