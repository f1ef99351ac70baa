"""POST /v1/sessions/connect: tokens that open nothing (CONTRACT 6.1, 6.2)."""

from __future__ import annotations

import enum
import time
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt import encode as jwt_encode

from support.edge.forgery import assembled, claims_of, encoded, signed, with_hmac
from support.edge.sessions import CONNECT, assert_connected, used
from support.rest import assert_error, connect, mint
from support.until import until

ORIGIN = "https://play.example"


class Claim(enum.Enum):
    """What a claim may be beside a value."""

    GONE = "left out"


GONE = Claim.GONE


@pytest.fixture
async def token(rest, app, world_id) -> str:
    return (await mint(rest, app.secret, world_id))["token"]


@pytest.fixture
async def nothing_taken(rest, app):
    """No refusal may have cost seconds or a slot."""
    yield
    assert (await used(rest, app.secret))["session_seconds"] == 0


async def assert_refused(rest, token: str) -> None:
    """The same refusal whichever way the token comes, and not a word about why."""
    details = set()
    if token and token.isascii() and token.isprintable() and token == token.strip():
        details.add(assert_error(await connect(rest, token), 401)["detail"])
    body = assert_error(await rest.post(CONNECT, json={"token": token}), 401)
    assert set(body) == {"detail", "schemaVersion"}
    assert len(details | {body["detail"]}) == 1


@pytest.mark.usefixtures("nothing_taken")
class TestNoToken:
    @pytest.mark.parametrize("content", [b"", b"{}", b'{"token":null}', b'{"token":""}'])
    async def test_without_a_token_it_is_401(self, rest, content):
        assert_error(await rest.post(CONNECT, content=content), 401)

    @pytest.mark.parametrize("header", ["", "Bearer", "Basic {}", "{}", "Bearer {} {}"])
    async def test_a_header_of_another_form_is_401(self, rest, token, header):
        headers = {"authorization": header.format(token, token)}
        assert_error(await rest.post(CONNECT, headers=headers), 401)

    async def test_a_token_in_the_query_or_a_cookie_is_none(self, rest, token):
        answer = await rest.post(f"{CONNECT}?token={token}", headers={"cookie": f"token={token}"})
        assert_error(answer, 401)

    @pytest.mark.parametrize("value", [5, True, [], {}, ["x"]])
    async def test_an_ill_typed_token_is_400_and_named(self, rest, value):
        body = assert_error(await rest.post(CONNECT, json={"token": value}), 400)
        assert body["errors"][0].startswith("token")

    @pytest.mark.parametrize(
        "content", [b"[]", b"5", b"null", b"{", b'"x"', b"\xff", b'{"token":"\\ud800"}', b"token=x"]
    )
    async def test_a_body_that_is_no_json_object_is_400(self, rest, content):
        assert_error(await rest.post(CONNECT, content=content), 400)

    async def test_a_body_over_a_mebibyte_is_413(self, rest, token):
        content = b'{"token":"%s","x":"%s"}' % (token.encode(), b"x" * (1 << 20))
        assert_error(await rest.post(CONNECT, content=content), 413)


@pytest.mark.usefixtures("nothing_taken")
class TestGarbage:
    @pytest.mark.parametrize(
        "garbage",
        [
            "garbage",
            "a.b.c",
            "..",
            ".",
            "e30.e30.",
            "e30.e30.e30",
            "null",
            " ",
            "é.ü.🌍",
            "\x00",
            "x" * 5000,
            "=.=.=",
            encoded(b"[]") + ".e30.x",
            encoded(b'{"alg":["EdDSA"],"kid":{}}') + ".e30.x",
            encoded(b'{"alg":"EdDSA","kid":null}') + ".e30.x",
            encoded(b'{"alg":"EdDSA","kid":"\\ud800"}') + ".e30.x",
            encoded(b'{"kid":' + b"9" * 3000 + b"}") + ".e30.x",
            pytest.param(encoded(b"[" * 3000) + ".e30.x", id="a header nested 3000 deep"),
            pytest.param(
                encoded(b'{"kid":' * 400 + b"1" + b"}" * 400) + ".e30.x", id="objects 400 deep"
            ),
        ],
    )
    async def test_what_is_no_token_is_401(self, rest, garbage):
        await assert_refused(rest, garbage)


