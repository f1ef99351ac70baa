"""Deliveries are signed in the two ways of CONTRACT 8."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from conjure.webhooks.signatures import new_secret, signature_problem, signed_headers

BODY = (
    '{"id":"e","type":"session.ended","created":1,"data":{"é":1.0},"schemaVersion":"1.0"}'.encode()
)


def test_the_library_of_standard_webhooks_verifies_a_delivery():
    secret, now = new_secret(), int(time.time())
    headers = signed_headers(secret, "event-1", now, BODY)
    assert Webhook(secret).verify(BODY, headers)["id"] == "e"
    for name, value in (("webhook-id", "event-2"), ("webhook-timestamp", str(now - 1))):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(BODY, headers | {name: value})
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", headers)


def test_the_vendors_signature_is_over_time_and_body_with_the_whole_secret():
    secret = new_secret()
    kind, _, digits = secret.partition("_")
    assert kind == "whsec"
    assert len(base64.b64decode(digits, validate=True)) == 32
    found = signed_headers(secret, "event-1", 1_700_000_000, BODY)["alakazam-signature"]
    right = hmac.new(secret.encode(), b"1700000000." + BODY, hashlib.sha256).hexdigest()
    assert found == f"t=1700000000,v1={right}"


def test_what_was_changed_or_is_old_is_told_apart():
    secret = new_secret()
    headers = signed_headers(secret, "event-1", 1_000, BODY)
    assert signature_problem(secret, headers, BODY, 1_299) is None
    assert "s away" in (signature_problem(secret, headers, BODY, 1_301) or "")
    for name in ("alakazam-signature", "webhook-signature"):
        damaged = headers | {name: headers[name][:-1]}
        assert name in (signature_problem(secret, damaged, BODY, 1_000) or "")
    for time_text in ("", "x", "\u0661", "9" * 5_000):
        damaged = headers | {"webhook-timestamp": time_text}
        assert "no time" in (signature_problem(secret, damaged, BODY, 1_000) or "")
    assert signature_problem(secret, {}, BODY, 1_000) is not None
    assert signature_problem(new_secret(), headers, BODY, 1_000) is not None
