"""What the kernel finds, in words for whoever plays with worlds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from conjure.providers.editor.builtin.names import called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.kernel import Diagnostic
    from conjure.providers.editor.draft import DraftFindings

MOST_IN_REPLY: Final = 2_000
"""Characters of a reply."""

_MOST_TOLD: Final = 4  # warnings in one reply
_NAMED: Final = re.compile(r"^\w+\[(?P<name>.*?)\](?:\.|$)", re.DOTALL)
_QUOTED: Final = re.compile(r"'([^']{1,60})'")

# By lint: the sentence about the thing in the path. `{words}` are what the message quotes.
_SENTENCES: Final = {
    "ending-has-exits": "{name} is an ending, and a way still leads on from it.",
    "orphan-event": "{name} is not possible anywhere.",
    "transition-needs-to": "{name} leads nowhere.",
    "duplicate-event": "More than one event is called {name}.",
    "duplicate-id": "Two things are called {name}.",
    "dangling-ref": "{name} refers to something that is not there.",
    "no-entrance": "There is no place where play starts.",
    "negation": "The words of {name} say {words}: video models draw what is named, so say what is there "
    "instead.",
    "whiteout": "The words of {name} speak of {words}: describe the light that arrives instead.",
    "lethal-override": "The words of {name} say {words}, and nobody comes back from that: a way to a place "
    "of its own would be better.",
    "budget": "The words of {name} are too many for one prompt: shorten them.",
    "auto-needs-pixels": "{name} lands by itself, and nothing says when.",
    "luminance-overlap": "Arriving by {name} and by the way back look alike.",
    "sliver-evidence": "Nothing says how near the thing must be that {name} hangs on.",
    "unreachable-require": "{name} needs {words}, which nothing gives.",
    "objective-unreachable": "Nothing fulfils an objective of the mission {name} any more.",
    "objective-ungrounded": "An objective of the mission {name} is about something that was not seen.",
    "reserved-hotkey": "The key of {name} is one that steers: choose another one.",
    "unreachable-state": "Nothing leads to {name}.",
    "no-ending": "No place is an ending.",
    "softlock": "A player may get stuck: from {name} no ending can be reached any more.",
    "shared-phase-camera": "The phases of {name} share one camera.",
    "unaddressable-name": "{name} is a name that nothing can address.",
}


def in_words(finding: Diagnostic) -> str:
    """A finding as a sentence."""
    sentence = _SENTENCES.get(finding.lint)
    named = _NAMED.match(finding.path)
    if sentence is None or (named is None and "{name}" in sentence):
        return f"{finding.message[:1].upper()}{finding.message[1:].rstrip('.')}."
    quoted = _QUOTED.findall(finding.message[len(finding.path) :])
    words = called(quoted[0]) if quoted else "something"
    return sentence.format(name=called(named["name"]) if named is not None else "", words=words)


def told(findings: Sequence[Diagnostic]) -> str:
    """The first findings, each once, and how many more there are."""
    sentences = list(dict.fromkeys(map(in_words, findings)))
    more = len(sentences) - _MOST_TOLD
    return " ".join(sentences[:_MOST_TOLD]) + (
        f" And {more:,} more of that sort." if more > 0 else ""
    )


def with_advice(done: str, findings: DraftFindings) -> str:
    """What was done, and what there is to say about it."""
    return bounded(f"{done} Note: {told(findings.warnings)}" if findings.warnings else done)


def bounded(reply: str) -> str:
    """A reply of no more characters than one may have."""
    return reply if len(reply) <= MOST_IN_REPLY else f"{reply[: MOST_IN_REPLY - 1]}…"
