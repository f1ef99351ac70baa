"""Where webhooks may lead: nowhere that only this server reaches, however it is written (CONTRACT 8)."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import threading

import pytest

from conjure.app import _webhooks
from conjure.core.errors import InvalidField
from conjure.core.ids import new_id
from conjure.settings import Settings, WebhookSettings
from conjure.webhooks.service import WebhookService
from conjure.webhooks.store import WebhookStore
from support.reactor import Reactor, answers

NAMES = {
    "hooks.example.com": ["93.184.215.14"],
    "six.example.com": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "xn--exmple-cua.com": ["93.184.215.14"],
    "inside.example.com": ["10.0.0.7"],
    "both.example.com": ["93.184.215.14", "192.168.0.1"],
    "localhost": ["127.0.0.1", "::1"],
    "metadata.google.internal": ["169.254.169.254"],
    "mapped.example.com": ["::ffff:10.0.0.7"],
    "empty.example.com": [],
}


class Names:
    """A resolver that knows these names."""

    async def addresses(self, host: str, port: int) -> list[str]:
        if host not in NAMES:
            raise OSError("no such name")
        return NAMES[host]


@pytest.fixture
async def console(stack):
    """A service as it is without the setting for development, and a user with an app."""
    webhooks = WebhookStore(stack.admin.store, WebhookSettings(), idempotency_s=60)
    service = WebhookService(webhooks, stack.admin.apps, Names(), allows_private=False)
    user_id = f"user-{new_id()}"
    app = await stack.admin.apps.create("x", owner=user_id)
    return service, user_id, app.id


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://hooks.example.com", "https://hooks.example.com/"),
        ("HTTPS://Hooks.Example.COM:443/a?b=c", "https://hooks.example.com/a?b=c"),
        ("https://hooks.example.com:8443/", "https://hooks.example.com:8443/"),
        ("https://six.example.com/", "https://six.example.com/"),
        ("https://ex\u00e4mple.com/\u00e4", "https://xn--exmple-cua.com/%C3%A4"),
        ("https://93.184.215.14/", "https://93.184.215.14/"),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", None),
    ],
)
async def test_a_public_address_is_kept_in_one_spelling(console, url, kept):
    service, user_id, app_id = console
    made = await service.create(user_id, app_id, url=url, events=[])
    assert made.webhook.url == (kept or url)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://inside.example.com/",
        "https://both.example.com/",
        "https://mapped.example.com/",
        "https://empty.example.com/",
        "https://unknown.example.com/",
        "https://localhost/",
        "https://LOCALHOST:8443/",
        "https://localhost./",
        "https://\u24dbocalhost/",
        "https://metadata.google.internal/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://%31%32%37.0.0.1/",
        "https://127.0.0.1./",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://192.0.2.1/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fc00::1]/",
        "https://[fe80::1]/",
        "https://[ff02::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:7f00:1::]/",
        "https://[fe80::1%25eth0]/",
        "https://hooks.example.com@127.0.0.1/",
        "https://127.0.0.1#@hooks.example.com/",
        "https://127.0.0.1\\@hooks.example.com/",
    ],
    ids=ascii,
)
async def test_any_other_is_refused_and_leaves_nothing(console, url):
    service, user_id, app_id = console
    with pytest.raises(InvalidField):
        await service.create(user_id, app_id, url=url, events=[])
    assert await service.list(user_id, app_id) == ()


async def test_a_repeated_registration_is_answered_wherever_its_name_leads_by_now(
    console, monkeypatch
):
    service, user_id, app_id = console
    how = {"url": "https://hooks.example.com/", "events": ["*"], "idempotency_key": "k"}
    first = await service.create(user_id, app_id, **how)
    monkeypatch.setitem(NAMES, "hooks.example.com", ["10.0.0.1"])
    again = await service.create(user_id, app_id, **how)
    assert again.replayed
    assert again.webhook.id == first.webhook.id
    assert again.webhook.secret == first.webhook.secret


async def test_names_that_are_never_answered_for_hold_up_no_delivery(stack, monkeypatch):
    """A lookup goes on when nobody waits for it any more: registrations could take all of them."""
    may_end, look_up = threading.Event(), socket.getaddrinfo

    def hanging(host, *args, **how):
        if host.endswith(".hang.example"):
            may_end.wait(30)
            raise OSError("no such name")
        return look_up(host, *args, **how)

    monkeypatch.setattr("socket.getaddrinfo", hanging)
    monkeypatch.setattr("conjure.webhooks.service._RESOLVE_S", 0.01)
    settings = dataclasses.replace(
        Settings(), webhooks=WebhookSettings(allow_private=True, timeout_s=1.0)
    )
    user_id = f"user-{new_id()}"
    app = await stack.admin.apps.create("x", owner=user_id)
    try:
        async with (
            contextlib.AsyncExitStack() as opened,
            Reactor(answer=answers(200, b"")) as receiver,
        ):
            service, (_, deliveries) = await _webhooks(settings, stack.admin, opened)
            for number in range(20):
                url = f"https://{number}.hang.example/"
                with pytest.raises(InvalidField):
                    await service.create(user_id, app.id, url=url, events=[])
            url = f"http://localhost:{receiver.port}/"
            assert (await deliveries._client.get(url)).status == 200
    finally:
        may_end.set()
