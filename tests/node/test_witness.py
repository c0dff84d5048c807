"""The witness against honest and evil logs: what is cosigned, what raises the alarm, and what evidence stays."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from node.alarms import Name
from node.log_reader import Unreadable
from node.progress import Progress
from node.receipts import ReceiptBook
from node.signed_checkpoint import NotCosigned
from node.store import Tree
from node.witness_file import WITNESS_FILE, WitnessFile
from tests.node.logs import LogEnd, Watched
from tests.node.nodes import NETWORK, ORG, noon, put
from wire.checkpoint import open_checkpoint
from wire.encoding import b64url
from wire.keys import SigningKey
from wire.merkle import consistency_proof
from wire.seal import Place, seal

NOON = "2026-11-24T12:00:00.000Z"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path)
    yield found
    found.close()


def sealed(watched: Watched, number: int, start: int = 0) -> None:
    list(watched.node.editor.apply_many(put(f"c{start + step}") for step in range(number)))


def logged(watched: Watched) -> None:
    watched.log.take_outbox(watched.node)


def promised(watched: Watched) -> None:
    """The hub's receipt for all that is logged, as the relay takes it in; it proves nothing yet."""
    admission = watched.node.admission()
    assert admission is not None
    book = ReceiptBook(admission, watched.node.outbox, Progress(0), noon, lambda: admission.hub_key)
    book.enter(watched.log.receipt(watched.node, proven=False), 0.0)


def in_our_name(watched: Watched, key: SigningKey, sequence: int, previous: bytes) -> bytes:
    return seal(
        Place(NETWORK, ORG, sequence, previous), key, subject=f"contact/{ORG}/duty",
        event_type="liaison.contact.published", marking="TLP:CLEAR", body=b"{}",
    ).token  # fmt: skip


def stored(watched: Watched) -> tuple[int, int]:
    """The sizes that database and file hold."""
    admission = watched.node.admission()
    assert admission is not None
    kept, outside = watched.node.log.cosigned(), WitnessFile(watched.directory, admission.trust).read()
    return (kept.size if kept else 0), (outside.size if outside else 0)


def test_a_log_that_grows_is_cosigned_each_time_and_the_state_is_in_both_stores(watched: Watched) -> None:
    logged(watched)
    for _ in range(3):
        watched.log.grow(700)
        assert watched.consider() == watched.log.size
        assert stored(watched) == (watched.log.size, watched.log.size)
    assert (watched.directory / WITNESS_FILE).stat().st_mode & 0o777 == 0o600
    assert watched.alarms() == []


def test_the_cosignature_is_one_that_the_registry_s_key_verifies(watched: Watched) -> None:
    logged(watched)
    cosignature = asyncio.run(watched.witness.consider(watched.log.note()))
    assert cosignature is not None
    size, _, line = cosignature.payload.decode().partition("\n")
    assert size == str(watched.log.size)
    witnesses = watched.witness._reader.witnesses_at(watched.log.size)
    found = open_checkpoint(watched.log.note() + line.encode(), watched.end.trust.log_verifier, witnesses)
    assert (set(found.cosigners), found.has_quorum) == ({ORG}, True)


def test_what_is_announced_again_is_answered_again_and_what_is_smaller_is_no_alarm(watched: Watched) -> None:
    logged(watched)
    first = watched.log.note()
    watched.consider()
    watched.log.grow(10)
    between = watched.log.note()
    watched.log.grow(10)
    assert watched.consider() == watched.log.size
    assert watched.consider() == watched.log.size
    assert watched.consider(first) is None  # it was verified when it was new
    assert watched.consider(between) is None  # it takes a proof of the hub
    assert watched.log.asked.count("proof") == 1
    assert watched.alarms() == []


@pytest.mark.parametrize("forged", [b"", b"nonsense", b"\xff" * 500])
def test_bytes_that_are_no_checkpoint_change_nothing(watched: Watched, forged: bytes) -> None:
    assert watched.consider(forged) is None
    assert (stored(watched), watched.alarms()) == ((0, 0), [])


def test_a_checkpoint_by_another_key_changes_nothing(watched: Watched) -> None:
    assert watched.consider(watched.log.note(key=SigningKey.generate())) is None
    assert (stored(watched), watched.node.log.largest()) == ((0, 0), None)


def test_a_hub_that_shows_two_trees_of_one_size_is_refused_with_both_notes_kept(watched: Watched) -> None:
    logged(watched)
    other = watched.log.twin()
    watched.log.grow(5, "a")
    other.grow(5, "b")
    assert watched.consider() == watched.log.size
    assert watched.consider(other.note()) is None
    assert watched.alarms() == [Name.SPLIT_VIEW]
    evidence = watched.evidence()[0]["evidence"]
    assert {evidence["note-1"], evidence["note-2"]} == {watched.log.note().decode(), other.note().decode()}
    watched.log.grow(1)
    assert watched.consider() is None, "it stays refused"
    watched.restart()
    assert watched.consider() is None, "after a restart too"


