"""Calls through the edge while it is stopped: which were answered, refused or cut."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import httpx

if TYPE_CHECKING:
    from types import TracebackType

_CALLERS = 4


@dataclass
class Traffic:
    """Callers that read one path again and again, a connection each, until it is refused.

    `cut` has what became of requests that were sent and never answered in full.
    """

    url: str
    headers: dict[str, str]
    answered: int = 0
    failed: list[int] = field(default_factory=list)  # status codes other than 200
    cut: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(_CALLERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        with httpx.Client(headers=self.headers, trust_env=False, timeout=30) as client:
            while not self._stop.is_set():
                try:
                    answer = client.get(self.url)
                except httpx.ConnectError:
                    return  # it listens no more
                except httpx.TransportError as error:
                    with self._lock:
                        self.cut.append(f"{type(error).__name__}: {error}")
                else:
                    with self._lock:
                        self.answered += answer.status_code == 200
                        if answer.status_code != 200:
                            self.failed.append(answer.status_code)
