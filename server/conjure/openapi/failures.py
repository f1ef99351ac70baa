"""What an operation may fail with: what its RPC says, and what the layers around every handler add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.core.bodies import SCHEMA_VERSION
from conjure.core.catalog import CATALOG
from conjure.core.errors import Reason
from conjure.edge.replies import CODED
from conjure.openapi.comments import comment_of, rpc_comment
from conjure.openapi.smworld import ref
from conjure.v1.auth_pb2 import SCHEME_API_KEY, SCHEME_PUBLIC

if TYPE_CHECKING:
    from conjure.contract import Binding, Rpc
    from conjure.openapi.smworld import JsonObject

_UNSUPPORTED: Final = "415"
# The caller went away: nobody sees it.
_UNSEEN: Final = frozenset({Reason.CANCELLED})


def reasons_of(rpc: Rpc, binding: Binding) -> dict[Reason, str]:
    """Returns why a call may fail, and when where the comment of the RPC says it; in the catalog's order."""
    said = rpc_comment(rpc.descriptor.full_name).errors
    # Of the layers of `rpc.chain`, `admit`, `deadline`, `auth`, `rate_limit`, `handle`, and of none.
    found = [Reason.OVERLOADED, Reason.OVER_SHARE, Reason.INTERNAL, Reason.MALFORMED_REQUEST]
    if not rpc.is_lasting:
        found.append(Reason.DEADLINE_EXCEEDED)
    if rpc.scheme != SCHEME_PUBLIC:
        found += (Reason.MISSING_CREDENTIAL, Reason.INVALID_CREDENTIAL, Reason.RATE_LIMITED)
        found.append(Reason.STORE_UNAVAILABLE)
    if rpc.scheme == SCHEME_API_KEY:
        found.append(Reason.MISSING_SCOPE)
    if binding.verb != "GET":
        found.append(Reason.PAYLOAD_TOO_LARGE)
    if not rpc.is_read:
        found.append(
            Reason.INVALID_FIELD
        )  # `rpc.assertions`: an If-Match that nothing can be compared with
    all_of_them = dict.fromkeys(found, "") | said
    return {
        reason: all_of_them[reason]
        for reason in CATALOG
        if reason in all_of_them and reason not in _UNSEEN
    }


def failures(rpc: Rpc, binding: Binding) -> JsonObject:
    """Returns the responses of an operation that are no success, by status."""
    by_status: dict[int, list[tuple[Reason, str]]] = {}
    for reason, when in reasons_of(rpc, binding).items():
        by_status.setdefault(CATALOG[reason].http, []).append((reason, when))
    found = {str(status): _response(why) for status, why in sorted(by_status.items())}
    if binding.has_body:
        found[_UNSUPPORTED] = _answer(f"The edge takes bodies as they are: {CODED}.", {})
    return dict(sorted(found.items()))


def error_examples() -> JsonObject:
    """Returns the body of each failure, as it is when nothing more is to be said."""
    return {
        reason.value: {"value": {"detail": spec.detail, "schemaVersion": SCHEMA_VERSION}}
        for reason, spec in CATALOG.items()
        if reason not in _UNSEEN
    }


def _response(why: list[tuple[Reason, str]]) -> JsonObject:
    lines = [f"`{reason.value}`: {_meaning(reason)}{_when(when)}" for reason, when in why]
    headers = {}
    if any(CATALOG[reason].retry_after_s is not None for reason, _ in why):
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    schema = "Error"
    if [reason for reason, _ in why] == [Reason.KERNEL_REFUSED]:
        schema = "GraphValidationError"
    examples = {
        reason.value: {"$ref": f"#/components/examples/{reason.value}"}
        for reason, _ in why
        if reason is not Reason.KERNEL_REFUSED  # it says what was found
    }
    return _answer("\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0],
                   headers, schema=schema, examples=examples)  # fmt: skip


def _answer(
    description: str,
    headers: JsonObject,
    *,
    schema: str = "Error",
    examples: dict[str, Any] | None = None,
) -> JsonObject:
    content: JsonObject = {"schema": ref(schema)}
    if examples:
        content["examples"] = examples
    return {
        "description": description,
        "headers": headers | {"x-request-id": {"$ref": "#/components/headers/x-request-id"}},
        "content": {"application/json": content},
    }


def _meaning(reason: Reason) -> str:
    """What the proto says of a reason, but for the status at its end."""
    text = comment_of(f"conjure.v1.Reason.REASON_{reason.value}")
    return text.removesuffix(f" {CATALOG[reason].http}.")


def _when(when: str) -> str:
    return f" ({when})" if when else ""
