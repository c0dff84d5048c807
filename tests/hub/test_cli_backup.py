"""The commands about backups of liaison-hub: what they say, and what stays where a lost hub is restored."""

from pathlib import Path

from hub.backup import DATABASE_FILE
from hub.keyring import load_keys
from hub.last_checkpoint import LastCheckpoint
from tests.hub.commands import Command
from tests.wire.test_whole_file import full
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


def test_errors_of_the_system_name_the_file_the_cause_and_what_to_do(
    hub: Command, directory: Path, tmp_path: Path
) -> None:
    file, again = tmp_path / "it", tmp_path / "again"
    assert hub("backup", directory, file)[0] == 0
    assert hub("restore", again, directory)[2] == f"Error: {directory} is a directory; name the file of a backup\n"
    assert hub("backup", directory, tmp_path / "nowhere" / "b")[2].startswith(f"Error: {tmp_path}/nowhere/b: No such")
    with full((directory / DATABASE_FILE).stat().st_size + 1000):
        assert hub("backup", directory, tmp_path / "b")[2] == f"Error: {tmp_path / 'b'}: File too large\n"
    with full(5000):  # what is said goes into a file too, here
        assert hub("restore", again, file)[2] == f"Error: {again}: File too large\n"
    assert ([*again.iterdir()], sorted(path.name for path in tmp_path.iterdir())) == ([], ["again", "hub", "it"])
    (directory / "hub.toml").unlink()
    (directory / "hub.toml").mkdir()
    said = hub("backup", directory, tmp_path / "b")[2]
    assert said == f"Error: {directory}/hub.toml: Is a directory; a file was expected there\n"


def test_what_is_no_backup_or_no_empty_directory_is_told(hub: Command, directory: Path, tmp_path: Path) -> None:
    (tmp_path / "it").write_text("no backup")
    for words in (("test-backup", tmp_path / "it"), ("restore", tmp_path / "again", tmp_path / "it")):
        status, out, said = hub(*words)
        assert (status, out, "is no backup" in said) == (1, b"", True)
    assert "not empty" in hub("restore", directory, tmp_path / "it")[2]
