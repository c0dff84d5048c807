"""Settling: the witness goes on with the log that it knows, and with no other, whatever a person settles."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.alarms import Finding, Name
from node.node import build
from node.progress import Alarm
from node.refusal import Refusal
from node.settling import MAX_REASON, WAYS_OUT, settle
from node.store.alarms import MAX_ALARMS
from node.store.restored import end_alarm
from node.witness_file import WITNESS_FILE
from tests.node.logs import LogEnd, Watched
from tests.node.nodes import make_node, noon, put
from tests.node.test_witness import in_our_name, promised

WHY = "Restored from a backup; all entries are back."


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path)
    found.log.take_outbox(found.node)
    found.log.grow(10)
    assert found.consider() == found.log.size
    yield found
    found.close()


def settled(watched: Watched, which: str | Name) -> int:
    """Settle as the command does, beside the running node: with a database of its own."""
    beside = build(watched.directory)
    number = len(settle(beside, str(which), WHY, noon()))
    beside.engine.dispose()
    return number


def ask(watched: Watched) -> int | None:
    cosignature = asyncio.run(watched.witness.ask_newest())
    return None if cosignature is None else cosignature.size


def standing(watched: Watched) -> list[Name]:
    return [each.finding.name for each in watched.node.log.alarms() if each.settled is None]


def rolled_back(watched: Watched) -> LogEnd:
    """The hub has lost five entries and the node has noticed; gives the log as it was before."""
    small = watched.log.twin()
    watched.log.grow(5)
    assert watched.consider() == watched.log.size
    whole, watched.log = watched.log, small
    assert ask(watched) is None
    assert standing(watched) == [Name.ROLLED_BACK]
    return whole


def turned(watched: Watched) -> LogEnd:
    """The hub goes on from another history, to a size beyond the one cosigned; gives the log as it was before."""
    other = watched.log.twin()
    watched.log.grow(5, "a")
    assert watched.consider() == watched.log.size
    other.grow(50, "b")
    whole, watched.log = watched.log, other
    assert watched.consider() is None
    assert standing(watched) == [Name.SPLIT_VIEW]
    return whole


def test_a_hub_that_has_got_its_entries_back_is_cosigned_again(watched: Watched) -> None:
    watched.log = rolled_back(watched)
    watched.log.grow(2)
    assert watched.consider() is None, "the alarm stands until a person has settled it"
    assert settled(watched, Name.ROLLED_BACK) == 1
    assert ask(watched) == watched.log.size
    assert standing(watched) == []


def test_a_log_that_has_not_come_back_raises_the_alarm_anew(watched: Watched) -> None:
    rolled_back(watched)
    settled(watched, Name.ROLLED_BACK)
    assert watched.node.log.stopped() is None
    assert ask(watched) is None
    assert standing(watched) == [Name.ROLLED_BACK]
    assert [each.reason for each in watched.node.log.alarms()] == [WHY, None]


def test_settling_changes_nothing_of_what_was_cosigned_and_removes_no_evidence(watched: Watched) -> None:
    turned(watched)
    file = (watched.directory / WITNESS_FILE).read_bytes()
    before, evidence = watched.node.log.cosigned(), watched.evidence()
    alarm = watched.node.log.alarms()[0]
    settled(watched, str(alarm.number))
    assert (watched.node.log.cosigned(), watched.evidence()) == (before, evidence)
    assert (watched.directory / WITNESS_FILE).read_bytes() == file
    after = watched.node.log.alarms()[0]
    assert after == alarm._replace(settled=after.settled, reason=WHY)


def test_a_split_view_cannot_be_settled_into_cosigning_the_other_history(watched: Watched) -> None:
    turned(watched)
    cosigned = watched.node.log.cosigned()
    for _ in range(3):
        settled(watched, Name.SPLIT_VIEW)
        assert ask(watched) is None
        watched.log.grow(1, "b")
        assert watched.consider() is None
        assert set(standing(watched)) == {Name.SPLIT_VIEW}
    watched.restart()
    settled(watched, Name.SPLIT_VIEW)
    assert ask(watched) is None
    assert watched.node.log.cosigned() == cosigned


def test_after_a_split_view_the_log_that_was_cosigned_goes_on(watched: Watched) -> None:
    other = turned(watched).twin()
    other.grow(2, "a")
    assert other.size < watched.log.size, "the other history was the longer one"
    watched.log = other
    settled(watched, Name.SPLIT_VIEW)
    assert ask(watched) == other.size
    other.grow(60, "a")
    assert watched.consider() == other.size
    assert watched.node.log.position().size == other.size
    assert standing(watched) == []


def test_it_goes_on_so_too_where_the_alarm_was_settled_while_nothing_ran(watched: Watched) -> None:
    watched.log = turned(watched)
    watched.log.grow(2, "a")
    settled(watched, Name.SPLIT_VIEW)
    watched.restart()
    assert watched.consider() == watched.log.size


def test_what_was_read_in_the_other_history_is_forgotten_with_it(watched: Watched) -> None:
    list(watched.node.editor.apply_many(put(f"c{number}") for number in range(3)))
    other = watched.log.twin()
    watched.log.grow(5, "a")
    assert watched.consider() == watched.log.size
    other.grow(9, "b")
    other.take_outbox(watched.node)
    whole, watched.log = watched.log, other
    assert watched.consider() is None
    settled(watched, Name.SPLIT_VIEW)
    watched.log = whole
    whole.grow(1)
    assert watched.consider() == whole.size
    stood = watched.node.reading.record("contact", "c0")
    assert stood is not None
    assert stood.place is None
    whole.take_outbox(watched.node)
    assert watched.consider() == whole.size
    assert standing(watched) == []


def test_a_checkpoint_that_was_verified_and_not_cosigned_binds_the_log_too(watched: Watched) -> None:
    other = watched.log.twin()
    watched.node.log.sound(Finding(Name.STRANGER, "for another reason", 3, {}), "2026-11-24T12:00:00.000Z")
    watched.log.grow(8, "a")
    assert watched.consider() is None
    other.grow(20, "b")
    watched.log = other
    assert watched.consider() is None
    settled(watched, Name.STRANGER)
    settled(watched, Name.SPLIT_VIEW)
    assert ask(watched) is None
    assert standing(watched) == [Name.SPLIT_VIEW]


def test_a_promise_that_is_still_broken_is_an_alarm_again(watched: Watched) -> None:
    list(watched.node.editor.apply_many(put(f"c{number}") for number in range(2)))
    whole = watched.log.twin()
    whole.take_outbox(watched.node)
    kept, watched.log = watched.log, whole
    promised(watched)
    watched.log = kept
    watched.log.grow(5, "a")
    assert watched.consider() is None
    assert standing(watched) == [Name.DROPPED]
    settled(watched, Name.DROPPED)
    assert watched.consider() is None
    assert standing(watched) == [Name.DROPPED]
    watched.log.take_outbox(watched.node)
    settled(watched, Name.DROPPED)
    assert watched.consider() == watched.log.size


def test_a_stranger_that_was_explained_stops_nothing_any_more(watched: Watched) -> None:
    watched.log.tokens.append(in_our_name(watched, watched.node.keyring.signing, 9, bytes(32)))
    assert watched.consider() is None
    assert settled(watched, Name.STRANGER) == 1
    watched.log.grow(3)
    assert watched.consider() == watched.log.size


def test_a_stranger_that_was_explained_is_so_too_when_the_whole_log_is_read_again(watched: Watched) -> None:
    watched.log.tokens.append(in_our_name(watched, watched.node.keyring.signing, 9, bytes(32)))
    assert watched.consider() is None
    settled(watched, Name.STRANGER)
    with watched.node.engine.begin() as connection:
        end_alarm(connection, frozenset(), None)
    watched.restart()
    watched.log.grow(3)
    assert watched.consider() == watched.log.size
    assert len(watched.node.log.alarms()) == 1
    watched.log.tokens.append(in_our_name(watched, watched.node.keyring.signing, 8, bytes(32)))
    assert watched.consider() is None, "another one is not explained by it"


def test_deliveries_go_on_with_the_alarm_settled(watched: Watched) -> None:
    watched.log = rolled_back(watched)
    list(watched.node.editor.apply_many([put("c1")]))
    watched.log.take_outbox(watched.node)
    receipt = watched.open(watched.log.receipt(watched.node))
    asyncio.run(watched.witness.take_receipt(receipt))
    assert watched.node.reading.counts().outbox == 2
    settled(watched, Name.ROLLED_BACK)
    asyncio.run(watched.witness.take_receipt(receipt))  # the same proof: before another quorum there is no other
    assert watched.node.reading.counts().outbox == 0


def test_however_many_were_settled_the_next_one_is_raised(watched: Watched) -> None:
    for _ in range(MAX_ALARMS + 1):
        assert watched.node.log.sound(Finding(Name.ALTERED, "other bytes", 7, {"found": "x"}), "2026-11-24T12:00:00Z")
        assert settled(watched, Name.ALTERED) == 1
    assert watched.node.log.sound(Finding(Name.ALTERED, "other bytes", 7, {"found": "x"}), "2026-11-24T12:00:00Z")
    assert watched.consider() is None


def test_a_name_settles_all_that_stand_and_a_number_one(watched: Watched) -> None:
    for size in (1, 2, 3):
        watched.node.log.sound(Finding(Name.STRANGER, "unknown", size, {}), "2026-11-24T12:00:00.000Z")
    first = watched.node.log.alarms()[0].number
    assert settled(watched, str(first)) == 1
    assert watched.node.log.stopped() is Name.STRANGER
    assert settled(watched, Name.STRANGER) == 2
    assert watched.node.log.stopped() is None


@pytest.mark.parametrize("which", ["7", "split-view", "diverged", "nonsense", "", "-1"])
def test_an_alarm_that_there_is_not_cannot_be_settled(tmp_path: Path, which: str) -> None:
    node = make_node(tmp_path / "node")
    with pytest.raises(Refusal, match="none stands") as refused:
        settle(node, which, WHY, noon())
    assert refused.value.reason == "no-such-alarm"
    node.engine.dispose()


def test_what_is_settled_is_told_with_its_reason(watched: Watched) -> None:
    rolled_back(watched)
    settled(watched, Name.ROLLED_BACK)
    with pytest.raises(Refusal, match=f"settled already.*{WHY}"):
        settled(watched, Name.ROLLED_BACK)


@pytest.mark.parametrize("reason", ["", "  ", "x" * (MAX_REASON + 1), "two\nlines", "\x1b[2J"])
def test_a_reason_says_something_in_one_line(watched: Watched, reason: str) -> None:
    watched.node.log.sound(Finding(Name.STRANGER, "unknown", 3, {}), "2026-11-24T12:00:00.000Z")
    with pytest.raises(Refusal, match="a reason has"):
        settle(watched.node, "stranger", reason, noon())
    assert standing(watched) == [Name.STRANGER]


@pytest.mark.parametrize("alarm", Alarm)
def test_an_alarm_of_the_chain_is_resolved_by_a_command_and_never_settled(watched: Watched, alarm: Alarm) -> None:
    watched.node.outbox.sound_alarm(alarm, "it is so")
    with pytest.raises(Refusal, match=r"cannot be settled.*liaison-node (restore-chain|keys rotate)"):
        settled(watched, alarm)
    assert watched.node.reading.chain().alarm == alarm


def test_each_alarm_has_a_way_out() -> None:
    assert set(WAYS_OUT) == {*Name, *Alarm}
