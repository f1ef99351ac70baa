"""Which engine keeps objects: what the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.providers.objects.folder import FolderObjects

if TYPE_CHECKING:
    from conjure.providers.objects.port import Objects
    from conjure.settings import AssetSettings


def objects_of(settings: AssetSettings) -> Objects:
    """Returns the engine. Raises ObjectsError when a store's own variables cannot work."""
    timeout_s, concurrent = settings.timeout_s, settings.concurrent
    if settings.folder is not None:
        return FolderObjects(settings.folder, timeout_s=timeout_s, concurrent=concurrent)
    from conjure.providers.objects.remote import RemoteObjects  # noqa: PLC0415 - 8 MB that a folder does without

    return RemoteObjects(settings.url, timeout_s=timeout_s, concurrent=concurrent)
