"""Who calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from conjure.core.shares import Holder

ANONYMOUS: Final = "anon"
"""The player of a session token that names none (CONTRACT 6.1). Nothing is kept of it."""

MODES: Final = ("test", "live")
"""The modes of an app: walls between its resources (CONTRACT 0.1)."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """An app in one mode: the unit of isolation (CONTRACT 0.1)."""

    app: str
    mode: str
    tag: str = field(init=False, repr=False, compare=False)
    """The hash tag that keeps all of its keys in one slot (ARCHITECTURE 1.2). Each key has it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tag", f"{self.app}:{self.mode}")

    @classmethod
    def of_tag(cls, tag: str) -> Self:
        """The tenant with this hash tag, whoever has kept it."""
        app, _, mode = tag.rpartition(":")
        return cls(app, mode)


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """The holder of an API key."""

    tenant: Tenant
    key_id: str
    scopes: frozenset[str]

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Whose shares its calls count for: the key's and the app's, of both modes."""
        return ("key", self.key_id), ("app", self.tenant.app)


@dataclass(frozen=True, slots=True)
class UserCaller:
    """A person signed in to the identity provider."""

    user_id: str

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Whose shares its calls count for: its own, as large as a key's."""
        return (("key", f"user:{self.user_id}"),)


@dataclass(frozen=True, slots=True)
class SessionCaller:
    """The holder of a session token (CONTRACT 6.1)."""

    tenant: Tenant
    world_id: str
    jti: str
    player: str
    expires_at_s: int

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Whose shares its calls count for: the app's."""
        return (("app", self.tenant.app),)
