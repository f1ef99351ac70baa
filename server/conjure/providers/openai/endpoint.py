"""Where a model is, and the client that calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from conjure.providers.circuit import Circuit
from conjure.providers.http import OutboundClient
from conjure.providers.openai.exchange import has_failed

if TYPE_CHECKING:
    from conjure.settings.models import OpenaiSettings

MOST_ANSWER_BYTES: Final = 2**20
"""Of text; some models think aloud before they answer."""


class ModelPort(Protocol):
    """The settings of what uses a model: author, editor, brain, vision, pictures, voice."""

    @property
    def model(self) -> str:
        """Its name at the endpoint."""
        ...

    @property
    def url(self) -> str:
        """Another endpoint than that of all; else empty."""
        ...

    @property
    def api_key(self) -> str:
        """Its API key."""
        ...


def address(port: ModelPort, openai: OpenaiSettings) -> str:
    """The base URL of the endpoint."""
    return (port.url or openai.url).rstrip("/")


def client(
    port: ModelPort,
    openai: OpenaiSettings,
    *,
    label: str,
    timeout_s: float | None = None,
    concurrent: int | None = None,
    most_answer_bytes: int = MOST_ANSWER_BYTES,
) -> OutboundClient:
    """A client for the endpoint. `label` is its provider in metrics and spans."""
    # The key of one endpoint is never shown to another.
    key = port.api_key or ("" if port.url else openai.api_key)
    return OutboundClient(
        label,
        timeout_s=openai.timeout_s if timeout_s is None else timeout_s,
        max_concurrent=openai.concurrent if concurrent is None else concurrent,
        headers={"authorization": f"Bearer {key}"} if key else {},
        max_response_bytes=most_answer_bytes,
        has_failed=has_failed,
        circuit=Circuit(label, failures=openai.circuit_failures, open_s=openai.circuit_open_s),
    )
