"""A TypeScript client is generated from the contract and compiled, strictly, where Node.js is."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from support.contract import CONTRACT
from support.until import LIMIT_S

PROJECT = Path(__file__).parents[2] / "support/openapi/typescript"
# What npm says when it cannot reach a registry; all else is a failure of the test.
UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT", "ECONNRESET", "ENOTCACHED")
OPTIONS = (
    "--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess"
    " --target es2022 --module nodenext --moduleResolution nodenext --lib es2022,dom,dom.iterable"
)


def test_a_client_is_generated_and_compiles(tmp_path):
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("NOT TESTED: there is no Node.js here (apt-get install nodejs npm)")
    for file in PROJECT.iterdir():
        shutil.copy(file, tmp_path)

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )

    installed = run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline",
                    "--fetch-retries=1", "--fetch-timeout=20000")  # fmt: skip
    if installed.returncode and any(word in installed.stderr for word in UNREACHABLE):
        pytest.skip("NOT TESTED: no npm registry can be reached from here")
    assert installed.returncode == 0, installed.stderr
    (tmp_path / "openapi.json").write_text(json.dumps(CONTRACT))
    tools = tmp_path / "node_modules/.bin"
    made = run(str(tools / "openapi-typescript"), "openapi.json", "--output", "api.d.ts")
    assert made.returncode == 0, made.stderr
    compiled = run(str(tools / "tsc"), *OPTIONS.split(), "client.ts", "api.d.ts")
    assert compiled.returncode == 0, compiled.stdout[:5_000]
