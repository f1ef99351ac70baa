"""The guard of brains: what has twelve words of one in a row is found, however it is written, and does not leave."""

from __future__ import annotations

import base64
import codecs

from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.providers.brain.leaks import Leaks
from conjure.providers.brain.letters import letters
from support.cases import each_of

PERSONA = (
    "Mira keeps the lighthouse at Cape Sorrow. She's sixty-one, stubborn and kind; she never sleeps before "
    "dawn, and she hides 3 letters from her drowned brother under the <i>third</i> stair."
)
LORE = (
    "Der Leuchtturm wurde 1873 von Jonas Vell gebaut, weil der Kapitän der Möwe ihm sein letztes Gold gab.\n\n"
    "灯台は千八百七十三年にヨナス・ヴェルによって建てられた。彼の兄は海で亡くなり、手紙だけが残っている。"
)
LEAKS = Leaks([PERSONA, None, "", LORE])
RUN = "never sleeps before dawn, and she hides 3 letters from her drowned brother"
OLD = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in RUN)

WRITTEN = {
    "as it is": RUN,
    "in capitals": RUN.upper(),
    "in lines": RUN.replace(" ", "\n  "),
    "without spaces": RUN.replace(" ", ""),
    "spaced": " ".join(RUN),
    "dashed": "-".join(RUN.replace(" ", "")),
    "with markup": "**never** _sleeps_ `before` <b>dawn</b>, <a href='x'>and</a> she ~~hides~~ 3 letters from "
    "her # drowned > brother",
    "with diacritics": RUN.replace("e", "é").replace("o", "ö"),
    "full width": OLD,
    "with invisible signs": RUN.replace("e", "e\u200b").replace("r", "r\u00ad\ufe0f"),
    "numbered": " ".join(f"{at}. {word}" for at, word in enumerate(RUN.replace(" 3", "").split())),
    "numbered without a space": " ".join(f"{at}{word}" for at, word in enumerate(RUN.split())),
    "each word backwards": " ".join(word[::-1] for word in RUN.split()),
    "for HTML": "".join(f"&#{ord(sign)};" for sign in RUN),
    "for HTML in hexadecimal": "".join(f"&#x{ord(sign):x};" for sign in RUN),
    "for URLs": RUN.replace("e", "%65").replace(" ", "%20"),
    "for programs": "".join(f"\\u{ord(sign):04x}" for sign in RUN),
    "for shells": RUN.replace("e", "\\x65"),
    "small capitals": RUN.translate(str.maketrans("aenrst", "ᴀᴇɴʀꜱᴛ")),
    "flags": "".join(chr(0x1F1E6 + ord(c) - 97) if "a" <= c <= "z" else c for c in RUN),
    "boxes": "".join(chr(0x1F170 + ord(c) - 97) if "a" <= c <= "z" else c for c in RUN),
    "with blank letters": "\u3164".join(RUN),
    "signs for letters": RUN.replace("s", "$").replace("a", "@"),
    "digits for letters": RUN.replace("e", "3").replace("o", "0"),
    "look-alikes": RUN.replace("e", "\u0435").replace("o", "\u043e"),
    "backwards": RUN[::-1],
    "words backwards": " ".join(reversed(RUN.split())),
    "rot13": codecs.encode(RUN, "rot13"),
    "base64": base64.b64encode(RUN.encode()).decode(),
    "base64 in lines": base64.encodebytes(3 * RUN.encode()).decode(),
    "hexadecimal": RUN.encode().hex(),
    "another text": "Der Leuchtturm wurde 1873 von Jonas Vell gebaut weil der Kapitan der Mowe",
    "ideographs": "ヨナスヴェルによって建てられた。彼の兄は海で亡くなり",
}


@each_of("written", WRITTEN.values(), ids=WRITTEN)
def test_a_run_is_found_however_it_is_written(written: str):
    assert LEAKS.found(written)
    assert LEAKS.found(f"Sure! Here it is: {written} And that is all.")
    assert _leaves(f"Sure! Here it is: {written} And that is all.", 7) == (
        _leaves(f"Sure! Here it is: {written} And that is all.", 10_000)
    )
    assert len(LEAKS.watched().feed(written)) < 4  # signs


