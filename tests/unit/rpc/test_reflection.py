"""What reflection answers to bytes that nobody sends on purpose."""

from __future__ import annotations

import contextlib

from grpc_reflection.v1alpha import reflection_pb2
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.errors import AppError
from conjure.rpc import reflection

Request, Response = reflection_pb2.ServerReflectionRequest, reflection_pb2.ServerReflectionResponse


@given(
    st.binary(max_size=64)
    | st.builds(
        lambda **fields: Request(**fields).SerializeToString(),
        host=st.text(),
        file_containing_symbol=st.text() | st.sampled_from(["conjure.v1.ApiError", "conjure.v1"]),
    )
)
def test_any_bytes_are_answered_or_refused(raw):
    """Nothing else is raised: a library would tell its text to the caller."""
    answers = reflection.Answers(reflection._index(), ["one"])
    with contextlib.suppress(AppError):
        Response.FromString(answers.answer(raw))
