"""The player's files, as they stand in the package: read once per process.

`web/` has the sources as they are written: there is no build step. What is sent of it:

- the modules and the style sheet, under `/player/{release}/`. The release is a hash of all of them, so that
  what stands under an address never changes, and a page never mixes the modules of two releases;
- the page that loads them (`player.page`);
- `embed.core.js` twice, as a module and as a script.

Comments that stand on lines of their own are not sent, nor what lines are indented by: a third of what would
be.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEDIA_TYPES: Final = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
}
_NAME: Final = re.compile(r"[a-z][a-z0-9.-]*\.(js|css)")

_CORE: Final = "embed.core.js"
_RELOAD: Final = "reload.js"
# Types, what becomes `/embed.js`, and what stands in the page itself.
_NOT_SERVED: Final = frozenset({"types.js", _CORE, _RELOAD})

# How the core begins what a module gives to others. A script has no such word.
_EXPORT: Final = re.compile(r"^export (?=function |const |class )", re.MULTILINE)
_MODULES_ONLY: Final = re.compile(r"^\s*(?:export|import)\b|\bimport\.meta\b", re.MULTILINE)
_ENDS_SCRIPT: Final = re.compile(r"</script|<!--", re.IGNORECASE)
_COMMENT: Final = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_COMMENT_LINES: Final = re.compile(
    rb"^[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)(?:\n|\Z)", re.MULTILINE
)
_INDENTATION: Final = re.compile(rb"^[ \t]+", re.MULTILINE)

_MODULE_END: Final = """
export const { createEmbed, mount } = embedOf(import.meta.url);
"""
_SCRIPT_BEGIN: Final = """\
(() => {
"use strict";
"""
# As a module, or when it was put into the page by a program, the script may not know which element it is.
_SCRIPT_END: Final = """
const element = document.currentScript ?? document.querySelector('script[src*="/embed.global.js"]');
const api = Object.freeze(embedOf(element === null ? location.href : element.src));
globalThis.Alakazam = api;
if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", () => api.mount());
} else {
  api.mount();
}
})();
"""


@dataclass(frozen=True, slots=True)
class PlayerFile:
    """A file as it is sent."""

    content: bytes
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class PlayerFiles:
    """All that is sent."""

    release: str
    """A hash of all files in `served`."""
    served: Mapping[str, PlayerFile]
    """The modules and the style sheet, by their names."""
    embed_module: PlayerFile
    embed_script: PlayerFile
    shell: str
    """The page before anything is filled in."""
    reload_script: str
    """What the page does when a module does not load; it stands in the page itself."""

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of the modules."""
        return tuple(name for name in self.served if name.endswith(".js"))


@cache
def player_files() -> PlayerFiles:
    """Reads the files of the package."""
    folder = files(__package__).joinpath("web")
    return player_files_of(
        {
            entry.name: entry.read_bytes()
            for entry in folder.iterdir()
            if entry.name == "embed.html" or _NAME.fullmatch(entry.name)
        }
    )


def player_files_of(sources: Mapping[str, bytes]) -> PlayerFiles:
    """Makes what is sent of the sources.

    Raises KeyError when one is missing, ValueError when one cannot become what it is to be.
    """
    served = {
        name: _file(_as_sent(content), name)
        for name, content in sorted(sources.items())
        if _NAME.fullmatch(name) and name not in _NOT_SERVED
    }
    whole = hashlib.sha256()
    for name, file in served.items():
        whole.update(f"{name} {len(file.content)}\n".encode())
        whole.update(file.content)
    core, reload_script = (_as_sent(sources[name]).decode() for name in (_CORE, _RELOAD))
    if (found := _ENDS_SCRIPT.search(reload_script)) is not None:
        raise ValueError(f"{_RELOAD} stands in a page, and so cannot have {found[0]!r}")
    return PlayerFiles(
        release=whole.hexdigest()[:16],
        served=served,
        embed_module=_file((core + _MODULE_END).encode(), _CORE),
        embed_script=_file(_script(core).encode(), _CORE),
        shell=_COMMENT.sub("", sources["embed.html"].decode()),
        reload_script=reload_script,
    )


def _as_sent(content: bytes) -> bytes:
    """Leaves out what is a comment from the beginning to the end of its lines, and the indentation of others.

    No text in a source goes over several lines (tests/unit/player/test_files.py), so none is changed by it.
    """
    return _INDENTATION.sub(b"", _COMMENT_LINES.sub(b"", content))


def _script(core: str) -> str:
    """The same as a script: nothing of it is a global name but `Alakazam`."""
    text = _EXPORT.sub("", core)
    if (found := _MODULES_ONLY.search(text)) is not None:
        raise ValueError(f"{_CORE} becomes a script too, which cannot have {found[0].strip()!r}")
    return _SCRIPT_BEGIN + text + _SCRIPT_END


def _file(content: bytes, name: str) -> PlayerFile:
    extension = name.rpartition(".")[2]
    return PlayerFile(content, _MEDIA_TYPES[extension], hashlib.sha256(content).hexdigest()[:32])
