"""`conjure lint` says of a file what an import of it, and `validate`, would say."""

from __future__ import annotations

import asyncio
import json

import pytest

from support.cli import Conjure
from support.rest import bearer, import_world
from support.worlds import small_world


@pytest.fixture
def conjure(stack, tmp_path) -> Conjure:
    return Conjure(stack, tmp_path)


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


# (a world, whether an import takes it)
WORLDS = {
    "without an id": (small_world(), True),
    "with an id that is none": (small_world(id=5), True),
    "without a cover": (small_world(cover=None), True),
    "without a picture": (small_world(entrance={"state": "hall"}), True),
    "without either": (small_world(cover="", entrance={"state": "hall", "image": None}), True),
    "as the API gave it": (small_world(schemaVersion="1.0"), True),
    "with an entrance that is nowhere": (small_world(entrance={"state": "attic"}), False),
    "with a picture that is a number": (small_world(entrance={"state": "hall", "image": 5}), False),
    "200 levels deep": (small_world(extra=nested(200)), True),
    "300 levels deep": (small_world(extra=nested(300)), False),
    "with a long name": (small_world(missions=[{"id": "x" * 257}]), False),
    "with a name that no address has": (small_world(sequences=[{"id": ".."}]), True),
    "that is a list": ([], False),
}


@pytest.mark.parametrize(("document", "is_taken"), WORLDS.values(), ids=WORLDS)
async def test_a_file_is_refused_when_an_import_and_validate_refuse_it(
    conjure, rest, app, document, is_taken
):
    text = json.dumps(document).encode()
    body = {"headers": bearer(app.secret), "content": b'{"world":' + text + b"}"}
    world_id = await import_world(rest, app.secret)
    (code, _, _), imported, validated = await asyncio.gather(
        conjure("lint", "-", stdin=text),
        rest.post("/v1/worlds", **body),
        rest.post(f"/v1/worlds/{world_id}/validate", **body),
    )

    assert (code == 0) is is_taken
    assert (imported.status_code == 200) is is_taken
    assert (validated.status_code == 200) is is_taken


async def test_validate_answers_the_world_as_it_was_given(rest, app):
    """What an import would fill in is not the caller's, and so not in the answer."""
    world_id = await import_world(rest, app.secret)
    given = small_world(cover=None, entrance={"state": "hall"})
    answer = await rest.post(
        f"/v1/worlds/{world_id}/validate", json={"world": given}, headers=bearer(app.secret)
    )
    assert answer.json()["world"] == given | {"id": world_id}


async def test_lint_goes_on_after_a_file_that_cannot_be_read(conjure, tmp_path):
    """Each file has its say, in its place; the worst of them decides the exit code."""
    good, bad, broken = (tmp_path / f"{name}.json" for name in ("good", "bad", "broken"))
    good.write_text(json.dumps(small_world()))
    bad.write_text(json.dumps(small_world(outro={"state": "attic"})))
    broken.write_text('{"name": ')
    names = [str(path) for path in (tmp_path / "none.json", bad, broken, tmp_path, good)]

    (code, output, errors), (same_code, lines, same_errors) = await asyncio.gather(
        conjure("lint", *names), conjure("lint", "--json", *names)
    )

    assert (code, same_code) == (2, 2)
    assert errors == same_errors
    assert len(errors.splitlines()) == 3
    assert f"{broken}: the JSON is not valid" in errors
    assert f"{bad}: 1 error, 1 warning" in output
    assert f"{good}: 1 warning" in output
    found = [json.loads(line) for line in lines.splitlines()]
    assert [None if item is None else item[0]["lint"] for item in found] == [
        *(None, "dangling-ref", None, None, "no-ending")
    ]


async def test_a_member_that_stands_twice_is_named(conjure):
    """An import refuses it: which of the two was meant, nobody knows."""
    code, _, errors = await conjure("lint", "-", stdin=b'{"name": "x", "name": "y"}')
    assert code == 2
    assert 'the member "name" stands twice' in errors


async def test_a_file_over_the_limit_of_documents_is_an_error(conjure, tmp_path):
    """Also when only its spaces are: it is sent as it stands."""
    large, spacious = tmp_path / "large.json", tmp_path / "spacious.json"
    large.write_text(json.dumps(small_world(extra="x" * (12 * 2**20))))
    spacious.write_text(json.dumps(small_world()) + " " * (12 * 2**20))

    code, output, _ = await conjure("lint", str(large), str(spacious))

    assert code == 1
    assert output.count("cannot be imported: the world is larger than 12 MiB. [schema]") == 2


async def test_the_counts_are_of_all_findings(conjure, rest, app, tmp_path):
    """A list of findings ends somewhere; what it is a list of does not."""
    hall = {"base": "A hall.", "ambient": ["no"] * 30_000}
    document = small_world()
    document["scene"]["states"]["hall"] = hall
    world_id = await import_world(rest, app.secret, scene=document["scene"])
    (_, text, _), answer = await asyncio.gather(
        conjure("lint", "-", stdin=json.dumps(document).encode()),
        rest.post(f"/v1/worlds/{world_id}/lint", headers=bearer(app.publishable)),
    )

    assert text.endswith("-: 30,002 warnings, 1 info\n")
    assert answer.json()["counts"] == {"error": 0, "warning": 30_002, "info": 1}
    assert len(answer.content) < 4 * 2**20
