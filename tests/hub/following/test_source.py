"""What is asked for and what is not, piece by piece, in the order of the log, and nothing beyond what is needed."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.examiners import Examiners
from hub.following import source
from hub.following.choice import Choice
from hub.following.source import Reader, Shown
from schemas.statement import CONTROL
from tests.signed_network import NETWORK
from tests.wire.audited_log import AuditedLog
from wire.encoding import b64url
from wire.log_source import DirectoryLog, PartMissing

OURS, THEIRS = "xa-centre", "xb-police"


class Watched(DirectoryLog):
    """A log that remembers which bodies were asked for, and gives those of TLP:GREEN to nobody."""

    asked: list[str]

    def may_read(self, marking: str) -> bool:
        return marking != "TLP:GREEN"

    def bodies(self, datahashes: Sequence[bytes]) -> list[bytes | None]:
        self.asked += map(b64url, datahashes)
        return super().bodies(datahashes)


@pytest.fixture
def log() -> AuditedLog:
    log = AuditedLog().begin(OURS, THEIRS)
    log.say(OURS)
    log.say(THEIRS)
    log.say(OURS, marking="TLP:GREEN", id="n2")
    log.say(OURS, marking="TLP:AMBER", id="n3")
    log.sign()
    return log


def read(log: AuditedLog, place: Path, choice: Choice, start: int = 0) -> tuple[list[tuple[int, list[Shown]]], Watched]:
    """All pieces, and the log with what was asked of it."""
    watched = Watched(log.write(place))
    watched.asked = []
    reader = Reader(watched, choice, Examiners(NETWORK, 1))

    async def all_of_it() -> list[tuple[int, list[Shown]]]:
        return [piece async for piece in reader.pieces(start, log.size, lambda: b"")]

    return asyncio.run(all_of_it()), watched


def test_bodies_are_asked_for_if_they_are_to_be_held_or_are_about_no_record(log: AuditedLog, tmp_path: Path) -> None:
    [(first, shown)], watched = read(log, tmp_path, Choice(organizations=(OURS,)))
    assert first == 0
    assert [each.message.token for each in shown] == log.entries
    assert [each.wanted for each in shown] == [False, False, False, True, False, False, False]
    asked = {place for place, entry in enumerate(log.entries) if b64url(_datahash(entry)) in watched.asked}
    assert asked == {0, 1, 2, 3}
    assert [each.message.kind for each in shown[:3]] == [CONTROL] * 3


def test_pieces_come_in_order_wherever_one_begins(
    log: AuditedLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PIECE", 2)
    pieces, _ = read(log, tmp_path, Choice(), start=1)
    assert [(first, len(shown)) for first, shown in pieces] == [(1, 1), (2, 2), (4, 2), (6, 1)]
    assert [each.message.token for _, shown in pieces for each in shown] == log.entries[1:]


def test_what_is_no_statement_is_passed_on_to_be_refused(log: AuditedLog, tmp_path: Path) -> None:
    log.entries[3] = b"junk"
    [(_, shown)], _ = read(log, tmp_path, Choice())
    refusal = shown[3].read.examined.refusal
    assert refusal is not None
    assert refusal.reason == "malformed"


def test_a_bundle_that_is_not_there_is_no_refusal(log: AuditedLog, tmp_path: Path) -> None:
    for path in (log.write(tmp_path) / "tile" / "entries").rglob("*.p/*"):
        path.unlink()
    reader = Reader(DirectoryLog(tmp_path), Choice(), Examiners(NETWORK, 1))

    async def first_piece() -> None:
        async for _ in reader.pieces(0, log.size, lambda: b""):
            pass

    with pytest.raises(PartMissing):
        asyncio.run(first_piece())


def _datahash(entry: bytes) -> bytes:
    named = source.named_by(entry)
    assert named is not None
    return named[0]
