"""A body on its way to the edge is the HttpBody that protobuf itself would write."""

from __future__ import annotations

import pytest
from google.api.httpbody_pb2 import HttpBody

from conjure.rpc.render import http_body


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])
def test_it_reads_as_what_it_was(size: int):
    data = b"\x80" * size
    assert HttpBody.FromString(http_body(data)) == HttpBody(
        content_type="application/json", data=data
    )
