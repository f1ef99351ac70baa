"""Who may see what of a world: the one way from a stored document to bytes that leave (ARCHITECTURE 1.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.core import jsondoc

if TYPE_CHECKING:
    from conjure.worlds.model import Snapshot

READABLE: Final = ("public", "unlisted")
"""Visibilities with which other apps may read and fork a world (CONTRACT 0.1)."""

_PUBLIC_OF_A_CHARACTER = ("stances", "voice", "voiceId", "greeting", "intro")
"""All that anybody but the owner may see of a character (CONTRACT 5, 6.2)."""


def without_secrets(snapshot: Snapshot) -> bytes:
    """The document as a player or a publishable key may see it: neither persona nor lore."""
    if b'"character"' not in snapshot.text:  # our own writing: never escaped
        return snapshot.text
    if "character" not in snapshot.value:
        return snapshot.text
    if "public" not in snapshot.rendered:
        brain = snapshot.value["character"]
        shown = brain if isinstance(brain, dict) else {}
        public = {name: shown[name] for name in _PUBLIC_OF_A_CHARACTER if name in shown}
        snapshot.rendered["public"] = jsondoc.dumps(snapshot.value | {"character": public})
    return snapshot.rendered["public"]
