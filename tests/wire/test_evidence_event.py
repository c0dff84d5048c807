"""Tests of wire/evidence_event.py: a body is the one that was signed or not; a clock is shown, never a verdict."""

from dataclasses import replace
from datetime import timedelta

from tests.signed_network import TRUST
from tests.wire.audited_log import AuditedLog, honest_log
from tests.wire.evidences import evidence_from
from wire.evidence import Evidence
from wire.evidence_checks import verify_evidence
from wire.evidence_event import claimed_in
from wire.evidence_verdict import Check

A = "xa-centre"


def check(evidence: Evidence, name: str) -> Check:
    return next(each for each in verify_evidence(evidence.to_bytes(), TRUST).checks if each.name == name)


def said_later(log: AuditedLog, **later: int) -> Evidence:
    """Evidence of a statement that claims a time so much later than it was logged."""
    index = log.say(A, id="n9", now=log.clock + timedelta(**later))
    log.sign()
    return evidence_from(log, index)


def test_a_clock_far_off_is_named_and_no_verdict() -> None:
    evidence = said_later(honest_log(), days=2)
    time = check(evidence, "time")
    assert time.result == "not checked"
    assert "the author claims 2026-11-25" in time.means
    assert "48.0 hours later: its clock or the witnesses' is far off" in time.means
    assert verify_evidence(evidence.to_bytes(), TRUST).failed == []


def test_a_clock_that_is_some_minutes_off_is_as_it_must_be() -> None:
    assert check(said_later(honest_log(), minutes=30), "time").result == "pass"


def test_without_cosignatures_nothing_bounds_the_time_from_above() -> None:
    log = honest_log()
    log.say(A, id="n9")
    log.sign([])
    assert check(evidence_from(log, log.size - 1), "time").result == "not checked"


def test_another_body_than_was_signed_fails_and_its_form_says_nothing() -> None:
    evidence = replace(evidence_from(honest_log(), 12), body=b"{}")
    assert (check(evidence, "body hash").result, check(evidence, "body form").result) == ("fail", "not checked")


def test_a_body_that_was_rightly_left_out_is_not_valid_in_words() -> None:
    log = honest_log()
    form = check(evidence_from(log, log.size - 2), "body form")
    assert (form.result, "as schema-invalid" in form.means) == ("fail", True)


def test_what_is_no_token_claims_nothing() -> None:
    assert claimed_in(b"x.y", b"subject") == ""
    assert claimed_in(honest_log().entries[12], b"subject") == "need/xc-border/n3"
