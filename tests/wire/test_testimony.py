"""A testimony is read back as it was written, and nothing else is one."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.lost_logs import A, eventful_log, knows
from wire.testimony import BadTestimony, parse_testimony

FOUND = knows(eventful_log(), A)


def test_it_is_read_back_as_it_was_written() -> None:
    assert parse_testimony(FOUND.to_bytes()) == FOUND


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("form", "liaison-testimony@v2"),
        ("network", 5),
        ("organization", "A"),
        ("size", -1),
        ("checkpoints", ["x"] * 17),
        ("registry", [{"index": 0, "token": "a b", "body": ""}]),
        ("registry", [{"index": 0, "token": "a", "body": "="}]),
        ("registry", [{"index": 1, "token": "a", "body": ""}, {"index": 0, "token": "a", "body": ""}]),
        ("ends", {"xa-centre": {"sequence": 0, "hash": "A" * 43}}),
        ("more", 1),
        ("registry", [{"index": 0, "token": "a", "body": "", "more": 1}]),
        ("ends", {"xa-centre": {"sequence": 1, "hash": "A" * 43, "more": 1}}),
        ("ends", []),
    ],
)
def test_a_member_of_another_form_is_refused(name: str, value: object) -> None:
    document = orjson.loads(FOUND.to_bytes())
    with pytest.raises(BadTestimony):
        parse_testimony(orjson.dumps({**document, name: value}))


@given(st.binary(max_size=200))
def test_whatever_the_bytes_there_is_a_testimony_or_a_reason(data: bytes) -> None:
    with pytest.raises(BadTestimony):
        parse_testimony(data)
