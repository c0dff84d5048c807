"""A restored database cannot make the hub forget what it has signed: it does not serve a log that is older."""

from pathlib import Path

import pytest

from hub.last_checkpoint import LastCheckpoint
from hub.log_checks import LogDamaged
from tests.hub.published import Published
from tests.on_disk import note_synced
from tests.signed_network import TRUST, key_of
from wire.checkpoint import Checkpoint, sign_checkpoint


def signed(network: Published, **changes: object) -> bytes:
    tree = network.writer.state.tree
    return sign_checkpoint(Checkpoint(TRUST.origin, tree.size, tree.root())._replace(**changes), key_of("log"))  # type: ignore[arg-type]


def check(network: Published, last: LastCheckpoint) -> None:
    with network.engine.connect() as connection:
        last.check(connection, network.writer.state.size)


def test_a_log_that_has_grown_since_is_served(
    network: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = LastCheckpoint(tmp_path, TRUST)
    check(network, last)
    synced = note_synced(monkeypatch)
    last.write(signed(network))
    assert "last-checkpoint" in synced[-1].split(), "a power cut could take its name"
    check(network, last)
    network.publish("need")
    check(network, last)
    assert (tmp_path / "last-checkpoint").stat().st_mode & 0o777 == 0o600


def test_a_database_older_than_what_was_signed_is_not_served(network: Published, tmp_path: Path) -> None:
    last = LastCheckpoint(tmp_path, TRUST)
    last.write(signed(network, size=99))
    with pytest.raises(LogDamaged, match="older than what this hub has signed: it has 1 entries") as caught:
        check(network, last)
    assert b"99" in caught.value.document()


def test_another_log_of_the_same_size_is_not_served(network: Published, tmp_path: Path) -> None:
    last = LastCheckpoint(tmp_path, TRUST)
    last.write(signed(network, root=bytes(32)))
    with pytest.raises(LogDamaged, match="are not those of the last checkpoint"):
        check(network, last)


def test_a_file_that_another_key_signed_is_not_believed(network: Published, tmp_path: Path) -> None:
    last = LastCheckpoint(tmp_path, TRUST)
    tree = network.writer.state.tree
    last.write(sign_checkpoint(Checkpoint(TRUST.origin, tree.size, tree.root()), key_of("somebody")))
    with pytest.raises(LogDamaged, match="no checkpoint of this log"):
        check(network, last)
