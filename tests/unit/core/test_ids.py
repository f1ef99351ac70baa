"""Names of steps are nobody else's: a retry under one must never meet another's answer."""

from __future__ import annotations

import subprocess
import sys

from conjure.core.ids import step_id


def test_each_step_of_each_process_has_a_name_of_its_own():
    script = "from conjure.core.ids import step_id\nfor _ in range(3): print(step_id())"
    others = [
        name
        for _ in range(2)
        for name in subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True
        ).stdout.split()
    ]
    names = [step_id() for _ in range(1_000)] + others
    assert len(set(names)) == 1_006
