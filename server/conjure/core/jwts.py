"""JSON Web Tokens as they come in: one spelling of each, claims of the right types (RFC 7515, 7519).

PyJWT decides about a token: its algorithm, its signature, its claims. Reading it is ours, for two reasons.

- A token is read as strictly as a body, since what it says goes on to the store and to answers. PyJWT takes
  `=` after a part, and any JSON that Python reads: lone surrogates, NaN, times as texts.
- PyJWT looks at each character in Python, and reads the same few headers again for every token.

What PyJWT refuses is refused here too: a property test compares both (`tests/unit/core/test_jwts.py`).
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any, Final

import jwt
import orjson

from conjure.core.lru import LruCache

if TYPE_CHECKING:
    from jwt.algorithms import Algorithm

_TIMES: Final = ("exp", "iat", "nbf")
_TEXTS: Final = ("iss", "sub", "jti")
_LATEST_S: Final = 253_402_300_799
"""Unix seconds of the end of the year 9999: a later time is no time."""

_TO_STANDARD: Final = bytes.maketrans(b"-_+/=", b"+/###")
_LAST_CHARACTERS: Final = {0: None, 1: b"", 2: b"AQgw", 3: b"AEIMQUYcgkosw048"}
"""What a part may end with, by its length modulo 4: the bits of its last character that say nothing are 0."""

_MAX_HEADERS: Final = 64  # remembered: a few of ours, the rest are strangers'
_MAX_HEADER: Final = 512  # characters of one that is: ours have 95
_MAX_BRACKETS: Final = 500  # surely within what PyJWT reads: some 900 deep, as the stack allows


class Compact(jwt.PyJWS):
    """Reads the compact form (RFC 7515, 7.1): no padding, one spelling of each part, each header once."""

    def __init__(self) -> None:
        super().__init__(algorithms=[])
        self._headers: LruCache[str, dict[str, str]] = LruCache(_MAX_HEADERS)

    def header_of(self, token: str) -> dict[str, Any]:
        """Returns what a token says of itself; nothing of it is verified. Raises InvalidTokenError."""
        known = self._headers.get(token.partition(".")[0])
        return self.get_unverified_header(token) if known is None else known

    def _load(self, jwt_: str | bytes) -> tuple[bytes, bytes, dict[str, Any], bytes]:
        """Where the library takes a token apart: payload, what is signed, header, signature."""
        if not isinstance(jwt_, str) or not jwt_.isascii():
            raise jwt.DecodeError("a token is a text of ASCII characters")
        head, _, rest = jwt_.partition(".")
        body, dot, signature = rest.encode().rpartition(b".")
        header = self._headers.get(head)
        if header is None or not dot:
            found = super()._load(jwt_)
            # Texts cannot change under whoever got them. And a header with `b64` changes what the parts mean.
            if len(head) <= _MAX_HEADER and all(isinstance(it, str) for it in found[2].values()):
                self._headers.put(head, found[2].copy())
            return found
        return (
            self._decode_base64url_segment(body, "payload"),
            b"%b.%b" % (head.encode(), body),
            header.copy(),
            self._decode_base64url_segment(signature, "crypto"),
        )

    @staticmethod
    def _decode_base64url_segment(segment: bytes, name: str) -> bytes:
        """Where the library decodes a part, and looks at each of its characters."""
        over = len(segment) % 4
        ends = _LAST_CHARACTERS[over]
        if ends is not None and segment[-1] not in ends:
            raise jwt.DecodeError(f"the {name} is not base64url")
        try:
            return binascii.a2b_base64(
                segment.translate(_TO_STANDARD) + b"=" * (-over % 4), strict_mode=True
            )
        except binascii.Error as error:
            raise jwt.DecodeError(f"the {name} is not base64url") from error


class StrictJWT(jwt.PyJWT):
    """PyJWT that knows one algorithm, and reads tokens strictly."""

    def __init__(self, name: str, algorithm: Algorithm) -> None:
        super().__init__()
        self._jws: Compact = Compact()
        self._jws.register_algorithm(name, algorithm)
        self._require_strictness()

    def _decode_payload(self, decoded: dict[str, Any]) -> dict[str, Any]:
        """The library's place for another reader of the claims; their signature holds already."""
        text: bytes = decoded["payload"]
        try:
            claims = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise jwt.DecodeError("the claims are not JSON") from error
        if not isinstance(claims, dict):
            raise jwt.DecodeError("the claims are no object")
        for name in _TIMES:
            if name in claims and not _is_time(claims[name]):
                raise jwt.DecodeError(f"{name} is no time")
        for name in _TEXTS:
            if name in claims and not isinstance(claims[name], str):
                raise jwt.DecodeError(f"{name} is no text")
        if text.count(b"[") + text.count(b"{") > _MAX_BRACKETS:
            super()._decode_payload(decoded)  # raises if they nest too deep for it
        return claims

    def _require_strictness(self) -> None:
        """Raises RuntimeError when a release of PyJWT reads tokens elsewhere than where it is told how to."""
        try:
            # The first is a header that is new, the second one that is known: both ways of `_load`.
            taken = [self._unverified(token) for token in ("e30.e30.AA", "e30.eyJ4IjoxfQ.AA")]
        except Exception as error:  # whatever a changed library raises
            raise RuntimeError(_changed()) from error
        if taken != [{}, {"x": 1}]:
            raise RuntimeError(_changed())
        # PyJWT takes each of them: padding, with a known and a new header, and a NaN.
        for token in ("e30.e30=.AA", "eyJ4IjoieSJ9.e30=.AA", "e30.eyJ4IjpOYU59.AA"):
            try:
                self._unverified(token)
            except jwt.DecodeError:
                continue
            raise RuntimeError(_changed())

    def _unverified(self, token: str) -> dict[str, Any]:
        return self.decode(token, options={"verify_signature": False})


def _changed() -> str:
    return (
        f"PyJWT {jwt.__version__} does not read tokens as conjure.core.jwts tells it to:"
        " install the release of requirements.lock"
    )


def _is_time(value: Any) -> bool:
    """Whether a claim is a NumericDate (RFC 7519, 2): Unix seconds, a fraction is allowed."""
    return type(value) in {int, float} and 0 <= value <= _LATEST_S
