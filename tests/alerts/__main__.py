"""`python tests/alerts`: promtool reads edge/alerts.yaml, and each alert fires and is silent when it should.

The cases are in the YAML files beside this one. Part of `make lint`. To make promtool takes Go and minutes, so it is
looked for ($PROMTOOL, what tests have kept, PATH) and made only with --install; `make chaos` makes Prometheus by
itself. Where it is not there this says so in capitals and ends with 0; ALERTS=strict makes that 1.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from support.programs import ProgramMissing, go_program, program_at_hand

RULES: Final = HERE.parents[1] / "edge" / "alerts.yaml"
CASES: Final = tuple(sorted(HERE.glob("*.yaml")))


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    why = "promtool is not at hand; `.venv/bin/python tests/alerts --install` makes it"
    try:
        promtool = go_program("promtool") if arguments else program_at_hand("promtool")
    except ProgramMissing as missing:
        promtool, why = None, str(missing)
    if promtool is None:
        print(f"alerts: SKIPPED, NOT CHECKED by Prometheus' own rules: {why}")
        return 1 if os.environ.get("ALERTS") == "strict" else 0
    checks = (
        ("check", "rules", "--lint=all", "--lint-fatal", str(RULES)),
        ("test", "rules", *map(str, CASES)),
    )
    for check in checks:
        done = subprocess.run(
            [promtool, *check], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )  # fmt: skip
        if done.returncode != 0:
            print(f"alerts: {' '.join(check[:2])} failed\n{done.stdout.strip()}")
            return 1
    print("alerts: promtool takes every rule, and each fires and is silent when it should")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
