"""Tests of wire/audit/orders.py: hubs that leave out a right order, obey a wrong one, or let others confirm none."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.wire.audit.audits import audited, found
from tests.wire.audit.test_bodies import forget_body
from tests.wire.audited_log import AuditedLog, hash_of, honest_log
from tests.wire.lost_logs import eventful_log, next_log, replacing
from wire.actions import ErasureOrdered
from wire.audit.state import BadState
from wire.encoding import b64url
from wire.erasure import DONE, ORDERED, done_members, done_name, order_members, order_name
from wire.seal import control_body, control_subject

A, B = "xa-centre", "xb-police"


def order(log: AuditedLog, organization: str, record: str, *hashes: bytes) -> int:
    """Have an organization order the erasure of these statements, whosever they are."""
    name = order_name(log.heads[organization][0] + 1)
    body = control_body(order_members(record, hashes))
    return log.seal(organization, control_subject(organization, name), ORDERED, body)


def confirm(log: AuditedLog, organization: str, index: int, *, name: str = "") -> int:
    """Have an organization or the hub confirm the order at an index, or what it calls one."""
    subject = control_subject(organization, name or done_name(index))
    return log.seal(organization, subject, DONE, control_body(done_members(hash_of(log.entries[index]))))


def roots_order(log: AuditedLog, organization: str, *hashes: bytes) -> int:
    """Have the roots order an erasure."""
    named = [b64url(each) for each in hashes]
    return log.act(ErasureOrdered(organization=organization, statements=named, reason="Asked.", **log.action_place()))


def about_another_record(log: AuditedLog) -> int:
    return order(log, A, f"need/{A}/n8", hash_of(log.entries[log.say(A, id="n9")]))


def about_another_s_statement(log: AuditedLog) -> int:
    return order(log, B, f"need/{B}/n8", hash_of(log.entries[log.say(A, id="n8")]))


def about_nothing(log: AuditedLog) -> int:
    return order(log, A, f"need/{A}/n8", bytes(32))


def about_what_is_permanent(log: AuditedLog) -> int:
    first = log.order_erasure(A, log.say(A, id="n8"))
    return order(log, A, f"need/{A}/n8", hash_of(log.entries[first]))


WRONG = [about_another_record, about_another_s_statement, about_nothing, about_what_is_permanent]


@pytest.mark.parametrize("wrong", WRONG)
def test_hub_lets_a_wrong_order_have_effect(tmp_path: Path, wrong: Callable[[AuditedLog], int]) -> None:
    log = honest_log()
    index = wrong(log)
    done = confirm(log, "hub", index)
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"shown-invalid": [index, done]}
    assert report.findings.kept[0].expected == "left out as schema-invalid"


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_order_that_is_left_out_is_no_finding(tmp_path: Path, wrong: Callable[[AuditedLog], int]) -> None:
    log = honest_log()
    log.exclude(wrong(log), "schema-invalid")
    log.sign()
    assert found(audited(log, tmp_path)) == {}


def test_hub_destroys_a_body_by_a_wrong_order(tmp_path: Path) -> None:
    log = honest_log()
    log.exclude(about_another_record(log), "schema-invalid")
    erased = log.size - 3  # what the order names, with the order and its exclusion behind it
    forget_body(log, erased)
    log.sign()
    assert found(audited(log, tmp_path)) == {"body-absent": [erased]}


@pytest.mark.parametrize("later", [0, 300])
def test_hub_leaves_out_a_right_order(tmp_path: Path, later: int) -> None:
    log = honest_log()
    first, second = log.say(A, id="n8"), log.say(A, id="n8", action="revised")
    index = log.order_erasure(A, first, second)
    for number in range(later):
        log.say(B, id=f"m{number}")
    log.exclude(index, "schema-invalid")
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"excluded-valid": [index]}
    assert report.findings.kept[0].evidence == {"stated_at": log.size - 1}


def test_an_order_may_name_what_was_left_out_of_the_view(tmp_path: Path) -> None:
    log = honest_log()
    wrong = log.say(A, {"title": {"en": "No need"}}, id="n8")
    log.exclude(wrong, "schema-invalid")
    index = log.order_erasure(A, wrong)
    confirm(log, "hub", index)
    forget_body(log, wrong)
    log.sign()
    assert found(audited(log, tmp_path)) == {}


def test_a_confirmation_is_of_an_order_that_has_effect_and_is_named_by_its_place(tmp_path: Path) -> None:
    log = honest_log()
    said = log.say(A, id="n8")
    index = log.order_erasure(A, said)
    confirm(log, "hub", index)
    right = confirm(log, B, index)
    log.exclude(right, "schema-invalid")
    misnamed = confirm(log, B, index, name=done_name(said))
    of_no_order = confirm(log, B, said)
    left_out = confirm(log, B, said)
    log.exclude(left_out, "schema-invalid")
    log.sign()
    assert found(audited(log, tmp_path)) == {"excluded-valid": [right], "shown-invalid": [misnamed, of_no_order]}


def test_the_roots_order_names_statements_of_the_organization_about_any_of_its_records(tmp_path: Path) -> None:
    log = honest_log()
    one, two, other = log.say(A, id="n8"), log.say(A, id="n9"), log.say(B, id="n8")
    right = roots_order(log, A, hash_of(log.entries[one]), hash_of(log.entries[two]))
    confirm(log, "hub", right)
    for index in (one, two):
        forget_body(log, index)
    log.sign()
    assert found(audited(log, tmp_path / "right")) == {}
    wrong = roots_order(log, A, hash_of(log.entries[other]))
    done = confirm(log, "hub", wrong)
    forget_body(log, other)
    log.sign()
    report = audited(log, tmp_path / "wrong")
    assert found(report) == {"registry-refused": [wrong], "shown-invalid": [done], "body-absent": [other]}


def test_in_a_next_log_orders_have_effect_again_and_those_of_the_roots_have_not(tmp_path: Path) -> None:
    lost = eventful_log()
    one, two = lost.say(A, id="n8"), lost.say(A, id="n9")
    own, of_roots = lost.order_erasure(A, one), roots_order(lost, A, hash_of(lost.entries[two]))
    confirm(lost, B, own)
    lost.sign()
    new = next_log(lost, replacing(lost))
    new.sign()
    assert found(audited(new, tmp_path / "again")) == {}
    confirm(lost, B, of_roots)
    newer = next_log(lost, replacing(lost))
    newer.sign()
    assert found(audited(newer, tmp_path / "roots")) == {"shown-invalid": [newer.size - 1]}


@pytest.mark.parametrize("kept", ["state", "since"])
def test_a_later_audit_knows_what_was_said_and_which_orders_had_no_effect(tmp_path: Path, kept: str) -> None:
    log = honest_log()
    once, first, second = log.say(A, id="n7"), log.say(A, id="n8"), log.say(A, id="n8", action="revised")
    had = log.order_erasure(A, once)
    wrong = about_nothing(log)
    note = log.sign()
    how = {"state": tmp_path / "state.json"} if kept == "state" else {"since": note}
    if kept == "state":
        log.exclude(wrong, "schema-invalid")
        log.sign()
        audited(log, tmp_path / "first", **how)
    else:
        log.exclude(wrong, "schema-invalid")
    log.exclude(log.order_erasure(A, second), "schema-invalid")
    right = log.size - 2
    confirm(log, B, had)
    log.order_erasure(A, first, second)
    done = confirm(log, B, wrong)
    log.sign()
    assert found(audited(log, tmp_path / "second", **how)) == {"excluded-valid": [right], "shown-invalid": [done]}


def test_a_state_file_with_other_hashes_is_refused(tmp_path: Path) -> None:
    log, kept = honest_log(), tmp_path / "state.json"
    audited(log, tmp_path / "first", state=kept)
    document = orjson.loads(kept.read_bytes())
    document["orders"]["said"][f"need/{A}/n0"] = "AAAA"
    kept.write_bytes(orjson.dumps(document))
    with pytest.raises(BadState, match="no hashes"):
        audited(log, tmp_path / "second", state=kept)
