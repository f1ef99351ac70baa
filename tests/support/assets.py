"""What tests know of assets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from conjure.settings import Settings

_URL = re.compile(r"/assets/([0-9a-f]{64})\.(svg|png|jpg|webp|gif)")


def is_asset_url(text: str) -> bool:
    """Whether it leads to an asset, absolutely."""
    base = Settings.from_environment().assets.public_url
    return text.startswith(base) and _URL.fullmatch(text.removeprefix(base)) is not None


def asset_path(url: str) -> str:
    """Where the edge of a test has it, whatever port that is at."""
    return urlsplit(url).path


def sha256_of(url: str) -> str:
    """The asset that a URL names."""
    found = _URL.search(url)
    assert found is not None, url
    return found[1]
