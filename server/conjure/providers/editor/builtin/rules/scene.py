"""Rules about what is seen and read in a place: camera, movement, ambient lines, narration, looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjure.kernel.values import child, children, elements, text
from conjure.providers.editor.builtin import wording
from conjure.providers.editor.builtin.names import called, key, some
from conjure.providers.editor.builtin.questions import Ask
from conjure.providers.editor.builtin.rule import Rule

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.clause import Clause
    from conjure.providers.editor.builtin.work import Work


def _set_motion(work: Work, clause: Clause, half: str) -> None:
    thing = work.find(clause.name("a"), ("state", "event"))
    member = "camera" if clause.has("camera") else "movement"
    words = clause.text("text")
    if thing.kind == "state":
        work.apply("set_field", state=thing.name, field=f"{member}.{half}", value=words)
    else:
        present = work.event(thing.name).get(member)
        pair = present if isinstance(present, dict) and "template" not in present else None
        value: Any = words if pair is None and half == "static" else {**(pair or {}), half: words}
        work.apply("set_event_field", event=thing.name, field=member, value=value)
    when = "" if half == "static" else " in motion"
    work.say(f"The {member} of {called(thing.name)}{when} is set.")


def _at_rest(work: Work, clause: Clause) -> None:
    _set_motion(work, clause, "static")


def _in_motion(work: Work, clause: Clause) -> None:
    _set_motion(work, clause, "dynamic")


def _add_ambient(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    lines = [*elements(work.state(state), "ambient"), clause.text("text")]
    work.apply("update_state", id=state, patch={"ambient": lines})
    work.say(f"{called(state)} has one more ambient line.")


def _drop_ambient(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    lines = elements(work.state(state), "ambient")
    if not lines:
        raise Ask(f"{called(state)} has no ambient lines. Which place do you mean?")
    left: list[Any] = []
    if clause.has("text"):
        wanted = key(clause.text("text"))
        left = [line for line in lines if not (isinstance(line, str) and key(line) == wanted)]
        if len(left) == len(lines):
            listed = some([line for line in lines if isinstance(line, str)]) if lines else ""
            raise Ask(f"{called(state)} has other ambient lines: {listed}. Which of them shall go?")
    work.apply("update_state", id=state, patch={"ambient": left or None})
    gone = len(lines) - len(left)
    work.say(f"Removed {gone} ambient {'line' if gone == 1 else 'lines'} of {called(state)}.")


def _narrate(work: Work, clause: Clause) -> None:
    thing = work.find(clause.name("a"), ("state", "event"))
    _set(work, thing.kind, thing.name, "narration", clause.text("text"))
    work.say(f"{called(thing.name)} has its narration.")


def _unnarrate(work: Work, clause: Clause) -> None:
    thing = work.find(clause.name("a"), ("state", "event"))
    of = work.state(thing.name) if thing.kind == "state" else work.event(thing.name)
    if "narration" not in of:
        raise Ask(f"{called(thing.name)} has no narration. Which one do you mean?")
    _set(work, thing.kind, thing.name, "narration", None)
    work.say(f"{called(thing.name)} has no narration any more.")


def _set(work: Work, kind: str, name: str, member: str, value: Any) -> None:
    if kind == "state":
        work.apply("update_state", id=name, patch={member: value})
    else:
        work.apply("update_event", name=name, patch={member: value})


def _arrive(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    label = clause.label("text")
    work.apply("update_state", id=state, patch={"arriveLabel": label})
    work.say(f"The player has arrived in {called(state)} when {called(label)} is seen.")


def _add_variant(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    label = wording.new_name(clause, "new", "look")
    if key(label) in {key(str(v.get("label"))) for _, v in children(work.state(state), "variants")}:
        raise Ask(
            f"{called(state)} has a look {called(label)} already. What shall the new one be called?"
        )
    work.apply("add_variant", id=state, variant={"label": label, "base": clause.text("text")})
    work.say(f"{called(state)} has another look, {called(label)}.")


def _drop_variant(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    said = clause.name("look").text
    labels = [
        label
        for _, variant in children(work.state(state), "variants")
        if (label := text(variant, "label")) is not None
    ]
    found = [label for label in labels if key(label) == key(said)]
    if len(found) != 1:
        there = f"has {some(labels)}" if labels else "has no other look"
        raise Ask(f"{called(state)} {there}. Which look do you mean by {called(said)}?")
    work.apply("remove_variant", id=state, variant=found[0])
    work.say(f"Removed the look {called(found[0])} of {called(state)}.")


def _hold(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    thing = wording.anchor(work, clause.name("thing").text)
    centre = {member: thing[member] for member in ("label", "aliases") if member in thing}
    autopilot = {**child(work.state(state), "autopilot"), "keepCentered": centre}
    work.apply("update_state", id=state, patch={"autopilot": autopilot})
    work.say(f"The view is held on {called(str(centre['label']))} in {called(state)} now.")


_OF = "(of|in|for|at)"
_TO = "(to|as|with|into|by|:)"
_WHICH = "(<camera!>|<movement!>)"
_MOVING = "(moving|dynamic|walking|running|in motion)"
_WHEN = "(while|when|in|during) (moving|motion|walking|things move|the player moves|it moves)"
_AMBIENT = "(ambient|ambience|atmospheric|background) [line|lines|sound|sounds|detail|details|motion|movement|prose|effect|effects]"

RULES = (
    Rule(
        "Set the camera or the movement in motion",
        "Changes how a place or an event is filmed, or moves, while the player moves.",
        (
            f"<set> [<the>] {_MOVING} {_WHICH} {_OF} {{a}} {_TO} [:] {{text…}}",
            f"<set> [<the>] {_WHICH} {_OF} {{a}} {_WHEN} {_TO} [:] {{text…}}",
            f"<set> {{a}} 's {_MOVING} {_WHICH} {_TO} [:] {{text…}}",
            f"[<the>] {_WHICH} {_OF} {{a}} {_WHEN} (is|should be|:) [:] {{text…}}",
            f"{_WHEN} [,] [<the>] {_WHICH} {_OF} {{a}} (is|should be|:) [:] {{text…}}",
        ),
        _in_motion,
    ),
    Rule(
        "Set the camera or the movement at rest",
        "Changes how a place or an event is filmed, or moves, while nothing else does.",
        (
            f"<set> [<the>] [static|resting] {_WHICH} {_OF} {{a}} [(while|when|at) (rest|resting|standing|standing still|still)] {_TO} [:] {{text…}}",
            f"<set> {{a}} 's [static] {_WHICH} {_TO} [:] {{text…}}",
            f"[<the>] [static] {_WHICH} {_OF} {{a}} (is|should be|:) [:] {{text…}}",
            f"give {{a}} [<the>] {_WHICH} {{text:}}",
            "(film|shoot) {a} (with|as|from|:) [:] {text…}",
        ),
        _at_rest,
    ),
    Rule(
        "Add an ambient line",
        "Adds something that goes on by itself in a place.",
        (
            f"<add> [<the>] [new] {_AMBIENT} (to|in|for|of) {{a}} {{text:}}",
            f'<add> [<the>] [new] {_AMBIENT} [:] {{text"}} (to|in|for) {{a}}',
            f'<add> {{text"}} (to|as) [<the>] {_AMBIENT} (to|of|in|for) {{a}}',
            '<add> {text"} to [<the>] (ambience|ambient|atmosphere|background) (of|in|for) {a}',
            f"[<the>] {_AMBIENT} (in|of|for) {{a}} (is|should be|:) [:] {{text…}}",
            f"<add> to [<the>] {_AMBIENT} (of|in|for) {{a}} {{text:}}",
        ),
        _add_ambient,
    ),
    Rule(
        "Remove ambient lines",
        "Removes the line that you name, or all of a place.",
        (
            f'<delete> [<the>] {_AMBIENT} {{text"}} (from|of|in) {{a}}',
            f"<delete> [all] [<the>] {_AMBIENT} (from|of|in) {{a}}",
        ),
        _drop_ambient,
    ),
    Rule(
        "Say what a player reads",
        "Changes the narration of a place or an event.",
        (
            f"<set> [<the>] narration {_OF} {{a}} {_TO} [:] {{text…}}",
            f"<set> {{a}} 's narration {_TO} [:] {{text…}}",
            f"[<the>] narration {_OF} {{a}} (is|should be|reads|should read|should say|says|:) [:] {{text…}}",
            "narrate {a} (with|as|:) [:] {text…}",
            "(add|give) [<the>] narration (to|for) {a} {text:}",
            "give {a} [<the>] narration [:] {text…}",
            '(when|once|as soon as) <player> (enters|enter|reaches|reach|arrives in|arrive in|arrives at|comes to|gets to) {a} [,] (say|tell <player>|show <player>|<player> reads|read) [:] {text"}',
        ),
        _narrate,
    ),
    Rule(
        "Remove a narration",
        "There is nothing to read any more.",
        ("<delete> [<the>] narration (of|from|in|for) {a}", "<delete> {a} 's narration"),
        _unnarrate,
    ),
    Rule(
        "Say what tells that the player has arrived",
        "Changes the label that a detector looks for when the player comes into a place.",
        (
            f"<set> [<the>] (arrival label|arrive label|arrival evidence|arrival sign|arrival) {_OF} {{a}} {_TO} [:] {{text…}}",
            "<set> {a} 's (arrival label|arrive label|arrival evidence) (to|as) [:] {text…}",
            f"[<the>] (arrival label|arrive label|arrival evidence) {_OF} {{a}} (is|should be|:) [:] {{text…}}",
            '<player> (has|have) arrived in {a} when {text"} (is seen|is visible|is in view|appears|shows)',
        ),
        _arrive,
    ),
    Rule(
        "Hold the view on something",
        "The camera keeps the thing in the middle of the picture.",
        (
            "keep {thing} (centered|centred|in the middle|in the center|in the centre|in view) in {a}",
            "(hold|keep|lock|fix) [<the>] (view|camera) on {thing} in {a}",
            "in {a} [,] (hold|keep) [<the>] (view|camera) on {thing}",
        ),
        _hold,
    ),
    Rule(
        "Add another look of a place",
        "Adds a variant: the same place, seen otherwise.",
        (
            "<add> [<the>] [new|another] (variant|look|version|variation) (of|to|for) {a} <called> {new}: {text…}",
            "<add> [<the>] [new|another] (variant|look|version|variation) [<called>] {new} (of|to|for) {a}: {text…}",
            "give {a} [<the>] [new|another] (variant|look|version|variation) [<called>] {new}: {text…}",
        ),
        _add_variant,
    ),
    Rule(
        "Remove a look of a place",
        "The variant goes; the place stays.",
        (
            "<delete> [<the>] (variant|look|version|variation) [<called>] {look} (of|from|in) {a}",
            "<delete> {a} 's (variant|look|version|variation) [<called>] {look}",
            "<delete> [<the>] {look} (variant|look|version|variation) (of|from|in) {a}",
        ),
        _drop_variant,
    ),
)
