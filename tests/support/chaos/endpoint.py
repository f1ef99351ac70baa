"""A webhook of an app, at a receiver of the test: what it was told of, and whether each delivery is in order."""

from __future__ import annotations

import base64
import hmac
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from conjure.core.ids import new_id
from conjure.settings import WebhookSettings
from conjure.webhooks.model import Webhook
from conjure.webhooks.signatures import new_secret
from conjure.webhooks.store import WebhookStore
from support.receiver import OK, Answer, Close, Reset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.store.client import Store
    from support.receiver import Decision, Delivery, Receiver, Step

WEBHOOKS: Final = {
    "CONJURE_WEBHOOKS_ALLOW_PRIVATE": "true",
    "CONJURE_WEBHOOKS_RETRY_AFTER_S": ",".join(["0.2", "0.5", *["1"] * 28]),
    "CONJURE_WEBHOOKS_TIMEOUT_S": "5",
}
"""A receiver on this machine, and more tries than a receiver that fails at random could refuse."""

_MEMBERS: Final = {"id", "type", "created", "data", "schemaVersion"}


async def register(store: Store, app_id: str, url: str) -> Webhook:
    """Registers a webhook for all events, whoever owns the app."""
    webhook = Webhook(new_id(), url, ("*",), new_secret(), 0)
    webhooks = WebhookStore(store, WebhookSettings(), idempotency_s=60)
    await webhooks.create((app_id, ""), webhook, None)
    return webhook


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as it was told. `times`: how often it was delivered."""

    id: str
    type: str
    data: dict[str, Any]
    times: int


@dataclass(frozen=True)
class Endpoint:
    """Where deliveries go, and the secret that they are signed with."""

    receiver: Receiver
    path: str
    secret: str

    @classmethod
    async def registered(
        cls, store: Store, app_id: str, receiver: Receiver, *, path: str | None = None
    ) -> Self:
        """Registers one that wants all events."""
        path = path or f"/{app_id}"
        webhook = await register(store, app_id, receiver.url(path))
        return cls(receiver, path, webhook.secret)

    def events(self) -> list[Event]:
        """What it was told of so far, each once."""
        times = self.receiver.times(self.path)
        first = {one.id: one for one in reversed(self.receiver.deliveries(self.path))}
        return [
            Event(one.id, one.json["type"], one.json["data"], times[one.id])
            for one in first.values()
        ]

    def malformed(self) -> list[str]:
        """A sentence for each delivery that breaks the contract's shape."""
        return [
            f"malformed delivery {one.id}: {problem}"
            for one in self.receiver.deliveries(self.path)
            for problem in self._problems(one)
        ]

    def _problems(self, one: Delivery) -> Iterator[str]:
        first = next(each for each in self.receiver.deliveries(self.path) if each.id == one.id)
        if one.body != first.body:
            yield "another body than at the first try"
        body = one.json
        if set(body) != _MEMBERS or body["id"] != one.id or not isinstance(body["created"], int):
            yield f"its body is {body}"
        headers = one.headers
        stamp = headers.get("webhook-timestamp", "")
        theirs = hmac.digest(self.secret.encode(), stamp.encode() + b"." + one.body, "sha256")
        if headers.get("alakazam-signature") != f"t={stamp},v1={theirs.hex()}":
            yield "its Alakazam-Signature does not fit"
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        message = f"{one.id}.{stamp}.".encode() + one.body
        standard = base64.b64encode(hmac.digest(key, message, "sha256")).decode()
        if headers.get("webhook-signature") != f"v1,{standard}":
            yield "its webhook-signature does not fit"


def failing_at_random(seed: int = 1, share: float = 0.25) -> Decision:
    """What a receiver does that loses its head now and then, sometimes after it has taken what came."""
    dice = random.Random(seed)
    trouble: tuple[Step, ...] = (
        Answer(500),
        Answer(503),
        Close(),
        Reset(),
        Answer(200, after_s=0.3),
    )

    def decide(_: Delivery) -> Step:
        return dice.choice(trouble) if dice.random() < share else OK

    return decide
