"""Patches: what a request changes, and what of it is erased (CONTRACT 3).

A PATCH changes what it names and nothing else. Over gRPC `update_mask` says what is named; without one it is
what is set (AIP-134). Over REST it is the members of the body, and `null` erases: the field stays unset and
the mask lists it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from google.api import field_behavior_pb2

from conjure.core.errors import InvalidField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from google.protobuf.descriptor import Descriptor


def unwrapped(value: dict[str, Any], *, is_document: bool = False) -> dict[str, Any]:
    """The members of a patch, which may have come as `{"patch": {…}}`; those inside win.

    A command knows what stands beside it. A document (a state, an event) would take any envelope for members
    of its own: of what stands beside it only `expectedRev` counts.
    Raises InvalidField when `patch` is no object and nothing stands beside it.
    """
    inner = value.get("patch")
    beside = {key: item for key, item in value.items() if key != "patch"}
    if isinstance(inner, dict):
        if is_document:
            beside = {key: item for key, item in beside.items() if key == "expectedRev"}
        return beside | inner
    if inner is None:
        return beside
    if not beside.keys() - {"expectedRev"}:
        raise InvalidField("patch must be an object")
    return value  # a member like others: of a document it is kept, of a command unknown


def fill_mask(message: Any, value: Mapping[str, Any], except_fields: frozenset[str]) -> None:
    """Says in `update_mask` what a body names, when it erases something: a field has no value for `null`."""
    if "update_mask" not in message.DESCRIPTOR.fields_by_name:
        return
    named = [
        (key, name) for key, name in patchable(message.DESCRIPTOR)
        if key in value and name not in except_fields
    ]  # fmt: skip
    # An empty list has no value either: it is named, and there is nothing of it.
    if any(value[key] is None or value[key] == [] for key, _ in named):
        message.update_mask.paths.extend(name for _, name in named)


@cache
def patchable(descriptor: Descriptor) -> tuple[tuple[str, str], ...]:
    """The (JSON name, name) of what a patch can change: its own OPTIONAL fields but for the assertion."""
    return tuple(
        (field.json_name, field.name)
        for field in descriptor.fields
        if field_behavior_pb2.OPTIONAL
        in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
        and field.name not in {"expected_rev", "update_mask"}
    )


def named(request: Any, *, required: Sequence[str] = ()) -> dict[str, Any]:
    """What a patch changes: each field that it names with the new value, or None to erase.

    Raises InvalidField when it names nothing, or what there is not, or erases a `required` field.
    """
    names = [name for _, name in patchable(request.DESCRIPTOR)]
    listed = list(request.update_mask.paths)
    if unknown := [path for path in listed if path not in names]:
        raise InvalidField(
            f"update_mask must list some of {', '.join(names)}, not {unknown[0][:100]}"
        )
    found = listed or [name for name in names if _has(request, name)]
    if not found:
        raise InvalidField(f"nothing to change: name one or more of {', '.join(names)}")
    if errors := [f"{name} cannot be erased" for name in required
                  if name in found and not _has(request, name)]:  # fmt: skip
        raise InvalidField(*errors)
    return {name: getattr(request, name) if _has(request, name) else None for name in found}


def _has(request: Any, name: str) -> bool:
    field = request.DESCRIPTOR.fields_by_name[name]
    return bool(getattr(request, name)) if field.is_repeated else bool(request.HasField(name))
