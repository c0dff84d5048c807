"""The commands about backups of liaison-hub: what they say, and what stays where a lost hub is restored."""

from pathlib import Path

from hub.keyring import load_keys
from hub.last_checkpoint import LastCheckpoint
from tests.hub.commands import Command
from wire.checkpoint import Checkpoint, sign_checkpoint


def test_what_the_lost_hub_has_signed_since_stays(hub: Command, directory: Path, tmp_path: Path) -> None:
    assert hub("backup", directory, tmp_path / "it")[0] == 0
    keyring, again = load_keys(directory), tmp_path / "again"
    again.mkdir()
    newer = sign_checkpoint(Checkpoint(keyring.trust.origin, 9, bytes(32)), keyring.log)
    LastCheckpoint(again, keyring.trust).write(newer)
    said = hub("restore", again, tmp_path / "it")[2]
    assert "last-checkpoint was there and stays" in said
    assert LastCheckpoint(again, keyring.trust).note() == newer
    assert load_keys(again).log.public == keyring.log.public


def test_without_it_the_command_says_that_the_hub_does_not_serve(hub: Command, directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "it"
    status, out, said = hub("backup", directory, file)
    assert (status, out) == (0, b"")
    assert "Keys of roots are in it" in said
    assert hub("backup", directory, file)[0] == 1
    assert b"exercise.example" in hub("test-backup", file)[1]
    assert "--accept-rollback" in hub("restore", tmp_path / "again", file)[2]


def test_what_is_no_backup_or_no_empty_directory_is_told(hub: Command, directory: Path, tmp_path: Path) -> None:
    (tmp_path / "it").write_text("no backup")
    for words in (("test-backup", tmp_path / "it"), ("restore", tmp_path / "again", tmp_path / "it")):
        status, out, said = hub(*words)
        assert (status, out, "is no backup" in said) == (1, b"", True)
    assert "not empty" in hub("restore", directory, tmp_path / "it")[2]
