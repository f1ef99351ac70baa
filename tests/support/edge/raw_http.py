"""HTTP/1.1 as no client library would send it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Mapping


async def send_bytes(
    base_url: str, request: bytes, *, timeout_s: float = LIMIT_S
) -> httpx.Response:
    """Sends bytes on a connection of their own and reads one answer."""
    url = httpx.URL(base_url)
    async with asyncio.timeout(timeout_s):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            lines = [line.split(": ", 1) for line in head[1:] if line]
            headers = httpx.Headers([(name, value) for name, value in lines], encoding="latin-1")
            status = int(head[0].split()[1])
            length = int(headers.get("content-length", "0"))
            has_body = not request.startswith(b"HEAD ") and status not in {204, 304}
            body = await reader.readexactly(length) if has_body else b""
        finally:
            writer.close()
    return httpx.Response(status, headers=headers, content=body)


async def send(
    base_url: str,
    verb: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
) -> httpx.Response:
    """Sends a request whose target goes out exactly as given."""
    lines = [f"{verb} {target} HTTP/1.1", "host: edge"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if content:
        lines.append(f"content-length: {len(content)}")
    return await send_bytes(base_url, "\r\n".join([*lines, "", ""]).encode() + content)
