"""What the log holds in our name, judged by itself: each finding once, few of a kind, and none for an honest log."""

from node.alarms import Name
from node.log_fold import OwnEntry
from node.own_entries import FEW, judge_own, unkept
from node.store import Mine, Position


def entry(sequence: int, index: int, token: str = "") -> OwnEntry:
    return OwnEntry(index, sequence, bytes([sequence]) * 32, (token or f"t{sequence}").encode())


def mine(*sequences: int, promised: int | None = None) -> dict[int, Mine]:
    return {each: Mine(each, bytes([each]) * 32, f"t{each}".encode(), promised) for each in sequences}


def at(size: int = 0, own: int = 0, promised: int = 0, index: int = -1) -> Position:
    return Position(size, b"", own, size, None, promised, index, b"receipt" if promised else None)


def names(*entries: OwnEntry, position: Position | None = None, promised: int | None = None) -> list[Name]:
    known = mine(*range(1, 9), promised=promised)
    return [each.name for each in judge_own(entries, known, position or at(), {}).findings]


def test_an_honest_log_gives_the_places_and_nothing_else() -> None:
    judged = judge_own([entry(3, 10), entry(4, 17)], mine(3, 4, 5), at(own=2), {})
    assert judged == ([(3, 10), (4, 17)], 4, [])


def test_each_kind_of_wrong_entry_has_its_name() -> None:
    assert names(entry(1, 5), entry(3, 6)) == [Name.DROPPED]
    assert names(entry(1, 5), entry(1, 6)) == [Name.STRANGER]
    assert names(entry(1, 5, "other")) == [Name.ALTERED]
    assert names(entry(0, 5)) == [Name.STRANGER]
    assert names(entry(9, 5)) == [Name.STRANGER]


def test_reading_goes_on_behind_an_altered_entry_without_a_second_alarm() -> None:
    assert names(entry(1, 5, "other"), entry(2, 6)) == [Name.ALTERED]


def test_late_is_what_stands_behind_its_promised_place() -> None:
    assert names(entry(1, 5), promised=5) == []
    assert names(entry(1, 6), promised=5) == [Name.LATE]
    assert names(entry(1, 6), position=at(promised=1, index=5)) == [Name.LATE]


def test_of_many_that_are_alike_a_few_are_kept() -> None:
    assert names(*(entry(9, index) for index in range(50))) == [Name.STRANGER] * FEW


def test_a_promise_is_broken_only_once_the_log_was_read_past_it() -> None:
    assert unkept(at(size=20, own=3, promised=5, index=20), mine(4)) is None
    assert unkept(at(size=21, own=5, promised=5, index=20), mine()) is None
    broken = unkept(at(size=21, own=3, promised=5, index=20), mine(4))
    assert broken is not None
    assert (broken.name, broken.evidence) == (Name.DROPPED, {"receipt": "receipt", "token": "t4"})
