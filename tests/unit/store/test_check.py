"""What a server's INFO tells that no store at hand shows."""

from __future__ import annotations

import pytest

from conjure.settings import StoreSettings
from conjure.store.check import Kind, findings_in
from support.cases import each_of


@pytest.mark.parametrize("version", ["6.2.14", "5.0.7", "2.8"])
def test_a_version_without_script_flags_is_unfit(version):
    ((kind, text),) = findings_in({"redis_version": version, "role": "master"}, StoreSettings())
    assert kind is Kind.UNFIT
    assert version in text
    assert "7.0 or newer" in text


@each_of("version", ["7.0.0", "7.2.4", "8.2.1", "12.0", "unknown", ""])
def test_newer_and_unknown_versions_are_not(version):
    assert findings_in({"redis_version": version, "role": "master"}, StoreSettings()) == []
    assert findings_in({}, StoreSettings()) == []
