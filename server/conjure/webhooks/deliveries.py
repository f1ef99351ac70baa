"""Sending: one event to one webhook, until it is received or given up (CONTRACT 8)."""

from __future__ import annotations

import random
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import orjson
import structlog

from conjure.core import metrics
from conjure.providers.http import AddressRefused, OutboundError, TlsFailed
from conjure.queue.handler import Ack, Bury, Retry
from conjure.queue.kinds import DELIVERIES
from conjure.webhooks.model import FAILED, RETRYING, SUCCEEDED, LastDelivery
from conjure.webhooks.retries import wait_s
from conjure.webhooks.signatures import signed_headers

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.providers.http import OutboundClient
    from conjure.queue.handler import Entry, Outcome
    from conjure.webhooks.circuits import Circuits
    from conjure.webhooks.endpoints import Endpoints
    from conjure.webhooks.model import Webhook
    from conjure.webhooks.outcomes import Outcomes

log = structlog.get_logger(__name__)

MOST_ANSWER_BYTES: Final = 16_384
"""Of what a receiver answers so much is read, so that its connection can be used again. Nothing is kept."""

_LOST_CLAIMS: Final = 20  # tries that may die with their process, beside those of the plan
_DROPPED: Final = metrics.WEBHOOK_DELIVERIES.at("dropped")


class DeliveryHandler:
    """Delivers at least once: a receiver tells a repeated delivery by its id."""

    kind: Final = DELIVERIES
    batch: Final = 16

    def __init__(
        self,
        client: OutboundClient,
        endpoints: Endpoints,
        outcomes: Outcomes,
        circuits: Circuits,
        *,
        plan: tuple[float, ...],
    ) -> None:
        self._client = client
        self._endpoints = endpoints
        self._outcomes = outcomes
        self._circuits = circuits
        self._plan = plan
        self.most_attempts: Final = len(plan) + 1 + _LOST_CLAIMS

    def most_in_lane(self, tenant: Tenant, lane: str) -> int:
        """How many deliveries a receiver gets at the same time."""
        return self._circuits.most(lane)

    async def handle(self, entry: Entry) -> Outcome:
        """Sends once. Raises StoreUnavailable."""
        webhook_id = entry.lane
        webhook = await self._endpoints.find(entry.tenant.app, webhook_id)
        if webhook is None:  # deleted
            _DROPPED.add()
            return Ack()
        if not webhook.enabled:
            _DROPPED.add()
            return Bury("the webhook is disabled")
        last = webhook.last_delivery
        has_failed = last is not None and last.status != SUCCEEDED
        with self._circuits.trying(webhook_id, has_failed=has_failed):
            status, problem = await self._send(webhook, entry)
        if problem is None:
            self._circuits.succeeded(webhook_id)
            self._tell(SUCCEEDED, entry, status, None)
            return Ack()
        self._circuits.failed(webhook_id)
        after_s = wait_s(self._plan, entry.attempt, random.random())  # noqa: S311 - a wait is no secret
        self._tell(FAILED if after_s is None else RETRYING, entry, status, problem)
        return Bury(problem) if after_s is None else Retry(after_s, problem)

    async def exhausted(self, entry: Entry) -> Outcome:
        """A delivery during which one process after the other has died."""
        return Bury("tried too often in vain")

    async def _send(self, webhook: Webhook, entry: Entry) -> tuple[int | None, str | None]:
        """Returns the status that was answered, and what is wrong; None for what there is not."""
        event_id = entry.id.partition(".")[0]
        headers = signed_headers(webhook.secret, event_id, int(time.time()), entry.payload)
        try:
            answer = await self._client.post(webhook.url, entry.payload, headers=headers)
        except AddressRefused as error:
            log.info("a webhook's address was refused", webhook=webhook.id, cause=str(error))
            return None, "its address cannot be found, or is not a public one"
        except OutboundError as error:
            log.info("a webhook could not be reached", webhook=webhook.id, cause=str(error))
            return None, _what_failed(error)
        status = answer.status
        return status, None if HTTPStatus(200) <= status < 300 else f"it answered {status}"

    def _tell(self, outcome: str, entry: Entry, status: int | None, problem: str | None) -> None:
        metrics.WEBHOOK_DELIVERIES.at(outcome).add()
        last = LastDelivery(
            event_id=entry.id.partition(".")[0],
            type=orjson.loads(entry.payload)["type"],
            status=outcome,
            at_ms=int(time.time() * 1000),
            attempt=entry.attempt,
            response_status=status,
            error=problem,
        )
        self._outcomes.add(entry.tenant.app, entry.lane, last)


def _what_failed(error: OutboundError) -> str:
    if isinstance(error, TlsFailed):
        return "it has no certificate of a public authority for its name, or does not speak TLS"
    if isinstance(error.__cause__, TimeoutError):
        return "no answer in time"
    return "it cannot be reached, or broke off"
