"""A small HTTP server that speaks the part of S3 that assets need, and fails in every way that a test asks for."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCESS_KEY, SECRET_KEY = "the-access-key", "the-secret-key-hunter2"


@dataclass
class Bucket:
    """What it holds, what it was asked, and what it does instead of its work (`trouble`, one for each request)."""

    url: str = ""
    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    always: str = ""

    def environment(self) -> dict[str, str]:
        """How obstore finds it."""
        return {
            "AWS_ENDPOINT": self.url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": "eu-central-1",
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _trouble(self) -> bool:
        bucket = self.bucket
        bucket.requests.append((self.command, self.path))
        bucket.heads.append({name.lower(): text for name, text in self.headers.items()})
        kind = bucket.trouble.pop(0) if bucket.trouble else bucket.always
        match kind:
            case "":
                return False
            case "slow":
                time.sleep(3)
            case "cut":
                self.rfile.read(1 if self.command == "PUT" else 0)
            case "cut answer":
                self.wfile.write(
                    b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: "e"\r\n'
                    b"Last-Modified: Sun, 29 Nov 2026 20:00:00 GMT\r\n\r\nhalf of it"
                )
            case "garbage":
                self.wfile.write(b"\x00\xff this is no HTTP\r\n\r\n")
            case "huge":
                self.wfile.write(
                    b'HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\nETag: "e"\r\n'
                    b"Last-Modified: Sun, 29 Nov 2026 20:00:00 GMT\r\n\r\n"
                )
            case _:
                self._body()
                self._answer(int(kind), b"<Error><Code>SlowDown</Code></Error>")
                return True
        self.close_connection = True
        return True

    def _body(self) -> bytes:
        length = int(self.headers.get("content-length") or 0)
        return self.rfile.read(length)

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self) -> None:
        if not self._trouble():
            body = self._body()
            self.bucket.objects[self.path] = (body, self.headers["content-type"])
            self._answer(200, etag=f'"{hashlib.md5(body).hexdigest()}"')

    def do_GET(self) -> None:
        if self._trouble():
            return
        found = self.bucket.objects.get(self.path)
        if found is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        body, media_type = found
        self._answer(
            200, body, etag=f'"{hashlib.md5(body).hexdigest()}"', content_type=media_type,
            last_modified=formatdate(time.time(), usegmt=True),
        )  # fmt: skip

    def do_DELETE(self) -> None:
        if not self._trouble():
            self.bucket.objects.pop(self.path, None)
            self._answer(204)


@contextlib.contextmanager
def running_s3() -> Iterator[Bucket]:
    """The server, in threads of this process."""
    bucket = Bucket()
    handler = type("Handler", (_Handler,), {"bucket": bucket})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    bucket.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
