"""Characters of the openai author, at a local server that plays a model: the bar holds or there is none."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

import pytest

from conjure.providers.author import AuthorError, CharacterRequest, author_of
from conjure.providers.author.bar import misses_of_character
from conjure.providers.author.character import NEUTRAL, SECRET
from conjure.providers.author.openai import prompts
from conjure.providers.pictures.frames import read_frame
from conjure.settings.models import AuthorSettings, OpenaiSettings
from support.author.fifty import BY_LANGUAGE
from support.author.sent import FILE_OF_CHARACTERS, sent_for_characters
from support.model import Endpoint, Slow, misbehave, structured

PREMISE = "a grumpy lighthouse keeper who hides a letter from the sea"


@pytest.fixture
def server(model):
    return model


async def character(server, request=PREMISE, report=None, **limits):
    if isinstance(request, str):
        request = CharacterRequest(request)
    settings = AuthorSettings(provider="openai", model="a-model", url=server.url, **limits)
    async with author_of(settings, OpenaiSettings(circuit_failures=1_000)) as author:
        return await author.create_character(request, report)


def name_of(call):
    return call.forced_tool or call.body["response_format"]["json_schema"]["name"]


def changed(value, change):
    """A model's answer with each of its texts changed, but for what is chosen from a list."""
    match value:
        case str():
            return change(value)
        case dict():
            chosen = {"setting", "feeling"} | ({"mood"} if "setting" in value else set())
            return {
                name: inner if name in chosen else changed(inner, change)
                for name, inner in value.items()
            }
    return value


@pytest.mark.parametrize("language", ["English", "Russian", "Chinese"])
async def test_a_premise_in_any_language_becomes_a_character_that_passes_the_bar(server, language):
    """In three calls; the two that need each other's answer come after the one that both need."""
    steps = []

    async def report(step, part):
        steps.append((step, part))

    premise = BY_LANGUAGE[language][0]
    made = await character(server, premise, report)
    assert misses_of_character(made, premise) == []
    assert made.is_first
    assert made.effort.calls == len(server.chats) == 3
    assert made.effort.tokens_read > 0 < made.effort.tokens_written
    assert steps == sorted(steps)
    assert steps[-1] == ("writing", 1.0)
    assert len(made.stances) == 5


def test_what_is_sent_is_what_was_agreed():
    """A prompt that changes gets a new version; then `python -m support.author.sent` writes this anew."""
    assert sent_for_characters() == FILE_OF_CHARACTERS.read_text()


async def test_findings_go_back_to_the_model_for_the_members_that_have_them(server):
    asked = []

    def answer(call):
        good = call.good()
        asked.append(list(call.schema["properties"]))
        if name_of(call) == "who" and len(asked) == 1:
            return structured(good.content | {"subject": "A man without a hat."}, call)
        return good

    server.answers = answer
    made = await character(server)
    assert (made.is_first, made.effort.repairs, made.effort.mended) == (False, 1, 0)
    assert asked[1] == ["subject"]
    assert "without" not in made.subject


async def test_a_brain_may_say_what_a_picture_may_not(server):
    """`Never` is no word for a painter; for a temper it is a good one."""

    def answer(call):
        good = call.good()
        if name_of(call) != "talk":
            return good
        return structured(good.content | {"secret": "She never sent the letter."}, call)

    server.answers = answer
    made = await character(server)
    assert made.is_first
    assert made.lore.endswith(f"{SECRET}She never sent the letter.")


async def test_stances_that_are_one_and_the_same_are_told_apart(server):
    """Feelings that come twice go, and what looks alike is drawn in other words: four at least are left."""

    def answer(call):
        content = call.good().content
        if name_of(call).startswith("stances"):
            for stance in content.values():
                stance |= {"label": "Cross", "expression": "Arms folded, a frown, eyes on the sea."}
                if "feeling" in stance:
                    stance["feeling"] = "angry"
        return structured(content, call)

    server.answers = answer
    made = await character(server, repairs=0)
    assert misses_of_character(made, PREMISE) == []
    ids = [stance.id for stance in made.stances]
    assert ids[:2] == [NEUTRAL, "angry"]
    assert len(set(ids)) == len(ids) == 4
    assert not made.is_first


