"""`make load`: rates, latencies and costs of the hot calls on this machine. See README.md beside this.

Exit codes: 0 every row ran; 1 a row had an error in it; 3 rows were left out for want of a tool.
"""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(_TESTS.parent / "server"), str(_TESTS)]  # in place of this folder

from load.run import main

if __name__ == "__main__":
    sys.exit(main())
