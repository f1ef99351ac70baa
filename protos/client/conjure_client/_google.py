"""Google's files that the contract imports, without a package for them.

Where googleapis-common-protos is installed they are its own: two versions of one file cannot be in a process.
Elsewhere they come from the protoset. The generated modules import this one instead of `google.api`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from google.protobuf import (
    any_pb2,  # noqa: F401 - what the files below import has to be there
    descriptor_pool,
    message_factory,
)
from google.protobuf.descriptor_pb2 import FileDescriptorSet

if TYPE_CHECKING:
    from google.protobuf.message import Message

_FOLDERS = ("google/api/", "google/rpc/")


def protoset() -> bytes:
    """Returns the contract as a FileDescriptorSet, for tools such as grpcurl and ghz."""
    return files("conjure_client.v1").joinpath("conjure.protoset").read_bytes()


def _register() -> None:
    pool = descriptor_pool.Default()
    for file in FileDescriptorSet.FromString(protoset()).file:  # imports first
        if not file.name.startswith(_FOLDERS):
            continue
        try:
            import_module(f"{file.name.removesuffix('.proto').replace('/', '.')}_pb2")
        except ModuleNotFoundError:
            try:
                pool.FindFileByName(file.name)  # somebody else's copy
            except KeyError:
                file.ClearField("source_code_info")
                pool.AddSerializedFile(file.SerializeToString())


_register()

status_class: type[Message] = message_factory.GetMessageClass(
    descriptor_pool.Default().FindMessageTypeByName("google.rpc.Status")
)
"""The class of google.rpc.Status."""


def read_status(data: bytes) -> Any:
    """Reads a google.rpc.Status. Raises google.protobuf.message.DecodeError."""
    return status_class.FromString(data)
