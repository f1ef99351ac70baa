"""The files of the contract with all that they declare: what a caller needs who has no generated code."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

import conjure.v1

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor import FileDescriptor
    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FieldDescriptorProto,
    )

PROTOSET: Final = "conjure.protoset"
"""The name of the package's file that holds them, made by protos/generate.py."""


@cache
def contract_files() -> tuple[FileDescriptorProto, ...]:
    """Returns the files of `conjure.v1` and all that they import, with comments and JSON names."""
    data = (files(conjure.v1) / PROTOSET).read_bytes()
    return tuple(FileDescriptorSet.FromString(data).file)


def files_behind(*roots: FileDescriptor) -> tuple[FileDescriptorProto, ...]:
    """Returns the files of loaded modules and all that they import. They have no comments."""
    found: dict[str, FileDescriptorProto] = {}

    def visit(file: FileDescriptor) -> None:
        if file.name in found:
            return
        for dependency in file.dependencies:
            visit(dependency)
        found[file.name] = with_json_names(FileDescriptorProto.FromString(file.serialized_pb))

    for root in roots:
        visit(root)
    return tuple(found.values())


def with_json_names(file: FileDescriptorProto) -> FileDescriptorProto:
    """Returns `file` with the JSON name of each field, which Python's generated code leaves out.

    Without it a reader takes the field's own name, and refuses `worldId`.
    """
    for one in _fields_of(file):
        if not one.HasField("json_name"):
            head, *others = one.name.split("_")
            one.json_name = head + "".join(part[:1].upper() + part[1:] for part in others)
    return file


@dataclass
class FileIndex:
    """Files by their names and by what they declare."""

    by_name: dict[str, bytes] = field(default_factory=dict)
    by_symbol: dict[str, str] = field(default_factory=dict)
    """The name of the file that declares what has this full name: a message, a field, an RPC, …"""
    by_extension: dict[tuple[str, int], str] = field(default_factory=dict)
    """The name of the file that extends a message by a field of this number."""
    _imports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _messages: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, protos: Iterable[FileDescriptorProto]) -> FileIndex:
        """Reads files; one that comes again is left out."""
        index = cls()
        for file in protos:
            if file.name not in index.by_name:
                index._add(file)
        return index

    def with_imports(self, name: str) -> tuple[str, ...]:
        """Returns a file and all that it imports: it stands first, and each before those that it imports.

        So whoever reads them from the last to the first has what a file needs when it comes.
        """
        order: list[str] = []
        seen = set()

        def visit(current: str) -> None:
            seen.add(current)
            for following in self._imports[current]:
                if following not in seen:
                    visit(following)
            order.append(current)

        visit(name)
        return tuple(reversed(order))

    def extension_numbers(self, message: str) -> list[int]:
        """Returns the numbers of all fields that extend a message, in order. Raises KeyError."""
        if message not in self._messages:
            raise KeyError(message)
        return sorted(number for extended, number in self.by_extension if extended == message)

    def _add(self, file: FileDescriptorProto) -> None:
        self.by_name[file.name] = file.SerializeToString()
        self._imports[file.name] = tuple(file.dependency)
        scope = f"{file.package}." if file.package else ""
        for symbol in _symbols_of(file, scope):
            self.by_symbol[symbol] = file.name
        self._messages.update(scope_ + one.name for scope_, one in _messages_of(file, scope))
        for one in _extensions_of(file):
            self.by_extension[one.extendee.removeprefix("."), one.number] = file.name


def _symbols_of(file: FileDescriptorProto, scope: str) -> Iterator[str]:
    yield from _enum_symbols(file.enum_type, scope)
    yield from (scope + one.name for one in file.extension)
    for service in file.service:
        yield scope + service.name
        yield from (f"{scope}{service.name}.{method.name}" for method in service.method)
    for around, message in _messages_of(file, scope):
        yield around + message.name
        within = f"{around}{message.name}."
        members = (message.field, message.extension, message.oneof_decl)
        yield from (within + one.name for group in members for one in group)
        yield from _enum_symbols(message.enum_type, within)


def _enum_symbols(enums: Iterable[EnumDescriptorProto], scope: str) -> Iterator[str]:
    for enum in enums:
        yield scope + enum.name
        for value in enum.value:
            yield scope + value.name  # a value stands beside its enum, as in C++
            yield f"{scope}{enum.name}.{value.name}"  # where people look for it


def _messages_of(
    parent: FileDescriptorProto | DescriptorProto, scope: str
) -> Iterator[tuple[str, DescriptorProto]]:
    """All messages, nested ones too, each with what stands before its name."""
    messages = (
        parent.message_type if isinstance(parent, FileDescriptorProto) else parent.nested_type
    )
    for message in messages:
        yield scope, message
        yield from _messages_of(message, f"{scope}{message.name}.")


def _extensions_of(file: FileDescriptorProto) -> Iterator[FieldDescriptorProto]:
    yield from file.extension
    for _, message in _messages_of(file, ""):
        yield from message.extension


def _fields_of(file: FileDescriptorProto) -> Iterator[FieldDescriptorProto]:
    yield from _extensions_of(file)
    for _, message in _messages_of(file, ""):
        yield from message.field
