"""The failures that Conjure knows, as exceptions that carry data and no transport.

    AppError
    ├── MalformedRequest · InvalidField · ConflictingPreconditions · InvalidCursor · InapplicableEdit
    ├── LimitReached
    ├── MissingCredential · InvalidCredential · MissingScope
    ├── QuotaExceeded · SessionMinutesExhausted · SessionCapacity · JobCapacity · RateLimited
    ├── OverShare · NotFound · RevisionConflict · VersionIsHead · JobFinished
    ├── IdempotencyInProgress · IdempotencyMismatch · MethodNotAllowed · PayloadTooLarge
    ├── KernelRefused · UnprocessableCreation · UnreadableFrame
    ├── StoreUnavailable · RuntimeUnavailable · RuntimeNotConfigured · AuthorUnavailable
    ├── EditorUnavailable · VisionUnavailable · PicturesUnavailable · AssetsUnavailable
    ├── BrainUnavailable · VoiceUnavailable
    ├── IssuerUnavailable · Relayed
    └── Overloaded · StreamInterrupted · DeadlineExceeded · OutcomeUnknown · Internal · StoredDataUnreadable

Domains raise them; `rpc.errors` alone turns them into answers, with the numbers of `core.catalog`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Reason(StrEnum):
    """Why a call failed, for programs. The same names as `conjure.v1.Reason` (a test compares)."""

    MALFORMED_REQUEST = "MALFORMED_REQUEST"
    INVALID_FIELD = "INVALID_FIELD"
    CONFLICTING_PRECONDITIONS = "CONFLICTING_PRECONDITIONS"
    INVALID_CURSOR = "INVALID_CURSOR"
    INAPPLICABLE_EDIT = "INAPPLICABLE_EDIT"
    MISSING_CREDENTIAL = "MISSING_CREDENTIAL"
    INVALID_CREDENTIAL = "INVALID_CREDENTIAL"
    MISSING_SCOPE = "MISSING_SCOPE"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    SESSION_MINUTES_EXHAUSTED = "SESSION_MINUTES_EXHAUSTED"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    REVISION_CONFLICT = "REVISION_CONFLICT"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    KERNEL_REFUSED = "KERNEL_REFUSED"
    UNPROCESSABLE_CREATION = "UNPROCESSABLE_CREATION"
    SESSION_CAPACITY = "SESSION_CAPACITY"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    RUNTIME_UNAVAILABLE = "RUNTIME_UNAVAILABLE"
    RUNTIME_NOT_CONFIGURED = "RUNTIME_NOT_CONFIGURED"
    AUTHOR_UNAVAILABLE = "AUTHOR_UNAVAILABLE"
    EDITOR_UNAVAILABLE = "EDITOR_UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    INTERNAL = "INTERNAL"
    CANCELLED = "CANCELLED"
    OVERLOADED = "OVERLOADED"
    VERSION_IS_HEAD = "VERSION_IS_HEAD"
    STREAM_INTERRUPTED = "STREAM_INTERRUPTED"
    RATE_LIMITED = "RATE_LIMITED"
    OVER_SHARE = "OVER_SHARE"
    LIMIT_REACHED = "LIMIT_REACHED"
    ISSUER_UNAVAILABLE = "ISSUER_UNAVAILABLE"
    JOB_FINISHED = "JOB_FINISHED"
    JOB_CAPACITY = "JOB_CAPACITY"
    UNREADABLE_FRAME = "UNREADABLE_FRAME"
    VISION_UNAVAILABLE = "VISION_UNAVAILABLE"
    PICTURES_UNAVAILABLE = "PICTURES_UNAVAILABLE"
    ASSETS_UNAVAILABLE = "ASSETS_UNAVAILABLE"
    BRAIN_UNAVAILABLE = "BRAIN_UNAVAILABLE"
    VOICE_UNAVAILABLE = "VOICE_UNAVAILABLE"


class Finding(Protocol):
    """What the kernel has found, as far as an error carries it (`kernel.Diagnostic`)."""

    def to_json(self) -> dict[str, Any]:
        """The KernelDiagnostic of CONTRACT 9."""
        ...


class AppError(Exception):
    """A failure with a public face.

    `detail` replaces the catalog's text; `errors` names fields; `diagnostics` are the kernel's;
    `retry_after_s` (seconds) replaces the catalog's `Retry-After`. All of them are shown to the
    caller, so nothing of a library's text goes in.
    """

    reason: ClassVar[Reason] = Reason.INTERNAL
    is_replayed = False
    """Whether this is what a first call with the same Idempotency-Key was answered, too (CONTRACT 0)."""
    omitted_diagnostics = 0
    """How many more findings there are than `diagnostics` has."""

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[str] = (),
        diagnostics: Sequence[Finding] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(detail or self.reason.value)
        self.detail = detail
        self.errors = tuple(errors)
        self.diagnostics = tuple(diagnostics)
        self.retry_after_s = retry_after_s


class MalformedRequest(AppError):
    """The request cannot be read at all."""

    reason = Reason.MALFORMED_REQUEST


class InvalidField(AppError):
    """A field is missing, ill-typed or out of range; `errors` says which."""

    reason = Reason.INVALID_FIELD

    def __init__(self, *errors: str) -> None:
        super().__init__(errors[0] if len(errors) == 1 else None, errors=errors)


class ConflictingPreconditions(AppError):
    """`If-Match` and `expectedRev` differ (CONTRACT 0)."""

    reason = Reason.CONFLICTING_PRECONDITIONS


class InvalidCursor(AppError):
    """A page cursor that this list did not make."""

    reason = Reason.INVALID_CURSOR


class InapplicableEdit(AppError):
    """An edit that this world cannot take."""

    reason = Reason.INAPPLICABLE_EDIT


class LimitReached(AppError):
    """As many things of a kind as there may be at a time; nothing was made."""

    reason = Reason.LIMIT_REACHED


class MissingCredential(AppError):
    """No credential of the scheme that is asked for."""

    reason = Reason.MISSING_CREDENTIAL


class InvalidCredential(AppError):
    """A credential that does not hold; never says why."""

    reason = Reason.INVALID_CREDENTIAL


class MissingScope(AppError):
    """A valid key that lacks the scope."""

    reason = Reason.MISSING_SCOPE

    def __init__(self, scope: str) -> None:
        super().__init__(f"this API key lacks the scope {scope}")
        self.scope = scope


class QuotaExceeded(AppError):
    """The day's cap of a unit is reached; nothing was created or charged."""

    reason = Reason.QUOTA_EXCEEDED

    def __init__(self, unit: str) -> None:
        super().__init__(f"daily {unit} quota exceeded")
        self.unit = unit


