"""Who is shown what of the page for developers, and who may open the demo."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conjure.core.errors import NotFound
from conjure.player.home import HomePage
from conjure.player.servicer import PlayerServicer
from conjure.player.visitors import is_of_this_machine, opens_a_page
from conjure.settings import Settings
from conjure.v1 import player_service_pb2 as pb
from support.cases import each_of

HERE = ("127.0.0.1", "127.255.0.1", "[::1]", "::1", "localhost", "LocalHost", "demo.localhost")
ELSEWHERE = (
    "", "0.0.0.0", "10.0.0.1", "192.0.2.1", "::", "2001:db8::/64", "localhost.example", "xlocalhost",
    "127.0.0.1.example", "127.1.example", "1270.0.0.1", "unix:/tmp/socket", "127.0.0.1:80",
)  # fmt: skip


@each_of("name", HERE)
def test_what_is_this_machine(name):
    assert is_of_this_machine(name)


@each_of("name", ELSEWHERE)
def test_what_may_be_another(name):
    assert not is_of_this_machine(name)


@each_of(
    ("mode", "dest", "opens"),
    [
        (None, None, True),
        ("navigate", "document", True),
        ("navigate", None, True),
        ("navigate", "iframe", False),
        ("navigate", "", False),
        ("cors", "empty", False),
        ("no-cors", "document", False),
        (None, "image", False),
    ],
)
def test_what_a_browser_shows_as_a_page(mode, dest, opens):
    said = {"sec-fetch-mode": mode, "sec-fetch-dest": dest}
    assert opens_a_page({name: text for name, text in said.items() if text is not None}) is opens


async def test_where_they_are_turned_off_nothing_is_there():
    parts: Any = SimpleNamespace()
    servicer = PlayerServicer(
        files=parts, page=parts, home=None, demo=None, pictures=parts, terminals=parts
    )
    call: Any = SimpleNamespace(client="127.0.0.1", is_rest=False)
    with pytest.raises(NotFound):
        await servicer.GetHome(pb.GetHomeRequest(), call)
    with pytest.raises(NotFound):
        await servicer.PlayDemo(pb.PlayDemoRequest(), call)


async def test_nobody_elsewhere_is_told_of_a_demo():
    class Asked:
        async def demo(self) -> None:
            raise AssertionError("the file was read")

    settings = Settings.from_environment(
        {
            "CONJURE_STORE_URL": "redis://:the-password@store.example",
            "CONJURE_ASSETS_PUBLIC_URL": "https://play.example/$base/&<'\"",
            "CONJURE_OPENAI_API_KEY": "sk-the-key",
        }
    )
    page = HomePage(settings, cast("Any", Asked()), cast("Any", None))
    shown = (await page.page(shows_the_demo=False)).decode()
    for hidden in ("/demo", "dev.json", "the-password", "store.example", "the-key", "$base/&<"):
        assert hidden not in shown
    assert "play.example/$base/" in shown
    assert "conjure apps create" in shown
