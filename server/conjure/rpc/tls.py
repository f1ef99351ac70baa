"""TLS of the ports, gRPC's and the edges', from files that may be replaced while the server runs.

With a client CA the port is for holders of its certificates alone: whoever has none does not get as far as a
call. Without, TLS only hides and proves the server. Versions and ciphers are gRPC's: TLS 1.2 and 1.3.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import grpc
import structlog

from conjure.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.settings import ServerSettings

log = structlog.get_logger(__name__)

T = TypeVar("T")
Stamp = tuple[tuple[int, int], ...]


class ServerFiles:
    """Certificate, key and CA on disk, which may be replaced at any time."""

    def __init__(self, settings: ServerSettings) -> None:
        self._cert = Path(settings.tls_cert)
        self._key = Path(settings.tls_key)
        self._client_ca = Path(settings.tls_client_ca) if settings.tls_client_ca else None
        self._seen: Stamp = ()
        self._told = ""  # what the log says already of files that cannot be used

    def context(self) -> ssl.SSLContext:
        """What the files hold, for a listener of HTTP/1.1.

        Raises SettingsError when a file cannot be read, or key and certificate are not of each other.
        """
        try:
            return self._read()[0]
        except (OSError, ValueError) as error:
            raise SettingsError(f"CONJURE_SERVER_TLS_*: {error}") from error

    def configuration(self) -> grpc.ServerCertificateConfiguration:
        """The same for gRPC. Raises SettingsError."""
        try:
            return self._configuration()
        except (OSError, ValueError) as error:
            raise SettingsError(f"CONJURE_SERVER_TLS_*: {error}") from error

    def changed_context(self) -> ssl.SSLContext | None:
        """The same if the files have changed; None keeps what was. Never raises."""
        return self._if_changed(lambda: self._read()[0])

    def look_again(self) -> None:
        """The files count as changed until they are read the next time."""
        self._seen = ()

    def changed_configuration(self) -> grpc.ServerCertificateConfiguration | None:
        """The same for gRPC, which asks at each handshake, from threads of its own."""
        return self._if_changed(self._configuration)

    def _if_changed(self, read: Callable[[], T]) -> T | None:
        try:
            if self._stamp() == self._seen:
                return None
            found = read()
        except (OSError, ValueError) as error:
            # Half replaced, most likely: the next look is soon.
            self._seen = ()
            cause = str(error)
            if cause != self._told:
                log.warning("new certificates cannot be used; the old ones stay", cause=cause)
                self._told = cause
            return None
        self._told = ""
        log.info("certificates replaced")
        return found

    def _read(self) -> tuple[ssl.SSLContext, bytes, bytes, bytes | None]:
        """Returns a context, and what it was made of: key, certificate, CA. Raises OSError, ValueError."""
        self._seen = self._stamp()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        try:
            # An encrypted key is refused: OpenSSL would ask a terminal for its password.
            context.load_cert_chain(self._cert, self._key, password=str)
            if self._client_ca is not None:
                context.load_verify_locations(self._client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
        except ssl.SSLError as error:
            raise ValueError(f"certificate, key and CA do not fit: {error.reason}") from error
        client_ca = None if self._client_ca is None else self._client_ca.read_bytes()
        return context, self._key.read_bytes(), self._cert.read_bytes(), client_ca

    def _configuration(self) -> grpc.ServerCertificateConfiguration:
        _, key, cert, client_ca = self._read()
        configuration: grpc.ServerCertificateConfiguration = (
            grpc.ssl_server_certificate_configuration([(key, cert)], client_ca)
        )
        return configuration

    def _stamp(self) -> Stamp:
        files = (self._cert, self._key, *((self._client_ca,) if self._client_ca else ()))
        return tuple((found.st_mtime_ns, found.st_ino) for found in (f.stat() for f in files))


def server_credentials(settings: ServerSettings) -> grpc.ServerCredentials | None:
    """The credentials of the gRPC port; None when it speaks plain text. Raises SettingsError."""
    if not settings.tls_cert:
        return None
    files = ServerFiles(settings)
    credentials: grpc.ServerCredentials = grpc.dynamic_ssl_server_credentials(
        files.configuration(),
        files.changed_configuration,  # type: ignore[arg-type]  # None is "as before": the stubs forgot it
        require_client_authentication=bool(settings.tls_client_ca),
    )
    return credentials
