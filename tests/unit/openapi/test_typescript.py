"""A TypeScript client is generated from the contract and compiled, strictly, where Node.js is."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from support.contract import CONTRACT
from support.programs import CLIENTS, needed, node_modules
from support.until import LIMIT_S

PROJECT = Path(__file__).parents[2] / "support/openapi/typescript"
OPTIONS = (
    "--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess"
    " --target es2022 --module nodenext --moduleResolution nodenext --lib es2022,dom,dom.iterable"
)


def test_a_client_is_generated_and_compiles(tmp_path):
    with needed():
        modules = node_modules(PROJECT)
        # The generator is written for an older compiler than the one that checks.
        compiler = node_modules(CLIENTS / "typescript") / "typescript/bin/tsc"
    (tmp_path / "node_modules").symlink_to(modules)
    shutil.copy(PROJECT / "client.ts", tmp_path)
    (tmp_path / "package.json").write_text('{"private": true}')
    (tmp_path / "openapi.json").write_text(json.dumps(CONTRACT))

    def run(script: Path, *arguments: str) -> None:
        done = subprocess.run(
            ["node", script, *arguments],
            cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (done.stdout + done.stderr)[:5_000]

    run(modules / "openapi-typescript/bin/cli.js", "openapi.json", "--output", "api.d.ts")
    run(compiler, *OPTIONS.split(), "client.ts", "api.d.ts")
