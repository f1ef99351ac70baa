# ruff: noqa: RUF001 (people write quotes, dashes and marks of many scripts)
"""The notation of the grammar: sentences with slots, made into regular expressions once.

`(a|b)` is one of them, `[a]` may be absent, `<word>` stands for the words in `WORDS`, and a slot takes
what a person says there:

- `{name}`: words of a name, or a name in quotes; with an article and a word such as
  "the room" around it. At most ten words without quotes, so that no sentence takes long.
- `{name"}`: words in quotes only.
- `<word!>` is told to the rule; `'s` is that of "the hall's camera".
- `{name…}`: all that follows, in quotes or not, and `{name:}`: all that follows a colon, or begins with a
  quote. Only at the end.
"""

from __future__ import annotations

import re
from typing import Final

from conjure.providers.editor.builtin.marks import CLOSE, OPEN, OWNS, QUOTED

WORDS: Final = {
    "place": "state|room|place|location|scene|area|spot|screen|node",
    "event": "event|action|transition|choice|option|interaction|move|step|way|path|exit|passage|link|connection|edge|door",
    "ending": "ending|end|finale|ending state|end state",
    "add": "add|create|make|insert|put in|build|introduce|set up",
    "delete": "delete|remove|erase|get rid of|take out|take away|throw out|throw away|wipe out",
    "set": "set|change|make|update|edit|turn|switch|rewrite|replace",
    "called": "called|named|titled|with the name|by the name of|with name|labelled|labeled|whose name is",
    "win": "win|wins|winning|victory|victorious",
    "won": "won",
    "lost": "lost",
    "happy": "good|happy|successful",
    "unhappy": "bad|sad|unhappy|unsuccessful",
    "lose": "lose|loses|losing|loss|defeat|death|failure|game over|dies|die|losing one",
    "the": "the|a|an|this|that|my|our",
    "description": "description|base|prose|look|text|appearance",
    "player": "the player|player|players|the players|you|they|he|she|people|everyone|one|the hero|the user|the character",
    "has": "has|have|holds|hold|carries|carry|gets|get|got|has got|have got|owns|own|finds|find|found|has found|have found|picked up|has picked up|have picked up|obtained|collects|collected|possesses",
    "is": "is|are|becomes|should be|shall be|must be|will be|is now|should become|counts as|is to be",
    "reads": "reads|says|tells|is|should read|should say|should be",
    "hint": "hint|locked hint|message|locked message|note|text",
    "key": "key|hotkey|shortcut|button|keyboard key|hot key|keyboard shortcut",
    "camera": "camera|view|camera angle|shot|framing",
    "movement": "movement|motion",
    "intro": "intro|opening|introduction",
    "outro": "outro|closing|epilogue",
    "title": "title|headline",
    "subtitle": "subtitle|sub title|caption",
    "leads": "leads|lead|goes|go|takes|take|brings|bring|should lead|should go|leading|going|should take",
}
"""Words that mean the same, by how the patterns name them."""

_NOUNS: Final = f"{WORDS['place']}|{WORDS['event']}|ending|flag|key|item|object|cutscene|film|video|sequence|called|named"
_ARTICLE: Final = "the |a |an |this |that |my |our |its "
# Words of a name: neither punctuation that divides, nor a stand-in for quoted words.
_WORD: Final = f"[^\\s{OPEN}{CLOSE}{OWNS}:,;\"“”«»?!]++(?:{OWNS}['’]s)?"
_NAME: Final = (
    f"(?:(?:{_ARTICLE})?(?:(?:{_NOUNS}) )*+{QUOTED}(?: (?:{_NOUNS})(?!\\w))?"
    f"|{_WORD}(?: {_WORD}){{0,9}}?)"
)
_PART: Final = re.compile(
    r'\{(?P<slot>\w+)(?P<how>["…:]?)\}|<(?P<words>\w+)(?P<told>!?)>|(?P<mark>[\[\]()|])'
    r"|(?P<literal>[:,.])|(?P<word>[^\s\[\](){}<>|:,.]+)"
)
_END: Final = r"(?:(?<= )(?:instead|now|from now on))?[ .!]*+$"


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression over the text of a clause."""
    parts: list[str] = []
    ends_open = False
    for match in _PART.finditer(pattern):
        ends_open = False
        if match["slot"]:
            how = match["how"]
            if how == ":":
                parts.append(f":? ?(?:(?<=: )|(?<=:)|(?={OPEN}))")
            body = {"": _NAME, '"': f"(?:(?:{_ARTICLE})?{QUOTED})", "…": ".+", ":": ".+"}[how]
            ends_open = how in {"…", ":"}
            parts.append(f"(?<!\\w)(?P<{match['slot']}>{body})" + ("" if ends_open else "(?!\\w)"))
        elif match["words"]:
            group = f"(?P<{match['words']}>" if match["told"] else "(?:"
            parts.append(f"(?<!\\w){group}{_alternatives(WORDS[match['words']])})(?!\\w)")
        elif match["mark"]:
            parts.append({"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|"}[match["mark"]])
            continue  # the blank belongs to what is inside
        elif match["literal"]:
            parts.append(re.escape(match["literal"]))
        elif match["word"] == "'s":
            parts.append(f"{OWNS}['’]s(?!\\w)")
        else:
            parts.append(f"(?<!\\w){_either_apostrophe(match['word'])}(?!\\w)")
        parts.append(" ?")
    return re.compile("".join(parts) + ("$" if ends_open else _END), re.IGNORECASE | re.DOTALL)


def _alternatives(words: str) -> str:
    """The longest first, so that no shorter one hides it."""
    return "|".join(sorted(map(re.escape, words.split("|")), key=len, reverse=True)).replace(
        "\\ ", " "
    )


def _either_apostrophe(word: str) -> str:
    return re.escape(word).replace("'", "['’]")
