"""Objects in a store that others run: S3 and what speaks its protocol, Google's, Azure's."""

from __future__ import annotations

import asyncio
import contextlib
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import from_url

from conjure.core.caching import IMMUTABLE
from conjure.providers.objects.port import MOST_OBJECT_BYTES, ObjectsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from obstore.store import ObjectStore

_T = TypeVar("_T")

_ALLOW_HTTP = ("AWS_ALLOW_HTTP", "AZURE_ALLOW_HTTP", "GOOGLE_ALLOW_HTTP")


class RemoteObjects:
    """Keeps objects at a URL: `s3://bucket/prefix`, `gs://…`, `az://…`.

    The library reads endpoints, regions and keys from the usual variables (`AWS_ENDPOINT`,
    `AWS_ACCESS_KEY_ID`, `GOOGLE_SERVICE_ACCOUNT`, `AZURE_STORAGE_ACCOUNT_NAME`, …), and repeats a call that
    failed, within its time. An object is stored by one request, so it is there whole or not at all.
    """

    def __init__(self, url: str, *, timeout_s: float, concurrent: int) -> None:
        """Raises ObjectsError when the URL or what the variables say cannot work."""
        self._timeout_s = timeout_s
        self._turns = asyncio.Semaphore(concurrent)
        limit = timedelta(seconds=timeout_s)
        # One DELETE for one object: not all that speak S3 know how to delete many at once.
        own: Any = {"disable_bulk_delete": True} if url.startswith("s3:") else {}
        try:
            self._store: ObjectStore = from_url(
                url,
                config=own,
                client_options={
                    "timeout": limit,
                    "connect_timeout": limit,
                    # Options of ours replace what the library would read from these.
                    "allow_http": any(map(_is_set, _ALLOW_HTTP)),
                },
                retry_config={"max_retries": 3, "retry_timeout": limit},
            )
        except (BaseError, ValueError) as error:
            raise ObjectsError(_cause(error)) from error

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        """Stores an object. Raises ObjectsError."""
        attributes = {"Content-Type": media_type, "Cache-Control": IMMUTABLE}

        async def put() -> None:
            # In one part: what is cut off is not there.
            await obstore.put_async(
                self._store, name, content, attributes=attributes, use_multipart=False
            )

        await self._run(put)

    async def get(self, name: str) -> bytes | None:
        """Returns an object. Raises ObjectsError."""

        async def get() -> bytes | None:
            try:
                found = await obstore.get_async(self._store, name)
            except (NotFoundError, FileNotFoundError):
                return None
            if found.meta["size"] > MOST_OBJECT_BYTES:
                raise ObjectsError("it is larger than an object may be")
            return bytes(await found.bytes_async())

        return await self._run(get)

    async def delete(self, name: str) -> None:
        """Removes an object. Raises ObjectsError."""

        async def delete() -> None:
            with contextlib.suppress(NotFoundError, FileNotFoundError):
                await obstore.delete_async(self._store, name)

        await self._run(delete)

    async def _run(self, work: Callable[[], Awaitable[_T]]) -> _T:
        try:
            async with asyncio.timeout(self._timeout_s), self._turns:
                return await work()
        except (BaseError, OSError, ValueError, TimeoutError) as error:
            raise ObjectsError(_cause(error)) from error


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "").lower() in {"1", "true"}


def _cause(error: Exception) -> str:
    """The first line of what the library says: behind it is the store's own answer, at any length."""
    text = str(error).strip().partition("\n")[0]
    return f"the store of assets: {type(error).__name__}: {text}"[:300]
