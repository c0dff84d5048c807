"""Tests of wire/evidence.py: one form, in which every member is checked and unknown ones are refused."""

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.audited_log import honest_log
from tests.wire.evidences import evidence_from
from wire.canonical import canonical
from wire.evidence import BadEvidence, parse_evidence

WHOLE = evidence_from(honest_log(), 9).to_bytes()


def changed(**members: Any) -> bytes:
    document = {**orjson.loads(WHOLE), **members}
    return canonical({name: value for name, value in document.items() if value is not None})


def with_statement(**members: Any) -> bytes:
    first, *rest = orjson.loads(WHOLE)["registry"]
    first = {name: value for name, value in {**first, **members}.items() if value is not None}
    return changed(registry=[first, *rest])


def test_evidence_is_written_and_read_in_one_form() -> None:
    assert parse_evidence(WHOLE).to_bytes() == WHOLE
    without = evidence_from(honest_log(), 9, absent="marking")
    assert parse_evidence(without.to_bytes()) == without


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON"), (b"[]", "members"), (changed(unknown=1), "members"), (changed(token=None), "members"),
        (changed(absent="gone"), "members"), (changed(body=None), "members"), (changed(form="v2"), "form"),
        (changed(body=None, absent="because"), "absent"),
        (changed(body=None, absent=[]), "absent"), (changed(body=None, absent={}), "absent"),
        (WHOLE + b" ", "canonical"), (changed(token="ü"), "token"),
        (changed(token=""), "token"), (changed(token="A" * 7000), "token"), (changed(body="A="), "body"),
        (changed(body=7), "body"), (changed(proof="proof"), "proof"), (changed(proof=7), "proof"),
        (changed(registry={}), "list"), (changed(registry=[7]), "members"), (with_statement(unknown=1), "members"),
        (with_statement(index=-1), "index"), (with_statement(index=True), "index"), (with_statement(index=2), "order"),
        (with_statement(path=["AAAA"]), "path"), (with_statement(path="AAAA"), "path"),
        (with_statement(path=["A" * 43] * 64), "path"), (with_statement(body=None), "members"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_member_named(data: bytes, said: str) -> None:
    with pytest.raises(BadEvidence, match=said):
        parse_evidence(data)


@given(st.binary(max_size=300) | st.integers(0, len(WHOLE) - 1).map(lambda at: WHOLE[:at] + b"\x00" + WHOLE[at + 1 :]))
def test_no_bytes_crash_the_parser(data: bytes) -> None:
    with suppress(BadEvidence):
        parse_evidence(data)
