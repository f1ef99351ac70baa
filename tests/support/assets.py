"""What tests know of assets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conjure.assets.names import file_name
from conjure.assets.service import Assets
from conjure.assets.store import AssetStore
from conjure.providers.objects import FolderObjects
from conjure.providers.pictures import Picture
from conjure.settings import Settings

if TYPE_CHECKING:
    from conjure.store.client import Store
    from support.stack import TestApp

_URL = re.compile(r"/assets/([0-9a-f]{64})\.(svg|png|jpg|webp|gif)")


def is_asset_url(text: str) -> bool:
    """Whether it leads to an asset, absolutely: on this machine, at whichever port an edge is."""
    base = urlsplit(text)
    is_whole = text == f"http://127.0.0.1:{base.port}{base.path}"
    return is_whole and _URL.fullmatch(base.path) is not None


def asset_path(url: str) -> str:
    """Where the edge of a test has it, whatever port that is at."""
    return urlsplit(url).path


def sha256_of(url: str) -> str:
    """The asset that a URL names."""
    found = _URL.search(url)
    assert found is not None, url
    return found[1]


def assets_of(store: Store) -> Assets:
    """As the servers of this run have them."""
    settings = Settings.from_environment().assets
    assert settings.folder is not None
    objects = FolderObjects(settings.folder, timeout_s=settings.timeout_s, concurrent=8)
    return Assets(AssetStore(store), objects, settings)


def svg(text: str = "") -> Picture:
    """A small picture."""
    return Picture(
        f'<svg xmlns="http://www.w3.org/2000/svg"><title>{text}</title></svg>'.encode(),
        "image/svg+xml",
    )


async def kept_asset(app: TestApp, text: str = "a picture of nothing") -> str:
    """The name of an asset that is there."""
    asset = await assets_of(app.admin.store).keep(app.tenant(), svg(text))
    return file_name(asset.sha256, asset.extension)