def test_a_hub_whose_signed_tree_is_not_of_the_entries_it_shows_is_refused(watched: Watched) -> None:
    logged(watched)
    assert watched.consider() == watched.log.size
    told_to_others = watched.log.twin()
    watched.log.grow(5, "a")
    told_to_others.grow(5, "b")
    assert watched.consider(told_to_others.note()) is None
    assert watched.alarms() == [Name.SPLIT_VIEW]
    assert "root of the entries read here" in watched.evidence()[0]["evidence"]
    assert stored(watched)[0] < told_to_others.size


def test_an_older_checkpoint_of_another_history_is_refused_with_both_notes_kept(watched: Watched) -> None:
    logged(watched)
    other = watched.log.twin()
    watched.log.grow(9, "a")
    watched.consider()
    other.grow(4, "b")
    assert watched.consider(other.note()) is None
    assert watched.alarms() == [Name.SPLIT_VIEW]
    evidence = watched.evidence()[0]["evidence"]
    assert {evidence["note-1"], evidence["note-2"]} == {watched.log.note().decode(), other.note().decode()}


def test_a_hub_that_gives_no_proof_of_an_older_checkpoint_is_asked_again_later(watched: Watched) -> None:
    logged(watched)
    first = watched.log.note(2)
    watched.consider()
    watched.log.silent = True
    with pytest.raises(Unreadable, match="no proof from 2"):
        watched.consider(first)
    assert watched.alarms() == []


def test_a_log_that_rolls_back_is_reported_with_both_notes(watched: Watched) -> None:
    logged(watched)
    before = watched.log.twin()
    watched.log.grow(5)
    larger = watched.log.note()
    assert watched.consider() == watched.log.size
    watched.log = before
    assert asyncio.run(watched.witness.ask_newest()) is None
    assert watched.alarms() == [Name.ROLLED_BACK]
    evidence = watched.evidence()[0]["evidence"]
    assert evidence == {"note": before.note().decode(), "note of the larger tree": larger.decode()}


def test_an_accepted_statement_that_is_dropped_is_reported_with_the_receipt(watched: Watched) -> None:
    sealed(watched, 3)
    honest = watched.log.twin()
    honest.take_outbox(watched.node)
    watched.log, told = honest, watched.log
    promised(watched)
    watched.log = told
    watched.log.grow(20)
    assert watched.consider() is None
    assert watched.alarms() == [Name.DROPPED]
    evidence = watched.evidence()[0]["evidence"]
    assert watched.open(evidence["receipt"].encode()).logged.sequence == 4
    assert evidence["token"].encode() == watched.node.outbox.after(0, 1, 10**9)[0].token


def test_a_statement_dropped_from_between_two_is_reported_without_any_receipt(watched: Watched) -> None:
    sealed(watched, 3)
    watched.log.take_outbox(watched.node, leave_out=[2])
    assert watched.consider() is None
    assert watched.alarms() == [Name.DROPPED]


def test_a_statement_that_is_promised_after_the_log_was_read_without_it_is_reported(watched: Watched) -> None:
    sealed(watched, 3)
    honest = watched.log.twin()
    honest.take_outbox(watched.node)
    watched.log.grow(50)
    assert watched.consider() == watched.log.size
    watched.log, told = honest, watched.log
    promised(watched)
    receipt = watched.open(watched.log.receipt(watched.node, proven=False))
    watched.log = told
    asyncio.run(watched.witness.take_receipt(receipt))
    assert watched.alarms() == [Name.DROPPED]


def test_an_altered_statement_is_reported_with_both_tokens(watched: Watched) -> None:
    sealed(watched, 3)
    logged(watched)
    promised(watched)
    place = watched.log.size - 2
    ours = watched.log.tokens[place]
    watched.log.tokens[place] = in_our_name(watched, SigningKey.generate(), 3, bytes(32))
    assert watched.consider() is None
    assert watched.alarms() == [Name.ALTERED]
    evidence = watched.evidence()[0]["evidence"]
    assert evidence["ours"].encode() == ours
    assert evidence["found"].encode() == watched.log.tokens[place]
    assert watched.open(evidence["receipt"].encode()).logged.sequence == 4


def test_our_statement_under_another_signature_is_altered(watched: Watched) -> None:
    logged(watched)
    head, payload, _ = watched.log.tokens[-1].split(b".")
    forged = b64url(SigningKey.generate().sign(b"x")).encode()
    watched.log.tokens[-1] = b".".join((head, payload, forged))
    assert watched.consider() is None
    assert watched.alarms() == [Name.ALTERED]


