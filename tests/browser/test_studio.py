"""A studio on another origin does its whole round in a real browser: no call fails for CORS, or for its shape."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conjure.edge.cors import Cors
from conjure.edge.descriptor import RestMethod, rest_methods
from support.characters import maren
from support.edge.envoy import Edge
from support.edge.upstream import Upstream
from support.rest import import_world, mint
from support.stack import new_app
from support.until import LIMIT_S
from support.worlds import small_world

if TYPE_CHECKING:
    from support.browsers import HostSite, Opens

STUDIO = Path(__file__).with_name("studio.js").read_text(encoding="utf-8")

# As real clients spell them (CONTRACT 3.3.1), in an order in which each applies.
OPS: list[dict[str, Any]] = [
    {"op": "add_state", "id": "loft", "base": "A loft."},
    {"op": "update_state", "stateId": "loft", "patch": {"narration": "Dust."}},
    {"op": "rename_state", "from": "loft", "to": "attic"},
    {"op": "set_field", "state": "attic", "field": "camera.static", "value": "A still frame."},
    {"op": "add_variant", "state": "attic", "variant": {"label": "night", "base": "The loft by moonlight."}},
    {"op": "set_variant_field", "state": "attic", "label": "night", "field": "base", "value": "A loft in the dark."},
    {"op": "add_transition", "from": "hall", "to": "attic", "name": "Climb", "base": "She climbs."},
    {"op": "add_transition", "from": ["attic"], "to": "hall", "name": "Descend", "base": "She climbs down."},
    {"op": "add_override", "from": ["hall", "attic"], "name": "Knock", "base": "She knocks.", "to": "hall"},
    {"op": "set_event_field", "event": "Climb", "field": "landWhen.hits", "value": 2},
    {"op": "set_event_drive", "event": "Climb", "movement": "forward", "lookVertical": "up", "pulseMs": 400},
    {"op": "set_event_hotkey", "event": "Climb", "hotkey": "f"},
    {"op": "set_event_phases", "event": "Climb", "phases": [{"base": "She takes the ladder.", "camera": "Close."}]},
    {"op": "set_event_anchor", "event": "Climb", "label": "ladder", "aliases": ["steps"], "minProximity": 0.3},
    {"op": "set_event_grants", "event": "Knock", "grants": ["heard"]},
    {"op": "set_event_requires", "event": "Climb", "requires": ["heard"]},
    {"op": "set_event_locked_hint", "event": "Climb", "hint": "Somebody holds the ladder."},
    {"op": "set_event_kind", "event": "Knock", "kind": "override"},
    {"op": "add_cutscene", "cutsceneId": "fall", "video": "https://example.test/fall.mp4", "fromState": "attic",
     "toState": "cellar"},
    {"op": "add_sequence", "id": "tour", "beats": [{"state": "hall", "dwell": "settle"}]},
    {"op": "set_story", "logline": "A reader finds the way out.", "arc": ["in", "out"]},
    {"op": "add_story_beat", "beat": {"summary": "She climbs.", "states": ["attic"]}},
    {"op": "set_subject", "subject": "a woman in a grey coat", "styleTail": "Film grain."},
    {"op": "set_narrate", "narrate": {"voice": "calm"}},
    {"op": "set_intro", "video": "https://example.test/intro.mp4", "static": True},
    {"op": "set_outro", "video": "https://example.test/outro.mp4", "state": "cellar"},
    {"op": "set_outro", "video": None},
    {"op": "add_mission", "id": "escape", "title": "Escape", "win": {"title": "Out", "subtitle": "At last."},
     "verified": ["mat"], "objectives": [
        {"id": "mat", "text": "Look under the mat", "action": "She lifts the mat.", "grants": "key",
         "grounded": {"target": "mat", "proximity": 0.2}},
        {"id": "door", "text": "Open the door", "action": "The key turns.", "outcome": "A bright street.",
         "fail": {"name": "Break it", "action": "She runs at it.", "title": "Bruised"}},
    ]},
    {"op": "remove_cutscene", "id": "fall"},
    {"op": "remove_sequence", "id": "tour"},
    {"op": "set_entrance", "state": "hall"},
    {"op": "remove_event", "event": "Climb"},
    {"op": "remove_event", "event": "Descend"},
    {"op": "set_state_ending", "state": "attic", "kind": "win", "title": "The loft", "subtitle": "At last."},
]  # fmt: skip


CHARACTER = {
    "id", "slug", "name", "description", "cover", "visibility", "voiceId", "modelId", "free", "greeting",
    "intro", "stances", "persona", "scene", "lore", "examples",
}  # fmt: skip
ROUND = {
    "create from a premise": {"worldId", "slug", "ok", "cover"},
    "create again": {"worldId", "slug", "ok", "cover"},
    "create from a world": {"worldId", "slug", "ok", "cover"},
    "delete the first": {"ok", "deleted"},
    "list": {"worlds", "nextCursor"},
    "get": {"id", "name", "description", "cover", "entrance", "scene"},
    "patch": {"id", "name", "description", "cover", "visibility", "slug", "created_at", "updated_at"},
    "fork": {"worldId"},
    "create a state": {"world", "diagnostics", "rev", "stateId"},
    "patch a state": {"world", "diagnostics", "rev"},
    "get a state": {"stateId", "state", "rev"},
    "create an event": {"world", "diagnostics", "rev", "eventName"},
    "patch an event": {"world", "diagnostics", "rev"},
    "get an event": {"event", "rev"},
    "delete an event": {"world", "diagnostics", "rev"},
    "delete a state": {"world", "diagnostics", "rev"},
    "states": {"states", "rev"},
    "events": {"events", "rev"},
    "scene": {"states", "events", "entrance", "rev"},
    "entrance": {"world", "diagnostics", "rev"},
    "entrance again": {"world", "diagnostics", "rev"},
    "scene with the picture": {"states", "events", "entrance", "rev"},
    **{f"op {at}: {op['op']}": {"world", "diagnostics", "rev", "applyErrors"} for at, op in enumerate(OPS)},
    "edit in words": {"world", "diagnostics", "reply"},
    "validate": {"ok", "world", "diagnostics"},
    "validate another": {"ok", "world", "diagnostics"},
    "lint": {"ok", "diagnostics", "counts", "promptBudget"},
    "save a version": {"versionId", "version"},
    "edit between": {"world", "diagnostics", "rev"},
    "save another": {"versionId", "version"},
    "versions": {"versions", "headVersionId", "nextCursor"},
    "get a version": {
        "id", "worldId", "parentVersionId", "source", "title", "createdAt", "created_at", "snapshot",
    },
    "diff": {"a", "b", "states", "events"},
    "checkout": {"world", "rev"},
    "rename a version": {"ok", "versionId", "title"},
    "delete a version": {"ok", "deleted"},
    "create a terminal": {"world", "diagnostics", "rev", "eventName"},
    "seed frame": {"imageBase64", "mimeType", "url", "prompt", "art_style"},
    "mint": {"token", "expiresIn", "worldId", "slug", "jti"},
    "mint another": {"token", "expiresIn", "worldId", "slug", "jti"},
    "connect": {"worldId", "reactorJwt", "expiresIn", "expiresAt", "world"},
    "picture of a state": {"url", "mimeType"},
    "ask": {"reply"},
    "track": {"ok"},
    "connect by the body": {"worldId", "reactorJwt", "expiresIn", "expiresAt", "world"},
    "usage while they play": {"day", "usage", "caps"},
    "end": {"ok", "seconds"},
    "usage": {"day", "usage", "caps"},
    "end what the beacon has ended": {"ok", "seconds"},
    "get the job": {"jobId", "status", "phase", "progress", "worldId", "error"},
    "create a character": {"id", "slug", "kind", "cover"},
    "characters": {"characters", "nextCursor"},
    "get a character": CHARACTER,
    "patch a character": CHARACTER,
    "fork a character": {"id", "slug", "kind", "cover"},
    "mint a talk": {"token", "expiresIn", "worldId", "slug", "jti"},
    "resume": {"returning", "welcome", "affect", "messageCount"},
    "say": {"reply", "stance", "emotion", "affect", "action"},
    "its picture": {"imageBase64", "mimeType", "url"},
    "memory": {"summary", "affect", "messageCount"},
    "forget a player": {"ok", "deleted"},
    "delete a character": {"ok", "deleted"},
    "delete": {"ok", "deleted"},
}  # fmt: skip


# All that a page may call, in the words of the protos. The demo is for nobody's page (test_home.py).
METHODS = [each for each in rest_methods() if not each.is_for_users and each.path != "/demo"]
# What a world's id is enough to read, event streams and pictures too.
READS = [
    each.path
    for each in METHODS
    if each.verb == "GET"
    and set(each.binding.parameters) <= {"id"}
    and not each.path.startswith("/v1/characters/")
]


def leads_to(method: RestMethod, verb: str, path: str) -> bool:
    """Whether a call is one of this method."""
    pattern = "[^/]+".join(map(re.escape, method.binding.literals))
    return verb == method.verb and re.fullmatch(pattern, path) is not None


async def told_by_the_page(browse: Opens, site: HostSite, **told: Any) -> dict[str, Any]:
    """What the page tells of its calls. The browser has kept no answer from it."""
    visit = await browse(site.html(""))
    seen: dict[str, Any] = await visit.page.evaluate(f"async (told) => {{ {STUDIO} }}", told)
    calls = {name: found for name, found in seen.items() if isinstance(found, dict)}
    assert {name: found["error"] for name, found in calls.items() if "error" in found} == {}
    for name, found in calls.items():
        assert found["x-request-id"], name
    return seen


async def test_it_makes_edits_plays_and_deletes_a_world(stack, app, browse, host_site):
    told = {
        "rest": stack.rest_url, "secret": app.secret, "ops": OPS, "world": small_world(),
        "character": maren(),
    }  # fmt: skip
    seen = await told_by_the_page(browse, host_site, **told, reads=READS)

    calls = seen.pop("calls")
    missed = [each.path for each in METHODS if not any(leads_to(each, *call) for call in calls)]
    assert missed == []
    for path in READS:
        found = seen.pop(path)
        assert found["status"] == 200, path
        assert found["begins"], path
    for name, members in ROUND.items():
        found = seen.pop(name)
        body = found["body"]
        assert found["status"] == 200, (name, body)
        assert set(body) - {"schemaVersion"} == members, name
        if "rev" in members:
            assert found["etag"].strip('"').removesuffix("-gzip") == body["rev"], name
        assert body.get("applyErrors", []) == [], name
        assert (found["idempotent-replayed"] == "true") == (name == "create again"), name
    for name in ("its cover", "a file of the player"):
        found = seen.pop(name)
        assert found["status"] == 200, name
        assert found["begins"], name
    begun = seen.pop("begin a job")
    assert (begun["status"], set(begun["body"])) == (202, {"jobId", "status", "schemaVersion"})
    followed = seen.pop("a job's events")
    assert followed["status"] == 200
    assert followed["begins"]
    assert seen.pop("cancel what is done")["status"] == 409
    told = seen.pop("say, told")
    assert told["status"] == 200
    assert told["begins"]
    assert seen.pop("speak")["status"] == 503  # no voice is configured
    assert seen.pop("perceive")["status"] == 503
    assert seen.pop("ground")["status"] == 503
    assert seen.pop("get with its tag")["status"] == 304
    gone = seen.pop("get what is gone")
    assert (gone["status"], set(gone["body"])) == (404, {"detail", "schemaVersion"})
    assert seen.pop("picture") > 1_500_000
    assert seen.pop("kept") is True
    assert seen.pop("beacon") is True
    assert seen.pop("left") is True
    assert seen == {}, "the page has made another call"


REFUSALS = {
    "400 of no JSON": set(), "400 of a reference": set(),
    "401": set(), "401 of a token": set(),
    "402": set(),
    "403": set(),
    "404": set(), "404 of a path": set(), "404 of a path to change": set(), "404 of a bad escape": set(),
    "405": set(),
    "409": set(),
    "413": set(), "413 of a world": set(),
    "422": {"diagnostics"}, "422 of fields": {"errors"},
    "429": set(), "429 of the edge": set(),
    "503": set(),
    "504": set(),
}  # fmt: skip


async def hang(call: object, context: object) -> bytes:
    await asyncio.sleep(LIMIT_S)
    return b""


async def test_it_reads_why_it_was_refused(stack, rest, app, browse, host_site, tmp_path):
    """By the server and by the edge: also while no server is there, or none answers."""
    busy = await new_app(stack.admin)
    world_id = await import_world(rest, busy.secret)
    tokens = [(await mint(rest, busy.secret, world_id))["token"] for _ in range(2)]
    await busy.set_caps(generation=1, live_sessions=1)
    folders = [tmp_path / name for name in ("down", "slow", "strict")]
    for folder in folders:
        folder.mkdir()
    async with (
        Upstream(answer=hang) as upstream,
        Edge(folders[0], 1) as down,
        Edge(folders[1], upstream.port, request_timeout_s=0.5, model_timeout_s=0.5) as slow,
        Edge(
            folders[2], 1, address_per_s=1, address_burst_s=1, cors=Cors("http://127.0.0.1:*")
        ) as strict,
    ):
        seen = await told_by_the_page(
            browse,
            host_site,
            rest=stack.rest_url,
            secret=app.secret,
            publishable=app.publishable,
            busy={"secret": busy.secret, "tokens": tokens},
            edges={"down": down.rest, "slow": slow.rest, "strict": strict.rest},
            ops=OPS,
            world=small_world(),
        )
    assert seen.pop("calls")
    assert seen.pop("made")["status"] == seen.pop("the one place")["status"] == 200
    for name, more in REFUSALS.items():
        found = seen.pop(name)
        assert found["status"] == int(name[:3]), (name, found)
        assert set(found["body"]) == {"detail", "schemaVersion"} | more, name
        # A page knows how long to wait from a header that it was allowed to read.
        assert bool(found["retry-after"]) == (name[:3] in {"429", "503"}), name
    assert seen == {}, "the page has made another call"
