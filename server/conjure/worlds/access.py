"""Who may see what of a world: the one way from a stored document to bytes that leave (ARCHITECTURE 1.8).

Services hand servicers no Snapshot but a VisibleDocument: the document as one caller may see it. Whatever is
made for that caller (a body, a part of one, findings of the kernel, a diff, a fork) is made from this, so it
cannot hold what the caller may not see. There are two views:

- the whole document, for the owner: an API key of the world's own app and mode that may write it;
- the public one, for everybody else who may read it: a publishable key of the owner (it is in every browser),
  another app, a player. Of a character it holds only what a player needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.core.caller import ApiCaller
from conjure.kernel import resolve
from conjure.kernel.character import KIND

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.core.caller import SessionCaller, Tenant
    from conjure.kernel.character import Character
    from conjure.worlds.model import Snapshot

READABLE: Final = ("public", "unlisted")
"""Visibilities with which other apps may read and fork a world (CONTRACT 0.1)."""

_OWNING_SCOPE: Final = "worlds:write"
_BRAIN: Final = KIND
"""The member that the two views differ in."""
_PUBLIC_OF_A_CHARACTER: Final = ("stances", "voice", "voiceId", "greeting", "intro")
"""All that anybody but the owner may see of a character (CONTRACT 5, 6.2)."""


class VisibleDocument:
    """A document at a revision, as one caller may see it. Made by `visible`.

    What is written for a view is kept with the snapshot: once per revision, for all who see that view.
    """

    __slots__ = ("_is_whole", "_snapshot")

    def __init__(self, snapshot: Snapshot, *, is_whole: bool) -> None:
        self._snapshot = snapshot
        self._is_whole = is_whole

    @property
    def is_whole(self) -> bool:
        """Whether this is the owner's view."""
        return self._is_whole

    @property
    def rev(self) -> str:
        """The revision. It is the same for all views."""
        return self._snapshot.rev

    @property
    def key(self) -> str:
        """Where the store holds the document, for the log."""
        return self._snapshot.key

    @property
    def etag(self) -> str:
        """The entity tag of `text`, without quotes: the revision, unless this view leaves something out.

        Then it is another one: one strong tag never stands for two bodies (RFC 9110, 8.8.1). It asserts
        nothing in `if-match`: a writer sees the whole document, and that has its own tag.
        """
        return self.rev if self.text is self._snapshot.text else f"{self.rev}.public"

    @property
    def text(self) -> bytes:
        """The JSON text."""
        return self._snapshot.text if self._is_whole else _public_text(self._snapshot)

    @property
    def value(self) -> dict[str, Any]:
        """The parsed document, which is never to be changed."""
        value = self._snapshot.value
        return value if self._is_whole else _public_value(value)

    @property
    def resolved(self) -> bytes:
        """The JSON text with all prose in words, as it is played (CONTRACT 9)."""
        name = "resolved" if self._is_whole else "public resolved"
        rendered = self._snapshot.rendered
        if name not in rendered:
            text = self.text
            # In nearly all worlds nothing is factored: then nothing is parsed, and nothing copied.
            rendered[name] = jsondoc.dumps(resolve(self.value)) if b'"template"' in text else text
        return rendered[name]

    def made(self, name: str, make: Callable[[dict[str, Any]], bytes]) -> bytes:
        """What is made of the document for this view, under a name of its own; kept as `resolved` is."""
        key = name if self._is_whole else f"public {name}"
        rendered = self._snapshot.rendered
        if key not in rendered:
            rendered[key] = make(self.value)
        return rendered[key]

    def part(self, *path: str) -> bytes:
        """The JSON text of the member at `path`, which must be there."""
        if self._is_whole or path[0] != _BRAIN:  # of all else there is one view
            return self._snapshot.part(*path)
        found: Any = self.value
        for member in path:
            found = found[member]
        return jsondoc.dumps(found)


def visible(
    caller: ApiCaller | SessionCaller, owner: Tenant, snapshot: Snapshot
) -> VisibleDocument:
    """Returns `owner`'s document as `caller`, who may read the world, may see it."""
    is_whole = (
        isinstance(caller, ApiCaller) and caller.tenant == owner and _OWNING_SCOPE in caller.scopes
    )
    return VisibleDocument(snapshot, is_whole=is_whole)


def mind(snapshot: Snapshot) -> Character:
    """Returns the whole of a character, persona, scene, lore and examples: for a brain to think with.

    The only way to these for whoever calls with a session token, and one that ends at the providers: nothing
    of it goes into an answer, a log or an error. What a player may see of a character is in `visible`.
    """
    return snapshot.character


def _public_text(snapshot: Snapshot) -> bytes:
    """The text of the public view; of a world without secrets the text itself, not a copy."""
    text = snapshot.rendered.get("public")
    if text is None:
        text = snapshot.text
        if b'"character"' in text:  # our own writing: never escaped
            public = _public_value(snapshot.value)
            text = text if public is snapshot.value else jsondoc.dumps(public)
        snapshot.rendered["public"] = text
    return text


def _public_value(value: dict[str, Any]) -> dict[str, Any]:
    """The public view of a parsed document; without secrets it is the value itself."""
    if _BRAIN not in value:
        return value
    brain = value[_BRAIN]
    shown = brain if isinstance(brain, dict) else {}
    return value | {_BRAIN: {name: shown[name] for name in _PUBLIC_OF_A_CHARACTER if name in shown}}
