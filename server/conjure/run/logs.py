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
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _redact,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blanks what is named like a secret: a log is read by more people than a store."""
    for name in event:
        if any(part in name.lower() for part in _SECRET):
            event[name] = "[redacted]"
    return event
