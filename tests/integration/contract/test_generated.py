"""protos/buf.gen.yaml makes clients that compile, in each language whose tools are here."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from conjure.contract.files import PROTOSET
from support.programs import (
    CLIENTS,
    GO_PROGRAMS,
    download_modules,
    go,
    go_program,
    needed,
    node_modules,
)
from support.rpc import client
from support.until import LIMIT_S

ROOT = Path(__file__).parents[3]
HERE = Path(sys.executable).parent


async def run(*command: str, folder: Path, programs: tuple[Path, ...] = ()) -> str:
    path = os.pathsep.join(str(place) for place in (*programs, HERE, os.environ["PATH"]))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, "PATH": path, "NO_PROXY": "*"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(), 4 * LIMIT_S)
    assert process.returncode == 0, output.decode()
    return output.decode()


async def generate(out: Path, language: str, *programs: Path) -> Path:
    """Runs the plugins of one language, and returns the folder of what they made."""
    lines = (ROOT / "protos/buf.gen.yaml").read_text().splitlines(keepends=True)
    at = lines.index("plugins:\n") + 1
    plugins = "".join(lines[at:]).split("  - ")[1:]
    wanted = [f"  - {plugin}" for plugin in plugins if f"build/clients/{language}\n" in plugin]
    assert wanted
    template = out / f"{language}.gen.yaml"
    template.write_text("".join((*lines[:at], *wanted)))
    image = f"{ROOT / 'server/conjure/v1' / PROTOSET}#format=binpb"
    await run(
        "buf", "generate", image, "--template", str(template), "-o", str(out),
        folder=ROOT, programs=programs,
    )  # fmt: skip
    return out / "build" / "clients" / language


async def test_go_compiles_and_calls(stack, app, tmp_path):
    """A program of some lines reads a world, and the ApiError of a failure."""
    with needed():
        plugins = [Path(go_program(f"protoc-gen-{name}")).parent for name in ("go", "go-grpc")]
        download_modules(CLIENTS / "go")
    project = tmp_path / "project"
    shutil.copytree(CLIENTS / "go", project)
    shutil.move(await generate(tmp_path, "go", *plugins), project / "gen")
    async with client(stack.edge_grpc_target, app.secret) as caller:
        world_id = await caller.new_world()
    output = await run(
        go(), "run", ".", stack.edge_grpc_target, app.secret, world_id, folder=project
    )
    assert output.split()[-2:] == ["404", "REASON_NOT_FOUND"]


async def test_typescript_compiles(tmp_path):
    """Strictly, with a caller that uses its types."""
    with needed():
        modules = node_modules(CLIENTS / "typescript")
    project = await generate(tmp_path, "typescript", modules / ".bin")
    shutil.copytree(CLIENTS / "typescript", project, dirs_exist_ok=True)
    (project / "node_modules").symlink_to(modules)
    await run("node", str(modules / "typescript/bin/tsc"), folder=project)


async def test_python_is_what_the_server_itself_has(tmp_path):
    """The same modules and stubs, but for the order of what protoc's versions write."""
    made = await generate(tmp_path, "python")
    theirs = {path.name for path in (made / "conjure/v1").iterdir()}
    ours = {path.name for path in (ROOT / "server/conjure/v1").glob("*_pb2*")}
    assert theirs == ours
    source = (made / "conjure/v1/world_service_pb2_grpc.py").read_text()
    assert source == (ROOT / "server/conjure/v1/world_service_pb2_grpc.py").read_text()


@pytest.mark.parametrize("language", ["go", "typescript", "python"])
def test_the_template_has_each_language(language):
    """What is skipped above where a tool is missing is still written down."""
    assert f"out: build/clients/{language}\n" in (ROOT / "protos/buf.gen.yaml").read_text()


def test_what_the_readme_installs_is_what_is_tried_here():
    """The same versions; and a checkout stays as it was, which npm would else make a package of."""
    readme = (ROOT / "protos/README.md").read_text()
    plugins = {GO_PROGRAMS[name] for name in ("protoc-gen-go", "protoc-gen-go-grpc")}
    assert set(re.findall(r"^go install (\S+@v\S+)", readme, re.MULTILINE)) == plugins
    ((folder, packages),) = re.findall(
        r"^npm install(?: --prefix (\S+))? ([^#\n]+)", readme, re.MULTILINE
    )
    assert folder.startswith("build/")
    locked = json.loads((CLIENTS / "typescript/package.json").read_text())["devDependencies"]
    tried = {
        f"{name}@{version}" for name, version in locked.items() if name.startswith("@bufbuild/")
    }
    assert set(packages.split()) == tried


def test_the_readme_names_what_the_generated_python_imports():
    """Its imports of `google.api` are no part of protobuf."""
    modules = (ROOT / "server/conjure/v1").glob("*_pb2.py")
    assert any("\nfrom google.api import " in module.read_text() for module in modules)
    assert "`googleapis-common-protos`" in (ROOT / "protos/README.md").read_text()
