"""Makes the source of the Python client's wheel (`make client`): generated modules, and protos/client.

`python protos/generate_client.py DIR`

Its modules are `conjure_client.v1`, not `conjure.v1`, so that client and server can be installed together.
The descriptors inside keep their names: in one process both are one contract.
"""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path
from string import Template

from generate import ROOT, generate_python

SOURCE = ROOT / "protos" / "client"
# What protoc and its plugins write: imports of generated modules, and the name a message's class gets.
_OURS = re.compile(r"^from conjure\.v1 import ", re.MULTILINE)
_MODULE = re.compile(r"(BuildTopDescriptorsAndMessages\(DESCRIPTOR, ')conjure\.v1\.")
_GOOGLES = re.compile(r"^from google\.(?:api|rpc) import \w+_pb2( as \w+)$", re.MULTILINE)
# It need not be there, and has no types where it is.
_UNTYPED = r"\g<0>  # type: ignore[import-untyped, import-not-found, unused-ignore]"
_VERSION = re.compile(r'^__version__ = "(.+?)"', re.MULTILINE)
_PROTOBUF = re.compile(r"^# Protobuf Python Version: (.+)$", re.MULTILINE)
_GRPCIO = re.compile(r"^GRPC_GENERATED_VERSION = '(.+)'$", re.MULTILINE)


def make(out: Path) -> None:
    """Writes the project into `out`, replacing what is there."""
    shutil.rmtree(out, ignore_errors=True)
    package = out / "conjure_client"
    shutil.copytree(
        SOURCE / "conjure_client", package, ignore=shutil.ignore_patterns("__pycache__")
    )
    for file in (SOURCE / "README.md", ROOT / "LICENSE"):
        shutil.copy(file, out)
    generate_python(out)
    generated = package / "v1"
    (out / "conjure" / "v1").rename(generated)
    (out / "conjure").rmdir()
    for file in generated.glob("*.py*"):
        file.write_text(moved(file.read_text(), is_stub=file.suffix == ".pyi"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    template = Template((SOURCE / "project.toml").read_text())
    (out / "pyproject.toml").write_text(
        template.substitute(
            version=_found(_VERSION, ROOT / "server/conjure/__init__.py"),
            python=project["requires-python"],
            grpcio=_found(_GRPCIO, generated / "world_service_pb2_grpc.py"),
            protobuf=_found(_PROTOBUF, generated / "world_service_pb2.py"),
        )
    )


def moved(source: str, *, is_stub: bool) -> str:
    """Returns a generated module as one of `conjure_client.v1`."""
    source = _OURS.sub("from conjure_client.v1 import ", source)
    source = _MODULE.sub(r"\1conjure_client.v1.", source)
    ours = _UNTYPED if is_stub else r"from conjure_client import _google\1"
    return _GOOGLES.sub(ours, source)


def _found(pattern: re.Pattern[str], file: Path) -> str:
    found = pattern.search(file.read_text())
    if found is None:
        sys.exit(f"{file} does not say which version")
    return found[1]


if __name__ == "__main__":
    make(Path(sys.argv[1]))
