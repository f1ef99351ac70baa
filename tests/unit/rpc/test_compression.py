"""Answers in gzip are the same bytes, compressed once, within bounds."""

from __future__ import annotations

import asyncio
import gzip
import random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core import metrics
from conjure.rpc.compression import Compressor, _glance
from conjure.rpc.encode import encoder_of
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.settings import GzipSettings, Settings
from conjure.v1 import diagnostic_pb2, document_pb2, graph_pb2
from conjure.v1 import graph_service_pb2 as graph_pb
from conjure.v1 import session_service_pb2 as session_pb
from conjure.v1 import version_service_pb2 as version_pb
from conjure.v1 import world_service_pb2 as world_pb
from support.until import until
from support.worlds import prose_world

AT_ONCE = GzipSettings(least_bytes=1, at_once_bytes=10_000_000)
HIT, MISS = metrics.cache("gzip")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip
OBJECTS = st.dictionaries(st.text(max_size=8), JSON, max_size=6).map(orjson.dumps)
DOCUMENTS = OBJECTS.map(lambda text: document_pb2.JsonDocument(json=text))
TEXTS = st.text(max_size=100)

RESULTS = st.builds(
    graph_pb2.GraphWriteResult,
    world=DOCUMENTS | st.none(),
    rev=TEXTS,
    diagnostics=st.lists(
        st.builds(diagnostic_pb2.KernelDiagnostic, lint=TEXTS, message=TEXTS), max_size=2
    ),
)
MESSAGES = st.one_of(
    st.builds(
        session_pb.ConnectResponse,
        world=DOCUMENTS | st.none(),
        world_id=TEXTS,
        reactor_jwt=TEXTS,
        expires_in=st.integers(0, 2**31 - 1),
        expires_at=st.none() | st.integers(0, 2**62),
    ),
    st.builds(world_pb.GetWorldResponse, document=DOCUMENTS, rev=TEXTS, etag=TEXTS),
    st.builds(graph_pb.GetSceneResponse, states=DOCUMENTS, events=DOCUMENTS, rev=TEXTS),
    st.builds(graph_pb.ListStatesResponse, states=DOCUMENTS, rev=TEXTS),
    st.builds(graph_pb.ListEventsResponse, events=DOCUMENTS, rev=TEXTS),
    st.builds(graph_pb.GetStateResponse, state_id=TEXTS, state=DOCUMENTS, rev=TEXTS),
    st.builds(version_pb.GetVersionResponse, snapshot=DOCUMENTS),
    st.builds(graph_pb.SetEntranceResponse, result=RESULTS | st.none()),
    st.builds(graph_pb.ApplyOpsResponse, result=RESULTS, apply_errors=st.lists(TEXTS, max_size=2)),
    st.builds(graph_pb.CreateStateResponse, result=RESULTS, state_id=TEXTS),
)


@given(MESSAGES)
def test_what_is_decoded_is_the_answer_as_it_is(message):
    encoder = encoder_of(message.DESCRIPTOR)
    body, headers = encoder.encode(message)
    lead, rest, same = encoder.split(message)
    assert (lead + rest, same) == (body, headers)
    pieces, same = encoder.pieces(message)
    assert (b"".join(pieces), same) == (body, headers)
    with Compressor(AT_ONCE) as compressor:
        for _ in range(2):
            coded = compressor.gzip(lead, rest)
            assert coded is not None
            assert gzip.decompress(coded) == body


def test_a_body_that_differs_from_call_to_call_begins_with_its_document():
    """Else each answer would be compressed anew."""
    for service in service_descriptors():
        for method in methods_of(service, max_request_bytes=1):
            if method.is_compressed and not method.is_read:
                assert encoder_of(method.response.DESCRIPTOR).begins_with_document, method.name


def test_a_connect_answers_with_a_quarter_of_the_bytes():
    text = orjson.dumps(prose_world(17_000))
    compressible = orjson.dumps({"base": "A wide hall of grey stone. " * 700})
    token = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=400))
    for world, most in ((text, 0.5), (compressible, 0.25)):
        message = session_pb.ConnectResponse(
            world=document_pb2.JsonDocument(json=world), reactor_jwt=token
        )
        lead, rest, _ = encoder_of(message.DESCRIPTOR).split(message)
        assert len(rest) < 600
        with Compressor(GzipSettings()) as compressor:
            coded = compressor.gzip(lead, rest)
        assert coded is not None
        assert len(coded) < most * len(lead + rest)


