"""Real certificates, and what callers and parts are told of them."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import grpc.aio

from conjure.edge.tls import ListenerTls, UpstreamTls
from conjure.run.certificates import make_certificates

if TYPE_CHECKING:
    from pathlib import Path


class Certificates:
    """A set of certificates, and what callers and parts are told of it."""

    def __init__(self, folder: Path) -> None:
        make_certificates(folder, days=2, edge_names=[], server_names=["server"])
        self.folder = folder

    def path(self, name: str) -> str:
        return str(self.folder / f"{name}.pem")

    def read(self, name: str) -> bytes:
        return (self.folder / f"{name}.pem").read_bytes()

    @property
    def server_environment(self) -> dict[str, str]:
        return server_environment(self.folder)

    def install(self, folder: Path) -> None:
        """Puts what a server uses into a folder, each file in the place of what is there."""
        for name in ("server", "server-key", "ca"):
            beside = folder / f"{name}.new"
            beside.write_bytes(self.read(name))
            beside.replace(folder / f"{name}.pem")

    @property
    def listener(self) -> ListenerTls:
        return ListenerTls(self.path("edge"), self.path("edge-key"), grpc_client_ca=self.path("ca"))

    def upstream(self, name: str = "server", client: str = "edge-client") -> UpstreamTls:
        pair = (self.path(client), self.path(f"{client}-key")) if client else ("", "")
        return UpstreamTls(self.path("ca"), *pair, name=name)

    def context(self, client: str | None = None) -> ssl.SSLContext:
        """Of whoever trusts this authority, and shows a certificate of it."""
        context = ssl.create_default_context(cafile=self.path("ca"))
        if client is not None:
            context.load_cert_chain(self.path(client), self.path(f"{client}-key"))
        return context

    def listening(self) -> ssl.SSLContext:
        """Of a server that shows the certificate of this authority."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.path("server"), self.path("server-key"))
        return context

    def channel(self, target: str, client: str | None = "client", ca: bytes | None = None) -> Any:
        pair = (self.read(f"{client}-key"), self.read(client)) if client else (None, None)
        return secure_channel(target, ca or self.read("ca"), *pair)


def secure_channel(target: str, ca: bytes, key: bytes | None, cert: bytes | None) -> Any:
    return grpc.aio.secure_channel(
        target,
        grpc.ssl_channel_credentials(ca, key, cert),
        options=(("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)),
    )


def server_environment(folder: Path) -> dict[str, str]:
    """What a server is told that uses the files in a folder."""
    return {
        "CONJURE_SERVER_TLS_CERT": str(folder / "server.pem"),
        "CONJURE_SERVER_TLS_KEY": str(folder / "server-key.pem"),
        "CONJURE_SERVER_TLS_CLIENT_CA": str(folder / "ca.pem"),
    }
