"""Tests of wire/audit/run.py: an adversary made of the project's own parts, and what remains as evidence."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.signed_network import HUB_KEY, enrolled, key_of, need, replacement_of, signed_anew, statement_of, trust_of
from tests.wire.audit.audits import audited, found
from tests.wire.audited_log import AuditedLog, hash_of, honest_log
from wire.actions import KeyReplaced, KeyRevoked, Reinstated, RootsChanged, Suspended, WitnessesChanged
from wire.audit.report import Report
from wire.encoding import b64url
from wire.log_source import DirectoryLog, LogAway
from wire.notes import parse_note
from wire.registry import HUB
from wire.seal import Sealed, control_body, control_subject

A, B, C = "xa-centre", "xb-police", "xc-border"


def sealed_at(log: AuditedLog, index: int) -> Sealed:
    token = log.entries[index]
    return Sealed(A, 0, "need", hash_of(token), token, b"")


def test_an_honest_log_passes_every_check_that_can_be_made(tmp_path: Path) -> None:
    report = audited(honest_log(events=300), tmp_path)
    assert found(report) == {}
    assert report.status == 0
    assert (report.size, report.quorum, report.cosigners) == (308, 3, [A, B, C])
    assert report.told["signatures verified"] == 308
    unchecked = [check for check, result in report.verdicts().items() if result != "pass"]
    assert unchecked == ["forks", "digest", "view"]


def test_worker_processes_find_what_one_process_finds(tmp_path: Path) -> None:
    log = honest_log(events=1_200)
    log.entries[700] = signed_anew(sealed_at(log, 700), HUB_KEY, marking="TLP:GREEN").token
    log.sign()
    alone = audited(log, tmp_path, workers=1)
    assert found(audited(log, tmp_path, workers=2)) == found(alone)
    assert "unknown-key" in found(alone)


def test_hub_alters_a_statement(tmp_path: Path) -> None:
    log = honest_log()
    header, payload, signature = log.entries[9].split(b".")
    changed = signed_anew(sealed_at(log, 9), HUB_KEY, time="2026-11-23T09:00:00.000Z").token.split(b".")[1]
    log.entries[9] = b".".join([header, changed, signature])
    log.sign()
    assert changed != payload
    report = audited(log, tmp_path)
    assert found(report)["bad-signature"] == [9]
    assert 9 not in found(report).get("forked", [])
    assert report.findings.kept[0].evidence["token"] == log.entries[9].decode()


def test_hub_alters_a_statement_and_signs_it_itself(tmp_path: Path) -> None:
    log = honest_log()
    log.entries[9] = signed_anew(sealed_at(log, 9), HUB_KEY, time="2026-11-23T09:00:00.000Z").token
    log.sign()
    assert found(audited(log, tmp_path))["unknown-key"] == [9]


def test_bytes_are_altered_behind_the_signed_root(tmp_path: Path) -> None:
    log = honest_log()
    log.entries[9] = log.entries[9][:-4] + b"AAAA"
    codes = found(audited(log, tmp_path))
    assert codes["bad-signature"] == [9]
    assert set(codes) >= {"root-mismatch", "inconsistent"}


def test_hub_inserts_a_statement_of_another_network(tmp_path: Path) -> None:
    log = honest_log()
    sealed = log.sealed(A, f"need/{A}/n9", "liaison.need.published", b"{}")
    elsewhere = {"source": f"https://other.example/orgs/{A}", "dataschema": "https://other.example/schemas/need/1"}
    log.entries.append(signed_anew(sealed, key_of(A), **elsewhere).token)
    log.sign()
    assert found(audited(log, tmp_path)) == {"wrong-network": [log.size - 1]}


def test_hub_inserts_a_statement_a_second_time(tmp_path: Path) -> None:
    log = honest_log()
    log.entries.append(log.entries[-3])
    log.sign()
    assert found(audited(log, tmp_path)) == {"repeated": [log.size - 1]}


@pytest.mark.parametrize("at", [4, 8])
def test_hub_drops_a_statement_at_the_head_or_in_the_middle(tmp_path: Path, at: int) -> None:
    log = AuditedLog().begin(A, B, C)
    for number in range(9):
        log.say((A, B, C)[number % 3], id=f"n{number}")
    log.drop(at)
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"gap": [at + 2]}
    assert report.findings.kept[0].organization == (A, B, C)[(at - 4) % 3]


def test_hub_drops_at_the_tail_what_an_auditor_has_seen_before(tmp_path: Path) -> None:
    log = honest_log()
    log.say(A, id="last")
    before = log.sign()
    log.drop(-1)
    log.notes = {}
    log.sign()
    report = audited(log, tmp_path, since=before)
    assert found(report) == {"rolled-back": [None]}
    assert report.findings.kept[0].evidence["note"] == before.decode()


def test_hub_drops_at_the_tail_and_goes_on(tmp_path: Path) -> None:
    log = honest_log()
    log.say(A, id="last")
    before = log.sign()
    head = log.heads[A]
    log.drop(-1)
    log.heads[A] = (head[0] - 1, hash_of(log.entries[-4]))
    log.notes, log.seen = {}, {}
    for _ in range(3):
        log.say(B, id="on")
    log.sign([])
    codes = found(audited(log, tmp_path, since=before))
    assert "inconsistent" in codes  # what the auditor has
    assert "no-quorum" in codes  # what honest witnesses did not give


def test_witnesses_evidence_remains_in_what_they_say_next_when_the_tail_is_dropped(tmp_path: Path) -> None:
    log = honest_log()
    log.say(A, id="last")
    log.sign()
    lost = log.seen[B]
    log.drop(-1)
    log.notes = {}
    log.say(C, id="other", seen=None)
    log.say(B, id="after")
    log.sign()
    report = audited(log, tmp_path)
    assert found(report)["split-view"] == [log.size - 1]
    evidence = next(each for each in report.findings.kept if each.code == "split-view").evidence
    assert (evidence["size"], evidence["root"]) == (lost[0], b64url(log.root(lost[0])))


def test_hub_reorders_one_organization_s_statements(tmp_path: Path) -> None:
    log = AuditedLog().begin(A)
    for number in range(5):
        log.say(A, id=f"n{number}")
    log.entries[3], log.entries[4] = log.entries[4], log.entries[3]
    log.sign()
    assert found(audited(log, tmp_path)) == {"gap": [3], "forked": [4]}


def test_hub_reorders_statements_of_two_organizations_that_were_witnessed(tmp_path: Path) -> None:
    log = honest_log()
    before = log.notes[max(log.notes)]
    log.entries[8], log.entries[9] = log.entries[9], log.entries[8]
    log.notes = {size: note for size, note in log.notes.items() if size <= 8}
    log.sign([])
    codes = found(audited(log, tmp_path, since=before))
    assert set(codes) >= {"inconsistent", "no-quorum", "split-view"}


def test_hub_and_an_organization_rewrite_history_together(tmp_path: Path) -> None:
    before = honest_log().notes[max(honest_log().notes)]
    log = AuditedLog().begin(A, B, C)
    log.sign()
    for number in range(20):  # all signatures are good, and all chains
        log.say((A, B, C)[number % 3], need("Rewritten"), id=f"n{number}")
    log.sign()
    assert found(audited(log, tmp_path / "fresh")) == {}
    report = audited(log, tmp_path / "known", since=before)
    assert found(report) == {"inconsistent": [None]}
    assert report.findings.kept[0].evidence["note"] == before.decode()


def test_hub_splits_its_view(tmp_path: Path) -> None:
    shown_to_b = honest_log()
    shown_to_b.say(C, id="only-for-b")
    shown_to_b.sign()
    log = honest_log()
    log.say(C, id="for-all-others")
    log.say(B, id="n9", seen=(shown_to_b.size, shown_to_b.root()))
    log.sign()
    report = audited(log, tmp_path)
    assert found(report)["split-view"] == [log.size - 1]
    assert report.findings.kept[0].evidence["token"] == log.entries[-1].decode()


def test_an_organization_claims_to_have_seen_what_stands_after_it_or_less_than_before(tmp_path: Path) -> None:
    log = honest_log()
    log.say(A, id="n8", seen=(log.size + 1, b"\x01" * 32))
    log.say(B, id="n8", seen=(2, log.root(2)))
    log.say(C, id="n8", seen=None)
    log.sign()
    size = log.size
    assert found(audited(log, tmp_path)) == {"malformed": [size - 3, size - 2, size - 1]}


def test_a_statement_is_back_dated_or_post_dated(tmp_path: Path) -> None:
    log = honest_log()
    log.say(A, id="n8", now=log.clock - timedelta(days=9))
    log.say(B, id="n8", now=log.clock + timedelta(days=9))
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"back-dated": [log.size - 2], "post-dated": [log.size - 1]}
    assert report.status == 0


def test_roots_did_not_admit_an_organization(tmp_path: Path) -> None:
    log = honest_log()
    index = log.admit("zz-false", [key_of("thief")])
    log.witnesses.remove("zz-false")
    log.say("zz-false")
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"registry-refused": [index], "unknown-organization": [index + 1]}
    assert "0 of the network's roots signed it" in report.findings.kept[0].found


def test_one_root_of_two_is_not_enough(tmp_path: Path) -> None:
    two = trust_of(key_of("root"), key_of("root two"), threshold=2)
    log = AuditedLog(two.to_bytes(), heads={"registry": (0, two.digest)}, trust=two, roots=["root", "root two"])
    log.begin(A)
    index = log.admit(B, [key_of("root")])
    log.witnesses.remove(B)
    log.sign()
    assert found(audited(log, tmp_path, trust=two)) == {"registry-refused": [index]}


def test_a_key_speaks_before_it_was_admitted(tmp_path: Path) -> None:
    log = AuditedLog().begin(A)
    index = log.admit(B)
    log.say(B)
    log.entries[index], log.entries[index + 1] = log.entries[index + 1], log.entries[index]
    log.sign()
    codes = found(audited(log, tmp_path))
    assert codes["unknown-organization"] == [index]


def test_a_checkpoint_is_forged(tmp_path: Path) -> None:
    log = honest_log()
    log.sign(key=key_of("somebody"))
    report = audited(log, tmp_path)
    assert "checkpoint-forged" in found(report)
    assert report.status == 1


def test_a_cosignature_is_forged(tmp_path: Path) -> None:
    log = honest_log()
    note = log.notes[log.size]
    text, signatures = parse_note(note)
    forged = signatures[-1]._replace(raw=signatures[-1].raw[:8] + bytes(64))
    log.notes[log.size] = note.replace(signatures[-1].line.encode(), forged.line.encode())
    assert text in log.notes[log.size].decode()
    assert "checkpoint-forged" in found(audited(log, tmp_path))


def test_a_quorum_is_missing(tmp_path: Path) -> None:
    log = honest_log()
    log.say(A)
    log.sign([A, B])
    report = audited(log, tmp_path)
    assert set(found(report)) == {"no-quorum"}
    assert (report.cosigners, report.quorum) == ([A, B], 3)


def test_without_witnesses_that_is_said_and_no_fault(tmp_path: Path) -> None:
    log = AuditedLog().begin()
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"not-witnessed": [None]}
    assert report.status == 0


def test_a_part_of_the_log_is_missing_and_what_comes_before_it_is_still_audited(tmp_path: Path) -> None:
    log = honest_log(events=600)
    log.entries[100] = log.entries[100][:-4] + b"AAAA"
    log.write(tmp_path)
    (tmp_path / "tile/entries/001").unlink()
    codes = found(audited_directory(tmp_path))
    assert codes["part-missing"] == [256]
    assert codes["bad-signature"] == [100]


def audited_directory(directory: Path) -> Report:
    return audited(DirectoryLog(directory), directory)


def test_tiles_that_are_not_what_the_entries_give_are_found(tmp_path: Path) -> None:
    honest_log(events=300).write(tmp_path)
    tile = tmp_path / "tile/0/000"
    tile.write_bytes(tile.read_bytes()[:-1] + b"x")
    assert set(found(audited_directory(tmp_path))) == {"tile-mismatch"}


def test_a_hub_signs_the_registry_with_another_key(tmp_path: Path) -> None:
    log = honest_log()
    index = log.admit("xd-new")
    message = signed_anew(sealed_at(log, index), key_of("other"))
    log.entries[index] = message.token
    log.sign()
    codes = found(audited(log, tmp_path))
    assert codes == {"bad-signature": [index]}


def test_all_findings_are_counted_and_a_thousand_of_a_kind_are_kept(tmp_path: Path) -> None:
    log = honest_log()
    log.heads["zz-nobody"] = (0, bytes(32))
    for number in range(1_100):
        log.say("zz-nobody", id=f"n{number}")
    log.sign()
    report = audited(log, tmp_path)
    assert report.findings.counts["unknown-organization"] == 1_100
    assert len(found(report)["unknown-organization"]) == 1_000


def test_a_suspended_organization_speaks(tmp_path: Path) -> None:
    log = honest_log()
    log.act(Suspended(**log.action_place(), organization=A, reason="Two nodes."))
    log.say(A)
    log.sign()
    assert found(audited(log, tmp_path)) == {"suspended": [log.size - 1]}


def test_an_organization_rotates_its_key_and_goes_on(tmp_path: Path) -> None:
    log = honest_log()
    log.rotate(A)
    log.say(A, id="n9")
    log.sign()
    assert found(audited(log, tmp_path)) == {}


def test_a_key_is_used_after_its_period(tmp_path: Path) -> None:
    log = honest_log()
    log.rotate(A)
    stolen = log.say(A, id="n9", key=key_of(A))
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"key-not-valid": [stolen]}
    assert f"before {stolen}" in report.findings.kept[0].found


def test_a_thief_of_the_current_key_rotates_to_a_key_of_its_own(tmp_path: Path) -> None:
    log = honest_log()
    index = log.rotate(A, following="thief")
    spoken = log.say(A, id="n9")
    log.sign()
    assert found(audited(log, tmp_path)) == {"unknown-key": [spoken], "shown-invalid": [index]}
    log = honest_log()
    log.rotate(A, following="thief")
    log.keys.pop(A)
    log.exclude(log.size - 1, "schema-invalid")  # an honest hub says so, and the rotation has no effect
    log.say(A, id="n9")
    log.sign()
    assert found(audited(log, tmp_path / "honest")) == {}


def test_what_the_roots_replace_revoke_and_change_is_followed_by_index(tmp_path: Path) -> None:
    log = honest_log()
    log.act(
        KeyRevoked(
            **log.action_place(),
            organization=A,
            key=key_of(A).public.thumbprint,
            last_good_sequence=2,
            reason="Stolen.",
        )
    )
    late = log.say(A, id="n9")
    keys = {name: value for name, value in enrolled("new-keys").items() if name not in ("organization", "name")}
    log.act(KeyReplaced(**log.action_place(), **keys, organization=A, reason="Stolen."))
    new = key_of("new-keys")
    log.heads[A] = next(
        (int(statement["sequence"]), hash_of(entry))
        for entry in reversed(log.entries[:late])
        if (statement := statement_of(entry))["source"].endswith(f"/{A}")
    )
    log.say(A, id="n9", key=new)
    jwks = {name: key_of(f"{name} witness").public.jwk for name in (B, C)}
    log.act(WitnessesChanged(**log.action_place(), witnesses=jwks, quorum=2, reason="As agreed."))
    two = [key_of("new root one"), key_of("new root two")]
    changed = RootsChanged(
        **log.action_place(), roots=[key.public.jwk for key in two], threshold=2, reason="As agreed."
    )
    log.act(changed, [key_of("root"), *two])
    refused = log.admit("xd-new")  # by the old root alone
    log.witnesses = [B, C]
    log.sign()
    report = audited(log, tmp_path)
    assert found(report) == {"key-not-valid": [late], "registry-refused": [refused]}
    assert (report.quorum, report.cosigners) == (2, [B, C])


def test_the_hub_goes_over_to_other_keys_and_its_old_one_signs_nothing_more(tmp_path: Path) -> None:
    log, new = honest_log(), key_of("hub again")
    log.act(replacement_of(HUB, log.action_place(), new))
    log.keys[HUB] = new
    log.act(Suspended(organization=A, reason="A leak.", **log.action_place()))
    log.sign()
    assert found(audited(log, tmp_path)) == {}
    log.keys.pop(HUB)
    stolen = log.act(Reinstated(organization=A, reason="It is over.", **log.action_place()))
    log.sign()
    assert list(found(audited(log, tmp_path / "stolen")).values()) == [[stolen]]


def test_the_hub_says_something_of_no_organization_s_kind(tmp_path: Path) -> None:
    log = honest_log()
    log.seal(A, control_subject(A, "excluded-3"), "liaison.body.excluded", control_body({"index": 3}))
    log.sign()
    assert found(audited(log, tmp_path)) == {"unknown-kind": [log.size - 1]}


class Away(DirectoryLog):
    """A log that does not answer any more once the tiles of hashes are asked for."""

    def tile(self, level: int, number: int, width: int) -> bytes:
        raise LogAway("nothing answers")


def test_a_log_that_goes_away_late_leaves_the_report_of_what_was_found_until_then(tmp_path: Path) -> None:
    log, kept = honest_log(), tmp_path / "state.json"
    log.entries[9] = log.entries[9][:-4] + b"AAAA"
    report = audited(Away(log.write(tmp_path / "log")), tmp_path, state=kept)
    assert found(report)["bad-signature"] == [9]
    assert (report.stopped, report.status, kept.exists()) == ("nothing answers", 1, False)
    assert "stopped: nothing answers" in report.text()


def test_nothing_is_proved_by_an_audit_that_stopped_and_nobody_is_blamed(tmp_path: Path) -> None:
    kept = tmp_path / "state.json"
    report = audited(Away(honest_log().write(tmp_path / "log")), tmp_path, state=kept)
    assert (found(report), set(report.verdicts().values())) == ({}, {"not checked"})
    assert (report.document()["result"], report.document()["stopped"]) == ("stopped", "nothing answers")
    assert not kept.exists()
