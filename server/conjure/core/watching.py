"""What holds of everything that is watched: worlds and jobs."""

from __future__ import annotations

from typing import Final

TICK_S: Final = 0.4
"""How long a watcher waits at most before it says that nothing has happened (`rpc.streams`)."""

RIDE_OUT_S: Final = 5.0
"""How long a feed bears with a store that is away: a restart takes less, and loses no change."""
