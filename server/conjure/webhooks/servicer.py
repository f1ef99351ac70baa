"""conjure.v1.WebhookService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.rpc.messages import timestamp
from conjure.v1 import webhook_pb2
from conjure.v1 import webhook_service_pb2 as pb

if TYPE_CHECKING:
    from conjure.rpc.call import Call
    from conjure.webhooks.model import LastDelivery, Webhook
    from conjure.webhooks.service import WebhookService


class WebhookServicer:
    """proto ↔ webhooks."""

    def __init__(self, webhooks: WebhookService) -> None:
        self._webhooks = webhooks

    async def CreateWebhook(
        self, request: pb.CreateWebhookRequest, call: Call
    ) -> pb.CreateWebhookResponse:
        """Registers a webhook; the only answer with its secret."""
        created = await self._webhooks.create(
            call.user_id,
            request.id,
            url=request.url,
            events=request.events,
            idempotency_key=call.idempotency_key,
        )
        call.is_replayed = created.replayed
        webhook = created.webhook
        return pb.CreateWebhookResponse(webhook=webhook_message(webhook), secret=webhook.secret)

    async def ListWebhooks(
        self, request: pb.ListWebhooksRequest, call: Call
    ) -> pb.ListWebhooksResponse:
        """Answers with all webhooks of an app."""
        webhooks = await self._webhooks.list(call.user_id, request.id)
        return pb.ListWebhooksResponse(webhooks=map(listed_message, webhooks))

    async def DeleteWebhook(
        self, request: pb.DeleteWebhookRequest, call: Call
    ) -> pb.DeleteWebhookResponse:
        """Removes a webhook."""
        deleted = await self._webhooks.delete(call.user_id, request.id, request.webhook_id)
        return pb.DeleteWebhookResponse(ok=True, deleted=deleted)


def webhook_message(webhook: Webhook) -> webhook_pb2.Webhook:
    """The typed form of a webhook, without its secret."""
    return webhook_pb2.Webhook(
        id=webhook.id,
        url=webhook.url,
        events=webhook.events,
        enabled=webhook.enabled,
        created_at=timestamp(webhook.created_ms),
    )


def listed_message(webhook: Webhook) -> webhook_pb2.ListedWebhook:
    """The same with its last delivery."""
    last = webhook.last_delivery
    return webhook_pb2.ListedWebhook(
        webhook=webhook_message(webhook),
        last_delivery=None if last is None else delivery_message(last),
    )


def delivery_message(last: LastDelivery) -> webhook_pb2.WebhookDelivery:
    """The typed form of a try."""
    return webhook_pb2.WebhookDelivery(
        id=last.event_id,
        type=last.type,
        status=last.status,
        at=timestamp(last.at_ms),
        attempt=last.attempt,
        response_status=last.response_status,
        error=last.error,
    )
