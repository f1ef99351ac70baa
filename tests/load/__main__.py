"""`make load`: rates, latencies and costs of the hot calls; `make scale`: what much of it costs.

`python tests/load plot` draws the charts of RESULTS.md again.

Exit codes: 0 every row ran; 1 a row had an error in it; 3 rows were left out for want of a tool.
"""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(_TESTS.parent / "server"), str(_TESTS)]  # in place of this folder

from load import plot, run, scale

if __name__ == "__main__":
    if sys.argv[1:2] == ["scale"]:
        sys.exit(scale.main(sys.argv[2:]))
    if sys.argv[1:2] == ["plot"]:
        plot.draw()
        sys.exit()
    sys.exit(run.main(sys.argv[1:]))