def test_it_is_compressed_once():
    hits, misses = HIT.value, MISS.value
    with Compressor(AT_ONCE) as compressor:
        for rest in (b"1}", b"2}", b"3}"):
            coded = compressor.gzip(bytes(bytearray(b'{"world":' * 100)), rest)
            assert coded is not None
    assert (HIT.value - hits, MISS.value - misses) == (2, 1)


@pytest.mark.parametrize("order", [(0, 1, 0, 1, 1, 0), (1, 1, 0, 0, 1, 0)])
def test_documents_that_look_alike_are_told_apart(order):
    """An entry is found by a glance; what is found is compared to the last byte."""
    one = bytearray(orjson.dumps(prose_world(17_000)))
    other = bytearray(one)
    other[1_001] ^= 1
    texts = [bytes(one), bytes(other)]
    assert _glance(texts[0]) == _glance(texts[1])
    misses = MISS.value
    with Compressor(AT_ONCE) as compressor:
        for which in order:
            coded = compressor.gzip(bytes(bytearray(texts[which])), b"}")
            assert coded is not None
            assert gzip.decompress(coded) == texts[which] + b"}"
    assert MISS.value - misses == 2


def test_what_the_cache_forgets_is_forgotten_whole():
    with Compressor(GzipSettings(cache_bytes=100_000)) as compressor:
        for number in range(300):
            assert compressor.gzip(b"%05d" % number * 1_000, b"") is not None
        assert set(compressor._glances.values()) == set(compressor._leads._entries)


@pytest.mark.parametrize("size", [0, 1, 1_023])
def test_what_is_small_goes_out_as_it_is(size):
    with Compressor(GzipSettings()) as compressor:
        assert compressor.gzip(b"x" * size, b"") is None
        assert compressor.gzip(b"x" * size, b"y" * 5_000) is None
        assert compressor.gzip(b"x" * 1_024, b"") is not None


async def test_what_is_large_goes_out_as_it_is_until_a_thread_has_compressed_it():
    text = orjson.dumps(prose_world(100_000))
    with Compressor(GzipSettings()) as compressor:
        assert compressor.gzip(text, b"!") is None
        await until(lambda: compressor.gzip(text, b"!") is not None)
        coded = compressor.gzip(text, b"!")
        assert coded is not None
        assert gzip.decompress(coded) == text + b"!"


async def test_the_thread_has_no_endless_queue():
    texts = [b"%06d" % number * 10_000 for number in range(200)]
    with Compressor(GzipSettings()) as compressor:
        # Nothing is waited for in between, so the loop hears of none that is done.
        assert [compressor.gzip(text, b"") for text in texts] == [None] * len(texts)
        assert len(compressor._waiting) == 16
        await until(lambda: not compressor._waiting)
        assert sum(text in compressor._leads for text in texts) == 16


async def test_what_the_cache_has_no_room_for_is_not_compressed_for_nobody():
    with Compressor(GzipSettings(cache_bytes=100_000)) as compressor:
        assert compressor.gzip(b"x" * 60_000, b"") is None
        await asyncio.sleep(0)
        assert not compressor._waiting


def test_the_cache_is_bounded():
    with Compressor(GzipSettings(cache_bytes=100_000)) as compressor:
        for number in range(100):
            coded = compressor.gzip(b"%05d" % number * 1_000, b"")
            assert coded is not None
            assert compressor._leads.weight <= 100_000
        assert 10 < len(compressor._leads) < 20


async def test_what_waits_is_forgotten_when_it_closes():
    with Compressor(GzipSettings()) as compressor:
        for number in range(10):
            compressor.gzip(b"%05d" % number * 20_000, b"")
    await until(lambda: not compressor._waiting)


def test_a_heavy_worker_answers_in_gzip_at_once():
    """It has one call at a time, and may not be asked for the same world again."""
    worker = Settings().for_heavy_worker()
    text = orjson.dumps(prose_world(2_000_000))
    with Compressor(worker.gzip) as compressor:
        coded = compressor.gzip(text, b"")
    assert coded is not None
    assert gzip.decompress(coded) == text
