"""`make model`: a real engine with a real small model writes ten worlds, makes ten edits and talks for ten turns.

Exit codes: 0 the product kept its word; 1 it did not; 3 SKIPPED: there is no engine.
"""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(_TESTS.parent / "server"), str(_TESTS)]  # in place of this folder

from model import run

if __name__ == "__main__":
    sys.exit(run.main(sys.argv[1:]))
