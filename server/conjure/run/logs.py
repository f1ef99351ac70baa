"""Structured logs on standard error: JSON for machines, text for people."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET: Final = ("authorization", "token", "secret", "password", "api_key", "credential", "jwt")


def configure(level: str, form: str) -> None:
    """Sets up logging for the process."""
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The default prints every local variable of every frame, keys and tokens among them.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _redact,
            *([structlog.processors.format_exc_info] if form == "json" else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blanks what is named like a secret: a log is read by more people than a store."""
    for name, value in event.items():
        event[name] = _shown(name, value)
    return event


def _shown(name: str, value: object) -> object:
    if any(part in name.lower() for part in _SECRET):
        return "[redacted]"
    if isinstance(value, dict):
        return {key: _shown(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        # Headers and the like come as pairs of a name and a value.
        return [
            (item[0], _shown(item[0], item[1]))
            if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)
            else item
            for item in value
        ]
    return value
