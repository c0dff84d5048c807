"""Tests of wire/mirror_orders.py: a mirror keeps no body that its author ordered to be erased, and all others."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from schemas.body import make_body
from tests.signed_network import key_of, need, nonce, statement_of
from tests.wire.audit.audits import audited, found
from tests.wire.audit.test_orders import WRONG, about_what_is_permanent, confirm, roots_order
from tests.wire.audited_log import AuditedLog, hash_of, honest_log
from tests.wire.lost_logs import A as TURNED
from tests.wire.lost_logs import eventful_log, next_log, replacing
from tests.wire.test_mirror import Cut, Interrupted, files, mirror
from wire import jws
from wire.erasure import ORDERED, order_members, order_name
from wire.log_source import DirectoryLog
from wire.mirror import BadMirror
from wire.mirror_orders import bodies_to_erase, is_order
from wire.seal import control_body, control_subject

A, B = "xa-centre", "xb-police"


def bodies_in(directory: Path) -> set[str]:
    """The files of all bodies there."""
    return {name for name in files(directory) if name.startswith("bodies/")}


def body_name(log: AuditedLog, index: int) -> str:
    """The file of an entry's body."""
    return f"bodies/{statement_of(log.entries[index])['datahash']}"


class Watched(DirectoryLog):
    """A log that still gives every body, and notes which it was asked for."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.asked = set[bytes]()

    def bodies(self, datahashes: Sequence[bytes]) -> list[bytes | None]:
        self.asked |= set(datahashes)
        return super().bodies(datahashes)


def test_a_later_run_drops_what_was_ordered_to_be_erased_and_an_audit_has_no_findings(tmp_path: Path) -> None:
    log, copy = honest_log(), tmp_path / "copy"
    first, second, other = log.say(A, id="n8"), log.say(A, id="n8", action="revised"), log.say(A, id="n9")
    log.sign()
    mirror(DirectoryLog(log.write(tmp_path / "origin")), copy)
    assert {body_name(log, first), body_name(log, second)} <= set(files(copy))
    confirm(log, "hub", log.order_erasure(A, first, second))
    log.sign()
    copied = mirror(DirectoryLog(log.write(tmp_path / "origin")), copy)
    assert (copied.erased, copied.absent) == (2, 0)
    gone = {body_name(log, first), body_name(log, second)}
    assert bodies_in(tmp_path / "origin") - bodies_in(copy) == gone
    assert body_name(log, other) in files(copy)
    assert sorted(f"bodies/{line}" for line in (copy / "erased").read_text().split()) == sorted(gone)
    report = audited(DirectoryLog(copy), copy)
    assert (found(report), report.told["bodies erased by order"]) == ({}, 2)
    again = mirror(DirectoryLog(tmp_path / "origin"), copy)
    assert (again.erased, again.bodies, bodies_in(tmp_path / "origin") - bodies_in(copy)) == (0, 0, gone)


def test_a_first_run_does_not_ask_for_them(tmp_path: Path) -> None:
    log = honest_log()
    erased, kept = log.say(A, id="n8"), log.say(A, id="n9")
    log.order_erasure(A, erased)
    log.sign()
    source = Watched(log.write(tmp_path / "origin"))
    copied = mirror(source, tmp_path / "copy")
    assert (copied.erased, copied.absent, copied.bodies) == (1, 0, log.size - 1)
    assert {body_name(log, erased), body_name(log, kept)} & set(files(tmp_path / "copy")) == {body_name(log, kept)}
    assert len(source.asked) == log.size - 1
    assert found(audited(DirectoryLog(tmp_path / "copy"), tmp_path)) == {}


def test_what_a_run_that_was_killed_left_goes_with_the_next_one(tmp_path: Path) -> None:
    log, copy = honest_log(), tmp_path / "copy"
    erased = log.say(A, id="n8")
    log.order_erasure(A, erased)
    log.sign()
    origin = log.write(tmp_path / "origin")
    mirror(DirectoryLog(origin), copy)
    (copy / body_name(log, erased)).write_bytes(log.body_of(erased))
    mirror(DirectoryLog(origin), copy)
    assert body_name(log, erased) not in files(copy)


def test_interrupted_anywhere_an_audit_of_what_is_there_has_no_findings(tmp_path: Path) -> None:
    log, copy = honest_log(), tmp_path / "copy"
    erased = log.say(A, id="n8")
    log.sign()
    mirror(DirectoryLog(log.write(tmp_path / "origin")), copy)
    log.order_erasure(A, erased)
    log.say(A, id="n9")
    log.sign()
    log.write(tmp_path / "origin")
    runs = 0
    while True:
        try:
            mirror(Cut(DirectoryLog(tmp_path / "origin"), 4 + runs), copy)  # type: ignore[arg-type]
            break
        except Interrupted:
            runs += 1
        assert body_name(log, erased) in files(copy), "no checkpoint there covers the order yet"
        assert found(audited(DirectoryLog(copy), copy)) == {}
    assert runs > 2
    assert body_name(log, erased) not in files(copy)
    assert found(audited(DirectoryLog(copy), copy)) == {}


@pytest.mark.parametrize("wrong", [each for each in WRONG if each is not about_what_is_permanent])
def test_an_order_that_has_no_effect_takes_nothing_out(tmp_path: Path, wrong: Callable[[AuditedLog], int]) -> None:
    log = honest_log()
    order = wrong(log)
    log.sign()
    assert is_order(log.entries[order])
    assert mirror(DirectoryLog(log.write(tmp_path / "origin")), tmp_path / "copy").erased == 0
    assert files(tmp_path / "copy") == files(tmp_path / "origin")


@pytest.mark.parametrize("liar", ["a stranger's key", "a key that was rotated away", "roots that are none"])
def test_an_evil_hub_cannot_rob_a_mirror_of_evidence_by_an_order_in_another_s_name(tmp_path: Path, liar: str) -> None:
    log = honest_log()
    said = log.say(A, id="n8")
    if liar == "roots that are none":
        log.roots = ["somebody"]
        order = roots_order(log, A, hash_of(log.entries[said]))
    else:
        if liar == "a key that was rotated away":
            log.rotate(A)
        name = order_name(log.heads[A][0] + 1)
        body = control_body(order_members(f"need/{A}/n8", [hash_of(log.entries[said])]))
        key = key_of("stranger" if liar == "a stranger's key" else A)
        order = log.seal(A, control_subject(A, name), ORDERED, body, key=key)
    log.sign()
    mirror(DirectoryLog(log.write(tmp_path / "origin")), tmp_path / "copy")
    assert body_name(log, said) in files(tmp_path / "copy")
    lies = [
        index for indices in found(audited(DirectoryLog(tmp_path / "copy"), tmp_path)).values() for index in indices
    ]
    assert lies == [order], "the cheat was not attempted"


def test_orders_of_the_roots_and_with_a_new_key_count(tmp_path: Path) -> None:
    log = honest_log()
    one, two, three = log.say(A, id="n8"), log.say(B, id="n8"), log.say(B, id="n9")
    log.rotate(A)
    log.order_erasure(A, one)
    roots_order(log, B, hash_of(log.entries[two]), hash_of(log.entries[three]))
    log.sign()
    assert mirror(DirectoryLog(log.write(tmp_path / "origin")), tmp_path / "copy").erased == 3
    gone = {body_name(log, index) for index in (one, two, three)}
    assert bodies_in(tmp_path / "origin") - bodies_in(tmp_path / "copy") == gone
    assert found(audited(DirectoryLog(tmp_path / "copy"), tmp_path)) == {}


def test_a_body_that_another_statement_names_too_stays_or_comes_again(tmp_path: Path) -> None:
    log, copy = honest_log(), tmp_path / "copy"
    body = make_body(need(), nonce(999))

    def say(name: str) -> int:
        return log.seal(A, f"need/{A}/{name}", "liaison.need.published", body)

    def copied() -> bool:
        log.sign()
        mirror(DirectoryLog(log.write(tmp_path / "origin")), copy)
        assert found(audited(DirectoryLog(copy), copy)) == {}
        return body_name(log, first) in files(copy)

    first, second = say("n8"), say("n9")
    log.order_erasure(A, first)
    assert copied()
    log.order_erasure(A, second)
    assert not copied()
    say("n10")
    assert copied()
    assert (copy / "erased").read_text() == ""


def test_in_a_next_log_what_was_ordered_before_is_judged_with_the_keys_of_then(tmp_path: Path) -> None:
    log = eventful_log()
    said = log.say(TURNED, id="n8")
    log.order_erasure(TURNED, said)
    following = next_log(log, replacing(log))
    following.sign()
    size = following.size
    assert bodies_to_erase(DirectoryLog(following.write(tmp_path)), following.trust, size) == {
        b for b, content in following.bodies.items() if content == log.body_of(said)
    }


def test_a_list_that_somebody_damaged_is_said(tmp_path: Path) -> None:
    log = honest_log()
    mirror(DirectoryLog(log.write(tmp_path / "origin")), tmp_path / "copy")
    (tmp_path / "copy/erased").write_text("../../etc/passwd\n")
    with pytest.raises(BadMirror, match="damaged"):
        mirror(DirectoryLog(tmp_path / "origin"), tmp_path / "copy")


def test_what_is_no_statement_is_no_order() -> None:
    assert not is_order(b"")
    assert not is_order(jws.header(jws.EVENT, "x").encode())
