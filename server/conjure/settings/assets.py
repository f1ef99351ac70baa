"""Settings of assets: where the pictures that Conjure makes are kept (CONTRACT 11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from conjure.core.urls import UrlRefused, http_url
from conjure.settings.bounds import MANY, MOMENT_S, MOST_BYTES, number
from conjure.settings.variables import SettingsError

if TYPE_CHECKING:
    from conjure.settings.variables import Variables

_REMOTE: Final = ("s3", "gs", "az")


@dataclass(frozen=True, slots=True)
class AssetSettings:
    """Assets: the pictures that Conjure makes."""

    # Where they are kept: a folder (a path or file:///PATH), which all servers must share, or a store:
    # s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX. Endpoints and keys of a store are read
    # from its usual variables (AWS_*, GOOGLE_*, AZURE_*).
    url: str = field(default=".conjure/assets", repr=False)
    # What URLs of assets begin with, in documents: where browsers reach the edge, absolute. Documents keep
    # what it was when they were written. The player's own page is known by its origin (CONTRACT 0.1).
    public_url: str = "http://127.0.0.1:8080"
    # Time for one call of the store of assets.
    timeout_s: float = number(
        10.0, MOMENT_S, 30.0, why="what is being deleted is left to its process for a minute"
    )
    # Calls of one process at the same time; more wait for their turn, within the same time.
    concurrent: int = number(32, 1, MANY)
    # Assets at hand per worker.
    cache_bytes: int = number(32_000_000, 1, MOST_BYTES)
    # How long an asset stays that no document has named yet, as a seed frame that somebody looks at.
    unnamed_s: int = number(86_400, 1, 30 * 86_400)
    # How long an asset stays that no document names any more: calls that are under way may name it.
    grace_s: int = number(600, 1, 30 * 86_400)
    # Each asset is looked at once in this time, whatever was lost; 0: nothing is ever removed.
    look_s: int = number(86_400, 1, 30 * 86_400, or_zero=True)

    @property
    def folder(self) -> str | None:
        """The folder that they are kept in; None for a store."""
        if self.url.startswith("file://"):
            return urlsplit(self.url).path
        return None if "://" in self.url else self.url

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        url = variables["url"]
        if self.folder is None:
            parts = urlsplit(self.url)
            if parts.scheme not in _REMOTE:
                raise SettingsError(f"{url} must be a folder, or an s3://, gs:// or az:// URL")
            if not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
                raise SettingsError(
                    f"{url} must name a bucket and a prefix, nothing else: keys and endpoints have"
                    " variables of their own"
                )
        elif not self.folder:
            raise SettingsError(f"{url} must not be empty")
        try:
            http_url(self.public_url)
        except UrlRefused as error:
            raise SettingsError(f"{variables['public_url']} {error}") from error
        if "?" in self.public_url or "#" in self.public_url:
            raise SettingsError(f"{variables['public_url']} must have no query and no fragment")
        if self.timeout_s >= min(self.grace_s, self.unnamed_s):
            raise SettingsError(
                f"{variables['timeout_s']} must be below {variables['grace_s']} and"
                f" {variables['unnamed_s']}: what is just being stored must not be removed"
            )
