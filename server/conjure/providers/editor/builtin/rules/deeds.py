"""Rules about what can be done without leaving a place: actions and talks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.values import child, elements
from conjure.providers.author.builtin.text import capital
from conjure.providers.editor.builtin import wording
from conjure.providers.editor.builtin.names import called
from conjure.providers.editor.builtin.questions import Ask, Unknown
from conjure.providers.editor.builtin.rule import Rule
from conjure.providers.editor.builtin.work import imperative

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.clause import Clause
    from conjure.providers.editor.builtin.work import Work


# Words that no action here begins with without quotes: they tell of ways, or of how play begins and ends.
_NO_DEEDS: Final = frozenset(
    [
        "go",
        "walk",
        "move",
        "get",
        "come",
        "enter",
        "leave",
        "travel",
        "start",
        "begin",
        "spawn",
        "be",
        "stay",
        "win",
        "lose",
        "die",
        "only",
        "never",
        "always",
        "also",
        "still",
        "now",
        "just",
        "have",
    ]
)


def _place_for(work: Work, clause: Clause) -> str:
    state = work.find_state(clause.name("a"))
    if "ending" in work.state(state):
        raise Ask(
            f"Play ends in {called(state)}, so nothing can be done there. Which place do you mean?"
        )
    return state


def _add_event(work: Work, name: str, members: dict[str, Any]) -> None:
    if work.names.has("event", name):
        raise Ask(f"There is an event {called(name)} already. What shall the new one be called?")
    work.apply("add_event", name=name, event=members)
    work.names.add("event", name)
    work.remember("event", name)


def _act(work: Work, clause: Clause) -> None:
    state = _place_for(work, clause)
    if clause.has("doing"):
        said = clause.name("doing")
        name = capital(said.text) if said.is_quoted else imperative(said.text)
    else:
        name, is_quoted = wording.new_name(clause, "new", "action"), clause.new_name("new")[1]
        name = name if is_quoted else imperative(name)
        if not is_quoted and name.partition(" ")[0].casefold() in _NO_DEEDS:
            raise Unknown(
                f"What shall the player do in {called(state)}? Put the name of the action in quotes."
            )
    event: dict[str, Any] = {"kind": "override", "from": [state]}
    seen = clause.text("text") if clause.has("text") else wording.shown_deed(work, name)
    if seen:
        event["base"] = seen
    thing = name.partition(" ")[2]
    anchor = wording.anchor_in_view(work, thing, [state]) if thing else None
    if anchor is not None:
        event["anchor"] = anchor
    _add_event(work, name, event)
    work.say(f"The player can {called(name)} in {called(state)} now.")


def _talk(work: Work, clause: Clause) -> None:
    state = _place_for(work, clause)
    terminal: dict[str, Any] = {"persona": clause.text("persona")}
    if clause.has("greeting"):
        terminal["greeting"] = clause.text("greeting")
    if clause.has("new"):
        name = wording.new_name(clause, "new", "talk")
    else:
        name = f"Talk to {clause.name('who').text}"
    event: dict[str, Any] = {"kind": "terminal", "from": [state], "terminal": terminal}
    if clause.has("who"):
        anchor = wording.anchor_in_view(work, clause.name("who").text, [state])
        if anchor is not None:
            event["anchor"] = anchor
    _add_event(work, name, event)
    work.say(f"The player can {called(name)} in {called(state)} now.")


def _terminal(work: Work, clause: Clause) -> tuple[str, dict[str, Any]]:
    """The talk that is meant, and what it says."""
    thing = work.find_by_part(clause.name("a"), ("event",))
    event = work.event(thing.name)
    if event.get("kind") != "terminal":
        raise Ask(f"{called(thing.name)} is not a talk. Which talk do you mean?")
    return thing.name, child(event, "terminal")


def _persona(work: Work, clause: Clause) -> None:
    name, terminal = _terminal(work, clause)
    persona = clause.text("text")
    work.apply(
        "set_event_field", event=name, field="terminal", value={**terminal, "persona": persona}
    )
    work.say(f"{called(name)} has its new persona.")


def _greeting(work: Work, clause: Clause) -> None:
    name, terminal = _terminal(work, clause)
    greeting = clause.text("text")
    work.apply(
        "set_event_field", event=name, field="terminal", value={**terminal, "greeting": greeting}
    )
    work.say(f"{called(name)} begins with {called(greeting)} now.")


def _fact(work: Work, clause: Clause) -> None:
    name, terminal = _terminal(work, clause)
    fact: dict[str, Any] = {"text": clause.text("text")}
    if clause.has("flag"):
        said = clause.name("flag")
        flag = work.find_flag(said)
        if flag is None:
            raise Ask(f"No event gives {called(said.text)}. Which event gives it?")
        fact["requires"] = [flag]
    facts = [*elements(terminal, "facts"), fact]
    work.apply("set_event_field", event=name, field="terminal", value={**terminal, "facts": facts})
    work.say(f"{called(name)} can tell one thing more now.")


_NEW = "<add> [<the>] [new|another]"
_DEED = "(action|event|interaction|override|deed|choice|option|thing to do)"
_TALK = "(talk|conversation|dialogue|dialog|terminal|chat|talk event|terminal event)"
_IN = "(in|at|to|for|inside)"

RULES = (
    Rule(
        "Add an action",
        "Adds something to do in a place, after which play stays there. What is seen is what follows the "
        "colon, else it is made from the name.",
        (
            f"{_NEW} {_DEED} [<called>] {{new}} {_IN} {{a}}: {{text…}}",
            f'{_NEW} {_DEED} [<called>] {{new"}} {_IN} {{a}} (with|using|having) [<the>] [<description>] [:|of] {{text"}}',
            f"{_NEW} {_DEED} [<called>] {{new}} {_IN} {{a}}",
            f'{_NEW} {_DEED} {_IN} {{a}} [<called>] {{new"}}: {{text…}}',
            f"{_NEW} {_DEED} {_IN} {{a}} <called> {{new}}: {{text…}}",
            f'{_NEW} {_DEED} {_IN} {{a}} [<called>] {{new"}}',
            f"{_NEW} {_DEED} {_IN} {{a}} <called> {{new}}",
            "(in|inside) {a} [,] <player> (can|should be able to|may) {new}: {text…}",
            "(in|inside) {a} [,] <player> (can|should be able to|may) {new}",
            "(let|allow) <player> [to] {new} (in|inside) {a}: {text…}",
            "(let|allow) <player> [to] {new} (in|inside) {a}",
            "<player> (can|should be able to|may) {new} (in|inside) {a}: {text…}",
            "<player> (can|should be able to|may) {new} (in|inside) {a}",
        ),
        _act,
    ),
    Rule(
        "Add somebody to talk to",
        "Adds a talk: who answers, and what that is like (the persona).",
        (
            f'{_NEW} {_TALK} [<called>] {{new"}} {_IN} {{a}} (with|as|using) [<the>] persona [:|of] {{persona"}} (and|with|and with) [<the>] greeting [:|of] {{greeting"}}',
            f'{_NEW} {_TALK} [<called>] {{new"}} {_IN} {{a}} (with|as|using) [<the>] persona [:|of] {{persona…}}',
            f"{_NEW} {_TALK} (with|to) {{who}} {_IN} {{a}} (with|as|using) [<the>] persona [:|of] {{persona…}}",
            f"{_NEW} {_TALK} (with|to) {{who}} {_IN} {{a}}: {{persona…}}",
            "(let|allow) <player> [to] (talk to|talk with|speak to|speak with|chat with) {who} (in|at) {a}: {persona…}",
            "(in|at) {a} [,] <player> can (talk to|talk with|speak to|speak with|chat with) {who}: {persona…}",
            "<player> can (talk to|talk with|speak to|speak with|chat with) {who} (in|at) {a}: {persona…}",
        ),
        _talk,
    ),
    Rule(
        "Say what somebody is like",
        "Changes the persona of a talk.",
        (
            "<set> [<the>] persona (of|for|in) {a} (to|as|:) [:] {text…}",
            "<set> {a} 's persona (to|as|:) [:] {text…}",
            "[<the>] persona of {a} (is|should be|:) [:] {text…}",
        ),
        _persona,
    ),
    Rule(
        "Say how a talk begins",
        "Changes the greeting of a talk.",
        (
            "<set> [<the>] greeting (of|for|in) {a} (to|as|:) [:] {text…}",
            "<set> {a} 's greeting (to|as|:) [:] {text…}",
            "{a} (greets|should greet|welcomes) <player> with [:] {text…}",
            "[<the>] greeting of {a} (is|should be|:) [:] {text…}",
        ),
        _greeting,
    ),
    Rule(
        "Add something that can be told",
        "Adds a fact to a talk; “once the player has …” keeps it back until then.",
        (
            "<add> [<the>] [new] fact to {a} (once|when|after|if) <player> <has> {flag}: {text…}",
            "<add> [<the>] [new] fact to {a} {text:}",
            '{a} (knows|should know|can tell|tells|should tell) [that] [:] {text"}',
        ),
        _fact,
    ),
)
