"""Tests of refusals that are given in several places: a reason word, what happened, and what to do."""

import pytest

from node.refusal import Refusal, bad_reason, has_ended, no_record, not_taken_back, signs_nothing


@pytest.mark.parametrize(
    ("refusal", "reason", "said"),
    [
        (no_record("need", "n1"), "not-found", "need/n1 is not a record of this node"),
        (has_ended("need", "n1", None), "not-found", "need/n1 is not a record of this node; liaison-node list"),
        (has_ended("need", "n1", "withdrawn"), "not-found", "need/n1 is withdrawn already; liaison-node list"),
        (has_ended("need", "n1", "erased"), "not-found", "need/n1 is erased already; liaison-node list"),
        (signs_nothing("diverged", "Two signed"), "diverged", "nothing is signed any more: Two signed"),
        (signs_nothing("diverged", "Two signed", "Stop."), "diverged", "signed any more: Two signed. Stop."),
        (bad_reason(1, 9, 12), "schema-invalid", "a reason has 1 to 9 characters, 12 found"),
        (not_taken_back("need", "n1"), "marking-violated", "need/n1 was given to the network"),
    ],
    ids=["no-record", "never-there", "withdrawn", "erased", "alarm", "alarm-with-way-out", "reason", "taken-back"],
)
def test_a_refusal_names_its_reason_and_what_it_is_about(refusal: Refusal, reason: str, said: str) -> None:
    assert refusal.reason == reason
    assert said in str(refusal)


def test_what_is_named_in_an_address_is_not_repeated_at_any_length() -> None:
    assert len(str(no_record("k" * 1000, "r" * 1000))) < 200
