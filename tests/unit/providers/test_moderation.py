"""What players may say: anything that a person can read and write."""

from conjure.providers.moderation import BuiltinModeration
from support.cases import each_of

MODERATION = BuiltinModeration()


async def refusal(text, earlier=()):
    return await MODERATION.refusal(text, earlier)


@each_of(
    "text",
    [
        *("Hello", "?", "…", "👋", "👨‍👩‍👧", "a\tb\nc", "Nooooooooooooo!", "ha " * 20),
        *(
            "Việt Nam, ế",
            "שָׁלוֹם",
            "สวัสดีครับ",
            "नमस्ते",
            "مرحبًا",
            "日本語",
            "Z̃́",
            "I said: no no no no no.",
        ),
        ("word " * 400).replace("word word", "word other")[:2_000],
    ],
)
async def test_what_people_write_is_fine(text):
    """In any script, with pictures and marks, and with a little shouting."""
    assert await refusal(text) is None


@each_of(
    ("text", "why"),
    [
        ("", "text has nothing that can be seen"),
        (" \n\t ", "text has nothing that can be seen"),
        ("\u200b\u200d\ufeff", "text has nothing that can be seen"),
        ("\u3164\u2800", "text has nothing that can be seen"),
        ("\u0301\u0301", "text has nothing that can be seen"),
        ("a" * 2_001, "text has 2,001 characters, of at most 2,000"),
        ("a\x00b", "text has control characters"),
        ("\x1b[31mred", "text has control characters"),
        ("\ud800", "text has control characters"),
        ("Z\u0301\u0302\u0303\u0304algo", "text has letters with more than 3 marks on them"),
        ("á\u0302\u0303\u0304", "text has letters with more than 3 marks on them"),
        ("A" * 41, "text has the same sign more than 40 times in a row"),
        ("spam " * 21, "text has the same word more than 20 times in a row"),
        ("Spam SPAM " * 11, "text has the same word more than 20 times in a row"),
    ],
)
async def test_what_no_person_writes_is_refused(text, why):
    """With a sentence for whoever typed it."""
    assert await refusal(text) == why


async def test_the_same_text_for_the_fifth_time_is_refused():
    """However it is spaced and in whichever case; anything else between begins anew."""
    assert await refusal("Hello", ["Hello"] * 3) is None
    assert await refusal("Hello", ["hello", " HELLO", "Hello ", "Hello"]) == (
        "text is the same for the 5th time in a row; say something else"
    )
    assert await refusal("Hello", ["Hello", "Hello", "Hello", "no", "Hello"]) is None
