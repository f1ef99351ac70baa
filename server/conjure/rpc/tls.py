"""TLS of the gRPC port, from files that may be replaced while the server runs.

With a client CA the port is for holders of its certificates alone: whoever has none does not get as far as a
call. Without, TLS only hides and proves the server. Versions and ciphers are gRPC's: TLS 1.2 and 1.3.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import structlog

from conjure.settings import SettingsError

if TYPE_CHECKING:
    from conjure.settings import ServerSettings

log = structlog.get_logger(__name__)

Stamp = tuple[tuple[int, int], ...]


def server_credentials(settings: ServerSettings) -> grpc.ServerCredentials | None:
    """The credentials of the port; None when it speaks plain text.

    Raises SettingsError when a file cannot be read, or key and certificate are not of each other.
    """
    if not settings.tls_cert:
        return None
    files = _Files(settings)
    try:
        first = files.read()
    except (OSError, ValueError) as error:
        raise SettingsError(f"CONJURE_SERVER_TLS_*: {error}") from error
    credentials: grpc.ServerCredentials = grpc.dynamic_ssl_server_credentials(
        first,
        files.changed,  # type: ignore[arg-type]  # None is "as before": the stubs forgot it
        require_client_authentication=bool(settings.tls_client_ca),
    )
    return credentials


class _Files:
    """Certificate, key and CA on disk. gRPC asks at each handshake, from threads of its own."""

    def __init__(self, settings: ServerSettings) -> None:
        self._cert = Path(settings.tls_cert)
        self._key = Path(settings.tls_key)
        self._client_ca = Path(settings.tls_client_ca) if settings.tls_client_ca else None
        self._seen: Stamp = ()

    def read(self) -> grpc.ServerCertificateConfiguration:
        """Raises OSError, ValueError."""
        self._seen = self._stamp()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self._cert, self._key)
            if self._client_ca is not None:
                context.load_verify_locations(self._client_ca)
        except ssl.SSLError as error:
            raise ValueError(f"certificate, key and CA do not fit: {error.reason}") from error
        configuration: grpc.ServerCertificateConfiguration = (
            grpc.ssl_server_certificate_configuration(
                [(self._key.read_bytes(), self._cert.read_bytes())],
                self._client_ca.read_bytes() if self._client_ca is not None else None,
            )
        )
        return configuration

    def changed(self) -> grpc.ServerCertificateConfiguration | None:
        """What the files hold now, if they have changed; None keeps what was. Never raises."""
        try:
            if self._stamp() == self._seen:
                return None
            configuration = self.read()
        except (OSError, ValueError) as error:
            # Half replaced, most likely: the next handshake looks again.
            self._seen = ()
            log.warning("new certificates cannot be used; the old ones stay", cause=str(error))
            return None
        log.info("certificates replaced")
        return configuration

    def _stamp(self) -> Stamp:
        files = (self._cert, self._key, *((self._client_ca,) if self._client_ca else ()))
        return tuple((found.st_mtime_ns, found.st_ino) for found in (f.stat() for f in files))
