"""`make containers`: builds the images, starts docker-compose.yml, uses it, stops it.

Exit codes: 0 all worked; 1 something did not; 3 SKIPPED: no engine, nothing that reads compose files, or no base
images. ENGINE=docker or ENGINE=podman chooses where both are.
"""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(_TESTS.parent / "server"), str(_TESTS)]  # in place of this folder

from containers import run

if __name__ == "__main__":
    sys.exit(run.main(sys.argv[1:]))