class SessionMinutesExhausted(AppError):
    """The day's `session_seconds` do not cover another lease."""

    reason = Reason.SESSION_MINUTES_EXHAUSTED


class SessionCapacity(AppError):
    """No free slot, in the tenant or in the whole system."""

    reason = Reason.SESSION_CAPACITY


class JobCapacity(AppError):
    """The app has as many unfinished jobs as it may have."""

    reason = Reason.JOB_CAPACITY


class RateLimited(AppError):
    """The caller calls more often than it may; nothing was done."""

    reason = Reason.RATE_LIMITED


class OverShare(AppError):
    """The caller has its share of what the server can do at once; nothing was done."""

    reason = Reason.OVER_SHARE


class NotFound(AppError):
    """Not there, or somebody else's."""

    reason = Reason.NOT_FOUND


class MethodNotAllowed(AppError):
    """No RPC answers to this call."""

    reason = Reason.METHOD_NOT_ALLOWED


class RevisionConflict(AppError):
    """The asserted revision is not the current one."""

    reason = Reason.REVISION_CONFLICT


class VersionIsHead(AppError):
    """The version is what the working graph descends from: it stays."""

    reason = Reason.VERSION_IS_HEAD


class JobFinished(AppError):
    """The job has a final status: nothing is left to be cancelled."""

    reason = Reason.JOB_FINISHED

    def __init__(self, status: str) -> None:
        said = "was cancelled" if status == "cancelled" else f"has {status}"
        super().__init__(f"the job is finished: it {said}")


class IdempotencyInProgress(AppError):
    """The first call with this Idempotency-Key has not ended."""

    reason = Reason.IDEMPOTENCY_IN_PROGRESS


