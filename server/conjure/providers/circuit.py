"""A circuit: who has failed several times in a row is left alone for a while, and then asked once."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from conjure.core import metrics
from conjure.providers.failures import CircuitOpen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Attempt:
    """A call that the circuit let through. Set `worked` when the other side answers, but fails."""

    __slots__ = ("worked",)

    def __init__(self) -> None:
        self.worked = True


class Circuit:
    """Opens after `failures` in a row, for `open_s` seconds; then one call goes through, and decides.

    `name` is a word of this code, for the metric: a provider, or a use of many hosts.
    So callers are refused at once, and not each after its timeout; and who comes back from an outage is not
    met by everybody. A call that is cancelled says nothing of the other side.
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int,
        open_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._opened_times = metrics.PROVIDER_CIRCUITS_OPENED.at(name)
        self._most = failures
        self._open_s = open_s
        self._clock = clock
        self._failures = 0
        self._opened: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are refused, but for one that asks whether that can end."""
        return self._opened is not None

    @contextlib.contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """Around a call: whatever it raises is a failure. Raises CircuitOpen, then nothing is to be sent."""
        is_probe = self._admit()
        attempt = Attempt()
        try:
            yield attempt
        except Exception:  # whatever it was, there is no answer
            self._failed(is_probe)
            raise
        else:
            if attempt.worked:
                self._failures, self._opened = 0, None
            else:
                self._failed(is_probe)
        finally:
            if is_probe:
                self._probing = False

    def _admit(self) -> bool:
        """Whether the call is the one that finds out. Raises CircuitOpen."""
        if self._opened is None:
            return False
        if self._probing or self._clock() - self._opened < self._open_s:
            raise CircuitOpen(f"failed {self._failures} times in a row")
        self._probing = True
        return True

    def _failed(self, is_probe: bool) -> None:
        self._failures += 1
        if is_probe:
            self._opened = self._clock()
        elif self._opened is None and self._failures >= self._most:
            self._opened = self._clock()
            self._opened_times.add()
