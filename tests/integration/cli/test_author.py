"""`conjure author try`: a premise in, a plan and what it cost out; no server, no store."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from typer.testing import CliRunner

from conjure.cli.main import app
from conjure.settings import SettingsError
from support.cli import Conjure
from support.model import ModelServer, misbehave


@pytest.fixture
def conjure(stack, tmp_path) -> Conjure:
    return Conjure(stack, tmp_path)


@pytest.fixture
def model():
    with ModelServer() as server:
        yield server


def at(model, **more):
    return {
        "CONJURE_OPENAI_URL": model.url,
        "CONJURE_AUTHOR_MODEL": "a-model",
        "CONJURE_STORE_URL": "redis://127.0.0.1:1/0",  # nobody is there, and nobody is asked
        **more,
    }


async def test_the_built_in_author_shows_its_plan(conjure, tmp_path):
    """From a picture and a premise: each state with what leads where, the endings, the verdict."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), (230, 120, 40)).save(picture, "PNG")
    (tmp_path / "frame.png").write_bytes(picture.getvalue())
    code, output, errors = await conjure.cold(
        "author", "try", "a fox\x1b[31m in the fog", "--frame", "frame.png", "--pov", "first_person"
    )
    assert code == 0, output + errors
    for word in ("state", "leads to", "(entrance)", "(win)", "(lose)", "builtin: 0 calls"):
        assert word in output
    assert output.splitlines()[-1] == "accepted, as it was first written"
    assert "\x1b" not in output
    assert errors == ""


async def test_a_model_writes_and_what_it_cost_is_shown(conjure, model):
    """The settings name it; the numbers are those that the endpoint told."""
    arguments = ("author", "try", "a fox in the fog", "--provider", "openai", "--json")
    code, output, errors = await conjure(*arguments, **at(model))
    told = json.loads(output)
    assert (code, told["outcome"], told["misses"]) == (0, "accepted", []), told | {"log": errors}
    assert told["calls"] == len(model.chats)
    assert told["tokensRead"] > 0
    assert told["tokensWritten"] > 0
    assert told["world"]["scene"]["states"]


async def test_a_world_that_cannot_be_written_is_an_exit_code(conjure, model):
    """One line says why, and nothing of what the endpoint said."""
    model.answers = misbehave.echoing
    arguments = ("author", "try", "a fox in the fog", "--provider", "openai")
    code, output, errors = await conjure(
        *arguments, **at(model, CONJURE_AUTHOR_API_KEY="sk-9f8e7d")
    )
    assert code == 1
    assert "no world: " in errors
    assert "sk-9f8e7d" not in output + errors
    assert "fox" not in errors


def test_a_character_is_shown_as_a_world_is(model):
    """In this process. The JSON has what POST /v1/characters takes; a failure is an exit code."""
    result = CliRunner().invoke(app, ["author", "try", "a shy witch called Odile", "--character"])
    assert result.exit_code == 0, result.output
    for said in ("Odile · ", "persona", "secret: ", "Guest: ", "neutral", "builtin: 0 calls"):
        assert said in result.stdout
    assert result.stdout.splitlines()[-1] == "accepted, as it was first written"
    asked = ["author", "try", "a shy witch", "--character", "--json", "--provider", "openai"]
    result = CliRunner(env=at(model)).invoke(app, asked)
    told = json.loads(result.stdout.splitlines()[-1])  # in a process the log stands elsewhere
    assert (told["outcome"], told["misses"], told["calls"]) == ("accepted", [], 3)
    assert {"name", "persona", "lore", "stances"} <= told["character"].keys()
    model.answers = misbehave.prose
    result = CliRunner(env=at(model)).invoke(app, [*asked[:-3], "--provider", "openai"])
    assert result.exit_code == 1
    assert "no character: " in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["  "], "a premise is needed, or a --frame"),
        (["x", "--provider", "nobody"], "--provider must be builtin or openai"),
        (["x", "--provider", "openai"], "--provider openai needs CONJURE_AUTHOR_MODEL"),
        (["--frame", "none.png"], "none.png: No such file or directory"),
        (["--frame", "text.png"], "text.png: the frame must be"),
    ],
)
def test_what_a_person_can_mend_is_said_in_one_line(tmp_path, monkeypatch, arguments, said):
    """In this process: one more start for each would cost more than it tells."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.png").write_text("no picture")
    result = CliRunner().invoke(app, ["author", "try", *arguments])
    told = str(result.exception) if isinstance(result.exception, SettingsError) else result.stderr
    assert result.exit_code != 0
    assert result.stdout == ""
    assert told.removeprefix("conjure: ").startswith(said)
    assert told.count("\n") <= 1
