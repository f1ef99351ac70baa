"""What a call asserts about a revision: each write honours it, or refuses the call (CONTRACT 0).

The protos say which RPCs can: those whose request has `expected_rev`. The handler of such an RPC takes
what is asserted as a third argument, or the server does not start. A write that has no revision to compare
with refuses an `if-match` that names one, before anything has happened; `*` asserts nothing there.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from conjure.core.errors import InvalidField
from conjure.core.preconditions import precondition
from conjure.v1 import auth_pb2

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from conjure.core.preconditions import Precondition
    from conjure.rpc.call import Call
    from conjure.rpc.layer import Handler, Step
    from conjure.rpc.methods import Method

_NO_REVISION: Final = "if-match: this call has no revision to compare it with; leave it out"


def calling(method: Method, handler: Handler) -> Step:
    """Returns the step that calls the handler of `method`. Raises TypeError when it takes other arguments."""
    takes = len(inspect.signature(handler).parameters)
    if takes != (3 if method.asserts_revision else 2):
        raise TypeError(
            f"{method.full_name}: a handler takes request and call, and what the caller asserts of a"
            " revision exactly where the request has `expected_rev`"
        )

    def asserting(call: Call) -> Awaitable[Any]:
        return handler(call.request_message, call, _asserted(call))

    def refusing(call: Call) -> Awaitable[Any]:
        if call.headers.get("if-match", "*").strip() != "*":
            raise InvalidField(_NO_REVISION)
        return handler(call.request_message, call)

    def reading(call: Call) -> Awaitable[Any]:
        return handler(call.request_message, call)

    if method.asserts_revision:
        return asserting
    # A player's calls write no world: to them the header means nothing (CONTRACT 6.2 lists their statuses).
    is_players = method.scheme == auth_pb2.SCHEME_SESSION_TOKEN
    return reading if method.is_read or is_players else refusing


def _asserted(call: Call) -> Precondition | None:
    request: Any = call.request_message
    field = request.expected_rev if request.HasField("expected_rev") else None
    return precondition(call.headers.get("if-match"), field)
