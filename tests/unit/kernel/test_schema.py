"""The schema file, and the walk that says what does not fit it."""

import json

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings

from conjure.kernel import SCHEMA_BYTES
from conjure.kernel.schema import KEYWORDS, violations
from support.cases import each_of
from support.kernel.documents import RICH, mutated_worlds
from support.kernel.worlds import make_world, small_world

SCHEMA = json.loads(SCHEMA_BYTES)


def subschemas(schema):
    yield schema
    for keyword in ("properties", "$defs"):
        for inner in schema.get(keyword, {}).values():
            yield from subschemas(inner)
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if keyword in schema:
            yield from subschemas(schema[keyword])
    for inner in schema.get("anyOf", ()):
        yield from subschemas(inner)


def test_the_file_is_a_draft_2020_12_schema():
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_definition_describes_itself():
    for definition in [SCHEMA, *SCHEMA["$defs"].values()]:
        assert 0 < len(definition["description"]) < 140


def test_every_definition_is_used():
    used = {inner["$ref"] for inner in subschemas(SCHEMA) if "$ref" in inner}

    assert {f"#/$defs/{name}" for name in SCHEMA["$defs"]} == used


def test_the_walk_knows_every_keyword_of_the_file():
    assert {keyword for inner in subschemas(SCHEMA) for keyword in inner} <= KEYWORDS


def test_the_schema_is_open():
    """Extra members are allowed everywhere: nothing says `additionalProperties: false`."""
    assert all(inner.get("additionalProperties") is not False for inner in subschemas(SCHEMA))


def test_sound_worlds_fit():
    for world in (small_world(), make_world(), RICH):
        jsonschema.Draft202012Validator(SCHEMA).validate(world)
        assert list(violations(world)) == []


@given(mutated_worlds())
@settings(max_examples=200, deadline=None)
def test_the_walk_agrees_with_the_library(world):
    try:
        fits = jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(world)
    except ValueError:
        return  # lone surrogates: only the walk has an answer
    if "nan" not in repr(world) and "inf" not in repr(world):
        assert fits is (next(violations(world), None) is None)


@given(mutated_worlds())
@settings(max_examples=100, deadline=None)
def test_the_walk_names_the_places_the_library_names(world):
    if any(word in repr(world) for word in ("nan", "inf", "\\ud")):
        return
    theirs = set()
    for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(world):
        missing = error.validator == "required"
        names = [k for k in error.validator_value if k not in error.instance] if missing else [None]
        theirs |= {(*error.absolute_path, *([name] if missing else [])) for name in names}

    assert theirs == {place for place, _ in violations(world)}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (5, "must be a string or an object, but it is a number."),
        (True, "must be a string or an object, but it is true or false."),
        (None, "must be a string or an object, but it is null."),
        ([], "must be a string or an object, but it is a list."),
    ],
)
def test_the_problem_is_recorded_in_our_words(value, problem):
    world = small_world()
    world["scene"]["states"]["atrium"]["base"] = value

    assert [(("scene", "states", "atrium", "base"), problem)] == list(violations(world))


@each_of(
    ("member", "value", "fits"),
    [
        ("minExtent", 1, True),
        ("minExtent", 0.5, True),
        ("minExtent", True, False),  # Python's bool is an int, JSON's is no number
        ("hits", 3, True),
        ("hits", 3.0, True),  # a whole number, however it is written
        ("hits", 3.5, False),
        ("hits", True, False),
        ("auto", 1, False),
    ],
)
def test_numbers_are_what_json_schema_says(member, value, fits):
    world = small_world()
    world["scene"]["events"][0]["landWhen"] = {member: value}

    assert fits is (list(violations(world)) == [])


@each_of("value", [float("nan"), float("inf"), 10**400, "\ud800", {"\ud800": 1}])
def test_values_the_library_cannot_take_do_not_matter(value):
    assert list(violations({**small_world(), "extra": value})) == []
