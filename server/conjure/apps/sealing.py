"""The plaintext of a new key, for whoever repeats its creation with the same Idempotency-Key (CONTRACT 0).

"The first response again" has the key in it, and the store must not: it is sealed (XSalsa20-Poly1305) under
a key that nobody has but who knows the text of the Idempotency-Key, of which the store has only the
SHA-256. It is forgotten with the record, after a day.

What that is worth: as much as the Idempotency-Key is hard to guess. With a UUID, as clients make them, a
copy of the store says nothing. One like `1` is found by trying, by whoever has read the store within that
day (or a backup of it). A slow hash would not help, as the store has the plain SHA-256 to try against.
Without the header nothing is kept at all.
"""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Final

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from conjure.core.errors import StoredDataUnreadable

_SALT: Final = 16  # bytes
_PERSON: Final = b"conjure-new-key"  # at most 16 bytes: keys for other uses are others


def seal(plaintext: str, idempotency_key: str, *context: str) -> str:
    """Returns `plaintext` sealed under an Idempotency-Key, as text. `context`: whose it is."""
    salt = os.urandom(_SALT)
    sealed = SecretBox(_derived(salt, idempotency_key, context)).encrypt(plaintext.encode())
    return base64.b64encode(salt + sealed).decode()


def unseal(sealed: str, idempotency_key: str, *context: str) -> str:
    """Returns what was sealed. Raises StoredDataUnreadable for what was not sealed under the same."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        salt, box = raw[:_SALT], raw[_SALT:]
        return SecretBox(_derived(salt, idempotency_key, context)).decrypt(box).decode()
    except (CryptoError, ValueError) as error:
        raise StoredDataUnreadable from error


def _derived(salt: bytes, idempotency_key: str, context: tuple[str, ...]) -> bytes:
    made = hashlib.blake2b(digest_size=SecretBox.KEY_SIZE, salt=salt, person=_PERSON)
    for text in (idempotency_key, *context):
        part = text.encode("utf-8", "surrogatepass")
        made.update(len(part).to_bytes(8, "big") + part)
    return made.digest()
