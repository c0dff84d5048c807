"""Tests of wire/audit/forks.py: a fork is believed only where both statements show it."""

from pathlib import Path

import pytest

from tests.signed_network import HUB_KEY, key_of, statement_of
from tests.wire.audit.audits import audited, found
from tests.wire.audited_log import AuditedLog, honest_log
from tests.wire.lost_logs import eventful_log, next_log, replacing
from wire.seal import control_body, control_subject

A, B = "xa-centre", "xb-police"


def accuse(log: AuditedLog, *tokens: bytes, organization: str = A) -> int:
    members = {"organization": organization, "sequence": 1, "tokens": [token.decode() for token in tokens]}
    return log.seal("hub", control_subject("hub", f"fork-{organization}"), "liaison.fork.found", control_body(members))


def test_two_statements_for_one_place_are_a_fork_and_nothing_may_follow(tmp_path: Path) -> None:
    log = honest_log()
    twin = log.sealed(A, f"need/{A}/twin", "liaison.need.published", b"{}")
    logged = log.say(A, id="n8")
    accuse(log, log.entries[logged], twin.token)
    after = log.say(A, id="n9")
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"forked": [after]}
    assert report.done["forks"] == 1


@pytest.mark.parametrize(
    "evidence", ["the next", "twice the same", "early", "another's", "unsigned", "nothing", "stranger"]
)
def test_hub_accuses_an_honest_organization(tmp_path: Path, evidence: str) -> None:
    log = honest_log()
    logged = log.entries[log.say(A, id="n8")]
    following = log.sealed(A, f"need/{A}/n9", "liaison.need.published", b"{}")
    if evidence == "the next":
        index = accuse(log, logged, following.token)
    elif evidence == "twice the same":
        index = accuse(log, logged, logged)
    elif evidence == "early":
        log.heads[A] = (following.sequence + 3, following.hash)
        index = accuse(log, logged, log.sealed(A, f"need/{A}/n9", "liaison.need.published", b"{}").token)
        log.heads[A] = (following.sequence - 1, log.heads[A][1])
    elif evidence == "another's":
        index = accuse(log, logged, log.sealed(B, f"need/{B}/n9", "liaison.need.published", b"{}").token)
    elif evidence == "unsigned":
        index = accuse(log, logged, log.sealed(A, f"need/{A}/n9", "liaison.need.published", b"{}", key=HUB_KEY).token)
    elif evidence == "nothing":
        index = accuse(log)
    else:
        index = accuse(log, logged, following.token, organization="zz-nobody")
    log.say(B, id="n8")
    log.sign()
    assert found(audited(log, tmp_path)) == {"false-fork": [index]}
    assert key_of(A) is not HUB_KEY


def test_another_end_than_the_chain_had_in_the_lost_log_is_a_fork(tmp_path: Path) -> None:
    lost = eventful_log()
    last = lost.entries[lost.say(A, id="m1")]
    twin = lost.sealed(A, f"need/{A}/twin", "liaison.need.published", b"{}")
    lost.say(A, id="m2")
    new = next_log(lost, replacing(lost))
    assert statement_of(new.entries[-1])["subject"] == f"need/{A}/m2"
    new.drop(new.size - 1)  # its node lost it with the log, and offers another in its place
    accuse(new, last, twin.token)
    new.sign()
    report = audited(new, tmp_path)
    assert found(report) == {}
    assert report.done["forks"] == 1


def test_the_true_end_of_a_chain_in_the_lost_log_is_no_fork(tmp_path: Path) -> None:
    lost = eventful_log()
    last = lost.entries[lost.say(A, id="m1")]
    true = lost.entries[lost.say(A, id="m2")]
    new = next_log(lost, replacing(lost))
    new.drop(new.size - 1)
    index = accuse(new, last, true)
    new.sign()
    assert found(audited(new, tmp_path)) == {"false-fork": [index]}
