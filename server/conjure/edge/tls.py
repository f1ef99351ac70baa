"""TLS of the edge: towards its clients, and towards the servers, as Envoy's transport sockets.

TLS 1.2 is the least, with the ciphers that Envoy takes by itself: forward secrecy and AEAD alone. Files are
named, not copied: keys do not end up in a rendered configuration.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

HSTS = {"key": "strict-transport-security", "value": "max-age=31536000"}
"""Sent with every routed answer over TLS (RFC 6797): a browser that came by TLS once never comes without."""

_TRANSPORT = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3"


@dataclass(frozen=True, slots=True)
class ListenerTls:
    """What clients meet. Paths of PEM files as Envoy sees them; an empty `..._ca` asks for no certificate."""

    cert: str
    key: str
    rest_client_ca: str = ""  # public clients bring a key or a token, not a certificate
    grpc_client_ca: str = ""  # internal services may well bring one

    def socket(self, client_ca: str) -> dict[str, Any]:
        """The transport socket of a listener whose clients need a certificate of `client_ca`, if any."""
        context: dict[str, Any] = {
            **_params(),
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_certificates": [_pair(self.cert, self.key)],
        }
        if client_ca:
            context["validation_context"] = {"trusted_ca": {"filename": client_ca}}
        return _socket(
            "DownstreamTlsContext",
            {"common_tls_context": context, "require_client_certificate": bool(client_ca)},
        )


@dataclass(frozen=True, slots=True)
class UpstreamTls:
    """How servers are met: they prove to be a `name` of `ca`, the edge shows its own certificate."""

    ca: str
    cert: str = ""
    key: str = ""
    name: str = ""  # in the server's certificate; empty: the hosts that are called

    def socket(self, hosts: tuple[str, ...], protocol: str) -> dict[str, Any]:
        """The transport socket of a cluster that speaks `protocol` (its name in ALPN)."""
        names = (self.name,) if self.name else tuple(dict.fromkeys(hosts))
        context: dict[str, Any] = {
            **_params(),
            "alpn_protocols": [protocol],
            "validation_context": {
                "trusted_ca": {"filename": self.ca},
                "match_typed_subject_alt_names": [_san(name) for name in names],
            },
        }
        if self.cert:
            context["tls_certificates"] = [_pair(self.cert, self.key)]
        upstream: dict[str, Any] = {"common_tls_context": context}
        if not _is_address(names[0]):
            upstream["sni"] = names[0]
        return _socket("UpstreamTlsContext", upstream)


def _params() -> dict[str, Any]:
    return {"tls_params": {"tls_minimum_protocol_version": "TLSv1_2"}}


def _pair(cert: str, key: str) -> dict[str, Any]:
    return {"certificate_chain": {"filename": cert}, "private_key": {"filename": key}}


def _san(name: str) -> dict[str, Any]:
    kind = "IP_ADDRESS" if _is_address(name) else "DNS"
    return {"san_type": kind, "matcher": {"exact": name}}


def _socket(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {"@type": f"{_TRANSPORT}.{kind}", **config},
    }


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
