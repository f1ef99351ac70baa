"""What is sealed for whoever repeats the creation of a key."""

from __future__ import annotations

import pytest

from conjure.apps.sealing import seal, unseal
from conjure.core.errors import StoredDataUnreadable
from support.cases import each_of

SEALED = seal("sk_test_1", "key", "user", "app")


def test_it_opens_for_the_same_key_user_and_app():
    assert unseal(SEALED, "key", "user", "app") == "sk_test_1"


@each_of(
    ("sealed", "whose"),
    [
        (SEALED, ("other", "user", "app")),
        (SEALED, ("key", "other", "app")),
        (SEALED, ("key", "userapp", "")),  # the parts do not run together
        (SEALED[:-4], ("key", "user", "app")),
        (SEALED[:-1], ("key", "user", "app")),  # no base64
        ("", ("key", "user", "app")),
    ],
    ids=["key", "user", "parts", "cut", "no base64", "empty"],
)
def test_what_does_not_open_is_data_that_cannot_be_read(sealed, whose):
    with pytest.raises(StoredDataUnreadable):
        unseal(sealed, *whose)
