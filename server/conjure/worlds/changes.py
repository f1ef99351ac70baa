"""What those who watch a world are told of a write: an entry of the stream that `replace.lua` appends to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.core import jsondoc
from conjure.worlds.model import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_OPS: Final = 32  # ops of one write that watchers are told; a thousand such writes are kept


def entry_of(ops: Sequence[str]) -> bytes:
    """The ops of a write as its entry for watchers holds them: bounded, whatever the write was."""
    shown = list(ops[:_MOST_OPS])
    if len(ops) > _MOST_OPS:
        shown[-1] = f"… and {len(ops) - _MOST_OPS + 1} more"
    return jsondoc.dumps(shown)


def change_of(key: str, entry_id: bytes, fields: list[bytes]) -> Change:
    """The write that an entry of the stream at `key` is about. Raises StoredDataUnreadable."""
    named = dict(zip(fields[::2], fields[1::2], strict=True))
    number = int(entry_id.partition(b"-")[0])
    # An entry of a release without incarnations says neither.
    rev = named.get(b"rev", b"%d" % number).decode()
    after = named.get(b"after", b"%d" % (number - 1)).decode()
    ops = tuple(jsondoc.load_stored(named[b"ops"], key))
    return Change(rev, after, ops, int(named[b"time"]))
