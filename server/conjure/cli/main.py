"""The commands and what they share."""

from __future__ import annotations

import sys

import typer

from conjure import __version__
from conjure.cli import admin, call, certs, dev, edge, lint, openapi, world
from conjure.cli.common import fail
from conjure.core.errors import AppError
from conjure.run import logs
from conjure.run.child import ChildFailed
from conjure.settings import Settings, SettingsError

app = typer.Typer(
    name="conjure",
    help="The self-hosted backend of the Programmable Worlds API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(admin.apps, name="apps")
app.add_typer(admin.keys, name="keys")
app.add_typer(admin.signing_keys, name="signing-keys")
app.add_typer(world.world, name="world")
app.command("caps")(admin.caps)
app.command("certs")(certs.certs)
app.command("dev")(dev.dev)
app.command("edge")(edge.edge)
app.command("lint")(lint.lint)
app.command("call")(call.call)
app.command("openapi")(openapi.openapi)


@app.command("serve")
def serve_command() -> None:
    """Run the gRPC server; settings come from CONJURE_* variables (conjure.settings)."""
    from conjure.run import serve  # noqa: PLC0415 - half a second that most commands do not need

    settings = Settings.from_environment()
    logs.configure(settings.log.level, settings.log.format)
    serve.run(settings)


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
