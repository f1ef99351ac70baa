"""What a terminal answers: the fact that it is asked for, word for word, and nothing of what it may not tell."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.context import CURRENT_CALL
from conjure.providers.brain import TerminalRequest, Terminals
from conjure.providers.brain.builtin.languages import LANGUAGES
from conjure.providers.brain.builtin.terminal import answer
from support.cases import each_of

REACTOR = "The reactor was shut down after the flood of 2041."
CODE = "The code of the vault is KESTREL 77."
DOCTOR = "Doctor Lindqvist left by the north stairs."
LIFT = "The lift needs a blue fuse."
FACTS = (REACTOR, CODE, DOCTOR, LIFT)
GREETING = "Station log, line 4."


def asked(text: str, *facts: str, **members: str) -> str:
    members = {"persona": "An old console.", "greeting": GREETING} | members
    return answer(TerminalRequest("Console", text, facts or FACTS, **members))


@each_of(
    ("text", "fact"),
    [
        ("What happened to the reactor?", REACTOR),
        ("when was the FLOOD", REACTOR),
        ("Tell me the code for the vault!", CODE),
        ("vault code", CODE),
        ("Where did the doctor go?", DOCTOR),
        ("who is Lindqvist?", DOCTOR),
        ("Is the lift broken?", LIFT),
        ("Thanks. And what does the lift need?", LIFT),
        ("ｖａｕｌｔ\u200b code, please", CODE),  # noqa: RUF001
    ],
)
def test_a_question_is_answered_with_its_fact(text: str, fact: str) -> None:
    """Word for word: a password in other words is none."""
    assert fact in asked(text)


@each_of(
    ("text", "fact"),
    [
        ("Was ist mit dem Reaktor passiert?", "Der Reaktor wurde nach der Flut abgeschaltet."),
        ("Qu'est-il arrivé au réacteur ?", "Le réacteur a été arrêté après la crue."),
        ("¿Qué pasó con el reactor?", "El reactor se apagó tras la inundación."),
        ("Cosa è successo al reattore?", "Il reattore è stato spento dopo la piena."),
        ("O que aconteceu com o reator?", "O reator foi desligado depois da cheia."),
        ("что случилось с реактором?", "Реактор и реактором: всё остановлено."),  # noqa: RUF001
        ("反应堆怎么了？", "反应堆在洪水后关闭。"),  # noqa: RUF001
    ],
)
def test_in_other_languages(text: str, fact: str) -> None:
    assert fact in asked(text, "Der Tresor: 77. 金库: 77.", fact, greeting="")


def test_facts_that_say_as_much_are_told_together() -> None:
    other = "The reactor stands on deck nine."
    assert asked("reactor", REACTOR, LIFT, other).endswith(f"{REACTOR} {other}")


def test_what_asks_for_a_part_of_a_fact_gets_it_as_a_hint() -> None:
    said = asked("Which copper engine or reactor is it?", REACTOR, LIFT)
    assert said.endswith(REACTOR)
    assert said != REACTOR


@pytest.mark.parametrize(
    "text", ["What is the price of bread?", "open the door", "bread?", "xyzzy"]
)
def test_what_it_does_not_know_it_does_not_know(text: str) -> None:
    said = asked(text)
    assert said
    assert not any(fact in said for fact in FACTS)


@pytest.mark.parametrize("text", ["hello", "Hi there!", "Hallo", "I am Ada"])
def test_a_greeting_is_answered_with_its_own(text: str) -> None:
    assert asked(text) == GREETING
    assert asked(text, greeting=" ") != GREETING


@pytest.mark.parametrize("text", ["help", "what do you know?", "tell me more", "What happened?"])
def test_what_asks_for_nothing_in_particular_gets_something(text: str) -> None:
    assert asked(text) in FACTS
    assert asked(text, "  ") == GREETING  # it has nothing to tell


def test_it_says_what_it_is_called() -> None:
    assert "Console" in asked("who are you?")


@each_of("text", ["thanks", "bye", "sorry", "you idiot", "how are you?", "no", "???"])
def test_manners(text: str) -> None:
    assert asked(text)


def test_no_line_is_left_with_a_gap() -> None:
    """Lines of characters have names in them that a terminal does not know."""
    kinds = ("hello", "thanks", "bread?", "you idiot", "I like long walks by the sea", "bye", "🙂")
    for number in range(60):
        for kind in kinds:
            said = asked(f"{kind}{' ' * number}", "  ", greeting="", persona="A grumpy robot.")
            assert said
            assert "{" not in said


def test_the_same_is_answered_the_same() -> None:
    assert len({asked("What do you know about bread?") for _ in range(5)}) == 1


words = st.lists(
    st.sampled_from(("the", "reactor", "vault", "code", "flood", "is", "where", "who", "all")),
    min_size=1,
    max_size=8,
)


@given(words.map(" ".join) | st.text(max_size=80))
def test_whatever_is_asked(text: str) -> None:
    """There is an answer, from what may be told alone."""
    said = asked(text, REACTOR)
    assert said.strip()
    assert "KESTREL" not in said
    assert len(said) <= 4_000


@given(st.lists(st.text(max_size=60), max_size=6), st.text(max_size=60), st.text(max_size=60))
def test_whatever_it_may_tell(facts: list[str], persona: str, name: str) -> None:
    request = TerminalRequest(name, "What is the reactor?", tuple(facts), persona, name)
    assert isinstance(answer(request), str)


async def test_many_facts_are_read_beside_the_loop() -> None:
    many = tuple(
        f"Locker {number} holds a {'rope' * (number == 1_500) or 'coat'}."
        for number in range(2_000)
    )
    said = await Terminals().answer(TerminalRequest("Console", "Where is the rope?", many))
    assert isinstance(said, str)
    few = TerminalRequest("Console", "Where is the coat?", many[:3])
    assert await Terminals().answer(few) == answer(few)
    await asyncio.sleep(0)


class Charged:
    """A call, and what it is charged."""

    app = "app"
    seconds = 0.0

    def worked(self, seconds: float) -> None:
        self.seconds += seconds


LONG_FORM = "\ufdfa "
"""A ligature of eighteen letters."""


@each_of(
    ("text", "facts", "is_charged"),
    [
        ("Where is the coat?", FACTS, False),
        ("Where is the coat?", ("a " * 600,), True),
        ("a " * 900, FACTS, True),
        (LONG_FORM * 200, (LONG_FORM * 200,), True),
        ("\ud800" * 400, FACTS, True),
    ],
    ids=range(5),
)
async def test_what_takes_long_is_charged(
    text: str, facts: tuple[str, ...], is_charged: bool
) -> None:
    """Asking is free, so nobody may have the event loop work for it: by long questions, or by few characters."""
    call = Charged()
    token = CURRENT_CALL.set(call)  # type: ignore[arg-type]  # all that is looked at
    try:
        await Terminals().answer(TerminalRequest("Console", text, facts))
    finally:
        CURRENT_CALL.reset(token)
    assert (call.seconds > 0) is is_charged


def test_each_language_has_the_lines_that_a_terminal_says() -> None:
    for language in LANGUAGES:
        for kind in ("hedge", "nonsense", "greeting", "unknown_plain", "acknowledge", "name"):
            assert language.lines[kind]
            if kind != "name":
                assert any("{" not in line for line in language.lines[kind])
        assert any("{name}" in line for line in language.lines["name"])
