"""`conjure apps · keys · caps · signing-keys`: administration, directly in the store.

They use CONJURE_STORE_URL, or the store of the `conjure dev` that runs in this folder.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from conjure.apps.model import KINDS
from conjure.cli.common import (
    JsonOption,
    admin_settings,
    fail,
    print_json,
    print_table,
    whole_number,
)
from conjure.core.caller import MODES, Tenant
from conjure.core.times import rfc3339
from conjure.sessions.signing import PUBLISH_AHEAD_S
from conjure.settings import MOST_UNITS, UNITS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conjure.administration import Administration
    from conjure.apps.model import ApiKey

T = TypeVar("T")

_LONGEST_AHEAD_S: Final = 30 * 86_400  # a later time is a slip of the keyboard

apps = typer.Typer(no_args_is_help=True, help="Apps: the tenants.")
keys = typer.Typer(no_args_is_help=True, help="API keys of an app.")
signing_keys = typer.Typer(no_args_is_help=True, help="The keys that sign session tokens.")

AppOption = Annotated[str, typer.Option("--app", help="The app's id.")]
ModeOption = Annotated[str, typer.Option(help="test or live.")]


def run(action: Callable[[Administration], Awaitable[T]]) -> T:
    """Opens the administrative services for one action. Raises FormatRefused."""
    from conjure.administration import administration  # noqa: PLC0415 - time that most commands do not need
    from conjure.store.format import require_format  # noqa: PLC0415

    async def opened() -> T:
        settings = admin_settings()
        async with administration(settings.store, settings.auth, settings.apps) as admin:
            await require_format(admin.store)
            return await action(admin)

    return asyncio.run(opened())


@apps.command("create")
def create_app(
    name: str,
    key: Annotated[
        str | None, typer.Option(help="Make a first key too: publishable or secret.")
    ] = None,
    mode: Annotated[str, typer.Option(help="Of the key: test or live.")] = "test",
    owner: Annotated[
        str,
        typer.Option(
            help="The user (`sub`) who sees it at /v1/apps; without it only operators do."
        ),
    ] = "",
) -> None:
    """Make an app; print its id, and below it the key if one is asked for."""
    # Looked at before: an app whose key is then refused would stay behind.
    if key is not None and key not in KINDS:
        fail(f"--key must be {' or '.join(KINDS)}")
    if mode not in MODES:
        fail(f"--mode must be {' or '.join(MODES)}")

    async def create(admin: Administration) -> list[str]:
        app = await admin.apps.create(name, owner=owner)
        if key is None:
            return [app.id]
        _, plaintext = await admin.keys.create(app.id, kind=key, mode=mode)
        return [app.id, plaintext]

    for line in run(create):
        print(line)


@apps.command("list")
def list_apps(*, json: JsonOption = False) -> None:
    """List the apps, newest first."""
    found = run(lambda admin: admin.apps.list())
    if json:
        print_json(
            [
                {"id": a.id, "name": a.name, "owner": a.owner, "createdAt": rfc3339(a.created_ms)}
                for a in found
            ]
        )
        return
    rows = [(a.id, a.name, a.owner, rfc3339(a.created_ms)) for a in found]
    print_table("id", "name", "owner", "created", rows=rows)


@keys.command("create")
def create_key(
    app: AppOption,
    kind: Annotated[str, typer.Option(help="publishable or secret.")] = "publishable",
    mode: ModeOption = "test",
    name: Annotated[str | None, typer.Option(help="What it is for.")] = None,
) -> None:
    """Make a key and print it. It cannot be shown again."""
    _, plaintext = run(lambda admin: admin.keys.create(app, kind=kind, mode=mode, name=name))
    print(plaintext)


@keys.command("list")
def list_keys(app: AppOption, *, json: JsonOption = False) -> None:
    """List the keys of an app, newest first, with those that were revoked last."""
    found = run(lambda admin: admin.keys.list(app))
    if json:
        print_json([_key_as_json(key) for key in found])
        return
    rows = [
        (
            key.id,
            f"{key.prefix}…{key.last4}",
            key.kind,
            key.mode,
            key.name or "",
            rfc3339(key.created_ms),
            _time(key.last_used_ms) or "",
            _time(key.revoked_ms) or "",
        )
        for key in found
    ]
    columns = ("id", "key", "kind", "mode", "name", "created", "last used", "revoked")
    print_table(*columns, rows=rows)


@keys.command("revoke")
def revoke_key(key_id: str, app: AppOption) -> None:
    """Revoke a key. Within a second no server takes it."""
    run(lambda admin: admin.keys.revoke(app, key_id))
    print(f"revoked {key_id}")


def caps(
    app: AppOption,
    assignments: Annotated[
        list[str], typer.Argument(help="unit=number, for example generation=100")
    ],
    mode: ModeOption = "test",
) -> None:
    """Replace default caps of an app: generation, session, …, live_sessions."""
    changed: dict[str, int] = {}
    for assignment in assignments:
        unit, _, number = assignment.partition("=")
        if unit not in (*UNITS, "live_sessions") or not number.isdecimal():
            fail(f"{assignment!r} is not unit=number; units: {', '.join(UNITS)}, live_sessions")
        changed[unit] = whole_number(unit, number, least=0, most=MOST_UNITS)
    if mode not in MODES:
        fail(f"--mode must be {' or '.join(MODES)}")
    run(lambda admin: admin.apps.set_caps(Tenant(app, mode), changed))
    print(", ".join(f"{unit} {number}" for unit, number in changed.items()))


@signing_keys.command("rotate")
def rotate(
    ahead_s: Annotated[
        int,
        typer.Option(
            help="Seconds to publish the new key before it signs.", min=0, max=_LONGEST_AHEAD_S
        ),
    ] = PUBLISH_AHEAD_S,
) -> None:
    """Add a signing key; the old one stays published until its last token has expired."""
    made = run(lambda admin: admin.signing_keys.rotate(ahead_s=ahead_s))
    print(f"{made.kid} signs from {_moment(made.signs_from_s)}")


@signing_keys.command("list")
def list_signing_keys(*, json: JsonOption = False) -> None:
    """List the signing keys, oldest first."""
    found = run(lambda admin: admin.signing_keys.list())
    rows = [(key.kid, _moment(key.created_s), _moment(key.signs_from_s)) for key in found]
    if json:
        print_json([dict(zip(("kid", "createdAt", "signsFrom"), row, strict=True)) for row in rows])
        return
    print_table("kid", "created", "signs from", rows=rows)


def _key_as_json(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "prefix": key.prefix,
        "last4": key.last4,
        "kind": key.kind,
        "mode": key.mode,
        "name": key.name,
        "scopes": key.scopes,
        "createdAt": rfc3339(key.created_ms),
        "revokedAt": _time(key.revoked_ms),
        "lastUsedAt": _time(key.last_used_ms),
    }


def _time(ms: int | None) -> str | None:
    return None if ms is None else rfc3339(ms)


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