@pytest.mark.parametrize("by_us", [False, True])
def test_a_statement_in_our_name_that_we_do_not_know_is_reported(watched: Watched, by_us: bool) -> None:
    logged(watched)
    key = watched.node.keyring.signing if by_us else SigningKey.generate()
    stranger = in_our_name(watched, key, 2, watched.node.reading.chain().head)
    watched.log.tokens.append(stranger)
    watched.log.grow(3)
    assert watched.consider() is None
    assert watched.alarms() == [Name.STRANGER]
    assert watched.evidence()[0]["evidence"]["found"].encode() == stranger
    assert ("bears our signature" in watched.evidence()[0]["text"]) == by_us


def test_our_own_statement_logged_twice_is_reported(watched: Watched) -> None:
    logged(watched)
    watched.log.tokens.append(watched.log.tokens[-1])
    assert watched.consider() is None
    assert watched.alarms() == [Name.STRANGER]


def test_our_name_within_another_s_text_is_no_statement_of_ours(watched: Watched) -> None:
    logged(watched)
    text = f'"source":"https://{NETWORK}/orgs/{ORG}"'
    payload = orjson.dumps({"id": text, "source": f"https://{NETWORK}/orgs/xb-other"})
    watched.log.tokens.append(b"e30." + b64url(payload).encode() + b".AA")
    assert watched.consider() == watched.log.size
    assert watched.alarms() == []


def test_late_inclusion_is_told_and_cosigned_all_the_same(watched: Watched) -> None:
    logged(watched)
    promised(watched)
    token = watched.log.tokens.pop()
    watched.log.grow(1)
    watched.log.tokens.append(token)
    assert watched.consider() == watched.log.size
    assert watched.alarms() == [Name.LATE]


def test_a_registry_statement_without_its_body_is_a_delay_and_no_alarm(watched: Watched) -> None:
    body = watched.log.bodies.pop(0)
    with pytest.raises(Unreadable, match="no body for the registry's statement at index 0"):
        watched.consider()
    watched.log.bodies[0] = body
    assert watched.consider() == watched.log.size


