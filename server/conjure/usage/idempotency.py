"""`Idempotency-Key`: a retried POST is answered as the first time, and charged once (CONTRACT 0).

What is remembered of a first answer is a pointer (which world, which revision, which token id), never a body:
the answer is made again from that. The exception is a turn of a talk: the one of a named player may be folded
away by then, and that of `anon` is kept nowhere, so it is what the character said (`TalkStore.end_turn`),
which is bounded. The record is written by the script that has the effect, which includes
`idempotency.lua`, so that neither can be there without the other. A key belongs to app, mode and route, or to
a user and route; of what players do, to the player besides.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from conjure.core import jsondoc
from conjure.core.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidField,
)
from conjure.store import keyspace

if TYPE_CHECKING:
    from conjure.core.caller import Tenant

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_CORRECTED: Final = (
    "this Idempotency-Key was used with another request body, which was refused: send the corrected one"
    " under a new key"
)
COUNTED_AS: Final = {
    b"replay": "replayed",
    b"refused": "replayed",
    b"running": "in_progress",
    b"mismatch": "mismatch",
    b"corrected": "mismatch",
}
"""What `first_answer` of idempotency.lua says, by the label that decisions about units are counted under."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """An `Idempotency-Key` with the hash of the request that it came with."""

    route: str
    key_hash: str
    body_hash: str

    @classmethod
    def of(cls, route: str, key: str | None, *request: Any, owner: str = "") -> Self | None:
        """Reads the header of a call of `route`; `request` is all that the call asks for, as JSON values.

        Spacing and the order of members do not count. `owner`: whose key it is, where it is not all of the
        tenant's or the user's: the same key of another is another key. None without a header. Raises
        InvalidField.
        """
        if key is None:
            return None
        if not _KEY.fullmatch(key):
            raise InvalidField("Idempotency-Key must have 1 to 255 visible ASCII characters")
        body = hashlib.sha256(jsondoc.canonical(list(request))).hexdigest()
        owned = f"{owner}\0{key}" if owner else key  # no key has a NUL
        return cls(route, hashlib.sha256(owned.encode()).hexdigest(), body)

    def key(self, scope: Tenant | str) -> str:
        """Its key in the store: scoped to the route, and to app and mode or to a user (`keyspace.user`)."""
        return keyspace.idempotency(scope, self.route, self.key_hash)


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What a first call answered: the ids that its script was given, and those that it found."""

    members: dict[str, Any]
    slug: str | None
    rev: str


class Refused(Exception):
    """The first call with this key and body was refused by the kernel."""


def first_answer(outcome: bytes, rest: list[bytes], key: str) -> FirstAnswer:
    """Reads what `first_answer` of idempotency.lua says of a `key` that is not free.

    Raises IdempotencyInProgress, IdempotencyMismatch, Refused.
    """
    match outcome:
        case b"replay":
            answer, slug, rev = rest
            members = jsondoc.load_stored(answer, key)
            # Until 0.2 slug and revision stood among the members.
            slug_text = slug.decode() or members.pop("slug", None)
            return FirstAnswer(members, slug_text, rev.decode() or members.pop("rev", "1"))
        case b"running":
            raise IdempotencyInProgress
        case b"refused":
            raise Refused
        case b"corrected":
            raise IdempotencyMismatch(_CORRECTED)
        case _:
            raise IdempotencyMismatch
