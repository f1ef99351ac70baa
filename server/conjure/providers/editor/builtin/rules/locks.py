"""Rules about locks and keys: what an event needs, and what it gives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conjure.providers.editor.builtin.names import called, key, some
from conjure.providers.editor.builtin.questions import Ask
from conjure.providers.editor.builtin.rule import Rule
from conjure.providers.editor.builtin.work import flags

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.clause import Clause, Said
    from conjure.providers.editor.builtin.work import Work


def _targets(work: Work, said: Said) -> tuple[str, list[str]]:
    """What is locked, and the events that lock it: all ways into it when it is a place."""
    thing = work.find_by_part(said)
    if thing.kind == "event":
        return thing.name, [thing.name]
    events = [str(e.get("name")) for e in work.leading(None, thing.name)]
    if not events:
        raise Ask(
            f"Nothing leads to {called(thing.name)}, so there is nothing to lock. Which way do you mean?"
        )
    return thing.name, events


def _key(work: Work, said: Said, locked: list[str]) -> str:
    """The flag that is needed. Raises Ask when nothing gives it, or only what it would lock."""
    event = _giver(work, said)
    flag = event if event is not None else work.find_flag(said)
    if (
        flag is None
        and not said.is_quoted
        and re.match(r"(?:the )?flag ", said.text, re.IGNORECASE)
    ):
        flag = work.new_flag(said)  # a flag by its own name may be given later
    if flag is None:
        others = [event for event in work.names.all("event") if event not in locked]
        example = f" For example: {called(others[-1])} gives {said.text}." if others else ""
        raise Ask(f"No event gives {called(said.text)} yet. Which event gives it?{example}")
    givers = work.granting(flag)
    if givers and set(givers) <= set(locked):
        raise Ask(
            f"Only {some(givers)} {'gives' if len(givers) == 1 else 'give'} {called(flag)}, and that "
            "would be locked itself. What else shall give it?"
        )
    return flag


def _giver(work: Work, said: Said) -> str | None:
    """The flag of an event that is named itself ("until “Pull the lever”"), which it grants from now on."""
    found = [] if said.is_pronoun else work.names.find(said.text, ("event",))
    if len(found) != 1 or work.names.find(said.text, ("flag",)):
        return None
    name = found[0].name
    granted = flags(work.event(name), "grants")
    if granted:
        return granted[0]
    flag = "_".join(key(name))
    work.apply("set_event_grants", event=name, grants=[flag])
    work.names.grant([flag])
    work.say(f"{called(name)} gives {called(flag)} now.")
    return flag


def _lock(work: Work, clause: Clause) -> None:
    if clause.has("b"):
        a, b = work.find_state(clause.name("a")), work.find_state(clause.name("b"))
        events = [str(e.get("name")) for e in work.leading(a, b)]
        if not events:
            raise Ask(f"There is no way from {called(a)} to {called(b)}. Which way do you mean?")
        what = some(events)
    else:
        name, events = _targets(work, clause.name("a"))
        what = called(name)
    flag = _key(work, clause.name("flag"), events)
    hint = clause.text("hint") if clause.has("hint") else None
    others: list[str] = []
    for name in events:
        needed = flags(work.event(name), "requires")
        others += [other for other in needed if other != flag]
        if flag not in needed:
            work.apply("set_event_requires", event=name, requires=[*needed, flag])
        if hint is not None:
            work.apply("set_event_locked_hint", event=name, hint=hint)
    besides = f", besides {some(dict.fromkeys(others))}" if others else ""
    is_place = not clause.has("b") and what != called(events[0])
    by = (
        f" The locked {'event is' if len(events) == 1 else 'events are'} {some(events, 6)}."
        if is_place
        else ""
    )
    needs = "need" if clause.has("b") and len(events) > 1 else "needs"
    work.say(f"{what} {needs} {called(flag)} now{besides}.{by}")


def _lock_with_what(work: Work, clause: Clause) -> None:
    name, _ = _targets(work, clause.name("a"))
    raise Ask(
        f"What opens {called(name)}? Say: lock “{name}” until the player has … and name what the player "
        "has to get."
    )


def _unlock(work: Work, clause: Clause) -> None:
    name, events = _targets(work, clause.name("a"))
    locked = [event for event in events if flags(work.event(event), "requires")]
    if not locked:
        raise Ask(f"{called(name)} is not locked. Which event do you mean?")
    for event in locked:
        patch: dict[str, Any] = {"requires": None, "lockedHint": None}
        work.apply("update_event", name=event, patch=patch)
    work.say(f"{called(name)} is not locked any more.")


def _need_no_more(work: Work, clause: Clause) -> None:
    name, events = _targets(work, clause.name("a"))
    said = clause.name("flag")
    flag = work.find_flag(said)
    if flag is None:
        needed = {f for event in events for f in flags(work.event(event), "requires")}
        flag = next((f for f in sorted(needed) if key(f) == key(said.text)), None)
    locked = [event for event in events if flag in flags(work.event(event), "requires")]
    if flag is None or not locked:
        raise Ask(f"{called(name)} does not need {called(said.text)}. What do you mean?")
    for event in locked:
        left = [other for other in flags(work.event(event), "requires") if other != flag]
        patch: dict[str, Any] = {"requires": left or None}
        if not left:
            patch["lockedHint"] = None
        work.apply("update_event", name=event, patch=patch)
    work.say(f"{called(name)} does not need {called(flag)} any more.")


def _hint(work: Work, clause: Clause) -> None:
    name, events = _targets(work, clause.name("a"))
    locked = [event for event in events if flags(work.event(event), "requires")]
    if not locked:
        raise Ask(
            f"{called(name)} is not locked, so that no hint is ever shown. What shall it need?"
        )
    for event in locked:
        work.apply("set_event_locked_hint", event=event, hint=clause.text("text"))
    work.say(f"{called(name)} has its hint now.")


def _give(work: Work, clause: Clause) -> None:
    said = clause.name("flag")
    flag = work.new_flag(said)
    # "The lamp gives light" is a sentence of a story: what is new must come from an event by its name.
    is_known = work.names.has("flag", flag)
    a = clause.name("a")
    name = work.find_by_part(a, ("event",)).name if is_known else work.find_event(a)
    granted = flags(work.event(name), "grants")
    if flag in granted:
        work.say(f"{called(name)} gives {called(flag)} already.")
        return
    work.apply("set_event_grants", event=name, grants=[*granted, flag])
    work.names.grant([flag])
    work.say(f"{called(name)} gives {called(flag)} now.")


def _give_no_more(work: Work, clause: Clause) -> None:
    name = work.find_by_part(clause.name("a"), ("event",)).name
    granted = flags(work.event(name), "grants")
    if clause.has("flag"):
        said = clause.name("flag")
        flag = work.find_flag(said)
        if flag not in granted:
            raise Ask(f"{called(name)} does not give {called(said.text)}. What do you mean?")
    elif len(granted) == 1:
        flag = granted[0]
    else:
        gives = f"gives {some(granted)}" if granted else "gives nothing"
        raise Ask(f"{called(name)} {gives}. What shall it not give any more?")
    left = [other for other in granted if other != flag]
    work.apply("set_event_grants", event=name, grants=left or None)
    work.names.remove("flag", str(flag))
    work.say(f"{called(name)} does not give {called(str(flag))} any more.")


_SAY = "[,] (and|with|otherwise|else|or else) [<the>] (say|show|tell|hint|message|<hint>|display|saying|show the hint|the hint) [:|of|that says|saying|<player>] [:] {hint…}"
_UNTIL_HAS = "until <player> <has> {flag}"
_UNTIL_DONE = "(until|before|unless) {flag} [is|was|has been|have been] [done|played|taken|found|pulled|used|picked up|opened|happened|happens]"
_NEEDS = "(needs|requires|should need|should require|must need|takes|asks for|needs you to have|only works with|needs <player> to have|requires <player> to have|is locked until <player> <has>|is locked by|should be locked until <player> <has>|stays locked until <player> <has>|is only possible with|opens only with|only opens with|opens with)"
_WAY = "(way|door|path|passage|exit|transition|connection|ways|gate)"

GIVE = Rule(
    "Let an event give a key",
    "What the player gets (a key, a lamp, knowledge) is a flag that other events may need: one that is "
    "there, else a new one.",
    (
        "{a} (gives|grants|gets|yields|should give|should grant|provides|awards|hands) [<player>] [<the>] [flag] {flag} [to <player>]",
        "(make|let|have) {a} (grant|give|yield|award|provide|set) [<player>] [<the>] [flag] {flag} [to <player>]",
        "(grant|give|award) [<player>] [<the>] [flag] {flag} (when|on|for|after|with|by|in) [<player>] {a} [is done|is played|happens]",
        "when <player> {a} [,] (they get|they have|he gets|she gets|you get|they receive|give <player>|<player> gets) {flag}",
        "<player> (gets|get|receives|obtains|earns) {flag} (by|when|from|after|through|with) {a}",
        "(after|when|on) {a} [,] <player> <has> {flag}",
        "add [<the>] [flag] {flag} to [<the>] (grants|gains|rewards) of {a}",
    ),
    _give,
)

RULES = (
    Rule(
        "Lock a way or an action",
        "It is not possible until the player has something that another event gives. “The gate” is the event "
        "of that name, or the one that hangs on a gate, or whose name says what is done to it (“Open the "
        "gate”); of a place all ways into it are locked. “The key” is what an event gives: `key`, `has_key`, "
        "the only one with that word in its name, or what an event with that word in its name gives. Words "
        "after “and say” are shown while it is locked.",
        (
            f"(lock|close|block|bar|seal) [<the>] {_WAY} from {{a}} (to|into) {{b}} {_UNTIL_HAS} {_SAY}",
            f"(lock|close|block|bar|seal) [<the>] {_WAY} from {{a}} (to|into) {{b}} {_UNTIL_HAS}",
            f"(lock|close|block|bar|seal) {{a}} {_UNTIL_HAS} {_SAY}",
            f"(lock|close|block|bar|seal) {{a}} {_UNTIL_HAS}",
            f"(lock|close|block|bar|seal) {{a}} {_UNTIL_DONE} {_SAY}",
            f"(lock|close|block|bar|seal) {{a}} {_UNTIL_DONE}",
            f"(lock|close|bar|seal) {{a}} (with|behind|by) {{flag}} {_SAY}",
            "(lock|close|bar|seal) {a} (with|behind|by) {flag}",
            f"(keep) {{a}} (locked|closed|shut) {_UNTIL_HAS}",
            f"require {{flag}} (for|to|in|on|before|at) {{a}} {_SAY}",
            "require {flag} (for|to|in|on|before|at) {a}",
            f"(make|let|have) {{a}} (require|need|ask for|take) {{flag}} {_SAY}",
            "(make|let|have) {a} (require|need|ask for|take) {flag}",
            f"{{a}} {_NEEDS} {{flag}} {_SAY}",
            f"{{a}} {_NEEDS} {{flag}}",
            "<player> (needs|need|must have|should need) {flag} (for|to|before) {a}",
            "{flag} (opens|unlocks|should open|should unlock) {a}",
            "only (let|allow) [<player>] [to] {a} (if|when|once|after) <player> <has> {flag}",
            "<player> (can|may|should) only {a} (if|when|once|after) <player> <has> {flag}",
            "<player> (can|may|should) only {a} with {flag}",
        ),
        _lock,
    ),
    Rule(
        "Lock something without saying what opens it",
        "The editor asks.",
        ("lock {a}",),
        _lock_with_what,
    ),
    Rule(
        "Unlock",
        "It needs nothing any more, and its hint goes.",
        (
            "(unlock|open up|unseal|unbar|unblock) {a}",
            "(make|leave) {a} (unlocked|open)",
            "{a} (is|should be) (unlocked|open) [from the start|now]",
            "{a} (needs|requires|should need|should require) (nothing|no key) [any more|anymore|now]",
            "<delete> [<the>] (lock|locks|requirement|requirements) (from|of|on) {a}",
            "{a} (is no longer|is not|isn't|should not be|should no longer be) locked [any more|anymore]",
        ),
        _unlock,
    ),
    Rule(
        "Let something not be needed any more",
        "Takes one of the things away that an event needs.",
        (
            "{a} (no longer needs|no longer requires|does not need|doesn't need|does not require|doesn't require|should not need|shouldn't need|should not require|shouldn't require|should no longer need|should no longer require) {flag} [any more|anymore]",
            "(don't|do not|no longer) require {flag} (for|to) {a} [any more|anymore]",
            "<delete> [<the>] {flag} (requirement|lock) (from|of|on) {a}",
            "<delete> [<the>] (requirement|need) [of|for] {flag} (from|of|in) {a}",
        ),
        _need_no_more,
    ),
    Rule(
        "Say what is shown while it is locked",
        "Changes the hint.",
        (
            "<set> [<the>] (hint|locked hint|lock hint|locked message|lock message) (of|for|on|at) {a} (to|as|:) [:] {text…}",
            "<set> {a} 's (hint|locked hint|locked message) (to|as|:) [:] {text…}",
            "(add|give) [<the>] (hint|locked hint|locked message) (to|for) {a} {text:}",
            "give {a} [<the>] (hint|locked hint|locked message) [:] {text…}",
            "[<the>] (hint|locked hint|locked message) (of|for) {a} (is|should be|should say|says|reads|:) [:] {text…}",
            "{a} 's (hint|locked hint|locked message) (is|should be|should say|says|reads|:) [:] {text…}",
            "(while|when|as long as) {a} is locked [,] (say|show|tell <player>) [:] {text…}",
        ),
        _hint,
    ),
    Rule(
        "Let an event not give a key any more",
        "Takes away what an event gives.",
        (
            "{a} (no longer gives|no longer grants|does not give|doesn't give|does not grant|doesn't grant|should not give|should not grant|should no longer give|should no longer grant) [<player>] [<the>] [flag] {flag} [any more|anymore]",
            "{a} (no longer gives|no longer grants|does not give|doesn't give|should not give) (anything|a key) [any more|anymore]",
            "<delete> [<the>] [flag] {flag} from [<the>] (grants|gains|rewards) of {a}",
        ),
        _give_no_more,
    ),
    GIVE,
)
