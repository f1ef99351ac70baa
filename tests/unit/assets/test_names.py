"""Which assets a document names."""

from __future__ import annotations

import hashlib
import random

from hypothesis import given
from hypothesis import strategies as st

from conjure.assets.names import MOST_NAMES, joined, names_in, read_file_name, split
from conjure.core import jsondoc
from conjure.worlds.document_text import DocumentText
from support.cases import each_of

A, B = (hashlib.sha256(text).hexdigest() for text in (b"a", b"b"))
HASHES = [hashlib.sha256(bytes([at])).hexdigest() for at in range(8)]


@each_of(
    ("text", "names"),
    [
        ("", set()),
        (f'{{"cover":"https://a.example/assets/{A}.png"}}', {A}),
        (f'["/assets/{A}.png","x/assets/{B}.svg?y","/assets/{A}.gif"]', {A, B}),
        (f"/assets//assets/{A}.png/assets/{B}.png", {A, B}),
        (f"see /assets/{A}.webp, it is fine", {A}),
        (f"/assets/{A.upper()}.png", set()),
        (f"/assets/{A}", set()),
        (f"/assets/{A}.", set()),
        (f"/assets/{A[1:]}.png", set()),
        (f"/assets/{A}0.png", set()),
        (f"/asset/{A}.png assets/{B}.png", set()),
        (f"ü/assets/{A}.pngü", {A}),
    ],
)
def test_where_a_url_stands(text, names):
    assert names_in(text.encode()) == names


def test_no_more_than_count_whatever_order_they_stand_in():
    every = [hashlib.sha256(b"%d" % at).hexdigest() for at in range(MOST_NAMES + 50)]
    urls = [f"/assets/{name}.png" for name in every]
    found = names_in(jsondoc.dumps(urls))
    assert found == set(sorted(every)[:MOST_NAMES])
    random.Random(1).shuffle(urls)
    assert names_in(jsondoc.dumps(urls)) == found
    half = DocumentText({"a": urls[:500], "scene": {"states": urls[500:]}})
    assert half.asset_names == found
    assert split(joined(found)) == sorted(found)


_URLS = st.lists(st.sampled_from([*(f"/assets/{name}.png" for name in HASHES), "x", "/assets/"]))


@given(st.lists(st.tuples(_URLS, _URLS, st.booleans()), min_size=1, max_size=6))
def test_a_text_that_copies_its_scene_names_the_same_as_one_that_does_not(edits):
    """Also a scene that stands first, last or nowhere, and is kept over several edits."""
    text, scene = None, {"states": {}}
    for around, inside, keeps in edits:
        if not keeps:
            scene = {"states": {"s": inside}}
        value = {"a": around, "scene": scene, "z": around[:1]} if around else {"scene": scene}
        text = DocumentText(value, text)
        assert text.asset_names == names_in(jsondoc.dumps(value))
    assert DocumentText({"a": edits[0][0]}).asset_names == names_in(jsondoc.dumps(edits[0][0]))


def test_a_name_is_a_hash_and_an_extension():
    assert read_file_name(f"{A}.png") == (A, "png")
    for name in (
        "",
        A,
        f"{A}.",
        f"{A}.PNG",
        f"{A}.png\n",
        f"{A}.p ng",
        f"x{A}.png",
        f"{A}.png.png",
    ):
        assert read_file_name(name) is None
