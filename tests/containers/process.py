"""Running a command to its end, and telling why it failed."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TAIL_LINES = 25
"""Lines of a failed command that are shown: the cause stands at the end of them."""


class CommandFailed(Exception):
    """A command that did not do what it was to do; the text has its last lines."""


def run(
    command: Sequence[str],
    *,
    timeout_s: float,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    merge: bool = False,
) -> str:
    """Runs a command and returns its standard output; `environment` is added to ours.

    With `merge`, what it writes to standard error is returned too.

    With `log`, a file, all that the command says is appended there too.
    Raises CommandFailed when it cannot be started, ends with an error, or takes longer than `timeout_s`.
    """
    shown = " ".join(command)
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except OSError as error:
        raise CommandFailed(f"{shown}: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise CommandFailed(f"{shown}: no end within {timeout_s:.0f} s") from error
    output, errors = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
    if log is not None:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"$ {shown}\n{output}{errors}")
    if done.returncode:
        raise CommandFailed(f"{shown}: exit code {done.returncode}\n{tail(output + errors)}")
    return output + errors if merge else output


def tail(text: str, lines: int = TAIL_LINES) -> str:
    """Returns the last lines of a text, indented."""
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-lines:])
