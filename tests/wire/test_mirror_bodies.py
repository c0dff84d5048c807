"""Tests of wire/mirror_bodies.py: what was missed once is asked for again, and what was erased never is."""

from pathlib import Path

from tests.signed_network import statement_of
from tests.wire.audit.audits import audited, found
from tests.wire.audited_log import AuditedLog, honest_log
from tests.wire.log_server import serving
from tests.wire.test_mirror import files, mirror
from tests.wire.test_mirror_orders import Watched, body_name
from wire.encoding import from_b64url
from wire.log_source import DirectoryLog, HubLog

A = "xa-centre"


def hash_of_body(log: AuditedLog, index: int) -> bytes:
    return from_b64url(statement_of(log.entries[index])["datahash"])


def test_a_body_that_was_missed_once_is_asked_for_again_at_every_check_until_it_is_there(tmp_path: Path) -> None:
    log, copy = honest_log(), tmp_path / "copy"
    origin = log.write(tmp_path / "origin")
    missed = (origin / body_name(log, 6), origin / body_name(log, 2))  # of a record, and of the registry
    held = [path.read_bytes() for path in missed]
    for path in missed:
        path.unlink()
    for check in (False, True):
        assert mirror(DirectoryLog(origin), copy, check=check).absent == 2
    for path, body in zip(missed, held, strict=True):
        path.write_bytes(body)
    assert mirror(DirectoryLog(origin), copy).bodies == 0, "what was copied before is not looked over by every run"
    copied = mirror(DirectoryLog(origin), copy, check=True)
    assert (copied.absent, copied.bodies, copied.entries) == (0, 2, 0)
    assert files(copy) == files(origin)


def test_what_is_there_is_not_asked_for_again(tmp_path: Path) -> None:
    log, copy = honest_log(), tmp_path / "copy"
    log.order_erasure(A, log.say(A, id="n8"))
    log.sign()
    source = Watched(log.write(tmp_path / "origin"))
    mirror(source, copy)
    source.asked.clear()
    for check in (False, True):
        assert (mirror(source, copy, check=check).bodies, source.asked) == (0, set())


def test_bodies_that_a_token_opens_are_got_for_the_entries_that_were_copied_without_it(tmp_path: Path) -> None:
    log, copy = honest_log(), tmp_path / "copy"
    green = log.say(A, id="green", marking="TLP:GREEN")
    log.sign()
    with serving(log.write(tmp_path / "origin")) as server:
        mirror(HubLog(server.address), copy)
        assert body_name(log, green) not in files(copy)
        assert mirror(HubLog(server.address, "token"), copy, check=True).bodies == 1
    assert body_name(log, green) in files(copy)


def test_an_audit_of_a_damaged_copy_blames_nobody_and_says_what_mends_it(tmp_path: Path) -> None:
    log, copy = honest_log(), tmp_path / "copy"
    origin = log.write(tmp_path / "origin")
    mirror(DirectoryLog(origin), copy)
    (copy / body_name(log, 6)).write_bytes(b"")
    report = audited(DirectoryLog(copy), tmp_path)
    assert (found(report), report.copy) == ({"body-altered": [6]}, True)
    assert "This is a copy." in report.text()
    assert "liaison mirror HUB DIR --check" in report.text()
    mirror(DirectoryLog(origin), copy, check=True)
    assert found(audited(DirectoryLog(copy), tmp_path)) == {}
