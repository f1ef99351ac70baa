"""Certificates for development: a CA whose key is thrown away, and certificates for edge, server and callers.

They are for one machine or a test cluster. In production use the CA of the organisation (cert-manager, Vault,
step-ca); the options that take the files are the same.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from conjure.core.private_files import create_private, replace_private

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_ORGANISATION: Final = "Conjure development"
_CLOCK_SKEW: Final = dt.timedelta(minutes=5)
_PUBLIC: Final = 0o644  # a certificate is shown to everybody who connects


@dataclass(frozen=True, slots=True)
class _Role:
    """One certificate of a set."""

    name: str
    purpose: str
    is_client: bool
    names: tuple[str, ...]


def make_certificates(
    directory: Path, *, days: int, edge_names: Sequence[str], server_names: Sequence[str]
) -> dict[str, str]:
    """Writes a set of certificates into `directory`; returns each file's name with its purpose.

    The CA's key is never written: nothing can be signed with it later, so the CA may be trusted until it
    expires. A new set needs a new directory. Raises FileExistsError rather than replace a file.
    """
    roles = (
        _Role("edge", "the edge's certificate", False, (*_LOCAL, *edge_names)),
        _Role("server", "the gRPC server's certificate", False, (*_LOCAL, *server_names)),
        _Role("edge-client", "the edge as a client of servers (mTLS)", True, ("conjure-edge",)),
        _Role("client", "an internal service as a client (mTLS)", True, ("conjure-client",)),
    )
    files = {"ca.pem": "the CA of all of them, for whoever verifies them"}
    for role in roles:
        files[f"{role.name}.pem"] = role.purpose
        files[f"{role.name}-key.pem"] = "its private key"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in files:
        if (directory / name).exists():
            raise FileExistsError(f"{directory / name} exists; choose another directory")
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _authority(ca_key, until)
    replace_private(directory / ".gitignore", b"*\n")
    create_private(directory / "ca.pem", _pem(ca), mode=_PUBLIC)
    for role in roles:
        key = ec.generate_private_key(ec.SECP256R1())
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        create_private(directory / f"{role.name}-key.pem", secret)
        certificate = _signed(role, key.public_key(), ca, ca_key, until)
        create_private(directory / f"{role.name}.pem", _pem(certificate), mode=_PUBLIC)
    return files


def _authority(key: ec.EllipticCurvePrivateKey, until: dt.datetime) -> x509.Certificate:
    name = _name(f"CA {x509.random_serial_number():x}"[:20])
    return (
        _builder(name, name, key.public_key(), until)
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
        _builder(_name(role.name), ca.subject, key, until)
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


def _builder(
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
        .not_valid_before(dt.datetime.now(dt.UTC) - _CLOCK_SKEW)
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
