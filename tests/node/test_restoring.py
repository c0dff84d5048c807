"""After a restore: nothing is signed before the chain is back, verified, from a log that is the one cosigned before."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.alarms import Name
from node.edit import Withdraw
from node.restoring import NotRestored, Restored, restore_chain
from node.rotating import rotate
from node.sealing import Refusal
from node.settings import DATABASE_FILE
from tests.node.logs import Watched
from tests.node.nodes import put
from tests.signed_network import enrolled
from wire.keys import SigningKey


class Backed(Watched):
    """A node with a copy of its database, and with what it published after that."""

    def publish(self, *changes: object) -> None:
        """Change records, and let the log hold and this node witness it."""
        self.node.editor.apply(list(changes))  # type: ignore[arg-type]
        self.log.take_outbox(self.node)
        assert self.consider() == self.log.size
        self.log.quorum = self.log.cosigned(self.node)

    def back_up(self) -> None:
        self.node.engine.dispose()
        for path in self.directory.glob(f"{DATABASE_FILE}*"):
            shutil.copy(path, self.directory.parent / path.name)
        self.restart()

    def restore(self) -> None:
        self.node.engine.dispose()
        for path in self.directory.glob(f"{DATABASE_FILE}*"):
            path.unlink()
        for path in self.directory.parent.glob(f"{DATABASE_FILE}*"):
            shutil.copy(path, self.directory / path.name)
        self.restart()

    def restore_chain(self) -> Restored:
        return asyncio.run(restore_chain(self.node, self.log.ask))

    def shown(self) -> dict[str, tuple[str, str, int | None]]:
        page = self.node.reading.page(states=("current", "withdrawn"), limit=100)
        return {
            each.kept.id: (each.kept.state, str(each.kept.record.get("unit")), each.kept.sequence)
            for each in page.items
        }


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Backed]:
    found = Backed(tmp_path)
    found.publish(put("a"), put("b"))
    found.back_up()
    found.log.grow(2)
    for number in range(3):
        found.publish(put("a", unit=f"Unit {number}"), put(f"new{number}"))
    found.publish(Withdraw("contact", "b", "It ended."), put("a", unit="The last"))
    yield found
    found.close()


def test_a_restored_database_signs_nothing_and_says_what_to_do(node: Backed) -> None:
    node.restore()
    assert node.node.reading.chain().alarm == "restored"
    with pytest.raises(Refusal, match="restore-chain"):
        node.node.editor.apply([put("a", unit="Twice")])


def test_a_database_that_is_not_older_is_no_restored_one(node: Backed) -> None:
    node.restart()
    assert node.node.reading.chain().alarm is None


def test_the_chain_comes_back_with_its_records_and_goes_on_without_a_fork(node: Backed) -> None:
    chain, shown = node.node.reading.chain(), node.shown()
    node.restore()
    assert node.restore_chain() == Restored(8, 0, chain.sequence)
    after = node.node.reading.chain()
    assert (after.sequence, after.head, after.alarm, after.seen) == (chain.sequence, chain.head, None, chain.seen)
    assert node.shown() == shown
    node.restart()
    assert node.node.reading.chain().alarm is None
    node.publish(put("a", unit="Onward"))
    assert node.alarms() == []
    asyncio.run(node.witness.take_receipt(node.open(node.log.receipt(node.node))))
    assert node.node.reading.counts().outbox == 0


def test_what_was_noticed_as_a_stranger_meanwhile_is_known_again(node: Backed) -> None:
    (node.directory / "witness.json").unlink()  # as when the whole directory is an older copy
    node.restore()
    assert node.consider() is None
    assert set(node.alarms()) == {Name.STRANGER}
    node.restore_chain()
    node.restart()
    assert node.alarms() == []
    assert node.consider() == node.log.size
    assert node.alarms() == []


def test_an_erased_body_is_told_and_the_record_stays_as_it_was(node: Backed) -> None:
    node.restore()
    node.log.own = [each._replace(body=None) if each.sequence == 5 else each for each in node.log.own]
    assert node.restore_chain().without_body == 1
    assert "new0" not in node.shown()


def refused(node: Backed, match: str) -> None:
    before = node.node.reading.chain()
    with pytest.raises(NotRestored, match=match):
        node.restore_chain()
    after = node.node.reading.chain()
    assert (after.sequence, after.alarm) == (before.sequence, before.alarm)


def test_a_hub_that_has_gone_back_behind_what_was_cosigned_restores_nothing(node: Backed) -> None:
    node.restore()
    node.log.tokens = node.log.tokens[:-2]
    node.log.own = node.log.own[:-2]
    node.log.quorum = node.log.cosigned(node.node)
    refused(node, "the hub has gone back")


def test_another_history_than_the_one_cosigned_restores_nothing(node: Backed) -> None:
    node.restore()
    node.log.tokens[node.log.tokens.index(b"x.5.z")] = b"y.5.z"
    node.log.quorum = node.log.cosigned(node.node)
    refused(node, "another tree of .* a split view")


def test_a_checkpoint_without_a_quorum_restores_nothing(node: Backed) -> None:
    node.restore()
    node.log.quorum = node.log.note()
    refused(node, "has no quorum of witnesses")


def test_entries_that_are_not_those_of_the_checkpoint_restore_nothing(node: Backed) -> None:
    node.restore()
    quorum, note, head = node.log.quorum, node.log.note(), node.log.answer("head", {})
    honest = node.log.ask

    async def ask(what: str, question: bytes) -> bytes:
        if what == "checkpoint":
            return note if b"newest" in question else quorum
        return head if what == "head" else await honest(what, question)

    node.log.tokens[2] = b"x.y.z"
    with pytest.raises(NotRestored, match="not those of its checkpoint"):
        asyncio.run(restore_chain(node.node, ask))


def test_two_trees_of_one_size_restore_nothing(node: Backed) -> None:
    node.restore()
    other = node.log.twin()
    other.tokens[other.tokens.index(b"x.5.z")] = b"y.5.z"
    node.log.quorum = other.cosigned(node.node)
    refused(node, "another tree of .* a split view")


def test_where_this_node_is_needed_for_a_quorum_its_own_word_is_enough(node: Backed) -> None:
    node.log.quorum = node.log.cosigned(node.node, node.log.size - 2)  # killed before the hub had its last cosignature
    sequence = node.node.reading.chain().sequence
    node.restore()
    assert node.restore_chain().sequence == sequence


def test_a_body_that_was_not_signed_is_not_taken(node: Backed) -> None:
    node.restore()
    node.log.own = [each._replace(body=b"{}") if each.sequence == 5 else each for each in node.log.own]
    refused(node, "not the one that was signed")


def test_a_receipt_by_another_key_restores_nothing(node: Backed) -> None:
    node.restore()
    node.log.end.key = SigningKey.generate()
    refused(node, "no receipt for this organization")


def test_a_database_with_a_branch_of_its_own_restores_nothing(node: Backed) -> None:
    """The backup was edited before it heard of anything: a person has to say which branch goes on."""
    (node.directory / "witness.json").rename(node.directory / "kept")
    node.restore()
    node.node.editor.apply([put("a", unit="Elsewhere")])
    (node.directory / "kept").rename(node.directory / "witness.json")
    node.restart()
    refused(node, "does not go on from statement")


def test_the_keys_of_a_rotation_since_the_backup_speak_again(node: Backed) -> None:
    rotate(node.node)
    node.publish(put("a", unit="Rotated"))
    in_use = node.node.reading.in_use()
    node.restore()
    assert node.node.reading.in_use().signing != in_use.signing
    node.restore_chain()
    assert node.node.reading.in_use() == in_use
    node.publish(put("a", unit="Goes on"))
    assert node.alarms() == []


def test_a_record_for_named_readers_is_opened_again(node: Backed) -> None:
    quorum = node.log.quorum  # the second witness has cosigned nothing yet
    node.end._register(enrolled("fr-office"))
    node.log.take_registry()
    assert node.consider() == node.log.size
    node.publish(put("amber", marking="TLP:AMBER", recipients=["fr-office"]))
    node.log.quorum = quorum
    before = node.node.reading.record("contact", "amber")
    node.restore()
    assert node.node.reading.record("contact", "amber") is None
    node.restore_chain()
    after = node.node.reading.record("contact", "amber")
    assert before is not None
    assert after is not None
    assert (after.kept.content, after.kept.recipients) == (before.kept.content, ("fr-office",))
