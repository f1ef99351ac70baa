"""An `Idempotency-Key` and the body it came with (CONTRACT 0)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from conjure.core.errors import InvalidField
from conjure.store import keyspace

if TYPE_CHECKING:
    from conjure.core.caller import Tenant

_IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Idempotency:
    """An `Idempotency-Key` with the hash of the body it came with (CONTRACT 0)."""

    route: str
    key_hash: str
    body_hash: str

    @classmethod
    def of(cls, route: str, key: str, body: bytes) -> Self:
        """Reads the header. Raises InvalidField."""
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise InvalidField("Idempotency-Key must have 1 to 255 visible ASCII characters")
        return cls(
            route, hashlib.sha256(key.encode()).hexdigest(), hashlib.sha256(body).hexdigest()
        )

    def key(self, tenant: Tenant) -> str:
        """Its key in the store: scoped to app, mode and route."""
        return keyspace.idempotency(tenant, self.route, self.key_hash)
