"""What of a run a backup must have, may have and must not have."""

from __future__ import annotations

from dataclasses import replace

from support.chaos.ledger import Fate, Ledger

_LOOKS = ("read", "watch")
"""They change nothing."""


def as_of(ledger: Ledger, begun: float, ended: float) -> Ledger:
    """The ledger of a run as a restored store must agree with it; the backup was made between the two.

    What was answered before it began has happened; what began after it ended has not; what was under way at
    any moment of it may have. What was looked at after it began says nothing of it.
    """
    found = Ledger(
        ledger.expected, malformed=list(ledger.malformed), live_samples=list(ledger.live_samples)
    )
    for attempt in ledger.attempts:
        if attempt.ended and attempt.ended < begun:
            found.attempts.append(attempt)
        elif attempt.kind in _LOOKS or attempt.fate is Fate.REFUSED:
            found.attempts += [] if attempt.kind in _LOOKS else [attempt]
        elif attempt.begun > ended:
            found.attempts.append(replace(attempt, fate=Fate.REFUSED, answer=""))
        else:
            found.attempts.append(replace(attempt, fate=Fate.UNKNOWN, answer=""))
    return found
