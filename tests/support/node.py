"""The player's JavaScript under Node: its modules run, and their types are checked. Loudly skipped without it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from support.programs import CLIENTS, needed, node_modules
from support.until import LIMIT_S

WEB: Final = Path(__file__).parents[2] / "server/conjure/player/web"
_OPTIONS: Final = (
    "--noEmit --allowJs --checkJs --strict --noUncheckedIndexedAccess --noImplicitOverride --noUnusedLocals"
    " --noFallthroughCasesInSwitch --target es2022 --module es2022 --moduleResolution bundler"
    " --lib es2022,dom,dom.iterable --pretty false"
)
# Reads JSON, and writes what the function makes of it.
_WITH_JSON: Final = """
const [url, name] = process.argv.slice(1);
let text = "";
for await (const piece of process.stdin) text += piece;
const made = await (await import(url))[name](JSON.parse(text));
process.stdout.write(JSON.stringify(made ?? null));
"""


def node() -> str:
    """Where Node is. The test says it aloud when there is none."""
    if (found := shutil.which("node")) is None:
        pytest.skip("NOT TESTED: there is no Node.js here (apt-get install nodejs npm)")
    return found


def called(module: Path, function: str, given: Any) -> Any:
    """What an exported function of a module makes of a JSON value; one process for all that it is given."""
    done = _run(
        ["--input-type=module", "--eval", _WITH_JSON, module.as_uri(), function],
        stdin=json.dumps(given),
    )
    assert done.returncode == 0, done.stderr[-5_000:]
    return json.loads(done.stdout)


def node_test(script: Path) -> None:
    """Runs a file of tests of `node:test`; fails with what it says."""
    done = _run(["--test", "--test-reporter=tap", str(script)])
    assert done.returncode == 0, (done.stdout + done.stderr)[-10_000:]
    # A file without a test passes, too.
    assert "\n# pass 0\n" not in done.stdout, "it has no test"


def type_errors(*files: Path) -> str:
    """What a strict compiler says of these files; nothing is best."""
    with needed():
        tsc = node_modules(CLIENTS / "typescript") / "typescript/bin/tsc"
    done = _run([str(tsc), *_OPTIONS.split(), *map(str, files)])
    return done.stdout + done.stderr


def _run(arguments: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [node(), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "TZ": "UTC"},
    )
