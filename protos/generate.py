"""Generates everything that derives from the protos.

`python protos/generate.py` writes the Python modules into `server/conjure/v1` (not committed), and beside
them the protoset that reflection answers from.
`python protos/generate.py --image FILE [--protos DIR]` writes a protoset alone: all files and what they
import, with comments and JSON names. It is also a buf image: linting, breaking-change checks and `buf
generate` need no network, since `google/*` comes from the googleapis-common-protos wheel.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import grpc_tools
from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
GOOGLE = str(Path(annotations_pb2.__file__).parents[2])  # google/api, google/rpc
WELL_KNOWN = str(Path(grpc_tools.__file__).parent / "_proto")  # google/protobuf

# What every failure over gRPC comes in; no file imports it.
STATUS = "google/rpc/status.proto"
PROTOSET = "conjure.protoset"  # beside the modules
PLUGINS = ("protoc-gen-mypy", "protoc-gen-mypy_grpc")

# buf marks a file that an image holds only because others import it with this extension of
# FileDescriptorProto: field 8042, a message whose field 1 (is_import) is true. Without the mark it
# lints Google's files too.
IS_IMPORT = b"\xd2\xf6\x03\x02\x08\x01"


def run_protoc(protos: Path, *arguments: str) -> None:
    """Runs protoc over every file of ours; ends the program with its message when it fails."""
    files = sorted(str(path) for path in protos.rglob("*.proto"))
    code = protoc.main(
        ["protoc", f"-I{protos}", f"-I{GOOGLE}", f"-I{WELL_KNOWN}", *arguments, *files]
    )
    if code != 0:
        sys.exit(f"protoc failed ({code})")


def generate_python(out: Path) -> None:
    """Writes `conjure/v1` below `out`, replacing what an older contract left there."""
    target = out / "conjure" / "v1"
    with tempfile.TemporaryDirectory() as temporary:
        run_protoc(
            ROOT / "protos",
            *(f"--plugin={name}={_plugin(name)}" for name in PLUGINS),
            f"--python_out={temporary}",
            f"--grpc_python_out={temporary}",
            f"--mypy_out=quiet:{temporary}",
            f"--mypy_grpc_out=quiet:{temporary}",
        )
        made = Path(temporary) / "conjure" / "v1"
        (made / "__init__.py").write_text('"""Generated from protos/conjure/v1; do not edit."""\n')
        generate_image(ROOT / "protos", made / PROTOSET)
        fresh = target.with_name("v1.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(made, fresh)
        shutil.rmtree(target, ignore_errors=True)  # so that nothing of an older contract stays
        fresh.rename(target)


def _plugin(name: str) -> str:
    """Returns the environment's own, wherever PATH points; pip builds with what it puts on PATH."""
    scripts = str(Path(sys.executable).parent)
    found = shutil.which(name, path=os.pathsep.join((scripts, os.environ.get("PATH", ""))))
    return found or sys.exit(f"no {name}: install mypy-protobuf")


def generate_image(protos: Path, image: Path) -> None:
    """Writes all that `protos` holds as a FileDescriptorSet, each file after those that it imports."""
    with tempfile.TemporaryDirectory() as temporary:
        raw = Path(temporary) / "set.binpb"
        run_protoc(protos, "--include_imports", "--include_source_info", f"-o{raw}", STATUS)
        files = FileDescriptorSet.FromString(raw.read_bytes()).file
        marked = FileDescriptorSet(file=[mark_import(file) for file in files])
        image.write_bytes(marked.SerializeToString())


def mark_import(file: FileDescriptorProto) -> FileDescriptorProto:
    """Returns `file`, marked for buf when it is not ours."""
    if file.name.startswith("conjure/"):
        return file
    return FileDescriptorProto.FromString(file.SerializeToString() + IS_IMPORT)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", type=Path, help="write a buf image here")
    parser.add_argument(
        "--protos", type=Path, default=ROOT / "protos", help="read protos from here"
    )
    arguments = parser.parse_args()
    if arguments.image:
        generate_image(arguments.protos, arguments.image)
    else:
        generate_python(ROOT / "server")


if __name__ == "__main__":
    main()