def test_a_crash_between_storing_and_answering_cosigns_the_same_tree_afterwards(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(watched)
    other = watched.log.twin()
    watched.log.grow(4, "a")
    other.grow(4, "b")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("node.witness.cosign", killed)
    with pytest.raises(KeyboardInterrupt):
        watched.consider()
    assert stored(watched) == (watched.log.size, watched.log.size)
    monkeypatch.undo()
    watched.restart()
    assert watched.consider(other.note()) is None
    assert watched.alarms() == [Name.SPLIT_VIEW]


def test_a_crash_between_database_and_file_is_no_restored_database(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(watched)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("node.witness_file.replace_durably", killed)
    with pytest.raises(KeyboardInterrupt):
        watched.consider()
    assert stored(watched) == (watched.log.size, 0)
    monkeypatch.undo()
    watched.restart()
    assert watched.consider() == watched.log.size
    assert stored(watched) == (watched.log.size, watched.log.size)


def test_the_file_counts_where_the_database_is_older(watched: Watched) -> None:
    logged(watched)
    other = watched.log.twin()
    watched.log.grow(6, "a")
    file = WitnessFile(watched.directory, watched.end.trust)
    file.write(Tree(watched.log.size, watched.log.checkpoint().root, watched.log.note(), "2026-11-24T12:00:00.000Z"))
    other.grow(9, "b")
    honest, watched.log = watched.log, other
    assert watched.consider() is None, "what was cosigned is not the beginning of this log"
    assert watched.alarms() == [Name.SPLIT_VIEW]
    assert stored(watched) == (0, honest.size)


def test_a_log_that_is_smaller_than_what_the_file_says_is_not_cosigned(watched: Watched) -> None:
    logged(watched)
    small = watched.log.note()
    watched.log.grow(6)
    file = WitnessFile(watched.directory, watched.end.trust)
    file.write(Tree(watched.log.size, watched.log.checkpoint().root, watched.log.note(), "2026-11-24T12:00:00.000Z"))
    assert watched.consider(small) is None
    assert watched.alarms() == []
    watched.log.grow(1)
    assert watched.consider() == watched.log.size


def submitted(watched: Watched, old: int, note: bytes | None = None, log: LogEnd | None = None) -> int:
    log = log or watched.log
    path = consistency_proof(old, log.size, log.subtree) if old <= log.size else []
    try:
        asyncio.run(watched.witness.add_checkpoint(old, path, note or log.note()))
    except NotCosigned as error:
        return error.status
    return 200


def test_add_checkpoint_answers_as_the_specification_says(watched: Watched) -> None:
    logged(watched)
    size = watched.log.size
    assert submitted(watched, 0) == 200
    assert submitted(watched, size) == 200, "the same once more"
    watched.log.grow(5)
    assert submitted(watched, 0) == 409
    assert submitted(watched, size + 1) == 409
    assert submitted(watched, watched.log.size + 1) == 400
    assert submitted(watched, size, watched.log.note(key=SigningKey.generate())) == 403
    assert submitted(watched, size, watched.log.note().replace(b"/log\n", b"/other\n", 1)) == 404
    assert submitted(watched, size, b"nonsense") == 400
    assert stored(watched) == (size, size)
    assert submitted(watched, size) == 200
    assert stored(watched) == (watched.log.size, watched.log.size)


def test_add_checkpoint_refuses_a_proof_that_does_not_hold(watched: Watched) -> None:
    logged(watched)
    submitted(watched, 0)
    size = watched.log.size
    watched.log.grow(5)
    path = consistency_proof(size, watched.log.size, watched.log.subtree)
    for bad in ([], path[::-1] + path[:1], [*path, bytes(32)], [bytes(32)] * 63):
        with pytest.raises(NotCosigned) as told:
            asyncio.run(watched.witness.add_checkpoint(size, bad, watched.log.note()))
        assert told.value.status == 422
    assert stored(watched) == (size, size)


def test_add_checkpoint_tells_its_size_and_keeps_the_evidence_of_a_split_view(watched: Watched) -> None:
    logged(watched)
    other = watched.log.twin()
    watched.log.grow(3, "a")
    other.grow(3, "b")
    submitted(watched, 0)
    with pytest.raises(NotCosigned) as told:
        asyncio.run(watched.witness.add_checkpoint(watched.log.size, [], other.note()))
    assert (told.value.status, told.value.size) == (409, watched.log.size)
    assert watched.alarms() == [Name.SPLIT_VIEW]


def test_of_two_submissions_at_once_none_rolls_the_other_back(watched: Watched) -> None:
    logged(watched)
    submitted(watched, 0)
    start = watched.log.size
    smaller = watched.log.twin()
    smaller.grow(3, "a")
    watched.log.grow(9, "a")

    async def both() -> list[object]:
        return await asyncio.gather(
            *(
                watched.witness.add_checkpoint(start, consistency_proof(start, log.size, log.subtree), log.note())
                for log in (watched.log, smaller)
            ),
            return_exceptions=True,
        )

    first, second = asyncio.run(both())
    assert not isinstance(first, BaseException)
    assert isinstance(second, NotCosigned)
    assert (second.status, second.size) == (409, watched.log.size)
    assert stored(watched) == (watched.log.size, watched.log.size)


def test_a_proof_under_a_quorum_delivers_and_nothing_less_does(watched: Watched) -> None:
    sealed(watched, 4)
    logged(watched)
    watched.log.grow(7)

    def received(receipt: bytes) -> int:
        asyncio.run(watched.witness.take_receipt(watched.open(receipt)))
        return watched.node.reading.counts().outbox

    node, log = watched.node, watched.log
    assert received(log.receipt(node, proven=False)) == 5
    assert received(log.receipt(node, cosigned=False)) == 5, "no quorum"
    forged = log.twin()
    forged.tokens[-1] = b"x.y.z"
    assert received(forged.receipt(node)) == 5, "a quorum's checkpoint of another tree"
    assert watched.alarms() == [Name.SPLIT_VIEW]


def test_a_delivered_event_leaves_the_outbox_up_to_the_proven_one(watched: Watched) -> None:
    sealed(watched, 4)
    logged(watched)
    second = watched.node.outbox.after(0, 2, 10**9)[1].token
    asyncio.run(watched.witness.take_receipt(watched.open(watched.log.receipt(watched.node, second))))
    assert [each.sequence for each in watched.node.outbox.after(0, 10, 10**9)] == [3, 4, 5]
    assert watched.node.outbox.relay().witnessed == 2
    proven = [each.times.witnessed for each in watched.node.reading.page().items]
    assert proven == [NOON, NOON, None, None, None]
    asyncio.run(watched.witness.take_receipt(watched.open(watched.log.receipt(watched.node))))
    assert watched.node.reading.counts().outbox == 0
    assert watched.alarms() == []


def test_with_an_alarm_about_our_own_statements_nothing_is_delivered_and_no_edit_is_lost(watched: Watched) -> None:
    sealed(watched, 3)
    watched.log.take_outbox(watched.node, leave_out=[2])
    watched.consider()
    asyncio.run(watched.witness.take_receipt(watched.open(watched.log.receipt(watched.node))))
    sealed(watched, 1, start=50)
    assert watched.alarms() == [Name.DROPPED]
    assert [each.sequence for each in watched.node.outbox.after(0, 10, 10**9)] == [1, 2, 3, 4, 5]
