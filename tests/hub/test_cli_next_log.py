"""The command that begins the next log: alone or by several roots, again after an interruption, and never for less."""

from pathlib import Path

import pytest
from sqlalchemy import select

from hub import tables
from hub.keyring import as_registered, load_keys, log_key_file
from hub.schema import open_store
from hub.settings import read_settings
from hub.tree import load_tree
from tests.hub.commands import Command
from tests.hub.test_cli_registry import registry_of
from tests.signed_network import key_of
from wire import jws, testimony
from wire.checkpoint import Checkpoint, cosign, sign_checkpoint


def told(directory: Path, **changed: object) -> Path:
    """The file of a node that had read all of this hub's log, and cosigned it."""
    keyring = load_keys(directory)
    engine = open_store(read_settings(directory))
    with engine.begin() as connection:
        query = select(tables.log.c.index, tables.log.c.token, tables.bodies.c.body)
        joined = query.join(tables.bodies, tables.bodies.c.index == tables.log.c.index).order_by(tables.log.c.index)
        rows = [testimony.Told(index, bytes(token), bytes(body)) for index, token, body in connection.execute(joined)]
        checkpoint = Checkpoint(keyring.trust.origin, len(rows), load_tree(connection, len(rows)).root())
    engine.dispose()
    line = cosign(checkpoint, keyring.trust.network, "ke-nctc", key_of("ke-nctc witness"), 1).line
    note = sign_checkpoint(checkpoint, keyring.log) + line.encode()
    (directory / "last-checkpoint").write_bytes(sign_checkpoint(checkpoint, keyring.log))
    found = testimony.Testimony(keyring.trust.network, "ke-nctc", len(rows), (note,), tuple(rows), {})
    path = directory.parent / "testimony.json"
    path.write_bytes(testimony.Testimony(**{**vars(found), **changed}).to_bytes())
    return path


def lose(directory: Path) -> None:
    """The disk fails."""
    for path in directory.glob("hub.sqlite*"):
        path.unlink()


@pytest.fixture
def admitted(hub: Command, directory: Path, enrolment: Path) -> Path:
    """A hub with one member."""
    assert hub("admit", directory, enrolment)[0] == 0
    return directory


def test_one_command_begins_the_next_log(hub: Command, admitted: Path) -> None:
    file = told(admitted)
    before = registry_of(admitted)
    lose(admitted)
    status, _, said = hub("replace-log", admitted, file, "--reason", "The disk failed.")
    assert status == 0, said
    assert "exercise.example/log/2 is begun" in said
    after = registry_of(admitted)
    assert set(after.members) == set(before.members)
    assert after.log is not None
    assert after.log.name == "exercise.example/log/2"
    keyring = as_registered(admitted, load_keys(admitted), after)
    assert keyring.log.public == after.log.key != load_keys(admitted).log.public
    assert log_key_file(admitted, 2).stat().st_mode & 0o777 == 0o600
    status, _, said = hub("replace-log", admitted, file)
    assert (status, "has a log of 4 entries" in said) == (1, True)


def test_a_hub_that_has_gone_over_to_other_keys_begins_the_next_log_with_them(
    hub: Command, admitted: Path, tmp_path: Path
) -> None:
    before = load_keys(admitted).signing.public
    assert hub("keys", "replace", admitted)[0] == 0
    assert hub("replace-key", admitted, "hub", admitted / "enrolment.json")[0] == 0
    new = registry_of(admitted).members["hub"].key_now
    file = told(admitted)
    lose(admitted)
    status, _, said = hub("replace-log", admitted, file, "--reason", "The disk failed.")
    assert status == 0, said
    registry = registry_of(admitted)
    assert registry.members["hub"].key_now == new != before
    assert as_registered(admitted, load_keys(admitted), registry).signing.public == new
    with open_store(read_settings(admitted)).connect() as connection:
        first = connection.scalar(select(tables.log.c.token).where(tables.log.c.index == 0))
    assert new is not None
    assert jws.take_apart(first, jws.EVENT).kid == new.thumbprint, "as every reader will ask of entry 0"
    assert hub("suspend", admitted, "ke-nctc", "--reason", "A leak.")[0] == 0


def test_what_is_left_of_a_log_is_not_written_over(hub: Command, admitted: Path) -> None:
    status, _, said = hub("replace-log", admitted, told(admitted))
    assert (status, "set it aside" in said) == (1, True)
    assert not log_key_file(admitted, 2).exists()


def test_an_interrupted_command_goes_on_with_the_same_key(hub: Command, admitted: Path) -> None:
    file = told(admitted)
    lose(admitted)
    draft = admitted.parent / "action.json"
    assert hub("replace-log", admitted, file, "-o", draft)[0] == 0  # as far as a key and a decision, and no further
    key = log_key_file(admitted, 2).read_bytes()
    assert hub("replace-log", admitted, file)[0] == 0
    assert log_key_file(admitted, 2).read_bytes() == key


def test_two_of_three_roots_decide_where_they_are(hub: Command, tmp_path: Path, enrolment: Path) -> None:
    directory = tmp_path / "council"
    assert hub("init", directory, "--network", "exercise.example", "--roots", "3", "--threshold", "2")[0] == 0
    assert hub("admit", directory, enrolment)[0] == 0
    file = told(directory)
    for number in (1, 2, 3):
        (directory / "root" / f"root-{number}.pem").rename(tmp_path / f"root-{number}.pem")
    lose(directory)
    status, _, said = hub("replace-log", directory, file)
    assert (status, ": 0; needed: 2. Let them sign" in said) == (1, True)
    action = tmp_path / "action.json"
    assert hub("replace-log", directory, file, "-o", action)[0] == 0
    assert hub("action", "sign", action, tmp_path / "root-1.pem")[0] == 0
    status, _, said = hub("replace-log", directory, file, "--signed", action)
    assert (status, "1 of the network's roots signed it; needed: 2" in said) == (1, True)
    assert hub("action", "sign", action, tmp_path / "root-3.pem")[0] == 0
    status, _, said = hub("replace-log", directory, file, "--signed", action)
    assert status == 0, said


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"[]", "this is no testimony"), (b"\xff", "this is no testimony"), (None, "of the network other.example")],
)
def test_a_file_that_is_none_is_told_in_a_sentence(
    hub: Command, admitted: Path, content: bytes | None, expected: str
) -> None:
    file = told(admitted, network="other.example")
    if content is not None:
        file.write_bytes(content)
    lose(admitted)
    status, _, said = hub("replace-log", admitted, file)
    assert (status, expected in said) == (1, True)


def test_a_decision_of_another_kind_or_key_is_refused(hub: Command, admitted: Path) -> None:
    file = told(admitted)
    lose(admitted)
    draft = admitted.parent / "action.json"
    assert hub("replace-log", admitted, file, "-o", draft)[0] == 0
    log_key_file(admitted, 2).unlink()
    status, _, said = hub("replace-log", admitted, file, "--signed", draft)
    assert (status, "for another key of the log" in said) == (1, True)
    draft.write_bytes(b"no JSON")
    assert hub("replace-log", admitted, file, "--signed", draft)[0] == 2
    assert hub("replace-log", admitted, file, "--signed", draft, "-o", draft)[0] == 2
