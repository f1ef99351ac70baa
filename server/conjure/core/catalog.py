"""Reason → gRPC code, HTTP status, public text: the only place that knows the numbers (CONTRACT 0)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from conjure.core.errors import Reason


class Code(IntEnum):
    """The gRPC status codes that Conjure uses, with their numbers on the wire."""

    CANCELLED = 1
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16


@dataclass(frozen=True, slots=True)
class Spec:
    """What the public sees of a reason. `retry_after_s` is the `Retry-After` header in seconds."""

    code: Code
    http: int
    detail: str
    retry_after_s: int | None = None


OK: Final = "OK"
"""The gRPC status of what did not fail."""

ACCEPTED: Final = 202
"""The status of a call whose work is done later (CONTRACT 0)."""

SEE_OTHER: Final = 303
"""The status of an answer that says where to go on with a GET (RFC 9110, 15.4.4)."""

NOT_MODIFIED: Final = 304
"""The one status that is neither a success with a body nor a failure (RFC 9110, 15.4.5)."""

CATALOG: Final[dict[Reason, Spec]] = {
    Reason.MALFORMED_REQUEST: Spec(
        Code.INVALID_ARGUMENT, 400, "the request body is not a JSON object"
    ),
    Reason.INVALID_FIELD: Spec(Code.INVALID_ARGUMENT, 400, "some fields are missing or invalid"),
    Reason.CONFLICTING_PRECONDITIONS: Spec(
        Code.INVALID_ARGUMENT, 400, "If-Match and expectedRev assert different revisions"
    ),
    Reason.INVALID_CURSOR: Spec(
        Code.INVALID_ARGUMENT, 400, "cursor is not a nextCursor of this list"
    ),
    Reason.INAPPLICABLE_EDIT: Spec(
        Code.INVALID_ARGUMENT, 400, "the edit cannot be applied to this world"
    ),
    Reason.LIMIT_REACHED: Spec(
        Code.INVALID_ARGUMENT, 400, "there are as many of these as there may be; nothing was made"
    ),
    Reason.MISSING_CREDENTIAL: Spec(Code.UNAUTHENTICATED, 401, "a credential is required"),
    Reason.INVALID_CREDENTIAL: Spec(
        Code.UNAUTHENTICATED, 401, "the credential is invalid, revoked or expired"
    ),
    Reason.QUOTA_EXCEEDED: Spec(Code.RESOURCE_EXHAUSTED, 402, "daily quota exceeded"),
    Reason.SESSION_MINUTES_EXHAUSTED: Spec(
        Code.RESOURCE_EXHAUSTED, 402, "daily session minutes exhausted"
    ),
    Reason.MISSING_SCOPE: Spec(Code.PERMISSION_DENIED, 403, "this API key lacks the scope"),
    Reason.NOT_FOUND: Spec(Code.NOT_FOUND, 404, "not found"),
    Reason.METHOD_NOT_ALLOWED: Spec(
        Code.UNIMPLEMENTED, 405, "this path does not answer to this method"
    ),
    Reason.REVISION_CONFLICT: Spec(Code.ABORTED, 409, "the world changed since you read it"),
    Reason.VERSION_IS_HEAD: Spec(
        Code.ABORTED, 409, "HEAD cannot be deleted; check another version out first"
    ),
    Reason.JOB_FINISHED: Spec(Code.ABORTED, 409, "the job is finished"),
    Reason.IDEMPOTENCY_IN_PROGRESS: Spec(
        Code.ABORTED, 409, "a request with this Idempotency-Key is still running"
    ),
    Reason.PAYLOAD_TOO_LARGE: Spec(
        Code.RESOURCE_EXHAUSTED, 413, "the request body is larger than this endpoint takes"
    ),
    Reason.IDEMPOTENCY_MISMATCH: Spec(
        Code.FAILED_PRECONDITION, 422, "this Idempotency-Key was used with another request body"
    ),
    Reason.KERNEL_REFUSED: Spec(
        Code.FAILED_PRECONDITION, 422, "the kernel refused the world; nothing was stored"
    ),
    Reason.UNPROCESSABLE_CREATION: Spec(
        Code.FAILED_PRECONDITION, 422, "the world cannot be created as asked"
    ),
    Reason.UNREADABLE_FRAME: Spec(
        Code.FAILED_PRECONDITION, 422, "the frame is not a picture that can be read"
    ),
    Reason.SESSION_CAPACITY: Spec(
        Code.RESOURCE_EXHAUSTED, 429, "live session capacity reached", retry_after_s=5
    ),
    Reason.JOB_CAPACITY: Spec(
        Code.RESOURCE_EXHAUSTED,
        429,
        "this app has as many unfinished jobs as it may have; nothing was created or charged",
        retry_after_s=5,
    ),
    Reason.RATE_LIMITED: Spec(
        Code.RESOURCE_EXHAUSTED, 429, "request rate limit; nothing was done", retry_after_s=1
    ),
    Reason.OVER_SHARE: Spec(
        Code.RESOURCE_EXHAUSTED,
        429,
        "this caller has its share of what the server can do at once; nothing was done",
        retry_after_s=1,
    ),
    Reason.STORE_UNAVAILABLE: Spec(
        Code.UNAVAILABLE, 503, "the store is unavailable; nothing was changed", retry_after_s=1
    ),
    Reason.RUNTIME_UNAVAILABLE: Spec(
        Code.UNAVAILABLE, 503, "the runtime is unavailable; nothing was charged", retry_after_s=2
    ),
    Reason.RUNTIME_NOT_CONFIGURED: Spec(
        Code.UNAVAILABLE, 503, "the runtime is not configured", retry_after_s=60
    ),
    Reason.AUTHOR_UNAVAILABLE: Spec(
        Code.UNAVAILABLE, 503, "the author is unavailable; nothing was charged", retry_after_s=5
    ),
    # An operator who configures one, or a model that declines: neither is soon over.
    Reason.VISION_UNAVAILABLE: Spec(
        Code.UNAVAILABLE, 503, "nobody can look at frames here at the moment", retry_after_s=30
    ),
    Reason.PICTURES_UNAVAILABLE: Spec(
        Code.UNAVAILABLE, 503, "no picture could be drawn; nothing was charged", retry_after_s=5
    ),
    Reason.BRAIN_UNAVAILABLE: Spec(
        Code.UNAVAILABLE,
        503,
        "the character cannot answer now; nothing was charged",
        retry_after_s=5,
    ),
    Reason.VOICE_UNAVAILABLE: Spec(
        Code.UNAVAILABLE,
        503,
        "nobody can speak here at the moment; nothing was charged",
        retry_after_s=10,
    ),
    Reason.EDITOR_UNAVAILABLE: Spec(
        Code.UNAVAILABLE, 503, "the editor is unavailable; nothing was charged", retry_after_s=5
    ),
    Reason.ISSUER_UNAVAILABLE: Spec(
        Code.UNAVAILABLE,
        503,
        "the identity provider is unavailable; nothing was changed",
        retry_after_s=5,
    ),
    Reason.ASSETS_UNAVAILABLE: Spec(
        Code.UNAVAILABLE,
        503,
        "pictures cannot be kept or read now; nothing was created or charged",
        retry_after_s=2,
    ),
    Reason.OVERLOADED: Spec(
        Code.UNAVAILABLE, 503, "the server is busy; nothing was changed", retry_after_s=1
    ),
    Reason.STREAM_INTERRUPTED: Spec(
        Code.UNAVAILABLE, 503, "the stream was interrupted; resume where it ended", retry_after_s=1
    ),
    Reason.DEADLINE_EXCEEDED: Spec(Code.DEADLINE_EXCEEDED, 504, "the deadline passed"),
    Reason.OUTCOME_UNKNOWN: Spec(
        Code.DEADLINE_EXCEEDED,
        504,
        "the store did not confirm the change in time; read before you write again",
    ),
    Reason.INTERNAL: Spec(Code.INTERNAL, 500, "internal error"),
    Reason.CANCELLED: Spec(Code.CANCELLED, 499, "the caller went away"),
}
