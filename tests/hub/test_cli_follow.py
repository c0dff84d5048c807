"""The command `liaison-hub follow`, and what the other commands say of a regional hub."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.hub.commands import Command
from tests.signed_network import TRUST, key_of, trust_of
from tests.wire.audited_log import AuditedLog
from tests.wire.log_server import LogServer, serving


@pytest.fixture
def log() -> AuditedLog:
    """A hub's log."""
    log = AuditedLog().begin("xa-centre")
    log.say("xa-centre")
    log.sign()
    return log


@pytest.fixture
def first(log: AuditedLog, tmp_path: Path) -> Iterator[LogServer]:
    """The hub that keeps it, at an address."""
    (tmp_path / "trust.json").write_bytes(TRUST.to_bytes())
    with serving(log.write(tmp_path / "first")) as server:
        yield server


@pytest.fixture
def regional(hub: Command, first: LogServer, tmp_path: Path) -> Path:
    """A regional hub that has taken what is there."""
    begin = ("--trust", tmp_path / "trust.json", "--kind", "need", "--once")
    status, _, said = hub("follow", tmp_path / "regional", first.address, *begin)
    assert (status, "3 entries are verified and here" in said) == (0, True), said
    return tmp_path / "regional"


def test_it_begins_with_trust_from_elsewhere_and_beside_no_other_hub(
    hub: Command, first: LogServer, directory: Path, tmp_path: Path
) -> None:
    assert hub("follow", tmp_path / "regional", first.address)[0] == 2
    assert not (tmp_path / "regional").exists()
    status, _, said = hub("follow", directory, first.address, "--trust", tmp_path / "trust.json")
    assert (status, "keeps a log of its own" in said) == (1, True)


def test_what_cannot_be_followed_is_said_first(hub: Command, first: LogServer, tmp_path: Path) -> None:
    trust = ("--trust", tmp_path / "trust.json")
    assert "begins with https://" in hub("follow", tmp_path / "r", "hub.example", *trust)[2]
    assert "the nearest are" in hub("follow", tmp_path / "r", first.address, *trust, "--place", "KNE")[2]
    token = tmp_path / "token"
    token.write_text("secret")
    token.chmod(0o644)
    status, _, said = hub("follow", tmp_path / "r", first.address, *trust, "--token-file", token)
    assert (status, "chmod 600" in said, "secret" in said) == (1, True, False)
    assert not (tmp_path / "r").exists()


def test_it_goes_on_with_what_was_chosen_once_also_at_another_address(
    hub: Command, regional: Path, first: LogServer, tmp_path: Path
) -> None:
    assert hub("follow", regional, f"{first.address}/", "--once")[0] == 0
    assert f'hub = "{first.address}/"' in (regional / "following.toml").read_text()
    assert "another choice" in hub("follow", regional, first.address, "--kind", "offer", "--once")[2]
    (tmp_path / "trust.json").write_bytes(trust_of(key_of("other")).to_bytes())
    status, _, said = hub("follow", regional, first.address, "--trust", tmp_path / "trust.json", "--once")
    assert (status, "another network" in said) == (1, True)


def test_a_hub_that_is_away_or_lies_gives_status_1(
    hub: Command, regional: Path, first: LogServer, log: AuditedLog
) -> None:
    first.refuse = 100
    status, _, said = hub("follow", regional, first.address, "--once")
    assert (status, "Try again later" in said) == (1, True), said
    first.refuse = 0
    log.say("xa-centre", key=key_of("thief"))
    log.sign()
    shutil.rmtree(first.directory)
    log.write(first.directory)
    status, _, said = hub("follow", regional, first.address, "--once")
    assert (status, "was refused: unknown-key" in said) == (1, True)
    assert [path.name[:20] for path in (regional / "evidence").iterdir()] == ["refused-unknown-key-"]


def test_commands_for_the_hub_that_keeps_the_log_say_so_and_the_others_work(
    hub: Command, regional: Path, enrolment: Path
) -> None:
    for words in (
        ("admit", regional, enrolment), ("witnesses", regional), ("quarantine", "list", regional),
        ("suspend", regional, "xa-centre", "--reason", "A test."),
    ):  # fmt: skip
        status, _, said = hub(*words)
        assert (status, "adds nothing to its log" in said) == (1, True), said
    assert "run liaison-hub follow" in hub("serve", regional)[2]
    assert hub("token", regional, "member", "A reader")[0] == 0
    status, out, _ = hub("nodes", regional, "--json")
    assert (status, [node["state"] for node in orjson.loads(out)]) == (0, ["unknown"])
    assert hub("rebuild", regional)[0] == 0
