"""Tokens by the million: valid, damaged in one or two places, and forged. A seed and a time make the same ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nacl.signing import SigningKey

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

ISSUER: Final = "https://conjure.example"
AUDIENCE: Final = "authenticated"
LEEWAY_S: Final = 30
SECRET: Final = "a secret of more than thirty-two bytes"
KEYS: Final = {f"key-{n}": SigningKey(bytes([n]) * 32) for n in (1, 2)}
_STRANGER: Final = SigningKey(b"s" * 32)
_URL: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_OTHER: Final = [
    "+",
    "/",
    "=",
    ".",
    " ",
    "\n",
    "\t",
    "\0",
    "\x7f",
    "~",
    "%",
    "é",
    "\uff21",
    "\U0001d400",
    "\ud800",
    "\u200b",
]

RAW: Final = [
    b"", b"{}", b"[]", b"null", b"true", b"5", b'"x"', b"{", b"}", b"[[", b'{"a"}', b"\xff", b'{"a":"\xff"}',
    b'{"a":"\xed\xa0\x80"}', b'{"a":"\xc0\x80"}', b"\xef\xbb\xbf{}", b"{}\x00", b"{}x", b"{'a':1}", b'{"a":1,}',
    b'{"a":01}', b'{"a":+1}', b'{"a":.5}', b'{"a":"\t"}', b'{"a":"\\x"}', b"\x0c{}", b'{"alg":"EdDSA"}',
]  # fmt: skip
"""Headers and claims that are none, or say nothing."""

VALUES: Final = [
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e300", "1E5", "-0", "0", "0.0", "-0.0", "-1", "0.5", "1e-400",
    str(2**53 + 1), str(2**63 - 1), str(2**63), str(2**64 - 1), str(2**64), str(-(2**63)), str(-(2**63) - 1),
    str(10**30), str(10**308), "1" * 310, "9" * 4_301, "0." + "7" * 400, "253402300799", "253402300800",
    "253402300799.5", "null", "true", "false", '""', '"x"', '"5"', '"9999999999"', '"\\ud800"', '"\\udc00\\ud800"',
    '"\\ud83d\\ude00"', '"😀"', '"\\u0000"', '"é"', "[]", "{}", "[1]", '["x"]', f'["{AUDIENCE}"]',
    f'["x","{AUDIENCE}",5]', f'["x","{AUDIENCE}"]', f'"{AUDIENCE}"', f'"{ISSUER}"', '{"a":{"b":[1,2.5,null]}}',
    '{"a":1,"a":2}', '{"a":"\\ud800","a":2}', '{"\\ud800":1}', "[[[[]]]]",
]  # fmt: skip
"""JSON, or what some readers take for it, to stand where another value should."""

ALGORITHMS: Final = [
    '"none"', '"None"', '"NONE"', '"HS256"', '"HS384"', '"RS256"', '"ES256"', '"EdDSA"', '"eddsa"', '"Ed25519"',
    '" EdDSA"', '"EdDSA\\u0000"', '"\\u0045dDSA"', '""', "null", "5", "true", '["EdDSA"]', '["HS256"]', "{}",
]  # fmt: skip
CRITICAL: Final = [
    "[]",
    '["b64"]',
    '["exp"]',
    '["b64","exp"]',
    '"b64"',
    "[5]",
    "null",
    "{}",
    "[[]]",
    "false",
]
DEPTHS: Final = [10, 400, 600, 1_030, 1_100, 3_000]
"""Between 900 and 1,030 what the library reads depends on how deep its caller's stack is."""

Members = list[tuple[str, str]]
"""The members of an object, each value as JSON: any may stand twice, or be no JSON."""


