"""Whoever accepts gzip reads the answers: decoders that share no code, as their users call them."""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
import urllib.request
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from support.rest import bearer, import_world, mint
from support.stack import new_app
from support.until import LIMIT_S
from support.worlds import prose_world

GO_INSTALLED = Path("/usr/local/go/bin/go")

# Each is told a method, an address and a credential. It prints the body, and fails when it was not coded.
NODE = """
const [method, url, credential] = process.argv.slice(1);
const answer = await fetch(url, {method, headers: {authorization: `Bearer ${credential}`}});
if (answer.headers.get("content-encoding") !== "gzip") throw new Error("it was not coded");
process.stdout.write(Buffer.from(await answer.arrayBuffer()));
"""
GO = """
package main

import (
\t"io"
\t"net/http"
\t"os"
)

func main() {
\trequest, _ := http.NewRequest(os.Args[1], os.Args[2], nil)
\trequest.Header.Set("Authorization", "Bearer "+os.Args[3])
\tanswer, err := http.DefaultClient.Do(request)
\tif err != nil {
\t\tpanic(err)
\t}
\tif !answer.Uncompressed {
\t\tpanic("it was not coded")
\t}
\tif _, err = io.Copy(os.Stdout, answer.Body); err != nil {
\t\tpanic(err)
\t}
}
"""


def program(name: str) -> str:
    """Where a program is. The test says it aloud when it is not there."""
    found = shutil.which(name) or (str(GO_INSTALLED) if name == "go" else None)
    if found is None or not Path(found).exists():
        pytest.skip(f"NOT TESTED: there is no `{name}` here to decode an answer")
    return found


async def output(*command: str, **environment: str) -> bytes:
    child = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "NO_PROXY": "*", "no_proxy": "*", **environment},
    )
    try:
        async with asyncio.timeout(2 * LIMIT_S):
            out, err = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
    assert child.returncode == 0, err.decode()
    return out


async def by_curl(method: str, url: str, credential: str, folder: Path) -> bytes:
    headers = folder / "headers"
    body = await output(
        program("curl"), "--silent", "--compressed", "--request", method, "--dump-header",
        str(headers), "--header", f"authorization: Bearer {credential}", url,
    )  # fmt: skip
    assert "content-encoding: gzip" in headers.read_text().lower()
    return body


async def by_node(method: str, url: str, credential: str, folder: Path) -> bytes:
    node = program("node")
    return await output(node, "--input-type=module", "--eval", NODE, "--", method, url, credential)


async def by_go(method: str, url: str, credential: str, folder: Path) -> bytes:
    go = program("go")
    source = folder / "main.go"
    source.write_text(GO)
    return await output(go, "run", str(source), method, url, credential, GOFLAGS="-mod=mod")


async def by_python(method: str, url: str, credential: str, folder: Path) -> bytes:
    def read() -> bytes:
        headers = bearer(credential) | {"accept-encoding": "gzip"}
        request = urllib.request.Request(url, method=method, headers=headers)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=LIMIT_S) as answer:
            assert answer.headers["content-encoding"] == "gzip"
            raw: bytes = answer.read()
        text = gzip.decompress(raw)
        assert zlib.decompress(raw, 16 + zlib.MAX_WBITS) == text
        return text

    return await asyncio.to_thread(read)


async def by_httpx(method: str, url: str, credential: str, folder: Path) -> bytes:
    async with httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as client:
        answer = await client.request(method, url, headers=bearer(credential))
    assert answer.headers["content-encoding"] == "gzip"
    return answer.content


Decoder = Callable[[str, str, str, Path], Awaitable[bytes]]
DECODERS: dict[str, Decoder] = {
    "curl": by_curl, "node": by_node, "go": by_go, "python": by_python, "httpx": by_httpx,
}  # fmt: skip


@pytest.fixture(scope="module")
async def place(stack, rest) -> tuple[str, str, str]:
    """An owner's key, the address of its world, and a token to connect with."""
    app = await new_app(stack.admin)
    world_id = await import_world(rest, app.secret, **prose_world(17_000))
    token = (await mint(rest, app.secret, world_id))["token"]
    await rest.post("/v1/sessions/connect", headers=bearer(token))
    return app.secret, f"/v1/worlds/{world_id}", token


@pytest.mark.parametrize("decode", DECODERS.values(), ids=DECODERS)
async def test_a_read_and_a_connect(rest, stack, place, decode, tmp_path):
    key, path, token = place
    plain = (await rest.get(path, headers=bearer(key))).content
    assert await decode("GET", stack.rest_url + path, key, tmp_path) == plain
    connected = await decode("POST", f"{stack.rest_url}/v1/sessions/connect", token, tmp_path)
    assert connected.startswith(b'{"world":{')
    world, _, rest_of_it = connected.partition(b',"worldId":')
    assert world == b'{"world":' + plain.removesuffix(b',"schemaVersion":"1.0"}') + b"}"
    assert rest_of_it.endswith(b',"schemaVersion":"1.0"}')
