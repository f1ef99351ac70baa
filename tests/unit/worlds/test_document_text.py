"""A text made with what an earlier one lends is the one that is made without."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.core import jsondoc
from conjure.core.errors import MalformedRequest
from conjure.core.weights import weight
from conjure.worlds.document_text import DocumentText
from support.kernel.documents import JSON
from support.kernel.worlds import make_world

NAMES = st.sampled_from(["id", "name", "entrance", "scene", "cover", 'a "quoted" {one}'])
DOCUMENTS = st.lists(st.tuples(NAMES, JSON), max_size=6).map(dict)


@given(DOCUMENTS, st.lists(DOCUMENTS, max_size=5), st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_edits_around_the_scene(first, edits, limit):
    written = DocumentText(first)
    for changed in edits:
        members = {**first, **changed}
        if "scene" in first:
            members["scene"] = first["scene"]
        value = dict(sorted(members.items(), reverse=len(changed) % 2 == 1))
        written = DocumentText(value, written)
        assert written.bytes == jsondoc.dumps(value)
        assert written.is_heavier(limit) == (weight(written.bytes) > limit)


def test_the_scene_is_not_written_again():
    world = make_world(states=50)
    before = DocumentText(world)
    before.place_of_scene()
    # What stands there cannot come from the value any more.
    before.bytes = before.bytes.replace(b"room_1", b"hall_1")
    after = DocumentText({**world, "name": "Another"}, before)
    assert after.bytes == jsondoc.dumps({**world, "name": "Another"}).replace(b"room_1", b"hall_1")


def test_another_scene_is_written():
    world = make_world(states=5)
    value = {**world, "scene": {**world["scene"], "events": []}}
    assert DocumentText(value, DocumentText(world)).bytes == jsondoc.dumps(value)


def test_what_is_too_deep_is_too_deep_beside_a_scene_that_is_known():
    world = make_world(states=2)
    deep = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(MalformedRequest):
        DocumentText({**world, "notes": deep}, DocumentText(world))


def test_a_scene_is_weighed_once_for_all_that_are_made_from_it():
    first = DocumentText(make_world(states=5))
    second = DocumentText({**make_world(states=5), "scene": first.scene.value}, first)
    third = DocumentText(
        {"scene": first.scene.value}, second
    )  # before any is weighed, as in a pipeline
    assert first.is_heavier(0)
    assert first.is_heavier(weight(first.bytes) - 1)
    assert third.scene is second.scene is first.scene
    assert third.scene.marks is not None
