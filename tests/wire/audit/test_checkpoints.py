"""Tests of wire/audit/checkpoints.py: a log lists what it does not keep, or more than anybody could read."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tests.wire.audit.audits import audited, found
from tests.wire.audited_log import honest_log
from wire.log_source import DirectoryLog


class Listing(DirectoryLog):
    """A log that lists a checkpoint of every size, without end, and keeps few of them."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.asked = 0

    def checkpoint_sizes(self, after: int = 0) -> Iterator[int]:
        yield from count(after + 1)

    def checkpoint_at(self, size: int) -> bytes | None:
        self.asked += 1
        return super().checkpoint_at(size)


def test_hub_lists_checkpoints_without_end_that_it_does_not_keep(tmp_path: Path) -> None:
    log = honest_log()
    listing = Listing(log.write(tmp_path))
    report = audited(listing, tmp_path)
    assert set(found(report)) == {"part-missing"}
    assert report.findings.counts["part-missing"] == log.size - len(log.notes)
    assert listing.asked == log.size, "what lies behind the end is not asked for"


def test_hub_lists_thousands_of_checkpoints_that_it_does_not_keep(tmp_path: Path) -> None:
    log = honest_log(events=1_500)
    log.notes = {log.size: log.notes[log.size]}
    listing = Listing(log.write(tmp_path))
    report = audited(listing, tmp_path, workers=1)
    assert (report.findings.counts["part-missing"], listing.asked) == (1_000, 1_000)
    assert report.told["entries"] == log.size
