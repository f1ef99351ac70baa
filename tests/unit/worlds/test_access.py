"""The two views of a document: what is in them, what they cost, and that nothing goes past them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import conjure
from conjure.core import jsondoc
from conjure.core.caller import ApiCaller, SessionCaller, Tenant
from conjure.kernel import examine
from conjure.worlds.access import VisibleDocument, visible
from conjure.worlds.model import Snapshot
from support.cases import each_of
from support.edge.every_rpc import MARK, SECRETS, SHOWN, character_world
from support.worlds import small_world

OWNER = Tenant("app", "test")
SECRET = ApiCaller(OWNER, "key", frozenset({"worlds:read", "worlds:write"}))
OTHERS = {
    "a publishable key": ApiCaller(OWNER, "key", frozenset({"worlds:read"})),
    "the other mode": ApiCaller(Tenant("app", "live"), "key", SECRET.scopes),
    "another app": ApiCaller(Tenant("other", "test"), "key", SECRET.scopes),
    "a player": SessionCaller(OWNER, "world", "jti", "anon", 0),
}

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(f"{MARK} value"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.just(f"{MARK} key"), inner, max_size=3)
    ),
    max_leaves=12,
)


def snapshot(world: dict[str, Any]) -> Snapshot:
    return Snapshot("7-a", jsondoc.dumps(world))


def everything(seen: VisibleDocument) -> bytes:
    """All that can be made of a view, findings included."""
    findings = [finding.to_json() for finding in examine(seen.value).findings]
    parts = [seen.part(name) for name in seen.value]
    made = [seen.text, seen.resolved, jsondoc.dumps(seen.value), jsondoc.dumps(findings), *parts]
    return b"\n".join(made)


class TestWhatIsSeen:
    def test_the_owner_sees_all(self):
        world = character_world()
        seen = visible(SECRET, OWNER, snapshot(world))
        assert seen.value == world
        assert jsondoc.loads(seen.text) == world
        assert jsondoc.loads(seen.part("character")) == SHOWN | SECRETS
        assert seen.etag == seen.rev == "7-a"

    @pytest.mark.parametrize("caller", OTHERS.values(), ids=OTHERS)
    def test_others_see_of_a_character_what_a_player_needs(self, caller):
        whole = snapshot(character_world())
        seen = visible(caller, OWNER, whole)
        assert seen.value == character_world(character=SHOWN)
        assert jsondoc.loads(seen.text) == seen.value
        assert jsondoc.loads(seen.part("character")) == SHOWN
        assert MARK.encode() not in everything(seen)
        assert (seen.rev, seen.etag) == ("7-a", "7-a.public")
        assert visible(SECRET, OWNER, whole).value == character_world(), "the snapshot is as it was"

    @given(brain=json_values, members=st.dictionaries(st.text(max_size=5), json_values, max_size=3))
    def test_whatever_a_brain_is_made_of_nothing_of_it_is_seen(self, brain, members):
        """Nothing but the members that a player needs, and these as they are."""
        for secret in (brain, members, {"persona": brain} | members):
            whole = snapshot(character_world(character=secret))
            seen = visible(OTHERS["a player"], OWNER, whole)
            assert MARK.encode() not in everything(seen)
            assert set(seen.value["character"]) <= set(SHOWN)

    def test_a_member_of_that_name_elsewhere_is_no_brain(self):
        world = small_world(mood={"character": "sad"})
        seen = visible(OTHERS["another app"], OWNER, snapshot(world))
        assert seen.value == world
        assert seen.etag == seen.rev


class TestWhatItCosts:
    """The hot reads neither parse nor copy (ARCHITECTURE 1.3)."""

    @each_of("caller", [SECRET, *OTHERS.values()], ids=["the owner", *OTHERS])
    def test_without_secrets_all_views_are_the_text_itself(self, caller):
        whole = Snapshot("1", b"whoever parses this fails")
        seen = visible(caller, OWNER, whole)
        assert seen.text is whole.text
        assert seen.resolved is whole.text

    @pytest.mark.parametrize("name", ["text", "resolved"])
    def test_a_view_is_written_once_for_all_who_see_it(self, name):
        whole = snapshot(character_world())
        written = [getattr(visible(caller, OWNER, whole), name) for caller in OTHERS.values()]
        assert all(text is written[0] for text in written)

    def test_what_both_views_share_is_written_once_for_both(self):
        whole = snapshot(character_world())
        parts = [
            visible(who, OWNER, whole).part("scene", "states") for who in (SECRET, *OTHERS.values())
        ]
        assert all(part is parts[0] for part in parts)


SERVER = Path(conjure.__file__).parent
SNAPSHOTS = {"snapshot", "warm", "cached", "remember", "Snapshot", "Edited"}
"""What holds a snapshot or is given one."""


class TestNothingGoesPastIt:
    """A servicer has no snapshot to answer with: services hand it what the caller may see."""

    @each_of("file", sorted(SERVER.glob("*/servicer.py")), ids=lambda file: file.parent.name)
    def test_no_servicer_touches_a_snapshot(self, file):
        tree = ast.parse(file.read_text())
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.alias)}
        assert not names & SNAPSHOTS

    def test_a_view_is_made_nowhere_else(self):
        makers = {
            file.relative_to(SERVER).as_posix()
            for file in SERVER.rglob("*.py")
            if "VisibleDocument(" in file.read_text()
        }
        assert makers == {"worlds/access.py"}
