"""Rules about how an event is found and played: its key, what it hangs on, whether it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.values import child, text
from conjure.providers.editor.builtin import wording
from conjure.providers.editor.builtin.names import called
from conjure.providers.editor.builtin.questions import Ask, Unknown
from conjure.providers.editor.builtin.rule import Rule
from conjure.providers.editor.builtin.work import sources

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.clause import Clause
    from conjure.providers.editor.builtin.work import Work

_KEYS: Final[dict[str, str]] = {
    **{name: name for name in ("enter", "tab", "shift", "backspace")},
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
    "space": "space",
    "spacebar": "space",
    "escape": "escape",
    "esc": "escape",
    "return": "enter",
}


def _bind(work: Work, clause: Clause) -> None:
    name = work.find_by_part(clause.name("a"), ("event",)).name
    said = clause.name("hotkey").text
    bare = said.casefold().removeprefix("the ").removesuffix(" key").removeprefix("key ").strip()
    hotkey = bare if len(bare) == 1 else _KEYS.get(bare)
    if hotkey is None:
        raise Unknown(f"{called(said)} is no key. Which key shall it be, such as “e”?")
    work.apply("set_event_hotkey", event=name, hotkey=hotkey)
    places = set(sources(work.event(name)))
    others = [
        str(event.get("name"))
        for event in work.events()
        if event.get("name") != name
        and (text(event, "hotkey") or "").casefold() == hotkey.casefold()
        and places.intersection(sources(event))
    ]
    note = f" {called(others[0])} has the same key there." if others else ""
    work.say(f"{called(name)} is on the key {called(hotkey)} now.{note}")


def _unbind(work: Work, clause: Clause) -> None:
    name = work.find_by_part(clause.name("a"), ("event",)).name
    if text(work.event(name), "hotkey") is None:
        raise Ask(f"{called(name)} has no key. Which event do you mean?")
    work.apply("set_event_hotkey", event=name, hotkey=None)
    work.say(f"{called(name)} has no key any more.")


def _hang(work: Work, clause: Clause) -> None:
    name = work.find_event(clause.name("a"))
    thing = clause.name("thing").text
    present = child(work.event(name), "anchor")
    kept: dict[str, Any] = {
        m: present[m] for m in ("minProximity", "expectedAspect") if m in present
    }
    anchor = wording.anchor(work, thing) | kept
    work.apply("set_event_anchor", event=name, anchor=anchor)
    work.say(f"{called(name)} hangs on {called(str(anchor['label']))} in the picture now.")


def _unhang(work: Work, clause: Clause) -> None:
    name = work.find_by_part(clause.name("a"), ("event",)).name
    if "anchor" not in work.event(name):
        raise Ask(f"{called(name)} hangs on nothing in the picture. Which event do you mean?")
    work.apply("set_event_anchor", event=name, label=None)
    work.say(f"{called(name)} hangs on nothing in the picture any more.")


def _flagged(work: Work, clause: Clause, member: str, value: bool | None, now: str) -> None:
    name = work.find_by_part(clause.name("a"), ("event",)).name
    if bool(work.event(name).get(member)) == bool(value):
        work.say(f"{called(name)} {now} already.")
        return
    patch: dict[str, Any] = {member: value}
    work.apply("update_event", name=name, patch=patch)
    work.say(f"{called(name)} {now} now.")


def _once(work: Work, clause: Clause) -> None:
    _flagged(work, clause, "oneShot", value=True, now="can be done only once")


def _often(work: Work, clause: Clause) -> None:
    _flagged(work, clause, "oneShot", value=None, now="can be done again and again")


def _hide(work: Work, clause: Clause) -> None:
    if work.find_by_part(clause.name("a")).kind != "event":
        raise Ask("Only events can be hidden. Which event do you mean?")
    _flagged(work, clause, "hidden", value=True, now="is hidden")


def _show(work: Work, clause: Clause) -> None:
    if work.find_by_part(clause.name("a")).kind != "event":
        raise Ask("Only events can be shown or hidden. Which event do you mean?")
    _flagged(work, clause, "hidden", value=None, now="is shown")


def _detail(work: Work, clause: Clause) -> None:
    name = work.find_by_part(clause.name("a"), ("event",)).name
    work.apply("set_event_field", event=name, field="detail", value=clause.text("text"))
    work.say(f"{called(name)} has its new detail.")


_THINGS = "(object|thing|anchor|detected object)"

RULES = (
    Rule(
        "Put an event on a key",
        "Sets its key. w, a, s, d, the arrows, space and escape steer: the editor says so.",
        (
            "(bind|assign|map|put) {a} (to|on|onto) [<the>] [<key>] {hotkey} [<key>]",
            "<set> [<the>] <key> (of|for) {a} (to|as|:) [<the>] [<key>] {hotkey}",
            "<set> [<the>] <key> (of|for) {a} from {old} to [<the>] [<key>] {hotkey}",
            "(bind|assign|map) [<the>] [<key>] {hotkey} [<key>] to {a}",
            "<set> {a} 's <key> (to|as) [<the>] {hotkey}",
            "use [<the>] [<key>] {hotkey} [<key>] (for|to) {a}",
            "give {a} [<the>] <key> {hotkey}",
            "{a} (is|should be) on [<the>] [<key>] {hotkey} [<key>]",
            "(pressing|press|hitting|hit) {hotkey} (does|should do|triggers|should trigger|plays|is|for|to) {a}",
            "[<the>] <key> (of|for) {a} (is|should be) {hotkey}",
        ),
        _bind,
    ),
    Rule(
        "Take the key of an event away",
        "It has no key any more.",
        (
            "unbind {a} [from [<the>] {old}]",
            "<delete> [<the>] <key> (of|from|for|on) {a}",
            "<delete> {a} 's <key>",
            "{a} (has|should have|needs|should need) no <key> [any more|anymore]",
        ),
        _unbind,
    ),
    Rule(
        "Hang an event on a thing in the picture",
        "The event shows where that thing is seen. A thing that a detector has found is called as it was "
        "found, with its other names.",
        (
            f"(anchor|hang|attach|lock|pin|tie|ground|fix|bind) {{a}} (to|on|onto|at) [<the>] {_THINGS} {{thing}}",
            "(anchor|hang|pin|ground) {a} (to|on|onto|at) {thing}",
            "<set> [<the>] (anchor|label|anchor label) (of|for) {a} (to|as|:) [:] {thing}",
            "<set> {a} 's (anchor|label|anchor label) (to|as) {thing}",
            "{a} (hangs|should hang) on {thing}",
            "use {thing} as [<the>] anchor (for|of) {a}",
            "lock {a} to {thing}",
        ),
        _hang,
    ),
    Rule(
        "Hang an event on nothing",
        "It needs nothing to be seen any more.",
        (
            "<delete> [<the>] (anchor|label|anchor label) (of|from|for|on) {a}",
            "<delete> {a} 's (anchor|label)",
            "(unanchor|unpin) {a}",
        ),
        _unhang,
    ),
    Rule(
        "Let something be done only once",
        "After it was played it is gone.",
        (
            "{a} (can|may|should) [only] (be done|be played|happen|be used|be taken|work) (once|only once|just once|one time|a single time|only one time)",
            "{a} (can|may|should) only (be done|be played|happen|be used|work) once",
            "(make|let) {a} [be] (one-shot|one shot|oneshot|a one-shot|once only|happen once|happen only once|only happen once|work once|work only once|a one-time event|one-time)",
            "{a} (happens|works|is) (once|only once|just once|a one-shot|one-shot) [only]",
            "<player> (can|may|should) only {a} once",
            "<player> (can|may|should) {a} (only once|just once|once only)",
            "(let|allow|have) <player> [to] {a} (only once|just once|once only)",
            "(let|allow|have) <player> [to] only {a} once",
        ),
        _once,
    ),
    Rule(
        "Let something be done again and again",
        "It stays possible after it was played.",
        (
            "{a} (can|may|should) (be done|be played|happen|be used|be repeated|work) (again|again and again|repeatedly|any number of times|many times|as often as you like|more than once|as often as <player> wants|several times)",
            "{a} (can|may|should) be (repeated|repeatable)",
            "(make|let) {a} [be] (repeatable|happen again|happen again and again)",
            "{a} (is no longer|is not|isn't) (one-shot|a one-shot|once only|one shot) [any more|anymore]",
        ),
        _often,
    ),
    Rule(
        "Hide an event",
        "It is possible, and not shown.",
        (
            "hide {a} [from <player>]",
            "(make|keep) {a} (hidden|invisible|secret)",
            "{a} (is|should be|stays) (hidden|invisible|secret) [now]",
            "(don't|do not) show {a} [to <player>]",
        ),
        _hide,
    ),
    Rule(
        "Show an event",
        "It is hidden no longer.",
        (
            "(show|unhide|reveal) {a} [to <player>] [again]",
            "make {a} visible [again]",
            "{a} (is|should be) (visible|shown) [again|now]",
            "{a} (is no longer|is not|isn't|should not be) (hidden|secret) [any more|anymore]",
            "(don't|do not|no longer) hide {a} [any more|anymore]",
        ),
        _show,
    ),
    Rule(
        "Say what follows an action",
        "Changes the detail of an event: what stays in view.",
        (
            "<set> [<the>] detail (of|for) {a} (to|as|:) [:] {text…}",
            "<set> {a} 's detail (to|as|:) [:] {text…}",
        ),
        _detail,
    ),
)
