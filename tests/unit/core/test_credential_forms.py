"""Forms of credentials are seen however they are spelled, and other words are left alone."""

from __future__ import annotations

import re

from conjure.core.credential_forms import CODED_FORMS, looks_secret
from conjure.rpc.call import request_id_of
from support.cases import each_of

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJwMSJ9.c2ln"
CREDENTIALS = (
    "sk_test_a", "PK_LIVE_A", "x/sk_live_a", "whsec_abc", JWT, "ewoiYWxnIjoxfQ.e30.c2ln",
    "Bearer abcdef", "basic+dXNlcg==", "https://x/?api_key=1", "redis://:hunter2@store",
)  # fmt: skip
ENCODED = (
    "sk%5Ftest_a", "%73k_test_a", "%50K%5flive%5Fa", "sk%255ftest%25255Fa", "whsec%5Fabc",
    JWT.replace(".", "%2e"), JWT.replace("e", "%65"), "token%3Dx", "bearer%20abcdef",
)  # fmt: skip
OTHERS = (
    "", "5e3c1c0e-2f5b-4b7a-8f43-9d1f0a6b7e22", 'a "b" c', "task_tester", "risk_live",
    "journey.to.here", "keyword token secret", "basic", "GET /v1/worlds/w1",
)  # fmt: skip
CODED = re.compile("|".join(CODED_FORMS), re.IGNORECASE)


@each_of("text", [*CREDENTIALS, *ENCODED])
def test_a_credential_is_seen(text):
    assert CODED.search(text)
    assert looks_secret(text)


@each_of("text", OTHERS)
def test_other_words_are_left_alone(text):
    assert not CODED.search(text)
    assert not looks_secret(text)


def test_only_paths_may_be_encoded():
    assert not CODED.search("Step%20outside%2Fin")
    assert looks_secret("Step%20outside%2Fin")


def test_a_request_id_is_kept_unless_it_may_be_a_credential():
    assert request_id_of({"x-request-id": OTHERS[1]}) == OTHERS[1]
    for text in CREDENTIALS:
        assert request_id_of({"x-request-id": text}) not in {text, ""}
