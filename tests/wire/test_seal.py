"""Sealing: what the node's own judgement and everybody else's accept, within the limits."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from schemas.body import MAX_BYTES as MAX_BODY
from tests.signed_network import NETWORK, key_of, message_of, statement_of
from tests.wire.hearing import network
from wire.encoding import from_b64url
from wire.seal import Place, TooLarge, control_body, control_subject, nonce, seal, timestamp


def test_what_is_sealed_is_a_chain_of_statements_that_name_their_bodies() -> None:
    hearing, ours = network()
    begins = ours.head
    first, second = ours.say(), ours.say(action="revised")
    assert from_b64url(statement_of(first.token)["previous"]) == begins
    assert from_b64url(statement_of(second.token)["previous"]) == first.hash
    assert (first.sequence, second.sequence) == (1, 2)
    assert [hearing.reason(message_of(each)) for each in (first, second)] == ["accepted", "accepted"]


def test_the_members_are_those_of_the_contract_and_seen_is_absent() -> None:
    assert sorted(statement_of(network()[1].say().token)) == [
        "datacontenttype", "datahash", "dataschema", "id", "marking", "previous", "sequence", "source", "specversion",
        "subject", "time", "type",
    ]  # fmt: skip


def test_a_body_over_the_limit_is_not_sealed() -> None:
    place = Place(NETWORK, "ke-nctc", 1, bytes(32))

    def sealed(size: int) -> None:
        seal(
            place, key_of("ke-nctc"), subject="need/ke-nctc/n1", event_type="liaison.need.published",
            marking="TLP:CLEAR", body=bytes(size),
        )  # fmt: skip

    sealed(MAX_BODY)
    with pytest.raises(TooLarge, match=f"{MAX_BODY + 1} bytes"):
        sealed(MAX_BODY + 1)


def test_a_statement_over_the_limit_is_not_sealed() -> None:
    with pytest.raises(TooLarge, match="statement"):
        seal(
            Place("x" * 5000, "ke-nctc", 1, bytes(32)), key_of("ke-nctc"), subject="need/ke-nctc/n1",
            event_type="liaison.need.published", marking="TLP:CLEAR", body=b"{}",
        )  # fmt: skip


def test_nonces_have_128_bits_and_never_come_twice() -> None:
    found = {nonce() for _ in range(1000)}
    assert len(found) == 1000
    assert {len(from_b64url(each)) for each in found} == {16}
    assert control_body({"a": 1}) != control_body({"a": 1})


def test_times_are_said_in_utc_with_milliseconds() -> None:
    moment = datetime(2026, 11, 23, 20, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(moment) == "2026-11-23T18:00:00.000Z"
    assert timestamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


def test_an_event_without_a_record_has_the_subject_control() -> None:
    assert control_subject("ke-nctc", "rotated") == "control/ke-nctc/rotated"