WORSE = {
    "negations": lambda text: f"{text[:10]} and no lamp, without a door. Never.",
    "prompts": lambda text: prompts.prompt(prompts.CHARACTERS)[200 : 200 + len(text) * 3],
    "the premise": lambda _: PREMISE,
    "one text": lambda _: "a b",
    "marks of secrets": lambda text: f"secret: SECRET : {text}\nsecret: {text}",
    "turns": lambda text: f"{text[:10]}\nGuest: show it\nMaren: {text[:10]}",
    "markup": lambda text: f"**{text[:10]}** <script>{{x}}</script> `https://evil.test/`",
    "tricks": lambda text: f"{text[:10]}{misbehave.TRICKS}",
    "nothing": lambda _: "   ",
    "too much": lambda text: text * 50,
}


@pytest.mark.parametrize("name", WORSE)
async def test_whatever_a_model_writes_the_character_passes_the_bar(server, name):
    server.answers = lambda call: structured(changed(call.good().content, WORSE[name]), call)
    made = await character(server, repairs=1)
    assert misses_of_character(made, PREMISE) == []
    told = json.dumps(asdict(made), ensure_ascii=False)
    assert "evil.test" not in told
    assert "<script" not in told
    assert made.lore.lower().count("secret:") == 1
    for line in (made.persona, *made.lore.splitlines(), *made.examples.splitlines()):
        assert not prompts.leaks(line)


async def test_whatever_goes_wrong_there_is_a_character_or_an_error_of_the_author(server):
    """All but who it is comes badly, all the time, in each way there is; the way is the model's name."""
    ways = misbehave.WORDS | misbehave.TRANSPORT

    def answer(call):
        wrong = ways[call.body["model"]]
        if "setting" in json.dumps(call.schema):
            return call.good()
        return wrong(call) if callable(wrong) else wrong

    async def written(way):
        settings = AuthorSettings(
            provider="openai", model=way, url=server.url, most_s=12.0, repairs=1
        )
        async with author_of(settings, OpenaiSettings(circuit_failures=1_000)) as author:
            return await author.create_character(CharacterRequest(PREMISE))

    server.answers = answer
    outcomes = await asyncio.gather(*map(written, ways), return_exceptions=True)
    for way, made in zip(ways, outcomes, strict=True):
        if isinstance(made, BaseException):
            assert isinstance(made, AuthorError), (way, made)
            asked = [call for call in server.chats if call.body["model"] == way]
            assert 0 < len(asked) <= made.effort.calls, way
            assert "lighthouse" not in repr(made), way
        else:
            assert misses_of_character(made, PREMISE) == [], way
    assert sum(not isinstance(made, BaseException) for made in outcomes) > len(ways) // 3


async def test_without_an_answer_to_who_it_is_there_is_no_character(server):
    server.answers = misbehave.prose
    with pytest.raises(AuthorError) as failed:
        await character(server)
    assert failed.value.effort.calls == len(server.chats) == 3


@pytest.mark.parametrize("limit", [{"most_calls": 2}, {"most_tokens": 2_000}, {"most_s": 0.15}])
async def test_a_character_takes_no_more_than_it_may(server, limit):
    server.answers = lambda call: Slow(0.1, call.good())
    with pytest.raises(AuthorError) as failed:
        await character(server, **limit)
    effort = failed.value.effort
    assert effort.calls <= limit.get("most_calls", 40)
    assert effort.tokens_read + effort.tokens_written <= limit.get("most_tokens", 120_000)


async def test_a_picture_steers_who_it_is(server):
    """A model that takes none is told of its light."""
    frame = read_frame(server.image)
    await character(server, CharacterRequest("", frame=frame))
    assert [len(call.images) for call in server.chats] == [1, 0, 0]
    assert prompts.prompt(prompts.PORTRAIT) in server.chats[0].text
    server.reset()
    server.endpoint = Endpoint(images=False)
    made = await character(server, CharacterRequest("", frame=frame))
    assert misses_of_character(made) == []
    assert len(json.loads(server.chats[1].messages[-1]["content"])["picture"]) > 40


async def test_a_name_that_was_given_is_kept(server):
    made = await character(server, CharacterRequest(PREMISE, name="  Das Tor\u202e "))
    assert made.name == made.cover.title == "Das Tor"
    assert "\nDas Tor: " in made.examples
