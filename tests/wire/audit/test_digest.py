"""Tests of wire/audit/digest.py: the view is recomputed from statements, and compared with what the hub states."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.wire.audit.audits import audited, found
from tests.wire.audited_log import AuditedLog, hash_of, honest_log
from wire.encoding import b64url
from wire.merkle import leaf_hash, tree_root
from wire.seal import control_body, control_subject

A, B = "xa-centre", "xb-police"


def plain_state(rows: dict[str, bytes]) -> str:
    """The contract's definition, written as it stands there."""
    leaves = []
    for bucket in range(4096):
        chosen = [(a, h) for a, h in rows.items() if int(hashlib.sha256(a.encode()).hexdigest()[:3], 16) == bucket]
        lines = sorted(f"{address}\n{b64url(digest)}\n".encode() for address, digest in chosen)
        leaves.append(leaf_hash(hashlib.sha256(b"".join(lines)).digest()))
    levels = [leaves]
    while len(levels[-1]) > 1:
        row = levels[-1]
        levels.append([hashlib.sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)])
    return b64url(tree_root(4096, lambda level, number: levels[level][number]))


def state(log: AuditedLog, rows: dict[str, bytes], /, **lies: Any) -> int:
    """Have the hub state its view."""
    size = int(lies.pop("size", log.size))
    members = {
        "root": b64url(log.root(min(size, log.size))),
        "rows": len(rows),
        "size": size,
        "state": plain_state(rows),
    }
    body = control_body(members | lies)
    return log.seal("hub", control_subject("hub", f"view-{size}"), "liaison.view.stated", body)


def small_log() -> tuple[AuditedLog, dict[str, bytes]]:
    log = AuditedLog().begin(A, B)
    rows = {}
    for organization, name, action in ((A, "n1", "published"), (A, "n2", "published"), (B, "n1", "published"),
                                       (A, "n1", "revised"), (B, "n1", "withdrawn")):  # fmt: skip
        index = log.say(organization, id=name, action=action)
        rows[f"need/{organization}/{name}"] = hash_of(log.entries[index])
    wrong = log.say(A, {"title": {"en": "No need"}}, id="n1")
    log.exclude(wrong, "schema-invalid")
    new = log.say(B, {"title": {"en": "No need"}}, id="new")
    log.exclude(new, "schema-invalid")
    return log, rows


def test_the_view_that_the_statements_give_is_confirmed_with_and_without_bodies(tmp_path: Path) -> None:
    log, rows = small_log()
    state(log, rows)
    log.sign()
    report = audited(log, tmp_path / "whole")
    assert (found(report), report.done["digest"]) == ({}, 1)
    log.bodies = {digest: body for digest, body in log.bodies.items() if b'"record"' not in body}
    report = audited(log, tmp_path / "erased")
    assert set(found(report)) == {"body-absent"}
    assert report.verdicts()["digest"] == "pass"


def test_a_view_may_be_stated_a_little_later_than_its_size(tmp_path: Path) -> None:
    log, rows = small_log()
    size = log.size
    log.say(A, id="later")
    log.say(A, id="n2", action="revised")
    state(log, rows, size=size)
    log.sign()
    report = audited(log, tmp_path)
    assert (found(report), report.done["digest"]) == ({}, 1)


@pytest.mark.parametrize("lie", ["state", "rows", "root", "size", "members"])
def test_hub_states_a_wrong_view(tmp_path: Path, lie: str) -> None:
    log, rows = small_log()
    if lie == "state":
        shown = dict(list(rows.items())[:-1]) | {f"need/{B}/n1": rows[f"need/{A}/n2"]}
        index = state(log, shown)
    else:
        told = {"rows": 2, "root": b64url(bytes(32)), "size": log.size + 5, "members": 0}
        index = state(log, rows, **{lie: told[lie]}) if lie != "members" else log.seal(
            "hub", control_subject("hub", "view"), "liaison.view.stated", control_body({"view": "fine"})
        )  # fmt: skip
    log.sign()
    assert found(audited(log, tmp_path)) == {"view-wrong": [index]}


def test_hub_states_a_view_from_which_it_dropped_a_record(tmp_path: Path) -> None:
    log, rows = small_log()
    rows.pop(f"need/{A}/n2")
    index = state(log, rows)
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"view-wrong": [index]}
    assert report.findings.kept[0].evidence["token"] == log.entries[index].decode()


def test_a_view_too_old_to_be_recomputed_is_named_and_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wire.audit.digest._UNDOABLE", 2)
    log, rows = small_log()
    size = log.size
    for number in range(5):
        log.say(A, id=f"later{number}")
    index = state(log, rows, size=size)
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"view-unclear": [index]}
    assert report.status == 0


def test_an_honest_log_without_a_stated_view_has_none_checked(tmp_path: Path) -> None:
    assert audited(honest_log(), tmp_path).verdicts()["digest"] == "not checked"