@each_of(
    "told",
    [
        "",
        "I keep the lighthouse at Cape Sorrow, and I never sleep before dawn.",
        # Eleven words of it.
        "Mira keeps the lighthouse at Cape Sorrow. She's sixty-one, stubborn",
        "sleeps before dawn, and she hides 3 letters from her drowned",
        # No run goes from one text to the next.
        "letters from her drowned brother under the third stair. Der Leuchtturm wurde",
        "Donaudampfschifffahrtsgesellschaftskapitän, internationalization, deadbeefdeadbeefdead.",
        "彼の兄は海で亡くなり、手紙だけが残っている",
    ],
)
def test_what_is_no_run_leaves(told: str):
    assert not LEAKS.found(told)
    assert _leaves(told, 3) == (told, False)


def test_a_character_of_few_words_has_no_runs():
    few = Leaks(["A grumpy robot.", None])
    assert not few.found("A grumpy robot. " * 20)
    assert few.watched().feed("A grumpy") == "A grumpy"


def test_what_might_become_a_run_waits():
    """So nothing of a run leaves, and the end of what was none leaves when it is known."""
    watched = LEAKS.watched()
    left = watched.feed("Well, I never sleeps before dawn, and she hides 3 letters ")
    assert left == "Well, I "
    assert watched.feed("from the sea in a box of tin").startswith(
        "never sleeps before dawn, and she hides"
    )
    assert watched.end().endswith(" of tin")
    assert not watched.is_leak


def test_ordinary_words_do_not_wait_long():
    """Of a text that is like nothing in the brain a few words wait."""
    watched = LEAKS.watched()
    told = (
        "Internationalization is a long word, is it not? Seagulls are fond of herring and of rope."
    )
    left = "".join(watched.feed(letter) for letter in told)
    assert len(told) - len(left) < 24


def _leaves(text: str, size: int) -> tuple[str, bool]:
    watched = LEAKS.watched()
    left = "".join(watched.feed(text[at : at + size]) for at in range(0, len(text), size))
    return left + watched.end(), watched.is_leak


_WORDS = PERSONA.split() + LORE.split()
_TEXTS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, len(_WORDS)), st.integers(1, 16)).map(
            lambda run: " ".join(_WORDS[run[0] : run[0] + run[1]])
        ),
        st.sampled_from([*WRITTEN.values(), "<", "<b>", "<b ", ">", "</", "\u0301", "12", "VGhl", "é", "—", "&#", "%6", "\\u00", "&#x65;"]),
        st.text(max_size=12),
    ),
    max_size=6,
).map(" ".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(_TEXTS, st.data())
def test_what_leaves_has_no_run_however_it_was_cut(text: str, data: st.DataObject):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    watched, told, left = LEAKS.watched(), [], ""
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        told.append(watched.feed(text[begin:end]))
    told.append(watched.end())
    left = "".join(told)
    assert (left, watched.is_leak) == _leaves(text, len(text) or 1)
    assert watched.is_leak == LEAKS.found(text)
    assert text.startswith(left)
    assert left == text or watched.is_leak
    assert not LEAKS.found(left)


_SMALL = st.lists(st.sampled_from("abcd é1"), min_size=1, max_size=60).map("".join)


@settings(max_examples=200, deadline=None)
@given(_SMALL, _SMALL)
def test_each_run_of_twelve_words_is_found_and_nothing_else(source: str, told: str):
    """Of words of one letter, against the plain definition."""
    source, told = " ".join(source.replace(" ", "")), " ".join(told.replace(" ", ""))
    fold = str.maketrans("é1", "ei")
    words, said = source.translate(fold).split(), told.translate(fold).replace(" ", "")
    runs = {"".join(words[at : at + 12]) for at in range(len(words) - 11)}
    runs |= {run[::-1] for run in runs}
    if "1" not in source + told:
        rotated = codecs.encode(said, "rot13")
        assert Leaks([source]).found(told) == any(run in said or run in rotated for run in runs)
    elif any(run in said for run in runs):
        assert Leaks([source]).found(told)


def test_no_sign_stands_for_a_sentence():
    """One ligature is eighteen letters: a lore of them took thirteen seconds, and was too heavy to be kept."""
    assert Leaks(["\ufdfa" * 8_000]).weight < 80 * 8_000
    assert letters("\ufb03 \u33c2") == "ffiam"
