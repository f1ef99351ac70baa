"""The page that plays a world: who may frame it, and what it may do."""

from __future__ import annotations

import base64
import json

from conjure.player.files import player_files
from conjure.player.page import PlayerPage, frame_of
from conjure.settings.player import PlayerSettings
from support.cases import each_of


def token_of(**claims: object) -> str:
    return token_with(json.dumps(claims).encode())


def token_with(payload: bytes) -> str:
    return f"eyJhbGciOiJFZERTQSJ9.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}.c2ln"


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


BOUND = "https://play.example"


@each_of(
    ("audience", "frame"),
    [
        (BOUND, BOUND),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("HTTPS://Play.Example:443", BOUND),
        (f"{BOUND} https://evil.example", "*"),
        (f"{BOUND}; script-src *", "*"),
        (f"{BOUND};script-src", "*"),
        (f"{BOUND},https://evil.example", "*"),
        (f"{BOUND}\r\nset-cookie: a=b", "*"),
        (f"{BOUND}\n", "*"),
        (f'{BOUND}"><script>', "*"),
        (f"{BOUND}/", "*"),
        ("https://*.example", "*"),
        ("https://*", "*"),
        ("'none'", "*"),
        ("null", "*"),
        ("", "*"),
        ("data:text/html,", "*"),
        ("https://" + "a" * 2_000, "*"),
        (None, "*"),
        (True, "*"),
        (1, "*"),
        ([BOUND], "*"),
        ({"origin": BOUND}, "*"),
    ],
)
def test_who_may_frame_it(audience, frame):
    assert frame_of(token_of(aud=audience, sub="x")) == frame


@each_of(
    "token",
    [
        "",
        "x",
        "..",
        "a.b.c",
        "a.b",
        token_of(aud=BOUND) + ".more",
        token_of(aud=BOUND).replace(".", ",", 1),
        " " + "." * 40_000,
        token_of(aud=BOUND, more="x" * 40_000),
        token_with(b"[" * 5_000 + b"]" * 5_000),
        token_with(b"not json"),
        token_with(b"\xff\xfe"),
        token_with(b'"aud"'),
        token_with(f'{{"aud": "{BOUND}", "aud": "https://evil.example"}}'.encode()),
        token_of(aud=BOUND).replace("eyJhdWQi", "éyJhdWQi"),
        token_of(aud=BOUND).replace(".", ".\n", 1),
        token_of(sub="x"),
        "\ud800.\ud800.\ud800",
    ],
    ids=lambda token: ascii(token[:24]),
)
def test_what_is_no_token_of_ours_is_bound_to_nobody(token):
    assert frame_of(token) == "*"


class TestPolicy:
    def test_of_the_usual_page(self):
        page = PlayerPage(player_files(), assets_origin="http://127.0.0.1:8080")
        told = directives(page.headers(BOUND)["content-security-policy"])
        assert told.pop("script-src").startswith("'self' 'sha256-")
        assert told == {
            "default-src": "'none'",
            "style-src": "'self'",
            "connect-src": "'self'",
            "img-src": "'self' data: blob: https: http://127.0.0.1:8080",
            "media-src": "'self' data: blob: https: http://127.0.0.1:8080",
            "base-uri": "'none'",
            "form-action": "'none'",
            "require-trusted-types-for": "'script'",
            "frame-ancestors": BOUND,
        }

    def test_with_a_client_of_the_runtime(self):
        url = "https://cdn.example/client/1.js?x=a&y=;b"
        settings = PlayerSettings(
            runtime_client_url=url,
            runtime_origins="https://*.runtime.example, http://localhost:*",
        )
        page = PlayerPage(
            player_files(),
            assets_origin="https://assets.example",
            runtime_client_url=settings.runtime_client_url,
            runtime_sources=settings.runtime_sources,
        )
        told = directives(page.headers("*")["content-security-policy"])
        assert told["script-src"].endswith(" https://cdn.example")
        assert told["connect-src"] == (
            "'self' https://*.runtime.example wss://*.runtime.example"
            " http://localhost:* ws://localhost:*"
        )
        assert "require-trusted-types-for" not in told
        assert "permissions-policy" not in page.headers("*")
        assert 'content="https://cdn.example/client/1.js?x=a&amp;y=;b"' in page.page("*").decode()
