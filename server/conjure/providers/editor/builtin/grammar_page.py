# ruff: noqa: RUF001 (people write quotes, dashes and marks of many scripts)
"""The page GRAMMAR.md, written from the rules: `python -m conjure.providers.editor.builtin.grammar_page`."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conjure.providers.editor.builtin.answers import MOST_IN_REPLY
from conjure.providers.editor.builtin.demo import demo_world
from conjure.providers.editor.builtin.editor import MOST_CHARACTERS, MOST_CLAUSES
from conjure.providers.editor.builtin.examples import EXAMPLES
from conjure.providers.editor.builtin.patterns import WORDS
from conjure.providers.editor.builtin.rules import SECTIONS

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.rule import Example, Rule

PAGE: Final = Path(__file__).parents[1] / "GRAMMAR.md"

_MADE: Final = (
    "<!-- Made by `python -m conjure.providers.editor.builtin.grammar_page`; "
    "edit the code instead. -->"
)

_INTRO: Final = f"""\
# What the built-in editor understands

{_MADE}

The built-in editor changes a world by sentences, offline, and the same sentence always does the same. It
understands the sentences of this page. It never guesses: whatever else is said, and whatever is not clear,
is answered with a question, and nothing is changed.

- **Several sentences** are carried out in their order, all of them or none: divided by full stops,
  semicolons, new lines, "then", "and add …", or as a list. When one of them cannot be, the reply says
  which. At most {MOST_CLAUSES} sentences and {MOST_CHARACTERS:,} characters.
- **Names** are said as they are written, in any case, or by their words: "the grand hall" is `grand_hall`.
  When no other name fits, a place also goes by its `arriveLabel`, but not to be deleted. A name in quotes
  is one name, whatever is in it; names of one to ten words need none. Where more than one thing fits the
  editor asks which, and where none does it says what comes near. "It" is what the sentence before was
  about, in the same instruction.
- **Quotes** of all kinds: "…", '…', “…”, ‘…’, „…“, «…», 「…」, `…`.
- **Words without quotes** after a colon, or at the end, stand as they are written. They run on over the
  sentences after them on the same line that begin with no verb such as "add" or "delete". When such a
  sentence could also be something to do the editor asks.
- **Politeness** ("please", "can you …", "I want you to …") changes nothing. "I want the hall to be a win" is
  "the hall should be a win". A sentence that asks something ("is the hall a win?") changes nothing either.
- **After all** the world is checked. What would break it is not done, and the reply says why; what probably
  plays badly is done, and the reply has a note. A reply has at most {MOST_IN_REPLY:,} characters.

Every example below is run by a test: on the world at the end of the page it changes what the page says, and
nothing else. In the sentences `(a|b)` is one of them, `[a]` may be absent, `{{…}}` is a name or, with a mark
in it, your words (`"`: in quotes only; `…`: all that follows; `:`: after a colon or in quotes), and `<add>`
is one of the words of the table below them.
"""


def page() -> str:
    """GRAMMAR.md: every rule, with its sentences and examples."""
    parts = [_INTRO]
    for title, rules in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += [_section(rule) for rule in rules]
    parts.append("## Words that mean the same\n\n| | |\n|---|---|")
    parts += [
        f"| `<{name}>` | {words.replace('|', ', ')} |" for name, words in sorted(WORDS.items())
    ]
    world = json.dumps(demo_world(), ensure_ascii=False, indent=1)
    parts.append(f"\n## The world of the examples\n\n```json\n{_compact(world)}\n```\n")
    return "\n".join(parts)


def _section(rule: Rule) -> str:
    sentences = "\n".join(
        textwrap.fill(
            pattern.replace("!>", ">"),
            112,
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for pattern in rule.patterns
    )
    prose = textwrap.fill(rule.does, 112, break_long_words=False, break_on_hyphens=False)
    examples = "\n".join(map(_example, EXAMPLES[rule.title]))
    return (
        f"### {rule.title}\n\n{prose}\n\n{examples}\n<details><summary>Sentences</summary>\n\n"
        f"```text\n{sentences}\n```\n\n</details>\n"
    )


def _example(example: Example) -> str:
    lines = [f"> {example.says}\n"]
    lines += [f"- {_change(place, value)}" for place, value in example.changes.items()]
    if not example.changes:
        lines.append("- changes nothing")
    reply = textwrap.fill(
        f"- *{example.reply}*",
        112,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join([*lines, reply, ""])


def _change(place: str, value: Any) -> str:
    if value is None:
        return f"`{place}` is gone"
    return f"`{place}`: `{json.dumps(value, ensure_ascii=False)}`"


def _compact(text: str) -> str:
    """JSON whose innermost objects and lists stand on one line each."""
    for _ in range(2):
        text = re.sub(
            r"([\[{])\n\s*([^\[\]{}]*?)\n\s*([\]}])",
            lambda match: match[1] + re.sub(r"\n\s*", " ", match[2]) + match[3],
            text,
        )
    return text


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
