"""Dead ends: situations that a player can get into and no ending can be reached from.

- `puzzle`: a world as small numbers.
- `search`: the nearest dead end, exactly, within a bound.
"""

from __future__ import annotations

from conjure.kernel.softlock.puzzle import Beyond
from conjure.kernel.softlock.search import DeadEnd, find_dead_end

__all__ = ["Beyond", "DeadEnd", "find_dead_end"]
