"""Tests of wire/cli_audit.py: the auditor's commands as they are installed, against a serving hub and a directory."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from hub import tables
from hub.access import create_token
from tests.hub.published import Published, small_network, sqlite_engine
from tests.hub.serving import Served, served
from tests.hub.signing import sign
from tests.signed_network import TRUST, contact, key_of, need, trust_of
from tests.wire.audited_log import honest_log
from tests.wire.log_server import serving
from tests.wire.lost_logs import eventful_log, next_log, replacing
from tests.wire.test_cli import installed, run
from tests.wire.test_whole_file import full
from wire.cli_audit import audit, mirror

__all__ = ["small_network", "sqlite_engine"]


@pytest.fixture
def hub(small_network: Published) -> Iterator[Served]:
    small_network.publish("need", need("Readers"), id="n1")
    small_network.publish("need", need("Masks"), id="n2")
    small_network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    small_network.publish("need", need(consent_to_publish=False), id="n3")
    small_network.withdraw("need", id="n2")
    small_network.announce(small_network.writer.state_view().size)
    sign(small_network)
    with served(small_network) as server:
        yield server


@pytest.fixture
def trust(tmp_path: Path) -> str:
    path = tmp_path / "trust.json"
    path.write_bytes(TRUST.to_bytes())
    return str(path)


def test_evidence_is_got_and_verified_offline(hub: Served, tmp_path: Path, trust: str) -> None:
    file = str(tmp_path / "evidence.json")
    got = run("evidence", hub.address, "xa-centre", "1", "-o", file)
    assert (got.returncode, got.stdout) == (0, ""), got.stderr
    assert "liaison verify" in got.stderr
    hub.stop()
    shown = run("verify", file, "--trust", trust)
    assert shown.returncode == 0, shown.stdout
    assert shown.stdout.startswith("xa-centre (Office xa-centre) signed liaison.need.published about need/xa-centre/n1")
    document = orjson.loads(run("verify", file, "--trust", trust, "--json").stdout)
    assert document["result"] == "pass"
    assert {each["result"] for each in document["checks"]} == {"pass", "not checked"}


def test_evidence_that_cannot_be_written_is_told_and_an_older_one_stays(hub: Served, tmp_path: Path) -> None:
    for place in ("/nowhere/x", "/dev/full"):
        ended = run("evidence", hub.address, "xa-centre", "1", "-o", place)
        assert (ended.returncode, ended.stderr.startswith(f"Error: {place}: No s")) == (1, True), ended.stderr
    (tmp_path / "place").mkdir()
    file = tmp_path / "place" / "evidence.json"
    file.write_bytes(b"good")
    with full():
        assert run("evidence", hub.address, "xa-centre", "1", "-o", str(file)).returncode == 1
    assert (file.read_bytes(), [*file.parent.iterdir()]) == (b"good", [file])


def test_a_mirror_on_a_full_disk_names_its_place(hub: Served, tmp_path: Path) -> None:
    with full():
        ended = run("mirror", hub.address, str(tmp_path / "mirror"))
    assert (ended.returncode, ended.stdout) == (1, ""), ended.stderr
    assert f"Error: {tmp_path / 'mirror'}" in ended.stderr
    assert "File too large" in ended.stderr
    assert run("mirror", hub.address, str(tmp_path / "mirror")).returncode == 0


def test_changed_evidence_fails_with_status_1(hub: Served, tmp_path: Path, trust: str) -> None:
    file = tmp_path / "evidence.json"
    run("evidence", hub.address, "xa-centre", "1", "-o", str(file))
    whole = orjson.loads(file.read_bytes())
    file.write_bytes(orjson.dumps({**whole, "body": whole["registry"][0]["body"]}, option=orjson.OPT_SORT_KEYS))
    shown = run("verify", str(file), "--trust", trust)
    assert shown.returncode == 1
    assert "  body hash          fail " in shown.stdout


def test_a_hub_is_audited_with_its_records_and_over_a_mirror_that_grows(
    hub: Served, small_network: Published, tmp_path: Path, trust: str
) -> None:
    live = installed("audit", hub.address, "--trust", trust, "--view")
    assert live.returncode == 0, live.stdout + live.stderr
    for check in ("digest", "view"):
        assert f"{check:<11} pass" in live.stdout
    mirror, state = str(tmp_path / "mirror"), str(tmp_path / "state.json")
    assert run("mirror", hub.address, mirror, "--trust", trust).returncode == 0
    assert run("audit", mirror, "--trust", trust, "--state", state).returncode == 0
    before = small_network.writer.state.size
    small_network.publish("need", need("Later"), id="n4")
    sign(small_network)
    copied = run("mirror", hub.address, mirror)
    assert "1 and 1 body of them new" in copied.stdout, copied.stdout + copied.stderr
    document = orjson.loads(run("audit", mirror, "--trust", trust, "--state", state, "--json").stdout)
    assert (document["result"], document["since"], document["figures"]["entries"]) == ("pass", before, 1)


def test_a_hub_that_shows_another_record_than_its_log_has_is_found(
    hub: Served, small_network: Published, trust: str
) -> None:
    shown = small_network.engine
    with shown.begin() as connection:
        table = tables.records
        connection.execute(update(table).where(table.c.id == "n1").values(published="2020-01-01T00:00:00.000Z"))
    ended = run("audit", hub.address, "--trust", trust, "--view", "--json")
    assert ended.returncode == 1
    document = orjson.loads(ended.stdout)
    assert document["counts"] == {"record-differs": 1}
    assert document["findings"][0]["evidence"]["shown"]["id"] == "n1"
    with shown.begin() as connection:
        connection.execute(table.delete().where(table.c.id == "n1"))
    assert orjson.loads(run("audit", hub.address, "--trust", trust, "--view", "--json").stdout)["counts"] == {
        "record-missing": 1
    }


def test_with_a_token_more_bodies_are_audited(hub: Served, small_network: Published, trust: str) -> None:
    def unread(token: str) -> int:
        document = orjson.loads(run("audit", hub.address, "--trust", trust, "--json", token=token).stdout)
        assert document["result"] == "pass"
        return int(document["figures"].get("bodies not read", 0))

    tokens = [create_token(small_network.engine, role, role) for role in ("member", "operator")]
    assert [unread(""), *map(unread, tokens)] == [2, 1, 0]


def test_an_audit_that_finds_something_ends_with_status_1_and_all_of_it(tmp_path: Path, trust: str) -> None:
    log = honest_log()
    since = tmp_path / "checkpoint"
    since.write_bytes(log.notes[max(log.notes)])
    log.entries[9] = log.entries[9][:-4] + b"AAAA"
    log.say("xa-centre")
    log.sign([])
    directory = str(log.write(tmp_path / "mirror"))
    shown = run("audit", directory, "--trust", trust, "--since", str(since))
    assert shown.returncode == 1
    for word in ("inconsistent", "no-quorum"):
        assert f"error: {word}" in shown.stdout
    document = orjson.loads(run("audit", directory, "--trust", trust, "--json").stdout)
    assert {"bad-signature", "inconsistent", "no-quorum"} <= set(document["counts"])


def test_wrong_use_and_what_is_not_there_are_told_in_a_sentence(hub: Served, tmp_path: Path, trust: str) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(trust_of(key_of("other")).to_bytes())
    mirror, bad = str(tmp_path / "mirror"), str(tmp_path / "bad")
    Path(bad).write_text("{")
    run("mirror", hub.address, mirror)
    damaged = str(tmp_path / "damaged")
    shutil.copytree(mirror, damaged)
    Path(damaged, "checkpoint").write_bytes(b"")
    cases = [
        (("verify", "/nowhere", "--trust", trust), 2, "cannot be read"),
        (("verify", trust, "--trust", "/nowhere"), 2, "cannot be read"),
        (("verify", trust, "--trust", bad), 2, "trust.json cannot be used"),
        (("audit", "/nowhere", "--trust", trust), 2, "is no directory"),
        (("audit", mirror, "--trust", trust, "--view"), 2, "--view"),
        (("audit", mirror, "--trust", trust, "--state", bad), 2, "cannot be used"),
        (("audit", mirror, "--trust", trust, "--since", bad), 2, "the earlier checkpoint is none"),
        (("audit", str(tmp_path), "--trust", trust), 1, "is not there"),
        (("audit", damaged, "--trust", trust), 1, "damaged; run liaison mirror again"),
        (("audit", "http://127.0.0.1:1", "--trust", trust), 1, "does not answer"),
        (("mirror", hub.address, mirror, "--trust", str(other)), 2, "another network"),
        (("mirror", hub.address, damaged), 1, "checkpoint is damaged"),
        (("mirror", "hub.example", mirror), 2, "is not the address of a hub"),
        (("evidence", hub.address, "xa-centre", "99", "-o", bad), 1, "no statement 99"),
        (("evidence", hub.address, "xa-centre", "0", "-o", bad), 2, "SEQUENCE"),
    ]
    for arguments, status, said in cases:
        ended = run(*arguments)
        assert (ended.returncode, ended.stdout) == (status, ""), (arguments, ended.stderr)
        assert said in ended.stderr, (arguments, ended.stderr)
        assert "Traceback" not in ended.stderr


def test_every_command_explains_itself_with_an_example() -> None:
    for command in ("mirror", "evidence", "verify", "audit"):
        assert f"Example: liaison {command}" in run(command, "--help").stdout


def test_an_audit_follows_from_the_mirror_of_a_lost_log(tmp_path: Path) -> None:
    lost, trust = eventful_log(), tmp_path / "trust.json"
    trust.write_bytes(lost.trust_json)
    new = next_log(lost, replacing(lost))
    new.sign()
    old, now = str(lost.write(tmp_path / "lost")), str(new.write(tmp_path / "next"))
    good = run("audit", now, "--trust", str(trust), "--former", old)
    assert good.returncode == 0, good.stdout
    other = run("audit", now, "--trust", str(trust), "--former", now)
    assert (other.returncode, "is not in its place" in other.stderr) == (2, True)


def test_a_mirror_says_what_it_has_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(honest_log().write(tmp_path / "origin")) as server:
        mirror(server.address, tmp_path / "copy")
        tile = next((tmp_path / "copy/tile/0").rglob("*.p/*"))
        tile.write_bytes(tile.read_bytes()[::-1])
        capsys.readouterr()
        mirror(server.address, tmp_path / "copy", check=True)
    assert capsys.readouterr().out.endswith("; files that were damaged or missing: 1\n")


def test_a_mirror_says_how_many_bodies_it_does_not_keep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = honest_log()
    log.order_erasure("xa-centre", log.say("xa-centre", id="n8"))
    log.sign()
    with serving(log.write(tmp_path / "origin")) as server:
        mirror(server.address, tmp_path / "copy")
    assert capsys.readouterr().out.endswith("; bodies not kept, as they were ordered to be erased: 1\n")


def audited(place: str, trust: str, capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[int, Any, str]:
    """Run the command in this process; gives its status, the report and what was told beside it."""
    chosen = {"since": None, "state": None, "former": None, "view": False, "token_file": None} | options
    with pytest.raises(SystemExit) as ended:
        audit(place, Path(trust), json=True, **chosen)
    captured = capsys.readouterr()
    return int(str(ended.value.code)), orjson.loads(captured.out), captured.err


def test_a_hub_that_goes_away_late_does_not_make_the_report_disappear(
    tmp_path: Path, trust: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    log, state = honest_log(), tmp_path / "state.json"
    with serving(log.write(tmp_path / "log")) as server:
        server.statuses["/api/v1/records"] = 503
        status, report, _ = audited(server.address, trust, capsys, view=True, state=state)
        results = {check["check"]: check["result"] for check in report["checks"]}
        assert (status, report["result"], "503" in report["stopped"]) == (1, "stopped", True)
        assert (results["view"], results["chains"]) == ("not checked", "pass")
        assert server.asked.count("/api/v1/records") == 5
        assert state.exists(), "the log was audited as a whole"
        server.statuses[f"/log/tile/0/000.p/{log.size}"] = 503
        status, report, _ = audited(server.address, trust, capsys, view=True)
        assert (status, report["result"], server.asked.count("/api/v1/records")) == (1, "stopped", 5)


def test_with_a_part_of_the_log_no_records_are_called_false(
    tmp_path: Path, trust: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log = honest_log(events=300)
    with serving(log.write(tmp_path / "log")) as server:
        server.replaced[f"/log/tile/entries/001.p/{log.size - 256}"] = None
        _, report, _ = audited(server.address, trust, capsys, view=True)
    assert report["counts"].keys() == {"part-missing"}


def test_a_former_mirror_of_another_log_is_wrong_use_and_the_report_is_printed(
    tmp_path: Path, trust: str, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = honest_log().write(tmp_path / "log")
    status, report, told = audited(str(directory), trust, capsys, former=directory)
    assert (status, report["result"], "is not in its place" in told) == (2, "pass", True)


def test_a_former_mirror_that_is_not_whole_leaves_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, trust = eventful_log(), tmp_path / "trust.json"
    trust.write_bytes(lost.trust_json)
    new = next_log(lost, replacing(lost))
    new.sign()
    old = lost.write(tmp_path / "lost")
    next((old / "tile/entries").rglob("*.p/*")).unlink()
    status, report, _ = audited(str(new.write(tmp_path / "next")), str(trust), capsys, former=old)
    results = {check["check"]: check["result"] for check in report["checks"]}
    assert (status, report["result"], results["history"]) == (1, "stopped", "not checked")


def test_a_state_file_that_cannot_be_written_is_told_before_the_audit(tmp_path: Path, trust: str) -> None:
    directory = str(honest_log().write(tmp_path / "log"))
    ended = run("audit", directory, "--trust", trust, "--state", str(tmp_path / "no/state.json"))
    assert (ended.returncode, ended.stdout, "cannot be written" in ended.stderr) == (2, "", True)