@pytest.mark.usefixtures("nothing_taken")
class TestForged:
    async def test_a_tampered_token_is_401(self, rest, token):
        header, payload, signature = token.split(".")
        other = claims_of(token) | {"jti": str(uuid.uuid4())}
        middle = len(signature) // 2
        flipped = "A" if signature[middle] != "A" else "B"
        for forged in (
            f"{header}.{assembled({}, other).split('.')[1]}.{signature}",
            f"{header}.{payload}.{signature[:middle]}{flipped}{signature[middle + 1 :]}",
            f"{header}.{payload}.",
            f"{header}.{payload}",
            f"{header}.{payload}.{signature}.{signature}",
            f"{assembled({'alg': 'EdDSA'}, {}).split('.')[0]}.{payload}.{signature}",
            token[:-8],
            f"{token}AAAA",
            f'"{token}"',
        ):
            await assert_refused(rest, forged)

    @pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, "EdDSA ", "ES256"])
    async def test_the_algorithm_is_ours_to_choose(self, stack, rest, token, algorithm):
        kid = (await stack.admin.signing_keys.current()).kid
        header = {"typ": "JWT", "alg": algorithm, "kid": kid}
        await assert_refused(rest, assembled(header, claims_of(token)))
        await assert_refused(rest, assembled(header, claims_of(token), b"\x00" * 64))

    async def test_the_public_key_is_no_shared_secret(self, stack, rest, token):
        key = await stack.admin.signing_keys.current()
        public = Ed25519PublicKey.from_public_bytes(bytes(key.public))
        secrets = [
            public.public_bytes(Encoding.Raw, PublicFormat.Raw),
            public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
            key.public_jwk()["x"].encode(),
            b"",
        ]
        for secret in secrets:
            header = {"typ": "JWT", "alg": "HS256", "kid": key.kid}
            await assert_refused(rest, with_hmac(header, claims_of(token), secret))

    async def test_another_key_does_not_sign_for_us(self, stack, rest, token):
        kid = (await stack.admin.signing_keys.current()).kid
        stranger = Ed25519PrivateKey.generate()
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": encoded(
            stranger.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        )}  # fmt: skip
        for header in ({"kid": kid}, {"kid": str(uuid.uuid4())}, {}, {"kid": kid, "jwk": jwk}):
            forged = jwt_encode(claims_of(token), stranger, algorithm="EdDSA", headers=header)
            await assert_refused(rest, forged)


class TestRuntimeToken:
    async def test_the_runtime_token_of_a_live_session_is_401(self, rest, token):
        runtime = assert_connected(await connect(rest, token))["reactorJwt"]
        await assert_refused(rest, runtime)


