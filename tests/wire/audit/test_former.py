"""An auditor who has a mirror of a lost log follows the network from there into the next one."""

from pathlib import Path

import pytest

from tests.signed_network import TRUST
from tests.wire.audit.audits import found
from tests.wire.audited_log import AuditedLog
from tests.wire.lost_logs import A, B, eventful_log, next_log, replacing
from wire.audit.former import NotFormer, compare_former
from wire.audit.run import Audit, Wish
from wire.log_source import DirectoryLog


@pytest.fixture(scope="module")
def lost() -> AuditedLog:
    return eventful_log()


def followed(lost: AuditedLog, new: AuditedLog, directory: Path) -> dict[str, list[int | None]]:
    """What is found in the next log by whoever has a mirror of the lost one."""
    new.sign()
    audit = Audit(DirectoryLog(new.write(directory / "next")), TRUST, Wish(), lambda _done, _total: None)
    report = audit.run()
    compare_former(DirectoryLog(lost.write(directory / "lost")), TRUST, audit.folds, report)
    return found(report)


def test_everything_that_the_mirror_has_stands_in_the_next_log(lost: AuditedLog, tmp_path: Path) -> None:
    assert followed(lost, next_log(lost, replacing(lost)), tmp_path) == {}


def test_what_an_organization_has_not_said_again_is_awaited(lost: AuditedLog, tmp_path: Path) -> None:
    new = next_log(lost, replacing(lost))
    whole = new.size
    del new.entries[len(lost.registry) + 1 :]
    assert new.size < whole
    codes = followed(lost, new, tmp_path)
    assert codes == {"awaited": [None] * 4}


def test_a_next_log_that_goes_on_from_less_than_the_mirror_has_is_a_roll_back(lost: AuditedLog, tmp_path: Path) -> None:
    first = min(lost.notes)
    covered = sum(index < first for index in lost.registry)
    action = replacing(lost, checkpoint=lost.notes[first].decode(), covered=covered)
    assert followed(lost, next_log(lost, action), tmp_path) == {"rolled-back": [0]}


def test_an_end_before_that_of_the_mirror_is_found(lost: AuditedLog, tmp_path: Path) -> None:
    action = replacing(lost)
    shorter = action.ends[B].model_copy(update={"sequence": 1, "hash": action.ends[A].hash})
    codes = followed(lost, next_log(lost, replacing(lost, ends={**action.ends, B: shorter})), tmp_path)
    assert codes["inconsistent"] == [0]


def test_a_mirror_of_this_log_or_another_is_none_of_a_lost_one(lost: AuditedLog, tmp_path: Path) -> None:
    audit = Audit(DirectoryLog(lost.write(tmp_path / "log")), TRUST, Wish(), lambda _done, _total: None)
    report = audit.run()
    with pytest.raises(NotFormer, match="is not in its place"):
        compare_former(DirectoryLog(tmp_path / "log"), TRUST, audit.folds, report)
