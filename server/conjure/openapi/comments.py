"""What the protos say in words, for readers of the REST face."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from conjure.contract import rpcs
from conjure.contract.files import contract_files
from conjure.core.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.descriptor import Descriptor

# `NOT_FOUND (also the parent)`: what is in parentheses says when.
_REASON: Final = re.compile(r"([A-Z][A-Z_]+)(?:\s*\(([^()]*)\))?")
_QUOTED_NAME: Final = re.compile(r"`([a-z]+(?:_[a-z0-9]+)+)`")
_SECTION: Final = re.compile(r" ?\(CONTRACT [^)]*\)")
_PACKAGE: Final = "conjure.v1"
_SENTENCE: Final = re.compile(r"\A(.*?[^.])\.(?:\s|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RpcComment:
    """The comment of an RPC. `errors`: what it may fail with, and when where that is said."""

    summary: str
    description: str
    errors: dict[Reason, str]


@cache
def _comments() -> dict[str, str]:
    """The comments of our own files: full name → text."""
    return {
        f"{file.package}.{name}": textwrap.dedent(location.leading_comments).strip()
        for file in contract_files()
        if file.package == _PACKAGE
        for location in file.source_code_info.location
        if location.leading_comments and (name := _name_at(file, location.path))
    }


def _name_at(place: Any, path: Sequence[int]) -> str:
    """The name within its file of what a path of source information leads to; else an empty text.

    A path has the number of a field and a position in it, again and again (descriptor.proto). What leads to
    a part of something, such as an option of it, is no name.
    """
    names = []
    for number, index in zip(path[::2], path[1::2], strict=False):
        field = place.DESCRIPTOR.fields_by_number[number]
        if field.message_type is None or not field.is_repeated:
            return ""
        place = getattr(place, field.name)[index]
        if "name" not in place.DESCRIPTOR.fields_by_name:
            return ""
        names.append(place.name)
    return ".".join(names) if len(path) % 2 == 0 else ""


def comment_of(full_name: str) -> str:
    """The comment of a message, a field, a service or a value of an enum, as running text."""
    return _for_rest(_comments().get(full_name, ""))


def rpc_comment(full_name: str) -> RpcComment:
    """Reads the comment of an RPC."""
    paragraphs = _comments()[full_name].split("\n\n")
    errors = [text for text in paragraphs if text.startswith("Errors:")]
    words = _for_rest("\n\n".join(text for text in paragraphs if text not in errors))
    first = _SENTENCE.match(words)
    return RpcComment(
        summary=words if first is None else first[1],
        description=words,
        errors={
            Reason(name): _for_rest(when)
            for text in errors
            for name, when in _REASON.findall(text.removeprefix("Errors:"))
            if name in Reason.__members__
        },
    )


def _for_rest(text: str) -> str:
    """Joins broken lines, and has fields and metadata by the names that they have in JSON and HTTP."""
    lines = "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
    named = _QUOTED_NAME.sub(
        lambda found: f"`{_json_names().get(found[1], found[1])}`", _SECTION.sub("", lines)
    )
    return named.replace("Metadata `", "Header `").replace("metadata `", "header `")


@cache
def _json_names() -> dict[str, str]:
    """Field name → name in JSON, of all messages on the REST face."""
    found: dict[str, str] = {}

    def visit(message: Descriptor) -> None:
        for field in message.fields:
            is_known = field.full_name in seen
            seen.add(field.full_name)
            found[field.name] = field.json_name
            if field.message_type is not None and not is_known:
                visit(field.message_type)

    seen: set[str] = set()
    for rpc in rpcs():
        visit(rpc.descriptor.input_type)
        visit(rpc.descriptor.output_type)
    return found
