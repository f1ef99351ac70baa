"""A call that is under way while the containers are told to stop."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

TAKES_S = 3.0


class SlowCall:
    """Sends a body over TAKES_S seconds; within the `with` it has begun, after it it has ended.

    `outcome` is then the status of the answer, or what happened in its place.
    """

    def __init__(self, client: httpx.Client, path: str, body: dict[str, str]) -> None:
        self._client = client
        self._path = path
        self._body = json.dumps(body).encode()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._call)
        self.outcome = "no answer"

    def __enter__(self) -> Self:
        self._thread.start()
        self._begun.wait(TAKES_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.join()

    def _call(self) -> None:
        headers = {"content-type": "application/json"}
        try:
            answer = self._client.post(self._path, content=self._slowly(), headers=headers)
        except httpx.HTTPError as error:
            self.outcome = f"{type(error).__name__}: {error}"
        else:
            self.outcome = f"{answer.status_code}"

    def _slowly(self) -> Iterator[bytes]:
        half = len(self._body) // 2
        yield self._body[:half]
        time.sleep(TAKES_S / 3)  # the edge has the first half by now
        self._begun.set()
        time.sleep(TAKES_S * 2 / 3)
        yield self._body[half:]
