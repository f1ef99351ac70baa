"""Generates everything that derives from the protos.

`python protos/generate.py` writes the Python modules into `server/conjure/v1` (not committed), and the
protos' comments beside them.
`python protos/generate.py --image FILE [--protos DIR]` writes a buf image instead, for linting and for
breaking-change checks without the network: `google/*` comes from the googleapis-common-protos wheel.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import sysconfig
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import grpc_tools
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.message import Message

ROOT = Path(__file__).resolve().parent.parent
GOOGLE = sysconfig.get_paths()["purelib"]  # google/api, google/rpc
WELL_KNOWN = str(Path(grpc_tools.__file__).parent / "_proto")  # google/protobuf

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
        scripts = Path(sys.executable).parent  # the environment's own plugins, wherever PATH points
        run_protoc(
            ROOT / "protos",
            *(f"--plugin={name}={scripts / name}" for name in PLUGINS),
            f"--python_out={temporary}",
            f"--grpc_python_out={temporary}",
            f"--mypy_out=quiet:{temporary}",
            f"--mypy_grpc_out=quiet:{temporary}",
        )
        made = Path(temporary) / "conjure" / "v1"
        (made / "comments.json").write_text(json.dumps(comments(), ensure_ascii=False))
        (made / "__init__.py").write_text('"""Generated from protos/conjure/v1; do not edit."""\n')
        fresh = target.with_name("v1.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(made, fresh)
        shutil.rmtree(target, ignore_errors=True)  # so that nothing of an older contract stays
        fresh.rename(target)


def comments() -> dict[str, str]:
    """What the protos say in words: full name of a service, message, field, … to its comment.

    Descriptors at run time have none; documentation of the REST face is made from them.
    """
    with tempfile.TemporaryDirectory() as temporary:
        raw = Path(temporary) / "set.binpb"
        run_protoc(ROOT / "protos", "--include_source_info", f"-o{raw}")
        files = FileDescriptorSet.FromString(raw.read_bytes()).file
    return {
        f"{file.package}.{name}": textwrap.dedent(location.leading_comments).strip()
        for file in files
        for location in file.source_code_info.location
        if location.leading_comments and (name := _name_at(file, location.path))
    }


def _name_at(place: Message, path: Sequence[int]) -> str:
    """The name, within its file, of what a path of source information leads to; else an empty text."""
    names = []
    for number, index in zip(path[::2], path[1::2], strict=len(path) % 2 == 0):
        field = place.DESCRIPTOR.fields_by_number[number]
        if field.message_type is None or field.message_type.name == "UninterpretedOption":
            return ""
        place = getattr(place, field.name)[index]
        if not getattr(place, "name", ""):
            return ""
        names.append(place.name)
    return ".".join(names)


def generate_image(protos: Path, image: Path) -> None:
    """Writes a buf image of `protos`."""
    with tempfile.TemporaryDirectory() as temporary:
        raw = Path(temporary) / "set.binpb"
        run_protoc(protos, "--include_imports", "--include_source_info", f"-o{raw}")
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
