"""Words that video models draw wrongly, and prompts that are too long (CONTRACT section 9)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conjure.kernel.document import camera_prose, content_prose
from conjure.kernel.lints.lint import WARNING, Lint
from conjure.kernel.values import text
from conjure.kernel.wording import listed

if TYPE_CHECKING:
    from conjure.kernel.findings import Findings
    from conjure.kernel.parts import Event, State

PROMPT_BUDGET = 1900  # characters

NEGATION = Lint(
    "negation",
    WARNING,
    "a state's base, movement.* or ambient[], or an event's base or detail, says no, not, never, "
    "without, none, nothing, don't, doesn't, can't or won't; camera prose may",
    {"scene": {"states": {"atrium": {"base": "An atrium without furniture."}}}},
)
WHITEOUT = Lint(
    "whiteout",
    WARNING,
    "a transition's base or detail speaks of whiteout, blinding, blown-white, bloom, overexposed "
    "or washed-out light",
    {
        "scene": {
            "events": [
                {
                    "name": "Step out",
                    "kind": "transition",
                    "from": ["atrium"],
                    "to": "cellar",
                    "detail": "A blinding light fills the door.",
                }
            ]
        }
    },
)
LETHAL_OVERRIDE = Lint(
    "lethal-override",
    WARNING,
    "an override's base or detail says kill, shoot, gun down, execute or lying on the ground",
    {
        "scene": {
            "events": [
                {
                    "name": "Draw",
                    "kind": "override",
                    "from": ["atrium"],
                    "detail": "He shoots the lamp.",
                }
            ]
        }
    },
)
BUDGET = Lint(
    "budget",
    WARNING,
    f"a state's base, camera.*, movement.* and ambient[] together, joined by one space, are over "
    f"{PROMPT_BUDGET} characters",
    {"scene": {"states": {"atrium": {"base": "A stone arch. " * 150}}}},
)
LINTS = (NEGATION, WHITEOUT, LETHAL_OVERRIDE, BUDGET)


class _Scan:
    """A lint that looks for whole words in lower-case text.

    Each word is a stem and a pattern that begins with it. Most prose holds no stem at all, and
    substring searches say so many times faster than one alternation of all the words (7 searches
    of 0.4 against 15 ns a character); the pattern, literal first, then settles what it is.
    """

    def __init__(self, lint: Lint, advice: str, *words: tuple[str, str]) -> None:
        self._lint = lint
        self._advice = advice
        # The word boundary is checked behind the stem: in front of it, it would hide the literal
        # that `re` skips ahead by.
        self._words = [
            (stem, re.compile(rf"{stem}(?<!\w{stem}){rest}(?!\w)").search) for stem, rest in words
        ]
        # Of a few letters one search of all the words is cheaper than one for each stem.
        self._any = re.compile(
            "|".join(rf"{stem}(?<!\w{stem}){rest}(?!\w)" for stem, rest in words)
        ).search

    def hits(self, words: str) -> list[str]:
        """What occurs in lower-case words, one form per stem."""
        found = []
        for stem, search in self._words:
            if stem in words:
                match = search(words)
                if match is not None:
                    found.append(match[0])
        return found

    def report(self, path: str, said: list[tuple[str, str]], found: Findings) -> None:
        """Tell which of the fields it is: a hit in all of them together may span two."""
        severity = self._lint.severity
        for at, (field, words) in enumerate(said):
            if found.is_full(severity):
                has_any = self._any
                rest = [1 for _, words in said[at:] if has_any(words.lower())]
                found.omit(severity, len(rest))
                return
            hits = self.hits(words.lower())
            if hits:
                found.append(
                    self._lint.at(f"{path}.{field}", f"says {listed(hits)}. {self._advice}")
                )


# The apostrophe is optional and may be the typographic one.
_NEGATION = _Scan(
    NEGATION,
    "Video models draw what is named: say what is there instead.",
    ("no", "(?:t(?:hing)?|ne)?"),
    ("never", ""),
    ("without", ""),
    ("don", "['\u2019]?t"),
    ("doesn", "['\u2019]?t"),
    ("can", "['\u2019]?t"),
    ("won", "['\u2019]?t"),
)


def negations(words: str) -> list[str]:
    """The negations in words, each in one of its forms."""
    return _NEGATION.hits(words.lower())


_JOIN = "[-\u2010\u2011 ]?"  # blown-white, blown white, blownwhite
_WHITEOUT = _Scan(
    WHITEOUT,
    "A white frame is a dead end for the model: describe the light that arrives.",
    ("white", "-?out"),
    ("blinding", ""),
    ("blown", f"{_JOIN}white"),
    ("bloom", "(?:ed|ing)?"),
    ("over", f"{_JOIN}exposed"),
    ("washed", f"{_JOIN}out"),
)


def whiteouts(words: str) -> list[str]:
    """What of the words a transition had better not say of its light."""
    return _WHITEOUT.hits(words.lower())


# 'the X' is a noun of up to three words. Possessive, so that a long run cannot backtrack.
_LETHAL = _Scan(
    LETHAL_OVERRIDE,
    "An override returns to its state, and nobody comes back from this: soften it, or make it a "
    "transition to a state of its own.",
    ("kill", "(?:s|ed|ing)?"),
    ("shoot", "(?:s|ing)?"),
    ("gun", r"(?:s?\s++(?:him|her|them|the(?:\s++(?!down\b)[\w'\u2019-]++){1,3})|ned)\s++down"),
    ("execut", "(?:es?|ed|ion)"),
    ("lying", r"\s++on\s++the\s++ground"),
)
_EVENT_SCANS = {
    "transition": (_NEGATION, _WHITEOUT),
    "override": (_NEGATION, _LETHAL),
}
_ANY_EVENT_SCANS = (_NEGATION,)


def check_event(event: Event, found: Findings) -> None:
    """Scan the base and the detail of an event once."""
    base, detail = text(event.raw, "base"), text(event.raw, "detail")
    if not (base or detail):
        return
    joined = f"{base or ''}\n{detail or ''}".lower()
    for scan in _EVENT_SCANS.get(event.kind or "", _ANY_EVENT_SCANS):
        if scan.hits(joined):
            said = [
                (field, words) for field, words in (("base", base), ("detail", detail)) if words
            ]
            scan.report(event.path, said, found)


def check_state(state: State, found: Findings) -> None:
    """Scan the content of a state once."""
    content = content_prose(state.raw)
    joined = "\n".join([words for _, words in content])
    if _NEGATION.hits(joined.lower()):
        _NEGATION.report(state.path, content, found)
    # The one character between two fields weighs the same here as in the prompt.
    length = len(joined)
    for _, words in camera_prose(state.raw):
        length += len(words) + (1 if length else 0)
    if length > PROMPT_BUDGET:
        found.append(
            BUDGET.at(
                state.path,
                f"makes a prompt of {length:,} characters; the budget is {PROMPT_BUDGET:,}. "
                "Shorten its base, camera, movement or ambient.",
            )
        )
