"""Which engine keeps objects: what the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.providers.objects.folder import FolderObjects
from conjure.providers.objects.port import ObjectsError
from conjure.settings import SettingsError, variable

if TYPE_CHECKING:
    from conjure.providers.objects.port import Objects
    from conjure.settings import AssetSettings


def objects_of(settings: AssetSettings) -> Objects:
    """Returns the engine. Raises SettingsError when a store's own variables cannot work."""
    timeout_s, concurrent = settings.timeout_s, settings.concurrent
    if settings.folder is not None:
        return FolderObjects(settings.folder, timeout_s=timeout_s, concurrent=concurrent)
    from conjure.providers.objects.remote import RemoteObjects  # noqa: PLC0415 - 8 MB that a folder does without

    try:
        return RemoteObjects(settings.url, timeout_s=timeout_s, concurrent=concurrent)
    except ObjectsError as error:
        raise SettingsError(f"{variable('assets', 'url')} cannot be used: {error}") from error