def encoded(data: bytes) -> str:
    """Base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def text_of(members: Members, separator: str = ",") -> bytes:
    """An object of these members, as JSON."""
    inner = separator.join(f"{json.dumps(name)}:{value}" for name, value in members)
    return f"{{{inner}}}".encode()


@dataclass
class Forger:
    """Makes tokens of one algorithm: `EdDSA` with one of `KEYS`, `HS256` with `SECRET`."""

    random: random.Random
    algorithm: str
    now_s: int
    _last: str = field(default="a.b.c", init=False)

    def token(self) -> str:
        """Returns a token: one in eight is untouched."""
        pick = self.random.random()
        count = 0 if pick < 0.125 else 1 if pick < 0.8 else 2
        kinds = self.random.choices(
            ("header", "claims", "encoding", "signature", "text"), (6, 8, 3, 2, 6), k=count
        )
        kid = self.random.choice(tuple(KEYS))
        header, claims = self._header(kid), self._claims()
        for _ in range(kinds.count("header")):
            header = self.random.choice(_HEADERS)(self, header)
        for _ in range(kinds.count("claims")):
            claims = self.random.choice(_CLAIMS)(self, claims)
        parts = [
            encoded(
                part
                if isinstance(part, bytes)
                else text_of(part, self.random.choice((",", " ,\n")))
            )
            for part in (header, claims)
        ]
        signed = ".".join(parts)
        for _ in range(kinds.count("encoding")):
            signed = _hurt_part(self, signed)  # and signed as it is: only reading it can tell
        as_bytes = signed.encode("utf-8", "surrogatepass")
        signature = self._signature(as_bytes, kid)
        for _ in range(kinds.count("signature")):
            signature = self._wrong_signature(as_bytes, signature)
        token = f"{signed}.{encoded(signature)}"
        for _ in range(kinds.count("text")):
            token = self.random.choice(_TEXTS)(self, token)
        self._last = token
        return token

    def _header(self, kid: str) -> Members:
        return [("alg", f'"{self.algorithm}"'), ("kid", f'"{kid}"'), ("typ", '"JWT"')]

    def _claims(self) -> Members:
        n = self.random.randrange(10**6)
        return [
            ("iss", f'"{ISSUER}"'), ("aud", f'"{AUDIENCE}"'), ("sub", f'"player-{n}"'), ("jti", f'"{n:032x}"'),
            ("iat", str(self.now_s - n % 100)), ("exp", str(self.now_s + 600 + n)), ("wid", f'"{n:036x}"'),
        ]  # fmt: skip

    def _signature(self, signed: bytes, kid: str) -> bytes:
        if self.algorithm == "HS256":
            return hmac.digest(SECRET.encode(), signed, "sha256")
        return KEYS[kid].sign(signed).signature

    def _wrong_signature(self, signed: bytes, true: bytes) -> bytes:
        position = self.random.randrange(len(true) or 1)
        other = self.random.choice(tuple(KEYS.values()))
        return self.random.choice((
            b"", true[:-1], true + b"\0", true[::-1], bytes(len(true)), true + true,
            true[:position] + bytes([true[position] ^ 1 << self.random.randrange(8)]) + true[position + 1 :],
            _STRANGER.sign(signed).signature, other.sign(signed).signature, other.sign(signed + b"x").signature,
            # The public key, which everybody has, as a shared secret.
            hmac.digest(bytes(other.verify_key), signed, "sha256"), hmac.digest(b"", signed, "sha256"),
            hashlib.sha256(signed).digest(), self.random.randbytes(64),
            # S + L: the signature of one who reads S as a number and not as the smallest one (RFC 8032, 5.1.7).
            true[:32] + ((int.from_bytes(true[32:64], "little") + _ORDER) % 2**256).to_bytes(32, "little"),
        ) if true else (b"", b"x"))  # fmt: skip


_ORDER: Final = 2**252 + 27742317777372353535851937790883648493


# ---- what is signed: members, or bytes that are no object -----------------------------------------------------------


def _with(forger: Forger, part: Members | bytes, name: str, value: str) -> Members | bytes:
    """The part with a member of this value: in the place of one, before it, or after it (so that it stands twice)."""
    if isinstance(part, bytes):
        return part
    at = next((i for i, (other, _) in enumerate(part) if other == name), len(part))
    end = forger.random.choice((at, at + 1, at + 1, at + 1))
    start = at if forger.random.random() < 0.8 else end
    return [*part[:start], (name, value), *part[end:]]


def _without(forger: Forger, part: Members | bytes) -> Members | bytes:
    if isinstance(part, bytes) or not part:
        return part
    at = forger.random.randrange(len(part))
    return part[:at] + part[at + 1 :]


def _raw(forger: Forger, part: Members | bytes) -> bytes:
    return forger.random.choice(RAW)


def _hurt_bytes(forger: Forger, part: Members | bytes) -> bytes:
    """Its text with a byte of another value, without one, cut, in another encoding, with something before or after."""
    text = part if isinstance(part, bytes) else text_of(part)
    at, random = forger.random.randrange(len(text) or 1), forger.random
    kind = random.randrange(9)
    if kind < 3:
        return text[:at] + bytes([random.randrange(256)]) + text[at + 1 :]
    if kind == 3:
        return text[:at] + text[at + 1 :]
    if kind == 4:
        return text[:at]
    if kind == 5:
        return random.choice((b"\xef\xbb\xbf", b" \n", b"\x0b", b"\0", b"\xa0")) + text
    if kind == 6:
        return text + random.choice((b" \r\n\t", b"\0", b"x", b"{}", b"\x1a", b","))
    if kind == 7:
        as_text = text.decode("utf-8", "replace")
        return as_text.encode(
            random.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"))
        )
    return text.replace(b'"', b"'")


def _deep(forger: Forger, part: Members | bytes) -> Members | bytes:
    depth = forger.random.choice(DEPTHS)
    begin, end = forger.random.choice((("[", "]"), ('{"a":', "}")))
    inner = "1" if begin != "[" else ""
    return _with(forger, part, "x", begin * depth + inner + end * depth)


def _member(*names: str, values: list[str]) -> Callable[[Forger, Any], Members | bytes]:
    def changed(forger: Forger, part: Members | bytes) -> Members | bytes:
        return _with(forger, part, forger.random.choice(names), forger.random.choice(values))

    return changed


def _time(forger: Forger, part: Members | bytes) -> Members | bytes:
    """A time well before or after now: which it is must not depend on who looks first."""
    random = forger.random
    at = forger.now_s + random.choice((-1, 1)) * random.choice(
        (LEEWAY_S - 20, LEEWAY_S + 600, 10**6, 10**9)
    )
    form = random.choice(("{}", "{}.0", "{}.75", "{}e0", '"{}"', "{}E0", "[{}]"))
    return _with(forger, part, random.choice(("exp", "iat", "nbf")), form.format(at))


def _b64(forger: Forger, part: Members | bytes) -> Members | bytes:
    value = forger.random.choice(("false", "true", '"false"', "0", "null"))
    changed = _with(forger, part, "b64", value)
    if forger.random.random() < 0.5:
        changed = _with(forger, changed, "crit", '["b64"]')
    return changed


_HEADERS: Final = [
    _member("alg", values=ALGORITHMS),
    _member("alg", values=VALUES),
    _member("kid", values=[*VALUES, '"key-1"', '"key-2"', '"key-3"', '"key-1 "', '"\\u006bey-1"']),
    _member("typ", values=['"at+jwt"', '"jwt"', '"JOSE"', *VALUES]),
    _member("crit", values=CRITICAL),
    _member("x", "jku", "jwk", "x5c", "cty", "zip", "Alg", "", values=VALUES),
    _b64, _without, _raw, _hurt_bytes, _deep,
]  # fmt: skip
_CLAIMS: Final = [
    _member("exp", "iat", "nbf", values=VALUES),
    _member("iss", "sub", "jti", "aud", values=VALUES),
    _member("x", "wid", "mode", "exp ", "", "é", "\0", values=VALUES),
    _time, _time, _without, _raw, _hurt_bytes, _deep,
]  # fmt: skip


# ---- the text as it is sent ------------------------------------------------------------------------------------------


def _hurt_character(forger: Forger, token: str) -> str:
    random = forger.random
    at = random.randrange(len(token) + 1)
    other = random.choice(_URL) if random.random() < 0.5 else random.choice(_OTHER)
    return token[:at] + random.choice(("", other, other)) + token[at + random.randrange(2) :]


def _hurt_part(forger: Forger, token: str) -> str:
    """A part emptied, cut, extended, padded, with other trailing bits, in another alphabet, doubled, or of another."""
    random, parts = forger.random, token.split(".")
    at = random.randrange(len(parts))
    part, others = parts[at], forger._last.split(".")
    cut = random.randrange(len(part) + 1)
    parts[at] = random.choice((
        "", part[:cut], part[cut:], part + random.choice(_URL) * random.randrange(1, 5),
        part + "=" * random.randrange(1, 5), part + "=" * (-len(part) % 4), part[:cut] + "=" + part[cut:],
        _trailing_bits(random, part), _trailing_bits(random, part), part.translate(_STANDARD), part.swapcase(),
        f" {part}", f"{part}\n", part + part, others[at % len(others)], part[:cut] + random.choice(" \n!.é") * 4 + part[cut:], encoded(encoded(b"x").encode()),
        part[:cut] + "\r\n" + part[cut:], part.replace("A", "%41"),
    ))  # fmt: skip
    return ".".join(parts)


def _trailing_bits(random: random.Random, part: str) -> str:
    if not part or part[-1] not in _URL:
        return part
    return part[:-1] + _URL[_URL.index(part[-1]) ^ random.randrange(1, 16)]


_STANDARD: Final = str.maketrans("-_", "+/")


def _hurt_shape(forger: Forger, token: str) -> str:
    """Parts left out, added, swapped; something before or after."""
    random, parts = forger.random, token.split(".")
    at = random.randrange(len(parts))
    return random.choice((
        "", ".", "..", "...", token + ".", "." + token, token + ".x", token + ".x.y", ".".join(parts[:at]),
        ".".join(parts[:at] + parts[at + 1 :]), ".".join(parts[::-1]), ".".join([*parts, parts[at]]),
        "..".join(parts), f"{parts[0]}..{parts[-1]}", f"{parts[0]}.{parts[-1]}", ".".join(parts[:2]) + ".",
        f" {token}", f"{token} ", f"{token}\n", f"\ufeff{token}", f"Bearer {token}", token + token, token * 5,
        forger._last, token.replace(".", ","), token.replace(".", "\uff0e"), token.lower(), json.dumps(token),
    ))  # fmt: skip


_TEXTS: Final = [_hurt_character, _hurt_part, _hurt_part, _hurt_shape]
