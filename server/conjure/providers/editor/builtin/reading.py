# ruff: noqa: RUF001 (people write quotes, dashes and marks of many scripts)
"""From an instruction to its clauses: one for each thing that is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

VERBS: Final = frozenset(
    [
        "add",
        "allow",
        "append",
        "attach",
        "begin",
        "bind",
        "bring",
        "call",
        "camera",
        "change",
        "clear",
        "close",
        "connect",
        "create",
        "cut",
        "delete",
        "describe",
        "disallow",
        "disconnect",
        "drop",
        "edit",
        "erase",
        "end",
        "extend",
        "film",
        "finish",
        "forbid",
        "get",
        "give",
        "grant",
        "hang",
        "have",
        "hide",
        "insert",
        "join",
        "keep",
        "let",
        "link",
        "lock",
        "make",
        "mark",
        "merge",
        "move",
        "name",
        "narrate",
        "open",
        "place",
        "point",
        "put",
        "redirect",
        "remove",
        "rename",
        "replace",
        "require",
        "reset",
        "retitle",
        "reveal",
        "rewrite",
        "rid",
        "send",
        "set",
        "show",
        "split",
        "start",
        "stop",
        "swap",
        "switch",
        "take",
        "tell",
        "turn",
        "unbind",
        "unhide",
        "unlink",
        "unlock",
        "unmark",
        "update",
        "use",
        "wipe",
        "write",
    ]
)
"""Words with which people begin an instruction. One that the grammar does not know is never prose."""

_VERB: Final = "|".join(sorted(VERBS))
_SOFTLY: Final = (
    r"(?:please|kindly|now|then|next|also|finally|lastly|first|firstly|second|secondly|third|afterwards|"
    r"after that|and|so|just|ok|okay|"
    r"(?:hey|hi|hello)(?: there| everyone| all)?|maybe|perhaps|well|thanks|thank you|"
    r"(?:can|could|would|will|should|may|might) (?:you|we|i)(?: please)?(?: just| also| now| kindly)?|"
    r"is it possible to|"
    r"(?:i|we)(?:['’]d| would|['’]ll| will)? (?:also )?(?:like|want|need|love|wish|prefer)"
    r"(?: for)?(?: you)? to|"
    r"(?:you|we) (?:should|must|need to|have to)|"
    r"let['’]s|let us|go ahead and|i think (?:we should|you should)?|make sure (?:that)?|ensure (?:that)?)"
)
_POLITE: Final = re.compile(rf"{_SOFTLY}(?!\w)[ ,:!]*+", re.IGNORECASE)
_ASKS: Final = re.compile(
    r"(?:can|could|would|will|should|may|might|shall|do|is it) (?:you|we|i|possible)(?!\w)",
    re.IGNORECASE,
)
_WANTED: Final = re.compile(
    r"(?:i|we)(?:['’]d| would)? (?:want|need|like|wish|prefer)(?: for)? (?P<what>(?!to )[^:;]{1,120}?) "
    r"to (?P<how>\w)",
    re.IGNORECASE,
)
_THANKS: Final = re.compile(
    r"[ ,.!]*+(?<!\w)(?:please|thanks|thank you)(?: very much| so much| a lot)?[ .!?]*+$",
    re.IGNORECASE,
)
_BULLETS: Final = re.compile(r"(^|\n)(?:\(?\d{1,3}[.)]|\(?[a-h]\)|[-*•–—‣]) +")
# A boundary and what it is made of. One between sentences may stand in prose as well; the others may not.
_BOUNDARY: Final = re.compile(
    r"(?P<hard>\n|;+ ?)|(?P<soft>,? (?:and )?then (?:also )?(?:please )?(?=(?:"
    + _VERB
    + r") )|,? and then |, then |(?<=[.!?…。]) |(?<=[。！？])|,? and (?:also )?(?:please )?(?=(?:"
    + _VERB
    + r") )|, (?:also )?(?:please )?(?=(?:"
    + _VERB
    + r") ))",
    re.IGNORECASE,
)
_FIRST_WORD: Final = re.compile(r"[^\W\d_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an instruction between two boundaries."""

    text: str
    before: str
    """The boundary before it, as it was typed."""
    is_soft: bool
    """Whether the words may still belong to the prose of the piece before."""


def pieces(text: str) -> list[Piece]:
    """The parts of an instruction, none of them blank."""
    text = _BULLETS.sub(r"\1", text)
    found: list[Piece] = []
    start, before, soft = 0, "", False
    for match in [*_BOUNDARY.finditer(text), None]:
        end = match.start() if match is not None else len(text)
        piece = text[start:end]
        says_something = bool(plain(piece.strip())[0].strip(" ,.;:!?"))
        if says_something:
            found.append(Piece(piece.strip(), before, soft))
        if match is not None:
            # After a piece that says nothing its own boundary still counts when that was the harder one.
            is_new = says_something or not found
            soft = match["soft"] is not None and (is_new or soft)
            before = match[0] if is_new else before
            start = match.end()
    return found


def plain(piece: str) -> tuple[str, bool]:
    """A clause without the words that only make it polite, and whether it merely asks something."""
    asks = False
    while match := _THANKS.search(piece):
        is_asked = "?" in match[0] or "？" in match[0]
        piece = piece[: match.start()] + ("?" if is_asked else "")
    while match := _POLITE.match(piece):
        asks = asks or _ASKS.match(piece) is not None
        piece = piece[match.end() :]
    # "I want the hall to be a win": the hall should be a win.
    piece = (
        _WANTED.sub(r"\g<what> should \g<how>", piece, count=1) if _WANTED.match(piece) else piece
    )
    is_question = piece.rstrip().endswith(("?", "？"))
    if is_question and asks:
        piece = piece.rstrip(" ?？!.")
    return piece.strip(), is_question and not asks


_TELLS: Final = re.compile(r"(?:show|tell|say|display)(?!\w)", re.IGNORECASE)


def tells(piece: str) -> bool:
    """Whether a piece begins as what is told to a player does."""
    return _TELLS.match(piece) is not None


def begins_like_one(piece: str) -> bool:
    """Whether a piece begins as instructions do."""
    text, _ = plain(piece)
    first = _FIRST_WORD.match(text)
    return first is not None and first[0].casefold() in VERBS