class IdempotencyMismatch(AppError):
    """The Idempotency-Key belongs to another body."""

    reason = Reason.IDEMPOTENCY_MISMATCH


class PayloadTooLarge(AppError):
    """The body is over the limit of this RPC."""

    reason = Reason.PAYLOAD_TOO_LARGE


class KernelRefused(AppError):
    """The kernel found errors; nothing was stored. `omitted` is how many findings the list lacks."""

    reason = Reason.KERNEL_REFUSED

    def __init__(self, diagnostics: Sequence[Finding], omitted: int = 0) -> None:
        super().__init__(diagnostics=diagnostics)
        self.omitted_diagnostics = omitted


class UnprocessableCreation(AppError):
    """What is asked for is well-formed, and cannot be made."""

    reason = Reason.UNPROCESSABLE_CREATION

    def __init__(self, *errors: str) -> None:
        super().__init__(errors[0] if len(errors) == 1 else None, errors=errors)


class UnreadableFrame(AppError):
    """What was sent as a frame is no picture that can be read; `errors` says what is wrong with it."""

    reason = Reason.UNREADABLE_FRAME

    def __init__(self, *errors: str) -> None:
        super().__init__(errors[0] if len(errors) == 1 else None, errors=errors)


class StoreUnavailable(AppError):
    """The store was not reached: nothing happened."""

    reason = Reason.STORE_UNAVAILABLE


class RuntimeUnavailable(AppError):
    """The runtime did not give a token; the admission was taken back."""

    reason = Reason.RUNTIME_UNAVAILABLE


class RuntimeNotConfigured(AppError):
    """There is no runtime."""

    reason = Reason.RUNTIME_NOT_CONFIGURED


class AuthorUnavailable(AppError):
    """The author did not deliver; the unit was given back."""

    reason = Reason.AUTHOR_UNAVAILABLE


class VisionUnavailable(AppError):
    """No vision provider, or it did not look; nothing was charged."""

    reason = Reason.VISION_UNAVAILABLE


class PicturesUnavailable(AppError):
    """No picture could be drawn; nothing was charged."""

    reason = Reason.PICTURES_UNAVAILABLE


class EditorUnavailable(AppError):
    """The editor did not deliver; the unit was given back."""

    reason = Reason.EDITOR_UNAVAILABLE


class BrainUnavailable(AppError):
    """The character did not answer; the unit was given back."""

    reason = Reason.BRAIN_UNAVAILABLE


class VoiceUnavailable(AppError):
    """No voice, or it did not speak; the unit was given back."""

    reason = Reason.VOICE_UNAVAILABLE


class IssuerUnavailable(AppError):
    """The keys to verify a user session with cannot be had."""

    reason = Reason.ISSUER_UNAVAILABLE


class AssetsUnavailable(AppError):
    """Pictures cannot be kept or read now; nothing was made or charged."""

    reason = Reason.ASSETS_UNAVAILABLE


class Overloaded(AppError):
    """The process has as many calls as it takes; nothing was done."""

    reason = Reason.OVERLOADED


class StreamInterrupted(AppError):
    """The server ends a stream that its caller may resume where it ended."""

    reason = Reason.STREAM_INTERRUPTED


class Relayed(AppError):
    """What another process has refused a call with, in its words, for whoever called over gRPC.

    `status` is that answer, as the transport has it.
    """

    def __init__(self, reason: Reason, status: BaseException) -> None:
        super().__init__()
        self.reason = reason  # type: ignore[misc]  # of this one
        self.status = status


class TooHeavy(Exception):
    """Not for this process: what a call is about would hold its event loop up (`conjure.rpc.heavy`).

    Raised before the call has had an effect.
    """


class DeadlineExceeded(AppError):
    """The caller's deadline, or ours, passed."""

    reason = Reason.DEADLINE_EXCEEDED


class OutcomeUnknown(AppError):
    """The store was asked to write and did not answer, nor come back in time to be asked again."""

    reason = Reason.OUTCOME_UNKNOWN


class Internal(AppError):
    """A fault of ours."""

    reason = Reason.INTERNAL


class StoredDataUnreadable(Internal):
    """What the store holds cannot be read: no fault of the caller's, whatever he asked for."""
