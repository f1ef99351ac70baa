"""The commands and what they share."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from conjure import __version__
from conjure.cli.common import fail
from conjure.core.errors import AppError
from conjure.run import logs
from conjure.run.child import ChildFailed
from conjure.settings import Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

# Where each command is: a module of this package, and what in there. Imported when it is used: all of
# them together take half a second.
_ELSEWHERE: Final = {
    "apps": ("admin", "apps"),
    "assets": ("assets", "assets"),
    "backup": ("backup", "backup"),
    "keys": ("admin", "keys"),
    "signing-keys": ("admin", "signing_keys"),
    "world": ("world", "world"),
    "author": ("author", "author"),
    "characters": ("characters", "characters"),
    "caps": ("admin", "caps"),
    "queue": ("queue", "queue"),
    "restore": ("backup", "restore"),
    "store": ("store", "store"),
    "certs": ("certs", "certs"),
    "dev": ("dev", "dev"),
    "edge": ("edge", "edge"),
    "lint": ("lint", "lint"),
    "call": ("call", "call"),
    "openapi": ("openapi", "openapi"),
    "webhooks": ("webhooks", "webhooks"),
}


class _Commands(TyperGroup):
    """The commands of this module, and those that are elsewhere."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, for the help."""
        return [*_ELSEWHERE, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Imports a command."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = _ELSEWHERE[cmd_name]
        found: typer.Typer | Callable[..., None] = getattr(
            import_module(f"conjure.cli.{module}"), name
        )
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            alone.command(cmd_name)(found)
            found = alone
        command = get_command(found)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="conjure",
    help="The self-hosted backend of the Programmable Worlds API.",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command("serve")
def serve_command() -> None:
    """Run the gRPC server; settings come from CONJURE_* variables (conjure.settings)."""
    from conjure.run import serve  # noqa: PLC0415 - half a second that most commands do not need

    settings = Settings.from_environment()
    logs.configure(settings.log.level, settings.log.format)
    serve.run(settings)


@app.command("work")
def work_command() -> None:
    """Do durable work without serving: jobs, events, deliveries, forgetting. Settings as for `serve`."""
    from conjure.run import work  # noqa: PLC0415 - as for `serve`

    settings = Settings.from_environment()
    logs.configure(settings.log.level, settings.log.format)
    work.run(settings)


@app.command("version")
def version() -> None:
    """Print the version."""
    print(__version__)


def main() -> None:
    """Runs a command. Errors that a person can mend end it with one line and exit code 2."""
    logs.configure("error", "text")  # `serve` and `dev` set up their own
    try:
        app()
    except (SettingsError, ChildFailed) as error:
        fail(str(error))
    except AppError as error:
        fail(
            "; ".join(error.errors) or error.detail or error.reason.value.lower().replace("_", " ")
        )
    except KeyboardInterrupt:
        sys.exit(130)
