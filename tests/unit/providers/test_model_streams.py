"""What a model says piece by piece: events put together, and a member of JSON that is still being written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.providers.openai.failures import ModelRefused, ModelUnavailable
from conjure.providers.openai.partial_json import TextMember
from conjure.providers.openai.streaming import Transcript
from conjure.providers.plain import TidyLine, tidy
from support.cases import each_of


def event(**delta) -> dict:
    finish = delta.pop("finish", None)
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def part(arguments: str | None, index: int = 0, name: str | None = None) -> dict:
    return {"index": index, "id": "a", "function": {"name": name, "arguments": arguments}}


SENT = (
    event(role="assistant", content=""),
    event(content="Grüße, "),
    {"choices": []},
    ["no event"],
    event(
        content=None, tool_calls=[part(None, name="turn"), None, {"index": "x"}, part("", 10**9)]
    ),
    event(tool_calls=[part('{"a":'), part("{}", 1, "other")]),
    {"choices": [{"index": 1, "delta": {"content": "another choice"}}]},
    event(tool_calls=[part(" 1}")], finish="tool_calls"),
    {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}},
)
STREAM = (
    b": a comment\r\n\r\nevent: message\r\nid: 1\r\n"
    + b"\n".join(b"data: " + json.dumps(one).encode() + b"\r\n" for one in SENT)
    + b"\ndata: [DONE]\n\n"
)


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_events_are_put_together_however_they_travel(cuts):
    transcript, told = Transcript(most_tokens=100), []
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(STREAM)], strict=True):
        told += transcript.feed(STREAM[begin:end])
    assert transcript.is_done
    transcript.end()
    assert told == ["Grüße, ", '{"a":', " 1}"]
    said = transcript.completion()
    message = said["choices"][0]["message"]
    assert message["content"] == "Grüße, "
    assert [call["function"] for call in message["tool_calls"]] == [
        {"name": "turn", "arguments": '{"a": 1}'},
        {"name": "other", "arguments": "{}"},
    ]
    assert said["choices"][0]["finish_reason"] == "tool_calls"
    assert said["usage"]["completion_tokens"] == 3
    assert transcript.whole is None


@each_of(
    ("sent", "error"),
    [
        (b"", ModelUnavailable),
        (b" \r\n", ModelUnavailable),
        (b"data: [DONE", ModelUnavailable),
        (b"hello\n\n", ModelUnavailable),
        (b'data: {"error": {"message": "out of memory"}}\n\n', ModelUnavailable),
        (b'data: {"error": {"code": "content_filter"}}\n\n', ModelRefused),
        (b"data: {[\n\n", ModelUnavailable),
        (b"data: \xff\xfe\n\n", ModelUnavailable),
        (b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n', ModelUnavailable),
    ],
)
def test_streams_that_break(sent, error):
    transcript = Transcript(most_tokens=100)
    transcript.feed(sent)
    with pytest.raises(error):
        transcript.end()


def test_an_endpoint_that_does_not_stop_is_stopped():
    transcript = Transcript(most_tokens=10)
    while not transcript.is_done:
        transcript.feed(b"data: " + json.dumps(event(content="a" * 50)).encode() + b"\n\n")
    assert len(transcript.text) < 2_000
    assert transcript.completion()["choices"][0]["finish_reason"] == "length"


def test_an_answer_in_one_piece_is_left_as_it_is():
    transcript = Transcript(most_tokens=10)
    for piece in (b"\n ", b'{"choices"', b": []}\n\ndata: x\n\n"):
        assert transcript.feed(piece) == []
    transcript.end()
    assert transcript.whole == b'\n {"choices": []}\n\ndata: x\n\n'


IN_FRONT = ("", "```json\n", "Here is {the} answer: ", '<think>{"reply": "no"}</think>')


@given(st.text(max_size=40), st.sampled_from(IN_FRONT), st.integers(1, 9), st.booleans())
def test_a_member_is_read_while_it_is_written(reply, in_front, size, is_ascii):
    reply = reply.encode("utf-8", "replace").decode()
    said = in_front + json.dumps(
        {"stance": "a", "reply": reply, "emotion": "b", "n": {"reply": "c"}}, ensure_ascii=is_ascii
    )
    member, told = TextMember("reply"), ""
    for at in range(0, len(said), size):
        told += member.feed(said[at : at + size])
        assert reply.startswith(told)
    assert told == member.text == reply
    assert member.is_complete
    assert not member.is_lost
    assert member.feed('{"reply": "more"}') == ""


@each_of(
    "said",
    ['{"reply": 7, "a": 1}', '{"reply": {"a": "b"}}', '{"reply": "a\nb"}', '{"reply": nothing}', "{" * 70_000],
)  # fmt: skip
def test_what_cannot_be_read_is_lost(said):
    member = TextMember("reply")
    assert "".join(member.feed(letter) for letter in said[:100]) in {"", "a"}
    member.feed(said[100:])
    assert member.is_lost
    assert not member.is_complete


@given(st.text(alphabet="a \n\t\u200b\x00é", max_size=30), st.lists(st.integers(0, 30), max_size=8))
def test_a_line_is_tidy_however_it_comes(text, cuts):
    line, cuts = TidyLine(), sorted(min(cut, len(text)) for cut in cuts)
    pieces = zip([0, *cuts], [*cuts, len(text)], strict=True)
    assert "".join(line.feed(text[begin:end]) for begin, end in pieces) == tidy(text, 1_000)


@pytest.mark.parametrize("piece", ["a", "\\\\", "{"])
def test_an_answer_in_tiny_pieces_does_not_take_the_square_of_its_length(piece):
    """It is lost at some point: a reply has not as many."""
    member = TextMember("reply")
    member.feed('{"reply": "\\u0041' if piece != "{" else "")
    count = 0
    while not member.is_lost:
        member.feed(piece)
        count += 1
        assert count < 5_000
    assert count > 2_000
