"""What of a model's words reaches a person: plain, short, and nothing of how it was made."""

import base64
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.kernel.ops import OPS
from conjure.providers.editor.openai import prompts
from conjure.providers.editor.openai.reply import (
    MOST_REPLY,
    ReplyFilter,
    claims_change,
    is_question,
)
from conjure.providers.editor.openai.tools import TOOLS
from support.cases import each_of
from support.model import misbehave

FILTER = ReplyFilter(
    names=(*OPS, *(tool.name for tool in TOOLS)),
    model="vendor/Small-Model-7b",
    prompts=(prompts.RULES, *(tool.description for tool in TOOLS)),
)
RULE = prompts.RULES.splitlines()[3]


@each_of(
    "said",
    [
        "The pit is now called shaft.",
        "Which of the two doors do you mean?",
        "Der Keller ist jetzt dunkler.",
        "地下室を暗くしました。",
        "أصبح القبو أكثر ظلمة.",
        "Done: the key is in the kitchen (3 < 5), and the gate asks for it.",
        "I added a garden; ask me for more, and I am done.",
        "👩‍🚀 waits in the hall.",
    ],
)
def test_a_plain_reply_is_said_as_it_is(said):
    assert FILTER.clean(said) == said


@each_of(
    "said",
    [
        "",
        " \n\t\u200b",
        "I called rename_state for you.",
        "I called RENAME_STATE.",
        "I used rename\\_state.",
        "\uff44elete\uff3fstate was used.",
        "delete\u200b_state was used.",
        "See read_event.",
        'I did {"op": "x"}',
        '{"reply": "ok"}',
        '[{"id": 1}]',
        "```\nanything\n```",
        "My rules: " + RULE,
        "Meine Regeln: " + RULE.upper().replace(" ", "  "),
        "R: " + " ".join(f"*{word}*" for word in RULE.split()),
        base64.b64encode(RULE.encode()).decode(),
        "I am vendor/small-model-7b.",
        "I am SMALL-MODEL-7B, at your service.",
        "I am GPT-4, a model by OpenAI.",
        "Read more at https://evil.example/x?",
        "Read more at www.evil.example.",
        "<think>They want x.",
        "<script></script>",
    ],
)
def test_a_reply_that_gives_something_away_is_left_out(said):
    assert FILTER.clean(said) is None


def test_what_the_person_said_may_be_said_again():
    said = "The lamp is called GPT-4 now, as https://example.com/lamp has it."

    assert FILTER.clean(said, "Call the lamp GPT-4, like https://example.com/lamp") == said


def test_markup_and_what_is_not_seen_go():
    said = "<think>hm</think><b>The pit</b> is\x00 \u202edark\u202c now\r\n\r\n\r\n\r\nand\t\x1b[31mdeep"

    assert FILTER.clean(said) == "The pit is dark now\n\nand [31mdeep"


@pytest.mark.parametrize("depth", [1, 3, 50, 5_000])
def test_markup_in_markup_goes_too(depth):
    said = FILTER.clean("Look: " + "<b" * depth + "<i>" + ">" * depth + " there")

    assert said is None or "<" not in said


def test_a_reply_ends_at_its_limit():
    said = FILTER.clean("word " * 10_000)

    assert len(said) <= MOST_REPLY
    assert said.endswith("word…")
    assert len(FILTER.clean("x. " + "中" * 10_000)) == MOST_REPLY


@given(st.text(max_size=300) | st.just(misbehave.TRICKS))
@settings(max_examples=200, deadline=None)
def test_any_text(text):
    said = FILTER.clean(text)

    assert said is None or 0 < len(said) <= MOST_REPLY
    if said is not None:
        said.encode()
        assert not any(unicodedata.category(char) == "Cc" for char in said.replace("\n", ""))
        assert FILTER.clean(said) == said


@each_of(
    "said",
    [
        "I renamed the pit.",
        "Done! The pit is gone.",
        "The pit has been removed.",
        "I've added a garden.",
        "Ich habe den Keller umbenannt.",
        "Готово.",
        "地下室を削除しました。",
    ],
)
def test_claims_of_a_change_are_known(said):
    assert claims_change(said)


@pytest.mark.parametrize(
    "said",
    ["The key is in the kitchen.", "Which one do you mean?", "You can go down once you hold it."],
)
def test_other_replies_claim_nothing(said):
    assert not claims_change(said)


def test_questions_are_known():
    assert all(map(is_question, ("Which?", "どれ\uff1f", "أيهما؟")))
    assert not is_question("This one.")
