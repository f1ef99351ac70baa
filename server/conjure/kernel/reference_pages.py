"""The pages LINTS.md and OPS.md, written from the code: `python -m conjure.kernel.reference_pages`."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.diagnostics import MOST_IN_MESSAGE, MOST_IN_PATH, Severity
from conjure.kernel.lints import LINTS
from conjure.kernel.lints.prose import PROMPT_BUDGET
from conjure.kernel.names import LONGEST_NAME
from conjure.kernel.ops import FIRST_REGISTER, MOST_OPS, MOST_TOUCHED, SECOND_REGISTER
from conjure.kernel.templates import MOST_IN_MEMBER, MOST_IN_WORLD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.kernel.ops import Op

_MADE: Final = "<!-- Made by `python -m conjure.kernel.reference_pages`; edit the code instead. -->"

_BY_SEVERITY: Final = {
    Severity.ERROR: ("Errors", "A world with one of these is not stored."),
    Severity.WARNING: ("Warnings", "Advice: the world is stored, and probably plays badly."),
    Severity.INFO: ("Infos", "Neither good nor bad: about the findings themselves."),
}

_LINTS_INTRO: Final = f"""\
# Lints

{_MADE}

What `check` may say about a world. A finding has a `lint`, a `severity`, a `path`, a `message`,
and, inside factored prose, a `loc` with `field`, `template`, `slot` and `fill`, as far as they
apply. There is at most one finding per field and lint; errors come first, then they are ordered by
path. A path has at most {MOST_IN_PATH} characters, a message {MOST_IN_MESSAGE}: longer names lose
their middle.

Each example is a JSON merge patch: laid over a sound world that has a state `atrium` and a state
`cellar`, it makes the lint fire.
"""

_PROSE: Final = f"""\
## Factored prose

Any member that holds prose may be `{{"template": "corridor", "fills": {{"light": "a lamp"}}}}` instead
of a string, and `kernel.templates` says what the template is:

```json
{{"corridor": {{"text": "A {{mood}} corridor lit by {{light}}. {{>room}}",
              "slots": {{"mood": {{"fills": ["long", "dark"], "default": "long"}}, "light": {{}}}}}}}}
```

- `{{light}}` is a slot: the member's fill stands there, or else the slot's default. `{{>room}}` is
  another template, whole; the same fills reach its slots.
- A slot is there when the text, its includes written out, names it. `slots` may say which fills are
  allowed and what the default is; a slot that it does not mention takes any words.
- Fills are words: braces in them mean nothing. Braces around nothing, or without a partner, are
  ordinary characters everywhere.
- A member may come to {MOST_IN_MEMBER:,} characters, all of a world's together to {MOST_IN_WORLD:,}.
  Templates that write more are refused before they are written (`schema`).
- The other lints see the resolved words; the prompt budget of a state is {PROMPT_BUDGET:,} characters.
- A template that is in error is reported once, at the template, and not again where prose uses it.
"""

_OPS_INTRO: Final = f"""\
# Ops

{_MADE}

Every change of a graph, as one object with an `op`. A batch is a list of 1 to {MOST_OPS}; they apply in
their order, one that cannot is skipped and says why, and the gate checks the result once.

- A state may be addressed by `state`, `stateId` or `id`, an event by `event`, `eventName` or `name`,
  asked in this order.
- The members of a thing stand in an object (`patch`, `state`, `event`, `cutscene`, `sequence`,
  `mission`), and then everything else in the op is ignored, or flat beside the name.
- A change replaces whole members. `null` erases an optional one; what is inside a member is not
  merged (`set_field` and its kin reach inside).
- What an op of the second register sets must fit the schema, or the op is skipped. Those of the first
  leave that to the gate, which refuses the batch.
- A batch goes through at most {MOST_TOUCHED:,} members, items and references; the ops after that are
  skipped and say so.
- New ids and names have 1 to {LONGEST_NAME} characters. An absent one is made.
- An op holds itself to what it needs and to what a thing cannot be without (a state's `base`, an
  event's `name`, `kind` and `from`). Everything else is for the gate.

The examples apply to a world with the states `atrium` (a variant `dusk`), `cellar` and `spare` (its
base made from a template with the slot `mood`), the event `Step down`, the cutscene `fall`, the
sequence `tour` and a story.
"""


def lints_page() -> str:
    """LINTS.md: every lint, by severity."""
    parts = [_LINTS_INTRO]
    for severity in Severity:
        title, weight = _BY_SEVERITY[severity]
        parts.append(f"## {title}\n\n{weight}\n")
        parts += [
            f"### {lint.name}\n\n{_prose(f'Fires when {lint.rule}.')}\n\n{_code(lint.example)}"
            for lint in LINTS
            if lint.severity is severity
        ]
    return "\n".join([*parts, _PROSE])


def ops_page() -> str:
    """OPS.md: every op, by register."""
    return "\n".join(
        [
            _OPS_INTRO,
            "## First register\n",
            *_ops(FIRST_REGISTER),
            "## Second register, for tools\n",
            *_ops(SECOND_REGISTER),
        ]
    )


def _ops(ops: Iterable[Op]) -> list[str]:
    return [
        "\n".join(
            [
                f"### {op.name}\n",
                f"{_prose(f'{op.meaning[0].upper()}{op.meaning[1:]}.')}\n",
                "| parameter | |",
                "|---|---|",
                *(f"| `{name}` | {text} |" for name, text in op.parameters.items()),
                *(("", op.more) if op.more else ()),
                "",
                _code({"op": op.name, **op.example}, is_whole=True),
            ]
        )
        for op in ops
    ]


def _prose(sentence: str) -> str:
    return textwrap.fill(sentence, 100, break_long_words=False, break_on_hyphens=False)


def _code(value: Any, *, is_whole: bool = False) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > 200:  # a base that is too long for a prompt is also too long for a page
        short = f"{text[:120]}…{text[-24:]}"
        text = json.dumps(value, ensure_ascii=False, indent=2) if is_whole else short
    return f"```json\n{text}\n```\n"


PAGES: Final = {"LINTS.md": lints_page, "OPS.md": ops_page}


def main() -> None:
    """Writes both pages beside this module."""
    for name, page in PAGES.items():
        Path(__file__).with_name(name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
