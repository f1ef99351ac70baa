"""Rules about whatever has a name: renaming and deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjure.kernel.values import children, strings, text
from conjure.providers.author.builtin.text import capital
from conjure.providers.editor.builtin import wording
from conjure.providers.editor.builtin.names import called, key, some
from conjure.providers.editor.builtin.questions import Ask
from conjure.providers.editor.builtin.rule import Rule
from conjure.providers.editor.builtin.work import WORD_FOR, flags, sources

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.clause import Clause
    from conjure.providers.editor.builtin.work import Work


def _rename(work: Work, clause: Clause) -> None:
    said = clause.name("a")
    thing = work.find_by_part(said) if said.kind == "event" else work.find(said)
    new = wording.new_name(clause, "new", WORD_FOR[thing.kind])
    if thing.kind == "state":
        _rename_state(work, thing.name, new)
    elif thing.kind == "event":
        new = capital(new) if thing.name[:1].isupper() and not clause.new_name("new")[1] else new
        if new != thing.name and work.names.has("event", new):
            raise Ask(f"There is an event {called(new)} already. Which other name shall it be?")
        work.apply("update_event", name=thing.name, patch={"name": new})
        work.names.remove("event", thing.name)
        work.names.add("event", new)
        work.remember("event", new)
    else:
        raise Ask(
            f"A {WORD_FOR[thing.kind]} cannot be renamed here. Is there anything else to change?"
        )
    work.say(f"Renamed {called(thing.name)} to {called(new)}.")


def _rename_state(work: Work, old: str, new: str) -> None:
    state = wording.state_id(work, new)
    if state != old and work.names.has("state", state):
        raise Ask(f"There is a place {called(state)} already. Which other name shall it be?")
    label = text(work.state(old), "arriveLabel")
    work.apply("rename_state", state=old, to=state)
    if label is not None and key(label) == key(old):
        label = capital(new.replace("_", " "))
        work.apply("update_state", id=state, patch={"arriveLabel": label})
    work.names.remove("state", old)
    work.names.add("state", state, label)
    work.remember("state", state)


def _delete(work: Work, clause: Clause) -> None:
    said = clause.name("a")
    if said.is_pronoun:
        raise Ask(f"What shall go? Say its name instead of {called(said.text)}.")
    thing = work.find(said, by_alias=False)
    name = thing.name
    if thing.kind == "state":
        _refuse_needed(work, name)
        events = [str(e.get("name")) for e in wording.in_use(work, name)]
        if events:
            raise Ask(
                f"{called(name)} is used by {some(events, 6)}. Shall they go too? "
                f"Then say: delete “{name}” and its events."
            )
        work.apply("delete_state", id=name)
    elif thing.kind == "event":
        work.apply("delete_event", name=name)
        forget_flags(work)
    elif thing.kind == "cutscene":
        users = [str(e.get("name")) for e in work.events() if e.get("to") == name]
        if users:
            raise Ask(
                f"The cutscene {called(name)} is where {some(users)} "
                f"{'leads' if len(users) == 1 else 'lead'}. Where shall that lead instead?"
            )
        work.apply("remove_cutscene", id=name)
    else:
        work.apply("remove_sequence", id=name)
    work.names.remove(thing.kind, name)
    work.say(f"Deleted the {WORD_FOR[thing.kind]} {called(name)}.")


def _delete_with_events(work: Work, clause: Clause) -> None:
    state = work.find(clause.name("a"), ("state",), by_alias=False).name
    _refuse_needed(work, state)
    gone = delete_ways(work, state)
    work.apply("delete_state", id=state)
    work.names.remove("state", state)
    work.say(f"Deleted the place {called(state)}" + (f" and {some(gone, 6)}." if gone else "."))


def delete_ways(work: Work, state: str) -> list[str]:
    """Deletes the events that lead to a state or are possible only in it; the others leave it."""
    gone = []
    for event in wording.in_use(work, state):
        name = str(event.get("name"))
        others = [source for source in sources(event) if source != state]
        if others and event.get("to") != state:
            work.apply("update_event", name=name, patch={"from": others})
            continue
        work.apply("delete_event", name=name)
        work.names.remove("event", name)
        gone.append(name)
    forget_flags(work)
    return gone


def forget_flags(work: Work) -> None:
    """Forgets what no event grants any more."""
    granted = {flag for event in work.events() for flag in flags(event, "grants")}
    for flag in [flag for flag in work.names.all("flag") if flag not in granted]:
        while work.names.has("flag", flag):
            work.names.remove("flag", flag)


def _refuse_needed(work: Work, state: str) -> None:
    """Raises Ask when a state cannot go, whatever goes with it."""
    if work.entrance() == state:
        raise Ask(f"Play starts in {called(state)}. Where shall it start instead? Say that first.")
    if work.endings() == [state]:
        raise Ask(
            f"{called(state)} is the last ending of the world. "
            "Which other place shall be an ending? Say that first."
        )
    users: list[str] = []
    for kind in ("cutscene", "sequence"):
        for _, item in children(work.world, f"{kind}s"):
            if state in _states_of(item):
                users.append(f"the {kind} {called(str(item.get('id')))}")
    outro = work.world.get("outro")
    if isinstance(outro, dict) and outro.get("state") == state:
        users.append("the outro")
    if users:
        more = f" and {len(users) - 4:,} more" if len(users) > 4 else ""
        raise Ask(
            f"{called(state)} is used by {', '.join(users[:4])}{more}. Those have to go first. "
            "Shall they?"
        )


def _states_of(item: dict[str, Any]) -> list[str]:
    origin = item.get("from")
    named = [origin] if isinstance(origin, str) else [name for _, name in strings(item, "from")]
    to = text(item, "to")
    beats = [state for _, beat in children(item, "beats") if (state := text(beat, "state"))]
    return [*named, *beats, *([to] if to is not None else [])]


def _which_ending(work: Work, clause: Clause) -> None:
    state = work.find_state(clause.name("a"))
    raise Ask(
        f"Shall the place {called(state)} go, or shall play only go on there? Say: "
        f"delete the place “{state}”, or: remove the ending from “{state}”."
    )


RULES = (
    Rule(
        "Rename a place or an event",
        "Gives it another name; all that refers to it follows.",
        (
            "rename {a} (to|into|as|->|→) {new}",
            'rename {a} {new"}',
            "(<set>) [<the>] (name|id) of {a} (to|into|as) {new}",
            "<set> {a} 's (name|id) (to|into) {new}",
            'call {a} {new"}',
            "{a} (should be|shall be|is now|is to be) <called> {new} [now|instead|from now on]",
            "give {a} [<the>] [new] name {new}",
        ),
        _rename,
    ),
    Rule(
        "Delete a place and its events",
        "Deletes the place, every event that leads to it, and every event that is possible only in it.",
        (
            "<delete> {a} [,] (and|with|along with|together with|including) [all] [of] (its|the|all|all its|all the) [<the>] (events|ways|transitions|connections|exits|actions|event|ways in and out|everything that leads to it|all that refers to it)",
            "<delete> {a} and (everything|all) [that is|that's] [connected to it|attached to it|in it|that leads to it|that leads there|that refers to it]",
        ),
        _delete_with_events,
    ),
    Rule(
        "Delete the ending … (not clear)",
        "It may mean the place, or only that play ends there: the editor asks.",
        ("<delete> [<the>] <ending> {a}", "<delete> [<the>] (<win>|<lose>) <ending> {a}"),
        _which_ending,
    ),
    Rule(
        "Delete a place, an event, a cutscene or a sequence",
        "Deletes what nothing else needs. The entrance, the last ending, and a place that events use are "
        "not deleted: the editor says what is in the way.",
        ("<delete> {a} [from (the|this) (world|game|story|graph)|completely|entirely|altogether]",),
        _delete,
    ),
)