class TestClaims:
    async def test_a_copy_with_our_signature_is_as_good(self, stack, rest, token):
        """So that the refusals below are about their claims and nothing else."""
        assert_connected(await connect(rest, await signed(stack.admin, claims_of(token))))

    @pytest.mark.usefixtures("nothing_taken")
    @pytest.mark.parametrize(
        "changed",
        [
            {"exp": lambda now: now - 10},
            {"exp": lambda now: now - 86_400},
            {"exp": 0},
            {"exp": "tomorrow"},
            {"exp": None},
            {"exp": GONE},
            {"iss": "somebody"},
            {"iss": GONE},
            {"aud": "https://elsewhere.example"},
            {"aud": "authenticated"},
            {"aud": "conjure-runtime"},
            {"aud": ""},
            {"aud": None},
            {"aud": GONE},
            {"sub": GONE},
            {"sub": 5},
            {"iat": GONE},
            {"jti": GONE},
            {"jti": "not-a-uuid"},
            {"jti": 5},
            {"wid": GONE},
            {"wid": "not-a-uuid"},
            {"wid": ["x"]},
            {"app": GONE},
            {"mode": GONE},
            {"mode": 5},
        ],
        ids=lambda changed: "-".join(f"{k}-{v}" for k, v in changed.items())[:30],
    )
    async def test_a_claim_that_is_missing_or_wrong_is_401(self, stack, rest, token, changed):
        claims = claims_of(token)
        for name, value in changed.items():
            if value is GONE:
                del claims[name]
            else:
                claims[name] = value(int(time.time())) if callable(value) else value
        await assert_refused(rest, await _signed_as_is(stack.admin, claims))

    async def test_five_seconds_of_skew_are_forgiven(self, stack, rest, token):
        async def is_forgiven() -> bool:
            """Each time with a token that ended two seconds ago: a call may take longer than the other three."""
            claims = claims_of(token) | {"exp": int(time.time()) - 2}
            answer = await connect(rest, await signed(stack.admin, claims))
            return answer.status_code == 200

        await until(is_forgiven)


async def _signed_as_is(admin, claims) -> str:
    """Signs by hand: the library refuses to write some of these claims."""
    key = await admin.signing_keys.current()
    unsigned = assembled({"typ": "JWT", "alg": "EdDSA", "kid": key.kid}, claims).rstrip(".")
    return f"{unsigned}.{encoded(key.private.sign(unsigned.encode()).signature)}"


class TestOrigin:
    @pytest.fixture
    async def bound(self, rest, app, world_id) -> str:
        return (await mint(rest, app.secret, world_id, origin=ORIGIN))["token"]

    async def test_a_bound_token_works_from_its_origin(self, rest, bound):
        assert_connected(await connect(rest, bound, origin=ORIGIN))
        answer = await rest.post(CONNECT, json={"token": bound}, headers={"origin": ORIGIN})
        assert_connected(answer)

    @pytest.mark.usefixtures("nothing_taken")
    @pytest.mark.parametrize(
        "origin",
        [
            None,
            "null",
            "https://evil.example",
            "http://play.example",
            "https://play.example:8443",
            "https://play.example.evil.example",
            "https://sub.play.example",
            "https://play.exampl",
            "https://play.example/",
            f"{ORIGIN}, https://evil.example",
            "conjure",
            "*",
        ],
    )
    async def test_a_bound_token_works_from_no_other_place(self, rest, bound, origin):
        headers = {} if origin is None else {"origin": origin}
        assert_error(await connect(rest, bound, **headers), 401)

    @pytest.mark.usefixtures("nothing_taken")
    async def test_other_headers_do_not_stand_for_the_origin(self, rest, bound):
        answer = await connect(rest, bound, referer=f"{ORIGIN}/page", **{"x-origin": ORIGIN})
        assert_error(answer, 401)

    @pytest.mark.usefixtures("nothing_taken")
    async def test_two_origins_are_none(self, rest, bound):
        headers = [("origin", ORIGIN), ("origin", "https://evil.example")]
        answer = await rest.post(CONNECT, json={"token": bound}, headers=headers)
        assert_error(answer, 401)

    @pytest.mark.parametrize("origin", [None, "null", ORIGIN, "http://localhost:3000", "conjure"])
    async def test_a_token_that_is_not_bound_works_from_everywhere(self, rest, token, origin):
        headers = {} if origin is None else {"origin": origin}
        assert_connected(await connect(rest, token, **headers))

    async def test_a_refusal_can_be_read_by_the_page_that_got_it(self, rest, bound):
        answer = await connect(rest, bound, origin="https://evil.example")
        assert_error(answer, 401)
        assert answer.headers["access-control-allow-origin"] == "*"
