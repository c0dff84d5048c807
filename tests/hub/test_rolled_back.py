"""A restored hub that does not know what it has signed since stops, unless somebody says why it may go on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub import app, checkpoints
from hub.backup import back_up, restore
from hub.history import load_state
from hub.keyring import load_keys
from hub.last_checkpoint import LastCheckpoint
from hub.operating.acts import list_acts
from hub.rolled_back import RESTORED_FILE, RolledBack, accept_rollback, stop_if_rolled_back
from hub.schema import open_store
from hub.settings import read_settings
from tests.hub.commands import Command
from wire.checkpoint import Checkpoint, sign_checkpoint

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Place:
    """A hub's directory with what signs in it."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.keyring = directory, load_keys(directory)
        self.engine: Engine = open_store(read_settings(directory))
        self.last = LastCheckpoint(directory, self.keyring.trust)

    def signed(self, size: int | None = None) -> bytes:
        """Sign a checkpoint of the log as it is, or of a greater size."""
        with self.engine.connect() as connection:
            tree = load_state(connection, self.keyring.trust).tree
        return sign_checkpoint(Checkpoint(self.keyring.trust.origin, size or tree.size, tree.root()), self.keyring.log)

    def sign(self) -> None:
        """Sign one as the running hub does: in the file, then in the database."""
        note = self.signed()
        self.last.write(note)
        with self.engine.begin() as connection:
            tree = load_state(connection, self.keyring.trust).tree
            made = Checkpoint(self.keyring.trust.origin, tree.size, tree.root())
            checkpoints.keep(connection, made, note, "2026-11-26T11:00:00.000Z", quorum=True)

    def stops(self) -> str:
        """Say why it stops; empty if it does not."""
        try:
            stop_if_rolled_back(self.directory, self.engine, self.last)
        except RolledBack as error:
            return str(error)
        return ""


@pytest.fixture
def lost(directory: Path) -> Iterator[Place]:
    place = Place(directory)
    yield place
    place.engine.dispose()


@pytest.fixture
def restored(lost: Place, tmp_path: Path) -> Iterator[Place]:
    """A hub that was restored with the checkpoint of its backup's time, and none that is newer."""
    lost.sign()
    back_up(read_settings(lost.directory), tmp_path / "it", NOON)
    restore(tmp_path / "again", tmp_path / "it")
    place = Place(tmp_path / "again")
    yield place
    place.engine.dispose()


def test_a_first_start_and_a_hub_that_was_never_restored_go_on(lost: Place) -> None:
    assert lost.stops() == ""
    lost.sign()
    assert lost.stops() == ""


def test_a_restored_hub_stops_before_it_serves_or_logs_anything(restored: Place, hub: Command, enrolment: Path) -> None:
    assert "restored from the backup of 2026-11-26T12:00:00.000Z" in restored.stops()
    with pytest.raises(RolledBack, match="--accept-rollback"):
        app.run(restored.directory, "127.0.0.1", 1)
    status, _, said = hub("admit", restored.directory, enrolment)
    assert (status, "second history" in said) == (1, True)


def test_the_newest_checkpoint_put_back_settles_it(restored: Place) -> None:
    restored.last.write(restored.signed())
    assert restored.stops()  # the one that the backup had
    restored.last.write(restored.signed(size=9))
    assert restored.stops() == ""  # then LastCheckpoint.check says what is missing


def test_a_hub_restored_beside_its_newest_checkpoint_goes_on(lost: Place, tmp_path: Path) -> None:
    lost.sign()
    back_up(read_settings(lost.directory), tmp_path / "it", NOON)
    (tmp_path / "again").mkdir()
    LastCheckpoint(tmp_path / "again", lost.keyring.trust).write(lost.last.note())
    restore(tmp_path / "again", tmp_path / "it")
    assert not (tmp_path / "again" / RESTORED_FILE).exists()
    place = Place(tmp_path / "again")
    assert place.stops() == ""
    place.engine.dispose()


def test_a_database_that_knows_of_a_checkpoint_beside_no_file_stops_too(lost: Place) -> None:
    lost.sign()
    (lost.directory / "last-checkpoint").unlink()
    assert "a checkpoint of 1 entries at least" in lost.stops()
    assert accept_rollback(lost.directory, lost.engine, lost.last, "The file was deleted by hand.", NOON)
    assert lost.stops() == ""
    assert lost.last.note() == lost.signed()


def test_who_is_sure_says_why_and_the_trail_keeps_it(restored: Place) -> None:
    with pytest.raises(RolledBack, match="say why"):
        accept_rollback(restored.directory, restored.engine, restored.last, "  ", NOON)
    assert restored.stops()
    reason = "It was stopped before the backup was made."
    assert accept_rollback(restored.directory, restored.engine, restored.last, reason, NOON)
    assert restored.stops() == ""
    with restored.engine.connect() as connection:
        [act] = list_acts(connection)
    assert (act["act"], act["reason"], act["who"], act["outcome"]) == (
        "accept-rollback", reason, "liaison-hub serve", "done",
    )  # fmt: skip
    assert "backup of 2026-11-26T12:00:00.000Z" in act["answer"]
    assert not accept_rollback(restored.directory, restored.engine, restored.last, "Again.", NOON)


def test_a_database_without_a_log_begins_no_second_one(tmp_path: Path, directory: Path) -> None:
    (directory / "hub.sqlite").rename(tmp_path / "kept")
    empty = Place(directory)
    assert "the database holds no hub" in empty.stops()
    with pytest.raises(RolledBack, match="restore a backup"):
        stop_if_rolled_back(directory, empty.engine, empty.last)
    # Where the hub knows what it signed last, it looks for that instead (hub/recovery.py).
    empty.last.write(empty.signed(size=1))
    assert empty.stops() == ""
    empty.engine.dispose()
