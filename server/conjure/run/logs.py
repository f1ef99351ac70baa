"""Structured logs on standard error, as JSON or as text, without secrets.

Every line about a call says its request id, method, app, mode and trace (`core.context`). What libraries
log comes out in the same form. Secrets are redacted twice: values by the name of their field, and whatever
has the form of a credential in the finished line.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Final, TextIO

import structlog

from conjure.core.context import CURRENT_CALL
from conjure.core.credential_forms import KEY_PREFIX

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_NAMES: Final = (
    "authorization",
    "token",
    "secret",
    "password",
    "api_key",
    "credential",
    "jwt",
)
_REDACTED: Final = "[redacted]"
_PATTERNS: Final = (
    # An API key keeps its prefix: that tells which kind was sent where it should not be.
    (re.compile(r"(?i)\b((?:pk|sk)_(?:test|live)_)\w+"), rf"\1{_REDACTED}"),
    # A key of a model's endpoint, as most who sell them write it.
    (re.compile(r"\bsk-[\w-]{16,}"), f"sk-{_REDACTED}"),
    (re.compile(r"(?i)\bwhsec_[\w+/=-]+"), f"whsec_{_REDACTED}"),
    # A JWT: its header is JSON, so its base64url begins with that of `{"` or of `{` and a blank.
    (re.compile(r"\be[yw][\w-]{8,}\.[\w-]+\.[\w-]*"), _REDACTED),
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[\w.~+/=-]{6,}"), rf"\1\2{_REDACTED}"),
    # The password of a URL; a user may stand before it.
    (re.compile(r"(\w://[^\s/@:\"']*):[^\s/@\"']+@"), rf"\1:{_REDACTED}@"),
    # `?token=…` and the like, in a path or a URL.
    (
        re.compile(r"(?i)([?&](?:[\w-]*token|[\w-]*key|secret|password|signature|sig)=)[^&\s\"'#]+"),
        rf"\1{_REDACTED}",
    ),
)  # fmt: skip
_CODED: Final = re.compile(rf"(?i){KEY_PREFIX}[\w%]+")


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Sets up logging for the process, that of libraries included; to standard error by default."""
    stream = stream or sys.stderr
    number = logging.getLevelName(level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_call,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact_names,
        # Here and not in the renderer: its default prints every local variable of every frame.
        structlog.processors.format_exc_info,
    ]
    render: list[Processor] = [
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        ),
        _redact_patterns,
    ]
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    others = logging.StreamHandler(stream)
    others.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    others.addFilter(_is_worth_logging)
    root = logging.getLogger()
    root.handlers = [others]
    # Libraries explain themselves at length below this; httpx names every URL it calls.
    root.setLevel(max(number, logging.WARNING))


def scrub(text: str) -> str:
    """Returns `text` without what has the form of a credential."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return _CODED.sub(_REDACTED, text) if "%" in text else text


def _is_worth_logging(record: logging.LogRecord) -> bool:
    """False for two of gRPC's errors, a traceback each: any stranger could fill the log with them.

    A header is not UTF-8: it is passed on as bytes, which the server ignores. And an answer could not be
    sent: its caller has hung up, or takes no answer as large as this.
    """
    text = str(record.msg)
    return not (
        record.name == "grpc._cython.cygrpc"
        and text.startswith(("Invalid encoding", "ExecuteBatchError raised"))
    )


def _with_call(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Adds the fields of the current call; fields of the line itself win."""
    call = CURRENT_CALL.get()
    return event if call is None else {**call.log_fields(), **event}


def _redact_patterns(_: WrappedLogger, __: str, line: EventDict) -> str:
    return scrub(str(line))  # after the renderer: the "event" is the finished text


def _redact_names(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Redacts values whose name is that of a secret: more people read a log than a store."""
    for name, value in event.items():
        event[name] = _redacted(name, value)
    return event


def _redacted(name: str, value: object) -> object:
    if any(part in name.lower() for part in _SECRET_NAMES):
        return _REDACTED
    if isinstance(value, dict):
        return {key: _redacted(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        # Headers and the like come as pairs of a name and a value.
        return [
            (item[0], _redacted(item[0], item[1]))
            if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)
            else item
            for item in value
        ]
    return value
