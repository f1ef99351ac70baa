# ruff: noqa: RUF001 (people write quotes, dashes and marks of many scripts)
"""Rules about places: adding and describing them, and where play begins and ends."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from conjure.kernel.lints.prose import negations
from conjure.kernel.values import child, text
from conjure.providers.author.builtin.text import capital
from conjure.providers.editor.builtin import wording
from conjure.providers.editor.builtin.names import called, some
from conjure.providers.editor.builtin.questions import Ask
from conjure.providers.editor.builtin.rule import Rule
from conjure.providers.editor.builtin.work import sources

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.clause import Clause
    from conjure.providers.editor.builtin.work import Work

_NEW = "<add> [<the>] [new|another] [<the>]"
_WITH = "(with|using|having|and) [<the>] [following] <description>"


def _add(work: Work, clause: Clause) -> None:
    name = wording.new_name(clause, "new", "place")
    _make(work, name, clause.text("text"))
    work.say(f"Added the place {called(name)}.")


def _make(work: Work, name: str, base: str, ending: dict[str, Any] | None = None) -> str:
    """Adds a state that is filmed as the entrance is."""
    state = wording.state_id(work, name)
    if work.names.has("state", state):
        raise Ask(
            f"There is a place {called(state)} already. Choose another name, or describe that one."
        )
    if not base:
        raise Ask(f"What does {called(name)} look like? Say it after a colon.")
    members: dict[str, Any] = {"base": base, "arriveLabel": capital(name.replace("_", " "))}
    members |= _motion(work)
    if ending is not None:
        members["ending"] = ending
    work.apply("add_state", id=state, state=members)
    work.names.add("state", state, members["arriveLabel"])
    work.remember("state", state)
    return state


def _motion(work: Work) -> dict[str, Any]:
    """Camera and movement of the entrance, as far as they can stand anywhere."""
    model = work.state(work.entrance() or "")
    found = {}
    for member in ("camera", "movement"):
        pair = child(model, member)
        halves = [half for half in pair.values() if half]
        plain = all(isinstance(half, str) and not negations(half) for half in halves)
        if halves and (plain or member == "camera"):
            found[member] = copy.deepcopy(pair)
    return found


def _add_undescribed(work: Work, clause: Clause) -> None:
    name = wording.new_name(clause, "new", "place")
    raise Ask(
        f"What does {called(name)} look like? For example: "
        f"add a place called {name}: A low room under the roof."
    )


def _add_unnamed(_work: Work, _clause: Clause) -> None:
    raise Ask(
        "What shall the new place be called, and what does it look like? For example: "
        "add a place called attic: A low room under the roof."
    )


def _add_ending(work: Work, clause: Clause) -> None:
    name = wording.new_name(clause, "new", "ending")
    kind = _kind(clause)
    title = capital(name.replace("_", " "))
    _make(work, name, clause.text("text"), {"kind": kind, "title": title})
    work.say(f"Added the place {called(name)}, where the player {_outcome(kind)}.")


def _kind(clause: Clause) -> str:
    if any(map(clause.has, ("win", "won", "happy"))):
        return "win"
    if any(map(clause.has, ("lose", "lost", "unhappy"))):
        return "lose"
    raise Ask("Is that ending won or lost? Say “a winning ending” or “a losing ending”.")


def _outcome(kind: str) -> str:
    return "wins" if kind == "win" else "loses"


def _end(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    present = child(work.state(state), "ending")
    kind = _kind(clause)
    exits = [
        str(e.get("name"))
        for e in work.events()
        if state in sources(e) and e.get("kind") == "transition"
    ]
    if exits:
        raise Ask(
            f"{called(state)} cannot be an ending while {some(exits)} "
            f"{'leads' if len(exits) == 1 else 'lead'} on from it. "
            "Which of them shall go? Delete them first, or choose another place."
        )
    words = {slot: clause.label(slot) for slot in ("title", "subtitle") if clause.has(slot)}
    kept = {slot: present[slot] for slot in ("title", "subtitle") if slot in present}
    if not kept and "title" not in words:
        words["title"] = capital(wording.label_of(work, state))
    work.apply("set_state_ending", state=state, ending={"kind": kind, **kept, **words})
    titled = f" The title is {called(words['title'])}." if "title" in words else ""
    work.say(f"The player {_outcome(kind)} in {called(state)} now.{titled}")


def _unend(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    if "ending" not in work.state(state):
        raise Ask(f"{called(state)} is no ending. Which place do you mean?")
    work.apply("set_state_ending", state=state, kind=None)
    work.say(f"{called(state)} is no ending any more.")


def _title(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    member = "subtitle" if clause.has("subtitle") else "title"
    ending = child(work.state(state), "ending")
    if not ending:
        raise Ask(
            f"{called(state)} is no ending, and only endings have titles. "
            "Do you want to rename it, or to make it a winning or a losing ending?"
        )
    words = clause.label("text")
    work.apply("set_state_ending", state=state, ending={**ending, member: words})
    work.say(f"The {member} of {called(state)} is {called(words)} now.")


def _enter(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    if work.entrance() == state:
        work.say(f"Play starts in {called(state)} already.")
        return
    if "ending" in work.state(state):
        raise Ask(f"Play ends in {called(state)}, so it cannot start there. Where shall it start?")
    work.apply("set_entrance", state=state)
    work.say(f"Play starts in {called(state)} now. The picture at the start is still the same.")


def _describe(work: Work, clause: Clause) -> None:
    thing = work.find_by_part(clause.name("a"))
    words = clause.text("text")
    if thing.kind == "state":
        work.apply("set_field", state=thing.name, field="base", value=words)
    else:
        work.apply("set_event_field", event=thing.name, field="base", value=words)
    work.say(f"{called(thing.name)} has its new description.")


def _append(work: Work, clause: Clause) -> None:
    thing = work.find_by_part(clause.name("a"))
    of = work.state(thing.name) if thing.kind == "state" else work.event(thing.name)
    base = of.get("base")
    if base is not None and not isinstance(base, str):
        raise Ask(
            f"The description of {called(thing.name)} is made from a template, so that nothing can be "
            f"added to it. What shall all of it be? Say: describe {thing.name} as …"
        )
    before = (text(of, "base") or "").strip()
    stop = "." if before and before[-1].isalnum() else ""
    words = f"{before}{stop} {capital(clause.text('text'))}".strip()
    if thing.kind == "state":
        work.apply("set_field", state=thing.name, field="base", value=words)
    else:
        work.apply("set_event_field", event=thing.name, field="base", value=words)
    work.say(f"Added to the description of {called(thing.name)}.")


_START = "(entrance|start|start place|starting place|starting point|starting state|start state|starting room|beginning|first place|first room|spawn|spawn point)"
_MADE = "(make|mark|turn|set|declare|let|have) {a} [as|into|to|to be|be] [<the>]"
_TITLED = "[(<called>|with [<the>] title|title) {title}]"
_BOTH = '(<called>|with [<the>] title) {title"} (and|with|and with) [<the>] subtitle {subtitle"}'
_WON = "(<win!> [<ending>]|<lose!> [<ending>]|<happy!> <ending>|<unhappy!> <ending>)"

RULES = (
    Rule(
        "Add a place",
        "Adds a place. Its id is the name in small letters, it is filmed as the entrance is, and its "
        "name is what tells that the player has arrived. A description is needed: without one the "
        "editor asks for it.",
        (
            f"{_NEW} <place> [<called>] {{new}}: {{text…}}",
            f"{_NEW} <place> [<called>] {{new}} {_WITH} [of|:|reading|is|that says|as] {{text…}}",
            f"{_NEW} <place> [<called>] {{new}} (described as|that looks like|which looks like|that shows|showing) [:] {{text…}}",
            f"{_NEW} <place> [<called>] {{new}} (-|–|—) {{text…}}",
            f'{_NEW} <place> [<called>] {{new"}} [,] {{text"}}',
            f"{_NEW} {{new}} <place>: {{text…}}",
            "(there is|there should be|i need|we need|i want|we want|i would like|i'd like) [<the>] [new|another] <place> <called> {new}: {text…}",
            "(new|another) <place> <called> {new}: {text…}",
        ),
        _add,
    ),
    Rule(
        "Add a place without saying enough",
        "A place needs a name and a description; the editor asks for what is missing.",
        (
            f"{_NEW} <place> <called> {{new}}",
            f'{_NEW} <place> {{new"}}',
        ),
        _add_undescribed,
    ),
    Rule(
        "Add a place without a name",
        "The editor asks for name and description.",
        (f"{_NEW} <place>",),
        _add_unnamed,
    ),
    Rule(
        "Add an ending",
        "Adds a place in which play ends. Lead to it with a way of its own (below).",
        (
            f"{_NEW} {_WON} [<place>] [<called>] {{new}}: {{text…}}",
            f"{_NEW} {_WON} [<place>] [<called>] {{new}} {_WITH} [of|:] {{text…}}",
            f"{_NEW} <ending> [<called>] {{new}}: {{text…}}",
        ),
        _add_ending,
    ),
    Rule(
        "Describe a place or an event",
        "Replaces the description, word by word as you write it.",
        (
            "describe {a} (as|with|:|like this|to be) [:] {text…}",
            'describe {a} {text"}',
            "(<set>|give) [<the>] [new] <description> (of|for|in) {a} (to|as|with|into|by|:|=) [:] {text…}",
            "<set> {a} 's <description> (to|as|with|into|by|:) [:] {text…}",
            "give {a} [<the>] [new] <description> [:|of] {text…}",
            "[<the>] <description> (of|for) {a} (is|should be|shall be|becomes|reads|should read|should say|:) [:] {text…}",
            "<set> {a} 's <description> {text:}",
            "{a} 's <description> (is|should be|becomes|should read) [:] {text…}",
            "(rewrite|redescribe) {a} (as|to|:) [:] {text…}",
        ),
        _describe,
    ),
    Rule(
        "Add to a description",
        "Adds a sentence at the end of the description.",
        (
            "(add|append|attach) [this] to [<the>] [end of the] <description> (of|for|in) {a} {text:}",
            "(add|append|attach) [this] to {a} 's <description> [:] {text…}",
            '(add|append|attach) {text"} to [<the>] [end of the] <description> (of|for|in) {a}',
            "(add|append|attach) {text\"} to {a} 's <description>",
            "extend [<the>] <description> (of|for) {a} (with|by|:) [:] {text…}",
            '(also|additionally) (mention|describe) in {a} [:|that] {text"}',
        ),
        _append,
    ),
    Rule(
        "Say where play starts",
        "Moves the entrance. The picture at the start stays the same.",
        (
            "(start|begin) [<the>] [game|play|story|world|player|adventure] (in|at|from|on|inside|with) {a}",
            "[<the>] (game|play|story|world|adventure|<player>) (starts|start|begins|begin|enters|enter|spawns|spawn|should start|should begin|should enter|should spawn) (in|at|from|on|through|inside|by) {a}",
            "(let|have|make) (<player>|[<the>] game|[<the>] story) (start|begin|enter|spawn) (in|at|from|on|through|inside|by) {a}",
            f"(make|set|use|mark|let) {{a}} [as|be|to be|into] [<the>] [new] {_START}",
            f"(set|move|change|put|switch|point) [<the>] {_START} [to|in|at|=|place] {{a}}",
            f"[<the>] {_START} (is|should be|shall be|becomes) [now] {{a}}",
            f"{{a}} (is|should be|shall be|becomes) [now] [<the>] [new] {_START}",
        ),
        _enter,
    ),
    Rule(
        "Make a place an ending",
        "Play ends there, won or lost. A place with ways on cannot be an ending: the editor names them "
        "and asks.",
        (
            f"{_MADE} {_WON} {_BOTH}",
            f"{_MADE} {_WON} {_TITLED}",
            f"{_MADE} <ending> {_TITLED}",
            f"{{a}} <is> [now] [<the>] {_WON} {_BOTH}",
            f"{{a}} <is> [now] [<the>] {_WON} {_TITLED}",
            f"{{a}} <is> [now] [<the>] <ending> {_TITLED}",
            "(<player>|[<the>] game) [is] (<win!>|<lose!>|<won!>|<lost!>) (in|at|when reaching|by reaching|on reaching|upon reaching|when they reach|when entering|by entering) {a}",
            "(when|if|once|as soon as) <player> (reaches|reach|enters|enter|arrives in|arrive in|gets to|get to|comes to) {a} [,] [then] <player> (<win!>|<lose!>)",
            "(reaching|entering|getting to|arriving in|arriving at|going to) {a} (is|means|counts as) [<the>] (<win!>|<lose!>) [<ending>]",
            "(end|finish) [<the>] (game|play|story|world) (in|at) {a} (with|as|in) [<the>] (<win!>|<lose!>)",
        ),
        _end,
    ),
    Rule(
        "Let play go on in an ending",
        "The place is no ending any more. The place itself stays.",
        (
            "{a} (is no longer|isn't|is not|should not be|should no longer be|shouldn't be) [<the>] [<win>|<lose>] <ending> [any more|anymore|any longer|now]",
            "make {a} (not|no longer) [<the>] [<win>|<lose>] <ending> [any more|anymore]",
            "(remove|delete|drop|clear|erase|take away) [<the>] <ending> (from|of|at|in) {a}",
            "remove {a} 's <ending>",
            "unmark {a} [as [<the>] <ending>]",
            "{a} (no longer ends|does not end|doesn't end|should not end) [<the>] (game|play|story|it) [any more|anymore]",
            "[let|make] [<the>] (game|play|story) (go|goes|continue|continues|carries|carry) [on] (in|at|after) {a}",
            "don't end [<the>] (game|play|story) (in|at) {a}",
        ),
        _unend,
    ),
    Rule(
        "Change the title of an ending",
        "Changes its title or its subtitle.",
        (
            "<set> [<the>] (<title!>|<subtitle!>) [of the ending] (of|for|in|at) {a} (to|as|:) [:] {text…}",
            "<set> {a} 's [<ending>] (<title!>|<subtitle!>) (to|as|:) [:] {text…}",
            'title {a} {text"}',
            "retitle {a} (to|as) {text…}",
            "[<the>] (<title!>|<subtitle!>) of {a} (is|should be|becomes|should read) [:] {text…}",
        ),
        _title,
    ),
)
