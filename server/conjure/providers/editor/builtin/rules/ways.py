"""Rules about ways between places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjure.providers.author.builtin.text import capital
from conjure.providers.editor.builtin import wording
from conjure.providers.editor.builtin.names import called, some
from conjure.providers.editor.builtin.questions import Ask
from conjure.providers.editor.builtin.rule import Rule
from conjure.providers.editor.builtin.rules.things import forget_flags
from conjure.providers.editor.builtin.work import imperative, sources

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.clause import Clause
    from conjure.providers.editor.builtin.work import Work


def _way(
    work: Work,
    source: str,
    to: str,
    name: str,
    *,
    base: str | None = None,
    on: str | None = None,
) -> None:
    """Adds a way; `on` is the thing in the picture that it may hang on."""
    ending = work.state(source).get("ending")
    if ending is not None:
        raise Ask(
            f"Play ends in {called(source)}, so nothing can lead on from it. "
            f"Say first that {called(source)} is no longer an ending."
        )
    if source == to:
        raise Ask(f"From {called(source)} to itself there is no way. Where shall it lead?")
    if work.names.has("event", name):
        raise Ask(f"There is an event {called(name)} already. What shall the new one be called?")
    event: dict[str, Any] = {"from": [source], "to": to}
    seen = base or wording.shown_deed(work, name)
    if seen:
        event["base"] = seen
    anchor = wording.anchor_in_view(work, on, [source]) if on else None
    if anchor is not None:
        event["anchor"] = anchor
    lands = wording.arrival(work, to)
    if lands is not None:
        event["landWhen"] = lands
    work.apply("add_transition", name=name, event=event)
    work.names.add("event", name)
    work.remember("event", name)


def _connect(work: Work, clause: Clause) -> None:
    source, to = work.find_state(clause.name("a")), work.find_state(clause.name("b"))
    base = clause.text("text") if clause.has("text") else None
    on = clause.name("thing").text if clause.has("thing") else None
    if clause.has("thing"):
        name = f"Go through {clause.name('thing').text}"
    elif clause.has("new"):
        name = wording.new_name(clause, "new", "way")
        if not clause.new_name("new")[1]:
            name = imperative(name)
    elif clause.has("doing"):
        said = clause.name("doing")
        name = capital(said.text) if said.is_quoted else imperative(said.text)
        on = name.partition(" ")[2] or None
    else:
        name = wording.free_event_name(work, wording.go_to(work, to), source)
    _way(work, source, to, name, base=base, on=on)
    work.say(f"{called(name)} leads from {called(source)} to {called(to)} now.")


def _connect_both(work: Work, clause: Clause) -> None:
    one, other = work.find_state(clause.name("a")), work.find_state(clause.name("b"))
    pairs = [(one, other), (other, one)]
    names: list[str] = []
    for (source, to), slot in zip(pairs, ("new", "back"), strict=True):
        if clause.has(slot):
            name = wording.new_name(clause, slot, "way")
        else:
            name = wording.free_event_name(work, wording.go_to(work, to), source)
        _way(work, source, to, name)
        names.append(name)
    work.say(f"{called(one)} and {called(other)} are connected both ways now, by {some(names)}.")


def _disconnect_both(work: Work, clause: Clause) -> None:
    one, other = work.find_state(clause.name("a")), work.find_state(clause.name("b"))
    cut = f"{_cut(work, one, other)}{_cut(work, other, one)}"
    if not cut:
        raise Ask(
            f"There is no way between {called(one)} and {called(other)}. Which places do you mean?"
        )
    work.say(f"{called(one)} and {called(other)} are not connected any more.{cut}")


def _disconnect(work: Work, clause: Clause) -> None:
    source, to = work.find_state(clause.name("a")), work.find_state(clause.name("b"))
    cut = _cut(work, source, to)
    if not cut:
        raise Ask(
            f"There is no way from {called(source)} to {called(to)}. Which places do you mean?"
        )
    work.say(f"Nothing leads from {called(source)} to {called(to)} any more.{cut}")


def _cut(work: Work, source: str, to: str) -> str:
    """Takes the ways between two states away; one that also leaves from elsewhere stays there.

    Returns what to say about it, nothing when there is no way.
    """
    gone, left = [], []
    for event in work.leading(source, to):
        name = str(event.get("name"))
        others = [other for other in sources(event) if other != source]
        if others:
            work.apply("update_event", name=name, patch={"from": others})
            left.append(name)
        else:
            work.apply("delete_event", name=name)
            work.names.remove("event", name)
            gone.append(name)
    forget_flags(work)
    deleted = f" Deleted {some(gone, 6)}." if gone else ""
    return deleted + (f" Elsewhere {some(left, 6)} can still be played." if left else "")


def _lead(work: Work, clause: Clause) -> None:
    thing, to = work.find(clause.name("a"), ("event", "state")), work.find_state(clause.name("b"))
    if thing.kind == "state":
        _connect(work, clause)
        return
    name, event = thing.name, work.event(thing.name)
    if event.get("kind") == "terminal":
        raise Ask(
            f"{called(name)} is a talk, and leads nowhere. Which event shall lead to {called(to)}?"
        )
    closed = [source for source in sources(event) if "ending" in work.state(source)]
    if closed:
        raise Ask(f"Play ends in {some(closed)}, so {called(name)} cannot lead on from there.")
    if to in sources(event):
        raise Ask(f"{called(name)} is an event in {called(to)} itself. Where shall it lead?")
    patch: dict[str, Any] = {"to": to, "kind": "transition"}
    # The evidence of having arrived is that of the place where it led before.
    patch["landWhen"] = wording.arrival(work, to)
    work.apply("update_event", name=name, patch=patch)
    work.say(f"{called(name)} leads to {called(to)} now.")


def _also_from(work: Work, clause: Clause) -> None:
    name, state = work.find_event(clause.name("a")), work.find_state(clause.name("b"))
    event = work.event(name)
    if state in sources(event):
        work.say(f"{called(name)} is possible in {called(state)} already.")
        return
    if event.get("kind") == "transition" and (
        "ending" in work.state(state) or event.get("to") == state
    ):
        raise Ask(f"{called(name)} cannot be possible in {called(state)}. Where shall it be?")
    work.apply("update_event", name=name, patch={"from": [*sources(event), state]})
    work.say(f"{called(name)} is possible in {called(state)} too now.")


def _not_from(work: Work, clause: Clause) -> None:
    name, state = work.find_event(clause.name("a")), work.find_state(clause.name("b"))
    others = [source for source in sources(work.event(name)) if source != state]
    if len(others) == len(sources(work.event(name))):
        raise Ask(
            f"{called(name)} is not possible in {called(state)} anyway. Which place do you mean?"
        )
    if not others:
        raise Ask(
            f"{called(name)} is possible nowhere else than in {called(state)}. "
            f"Shall it go altogether? Then say: delete “{name}”."
        )
    work.apply("update_event", name=name, patch={"from": others})
    work.say(f"{called(name)} is not possible in {called(state)} any more.")


def _only_from(work: Work, clause: Clause) -> None:
    name, state = work.find_event(clause.name("a")), work.find_state(clause.name("b"))
    event = work.event(name)
    if event.get("kind") == "transition" and (
        "ending" in work.state(state) or event.get("to") == state
    ):
        raise Ask(f"{called(name)} cannot be possible in {called(state)}. Where shall it be?")
    work.apply("update_event", name=name, patch={"from": [state]})
    work.say(f"{called(name)} is possible only in {called(state)} now.")


_LINK = "(connect|link|join|attach)"
_BY = "(with|by|using|via|through)"
_CALLED = "(with|by|using|via|called|named|as|by way of|by means of|with the name)"
_A_WAY = "<add> [<the>] [new|another] [one way|one-way] (event|transition|way|path|exit|passage|link|connection|door|route|edge)"
_LET = "(let|allow|have) <player> [to] (go|walk|move|get|travel|climb|come|pass|step)"
_NO_WAY = "(way|ways|connection|connections|transition|transitions|path|paths|link|links|exit|exits|passage)"

RULES = (
    Rule(
        "Connect one place to another",
        "Adds a way from the first to the second. Its name is what you say in quotes or after “by”; else "
        "“Go to the …”. What is seen on the way is made from the name when that begins with a deed "
        "(“Climb down”). The way has the evidence of arriving that other ways into the place have, and hangs "
        "on the thing that is opened, climbed … when the description of the first place tells of that thing, "
        "or a detector has seen it.",
        (
            f"{_LINK} {{a}} to {{b}} {_CALLED} {{new}}: {{text…}}",
            f'{_LINK} {{a}} (to|with) {{b}} (by|with|via|through) [<the>] [<event>] [<called>] {{new"}}: {{text…}}',
            f'{_LINK} {{a}} (to|with) {{b}} (by|with|via|through) [<the>] [<event>] [<called>] {{new"}}',
            f"{_LINK} {{a}} to {{b}} (via|with|called|named) {{new}}",
            f"{_LINK} {{a}} to {{b}} by {{doing}}",
            f"{_LINK} {{a}} to {{b}} through {{thing}}",
            f"{_LINK} {{a}} (to|into|->|→) {{b}} [one way|one-way|in one direction]",
            f'{_A_WAY} [<called>] {{new"}} from {{a}} to {{b}}: {{text…}}',
            f'{_A_WAY} [<called>] {{new"}} from {{a}} (to|into) {{b}}',
            f"{_A_WAY} from {{a}} (to|into) {{b}} <called> {{new}}: {{text…}}",
            f'{_A_WAY} from {{a}} (to|into) {{b}} [<called>] {{new"}}: {{text…}}',
            f"{_A_WAY} from {{a}} (to|into) {{b}} <called> {{new}}",
            f'{_A_WAY} from {{a}} (to|into) {{b}} [<called>] {{new"}}',
            f"{_A_WAY} <called> {{new}} from {{a}} (to|into) {{b}}",
            f"{_A_WAY} <called> {{new}} from {{a}} (to|into) {{b}}: {{text…}}",
            f"{_A_WAY} from {{a}} (to|into) {{b}}",
            '<add> [<the>] [new|another] {new"} (event|transition|action|way) from {a} (to|into) {b}',
            "from {a} [,] <player> (can|should be able to|may) (go|walk|move|get|travel|climb|come|pass|step) (to|into) {b}",
            f"{_LET} from {{a}} (to|into) {{b}} (by|with) {{doing}}",
            f"{_LET} from {{a}} (to|into) {{b}}",
            f"{_LET} to {{b}} from {{a}}",
            "<player> (can|should be able to|may) (go|walk|move|get|travel|climb|come|pass|step) from {a} (to|into) {b} by {doing}",
            "<player> (can|should be able to|may) (go|walk|move|get|travel|climb|come|pass|step) from {a} (to|into) {b}",
            '(in|from) {a} [,] {new"} (leads|should lead|goes|takes <player>) (to|into) {b}',
        ),
        _connect,
    ),
    Rule(
        "Connect two places both ways",
        "Adds a way there and a way back.",
        (
            f"{_LINK} {{a}} and {{b}} [with each other|together|to each other|both ways|in both directions]",
            f"{_LINK} {{a}} with {{b}}",
            f"{_LINK} {{a}} (to|with|and) {{b}} (both ways|in both directions|two-way|two way|both directions|and back|there and back)",
            f'{_LINK} {{a}} (to|with|and) {{b}} [both ways|in both directions] (with|by|via) {{new"}} and [back with|back by|with|by] {{back"}}',
            "<add> [<the>] [new] [two way|two-way] (way|path|connection|passage|link|door) between {a} and {b}",
            "(let|allow|have) <player> [to] (go|walk|move|get|travel) between {a} and {b}",
            "(let|allow|have) <player> [to] (go|walk|move|get|travel) from {a} to {b} and back [again]",
        ),
        _connect_both,
    ),
    Rule(
        "Disconnect two places",
        "Deletes every way between the two, in both directions. A way that also leaves from elsewhere "
        "stays there.",
        (
            "(disconnect|separate|unlink|detach) {a} (and|from) {b}",
            f"<delete> [<the>] [all|every|all the] {_NO_WAY} between {{a}} and {{b}}",
        ),
        _disconnect_both,
    ),
    Rule(
        "Take a way away in one direction",
        "Deletes the ways from the first place to the second.",
        (
            f"<delete> [<the>] [all|every|all the] {_NO_WAY} from {{a}} (to|into) {{b}}",
            "(disallow|forbid) (going|to go|walking) from {a} to {b}",
            "<player> (can|should) (no longer|not) (go|walk|move|get) from {a} to {b} [any more|anymore]",
        ),
        _disconnect,
    ),
    Rule(
        "Say where an event leads",
        "Points an event at another place. An action that led nowhere becomes a way; a place that shall lead "
        "to another is connected to it.",
        (
            "(make|let|have) {a} (lead|go|bring <player>|take <player>|point|land) [on] (to|into|in|at) {b} [instead]",
            "{a} (leads|should lead|shall lead|goes|should go|takes <player>|brings <player>|should take <player>) [now] (to|into) {b} [instead|now]",
            "(point|redirect|reroute|send|move) {a} (to|at|into) {b} [instead]",
            "<set> [<the>] (target|destination) of {a} (to|as|:) {b}",
            "<set> where {a} (leads|goes|takes <player>) to {b}",
            "<set> {a} 's (target|destination) (to|as|:) {b}",
        ),
        _lead,
    ),
    Rule(
        "Make an event possible in one more place",
        "It stays possible where it was.",
        (
            "(make|let) {a} [be] (possible|available|there|playable|happen) in {b} (too|as well|also)",
            "(make|let) {a} also [be] (possible|available|there|happen) in {b}",
            "{a} (is|should be) also (possible|available|there) in {b}",
            "{a} (is|should be) (possible|available|there) in {b} (too|as well|also)",
            "<player> can also {a} (in|from) {b}",
        ),
        _also_from,
    ),
    Rule(
        "Make an event possible in one place only",
        "It is not possible anywhere else any more.",
        (
            "(make|let) {a} [be] (possible|available|happen) only in {b}",
            "(make|let) {a} only [be] (possible|available|happen) in {b}",
            "{a} (is|should be) only (possible|available) in {b}",
            "{a} (is|should be) (possible|available) only in {b}",
        ),
        _only_from,
    ),
    Rule(
        "Make an event impossible in a place",
        "It stays possible elsewhere. One that is possible nowhere else is not deleted: the editor asks.",
        (
            "{a} (is no longer|is not|isn't|should not be|should no longer be|shouldn't be) (possible|available|there) in {b} [any more|anymore]",
            "make {a} (impossible|unavailable) in {b}",
            "<delete> {a} (from|in) {b}",
        ),
        _not_from,
    ),
)
