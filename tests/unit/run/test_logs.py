"""What a log line says, and what it never says."""

from __future__ import annotations

import io
import json
import logging
from functools import partial

import pytest
import structlog

from conjure.core.context import CURRENT_CALL
from conjure.run import logs
from support.cases import each_of
from support.cost import cpu_s

KEY = "sk_live_" + "aB3" * 14 + "x"
TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJwMSJ9.c2lnbmF0dXJl-_x"
SECRETS = {
    "API key": (KEY, "aB3aB3"),
    "publishable key": ("pk_test_" + "0" * 43, "000000"),
    "session token": (TOKEN, "c2lnbmF0dXJl"),
    "token with a blank in its header": ("eyAiYWxnIjoiSFMyNTYifQ.e30.c2ln", "c2ln"),
    "webhook secret": ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8G"),
    "bearer": ("Authorization: Bearer hunter2hunter2", "hunter2"),
    "basic": ("basic dXNlcjpodW50ZXIy", "dXNlcjpodW50ZXIy"),
    "store URL": ("redis://user:hunter2@store:6379/0", "hunter2"),
    "store URL without a user": ("rediss://:hun:ter2@store:6379/0", "ter2"),
    "query": ("/embed.html?x=1&token=hunter2&y=2", "hunter2"),
    "key of a model": ("the key sk-proj-abc_DEF0123456789-x is wrong", "DEF0123"),
    "shared access of Azure": ("https://x.test/c/ab?se=2026&sig=hunter2%3D: refused", "hunter2"),
    "query of a key": ("https://x.test/?api_key=hunter2", "hunter2"),
}


@pytest.fixture
def written():
    """What the real configuration writes; the process's own is put back."""
    root = logging.getLogger()
    before, handlers, level = structlog.get_config(), root.handlers, root.level
    yield io.StringIO()
    structlog.configure(**before)
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture
def logged(written):
    """The lines, as JSON."""
    logs.configure("debug", "json", written)

    def lines():
        return [json.loads(line) for line in written.getvalue().splitlines()]

    return lines


@pytest.mark.parametrize(
    "name",
    [
        "authorization", "Authorization", "token", "session_token", "reactorJwt", "jwt",
        "client_secret", "password", "api_key", "credential", "REACTOR_API_KEY",
    ],
)  # fmt: skip
def test_what_is_named_like_a_secret_is_not_logged(logged, name):
    structlog.get_logger("x").info("an event", **{name: "hunter2", "jti": "shown"})
    (line,) = logged()
    assert line[name] == "[redacted]"
    assert (line["event"], line["jti"], line["level"]) == ("an event", "shown", "info")
    assert line["timestamp"].endswith("Z")


def test_secrets_inside_other_values_are_not_logged(logged):
    """A header table or a settings object is a value like any other."""
    log = structlog.get_logger("x")
    log.info("nested", headers={"authorization": "Bearer hunter2", "accept": "x"})
    log.info("listed", headers=[("authorization", "Bearer hunter2")])
    assert "hunter2" not in json.dumps(logged())


def test_an_exception_is_one_line(logged):
    try:
        int("two\nlines")
    except ValueError:
        structlog.get_logger("x").exception("it failed")
    (line,) = logged()
    assert "ValueError: invalid literal" in line["exception"]
    assert "two\\nlines" in line["exception"]


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("name", SECRETS)
def test_what_looks_like_a_secret_is_not_logged_wherever_it_stands(written, form, name):
    """In the event, in a value, deep inside, in an exception and in what a library says."""
    text, needle = SECRETS[name]
    logs.configure("debug", form, written)
    log = structlog.get_logger("x")
    log.info("an event with %s", text)
    log.warning("plain", cause=text, deep={"a": [{"b": (text, [text])}]}, n=3)
    try:
        {}["cannot use " + text]
    except KeyError:
        log.exception("it failed")
        logging.getLogger("some.library").exception("also %s", text)
    shown = written.getvalue()
    assert needle not in shown
    assert shown.count("[redacted]") >= 6
    assert "cannot use" in shown
    assert "some.library" in shown


def test_a_key_keeps_its_kind(written):
    """That a secret key was sent to where a publishable one belongs is worth knowing."""
    logs.configure("info", "json", written)
    structlog.get_logger("x").info("refused", cause=f"not {KEY}!")
    assert json.loads(written.getvalue())["cause"] == "not sk_live_[redacted]!"


@each_of(
    "text",
    [
        "the store is unavailable; nothing was changed",
        "conjure.v1.WorldService/GetWorld",
        "eyes.on.target and keyboards.of.wood",
        "http://collector:4317/v1/traces?limit=20&cursor=abc",
        "redis://127.0.0.1:6379/0",
        "at 12:30:00 mail to a@b.test",
        "4d4126d8-cbc5-4884-b29c-257dff01d424",
        "sk_test_ and pk_live_ are prefixes",
        "a task-of-many-words-that-go-on, and sk-8 of the skis",
    ],
)
def test_what_is_no_secret_stays(text):
    assert logs.scrub(text) == text


def test_scrubbing_takes_linear_time():
    """A line may hold what a stranger wrote, of any length."""
    for piece in (
        "ey" * 8,
        "eyJaaaaaaaa.",
        "sk_test_",
        "sk-",
        "x://a:",
        "bearer ",
        "?token",
        "whsec_+",
    ):
        short, long = (piece * (size // len(piece)) for size in (20_000, 640_000))
        once, often = (cpu_s(partial(logs.scrub, text)) for text in (short, long))
        assert often < once * 320, f"{piece}: 32 times is linear, 1,024 times quadratic"


def test_a_line_about_a_call_says_which(logged):
    class Call:
        round_trips = None
        trace = None

        def log_fields(self):
            return {"request_id": "r1", "method": "/x", "app": "a", "mode": "test"}

    token = CURRENT_CALL.set(Call())
    try:
        structlog.get_logger("x").info("one")
        logging.getLogger("lib").warning("two")
        structlog.get_logger("x").info("three", mode="its own")
    finally:
        CURRENT_CALL.reset(token)
    structlog.get_logger("x").info("four")
    one, two, three, four = logged()
    for line in (one, two):
        assert line.items() >= {"request_id": "r1", "method": "/x", "app": "a"}.items()
    assert three["mode"] == "its own"
    assert "request_id" not in four


def test_libraries_are_heard_when_they_warn_and_not_when_they_chat(logged):
    logging.getLogger("httpx").info("HTTP Request: GET https://x.test/")
    logging.getLogger("httpx").warning("odd")
    (line,) = logged()
    assert (line["event"], line["logger"], line["level"]) == ("odd", "httpx", "warning")


def test_a_header_that_is_no_text_fills_no_log(logged):
    """gRPC logs each with a traceback, and strangers choose how many there are; its other words stay."""
    grpc_log = logging.getLogger("grpc._cython.cygrpc")
    grpc_log.error("Invalid encoding on %s", b"Bearer \xff")
    grpc_log.error("something else")
    assert [line["event"] for line in logged()] == ["something else"]
