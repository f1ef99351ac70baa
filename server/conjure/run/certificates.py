"""Certificates for development: a CA that signs once and is gone, and what edge, server and callers need.

For a machine or a test cluster of one's own. In production use the CA of the organisation (cert-manager,
Vault, step-ca); the options that take the files are the same.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_ORGANISATION: Final = "Conjure development"
_CLOCKS_DIFFER: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Role:
    """One certificate of a set."""

    name: str
    what: str
    is_client: bool
    names: tuple[str, ...]


def make_certificates(
    directory: Path, *, days: int, edge_names: Sequence[str], server_names: Sequence[str]
) -> dict[str, str]:
    """Writes a set into `directory`; returns each file with what it is for.

    The CA's own key is never written: nobody can sign anything with it later, so it may be trusted for as
    long as it lasts. A new set is a new directory. Raises FileExistsError rather than replace a file.
    """
    roles = (
        _Role("edge", "what clients of the edge see", False, (*_LOCAL, *edge_names)),
        _Role("server", "what callers of the gRPC server see", False, (*_LOCAL, *server_names)),
        _Role("edge-client", "what the edge shows to servers", True, ("conjure-edge",)),
        _Role("client", "what an internal service shows", True, ("conjure-client",)),
    )
    told = {"ca.pem": "signed all of them; trust it where they are checked"}
    for role in roles:
        told[f"{role.name}.pem"] = role.what
        told[f"{role.name}-key.pem"] = "its key, for its owner alone"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in told:
        if (directory / name).exists():
            raise FileExistsError(f"{directory / name} is there already; choose another directory")
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _authority(ca_key, until)
    _write(directory / ".gitignore", b"*\n", mode=0o644)
    _write(directory / "ca.pem", _pem(ca), mode=0o644)
    for role in roles:
        key = ec.generate_private_key(ec.SECP256R1())
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write(directory / f"{role.name}-key.pem", secret, mode=0o600)
        certificate = _signed(role, key.public_key(), ca, ca_key, until)
        _write(directory / f"{role.name}.pem", _pem(certificate), mode=0o644)
    return told


def _authority(key: ec.EllipticCurvePrivateKey, until: dt.datetime) -> x509.Certificate:
    name = _name(f"CA {x509.random_serial_number():x}"[:20])
    return (
        _begun(name, name, key.public_key(), until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _signed(
    role: _Role,
    key: ec.EllipticCurvePublicKey,
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    until: dt.datetime,
) -> x509.Certificate:
    purpose = ExtendedKeyUsageOID.CLIENT_AUTH if role.is_client else ExtendedKeyUsageOID.SERVER_AUTH
    issuer_key = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    return (
        _begun(_name(role.name), ca.subject, key, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        # A server's certificate does not make its holder a client, nor the other way round.
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_alternative(name) for name in dict.fromkeys(role.names)]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    until: dt.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime.now(dt.UTC) - _CLOCKS_DIFFER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write(path: Path, data: bytes, *, mode: int) -> None:
    """Writes a new file with its permissions from the first byte on. Raises FileExistsError."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if path.name == ".gitignore" else os.O_EXCL)
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.write(data)
