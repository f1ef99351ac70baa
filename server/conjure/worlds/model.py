"""A world as Conjure holds it: its metadata, and its open document at a revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjure.assets.names import names_in
from conjure.core import jsondoc
from conjure.kernel.character import KIND, Character
from conjure.worlds.structure_sharing import shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.kernel import Examined
    from conjure.worlds.document_text import DocumentText

CHARACTER = KIND
WORLD = "world"

MAX_DESCRIPTION = 8_000


@dataclass(frozen=True, slots=True)
class WorldInfo:
    """Metadata. Times in ms since 1970.

    `is_unconfirmed`: the directory of public worlds may not know its visibility yet.
    """

    id: str
    name: str
    description: str
    cover: str | None
    visibility: str
    slug: str | None
    created_ms: int
    updated_ms: int
    is_unconfirmed: bool = False

    @classmethod
    def of(
        cls, world_id: str, row: Sequence[bytes | None], *, is_unconfirmed: bool = False
    ) -> WorldInfo:
        """Reads what scripts answer: name, description, cover, visibility, slug, created, updated."""
        name, description, cover, visibility, slug, created, updated = row
        return cls(
            id=world_id,
            name=(name or b"").decode(),
            description=(description or b"").decode(),
            cover=cover.decode() if cover else None,
            visibility=(visibility or b"private").decode(),
            slug=slug.decode() if slug else None,
            created_ms=int(created or 0),
            updated_ms=int(updated or 0),
            is_unconfirmed=is_unconfirmed,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A write of a world, in the words of those who watch.

    `after`: the revision that it was made from. `is_reset`: what came before is not told.
    """

    rev: str
    after: str
    ops: tuple[str, ...]
    time_ms: int
    is_reset: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """The present revision of a world, and changes that led there, as far as they are known."""

    rev: str
    updated_ms: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Replaced:
    """A write that has happened: the new revision, and the assets that the world does not name any more."""

    rev: str
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Another write came first: what the store has now, as it holds it."""

    rev: str
    text: bytes


class Uncounted:
    """A write that has not happened: which assets the world names has to be said in full."""


class Snapshot:
    """A document at a revision: its JSON text, and the parsed value, which is never to be changed.

    `examined` is what the kernel had to say about the value, or about that of an `earlier` revision: of an
    edit only what is not in there is checked. `written` is the text with what is known of it, where this
    process wrote it. `key` is where the store holds it, for the log.
    """

    __slots__ = (
        "_asset_names", "_character", "_earlier", "_value", "examined", "key", "rendered", "rev", "text",
        "written",
    )  # fmt: skip

    def __init__(
        self,
        rev: str,
        text: bytes,
        value: dict[str, Any] | None = None,
        examined: Examined | None = None,
        *,
        written: DocumentText | None = None,
        earlier: Snapshot | None = None,
        key: str = "",
    ) -> None:
        self.key = key
        self.rev = rev
        self.text = text
        self.written = written
        self._asset_names: frozenset[str] | None = None
        self._character: Character | None = None
        self._value = value
        lent = earlier.lends if earlier is not None and value is None else None
        self._earlier = lent[0] if lent is not None else None
        self.examined: Examined | None = lent[1] if lent is not None else examined
        # Parts of it as JSON text, by name: written once for all who ask for this revision.
        self.rendered: dict[str, bytes] = {}

    @property
    def value(self) -> dict[str, Any]:
        """The parsed document; parsed when first asked for, as a connect never asks."""
        if self._value is None:
            self._value = jsondoc.load_stored(self.text, self.key)
        return self._value

    @property
    def asset_names(self) -> frozenset[str]:
        """The assets that the document names; looked for when first asked for."""
        if self._asset_names is None:
            written = self.written
            self._asset_names = names_in(self.text) if written is None else written.asset_names
        return self._asset_names

    @property
    def character(self) -> Character:
        """Who the document says that it is; read when first asked for. With its brain: see `access.mind`."""
        if self._character is None:
            self._character = Character.of(self.value)
        return self._character

    @property
    def editable(self) -> dict[str, Any]:
        """The value to make an edit from: of the parts that the kernel knows, as far as it has them."""
        value, earlier = self.value, self._earlier
        if earlier is not None:
            self._value = value = shared(value, earlier)
            self._earlier = None
        return value

    @property
    def lends(self) -> tuple[dict[str, Any], Examined] | None:
        """The newest value that the kernel has something to say about, with that, for later revisions.

        Not the snapshot itself: one would keep all that ever were before it.
        """
        value = self._value if self._earlier is None else self._earlier
        return (value, self.examined) if value is not None and self.examined is not None else None

    @property
    def weight(self) -> int:
        """How many bytes of the cache it takes: of text, and of what the kernel knows."""
        return len(self.text) + (self.examined.bytes if self.examined is not None else 0)

    def part(self, *path: str) -> bytes:
        """The JSON text of the member at `path`, which must be there."""
        name = "/".join(path)
        if name not in self.rendered:
            found: Any = self.value
            for member in path:
                found = found[member]
            self.rendered[name] = jsondoc.dumps(found)
        return self.rendered[name]


def check_stored(text: bytes, key: str) -> dict[str, Any]:
    """Returns the parsed document. Raises StoredDataUnreadable when what is stored at `key` is no world.

    Documents are passed on as they are stored: garbage would become an answer.
    """
    value: dict[str, Any] = jsondoc.load_stored(text, key)
    match value:
        case {"entrance": {"state": str()}, "scene": {"states": dict(), "events": list()}}:
            return value
    raise jsondoc.unreadable(key, "it is no world")


@dataclass(frozen=True, slots=True)
class Summary:
    """What of a document is stored again beside it, for lists that do not read documents."""

    name: str
    description: str
    cover: str
    kind: str

    @classmethod
    def of(cls, value: dict[str, Any]) -> Summary:
        """Takes it from a document that has passed the gate."""

        def text(member: str) -> str:
            found = value.get(member)
            return found if isinstance(found, str) else ""

        kind = CHARACTER if value.get("kind") == CHARACTER else WORLD
        return cls(text("name"), text("description"), text("cover"), kind)
