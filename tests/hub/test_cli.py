"""liaison-hub as a person uses it: a network begins, organizations come and go, and mistakes are told in a sentence."""

import sqlite3
import subprocess
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.bus_process import binary, free_port
from hub.keyring import load_keys
from hub.registrar import sole_owner
from hub.schema import open_store
from hub.settings import PREFIX, read_settings
from hub.writer import Writer
from tests.hub.batches import commit
from tests.hub.commands import Command
from tests.signed_network import NETWORK, Organization, enrolled, key_of, message_of
from wire.enrolment import make_enrolment, open_admission


def writer_of(directory: Path) -> Writer:
    from hub.author import Author

    keyring = load_keys(directory)
    return Writer(open_store(read_settings(directory)), keyring.trust, Author(keyring.signing))


def test_init_keeps_every_secret_to_its_owner(hub: Command, tmp_path: Path) -> None:
    directory = tmp_path / "begun"
    assert hub("init", directory, "--network", "exercise.example")[0] == 0
    secrets = [*directory.glob("keys/*"), *directory.glob("root/*"), directory / "hub.toml", directory / "hub.sqlite"]
    assert len(secrets) == 9
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}
    assert directory.stat().st_mode & 0o077 == 0
    assert writer_of(directory).state.size == 1


def test_init_tells_the_hash_of_trust_json_that_members_compare(hub: Command, tmp_path: Path) -> None:
    said = hub("init", tmp_path / "begun", "--network", "exercise.example")[2]
    assert sha256((tmp_path / "begun" / "trust.json").read_bytes()).hexdigest() in said


def test_init_does_not_overwrite_a_hub(hub: Command, directory: Path) -> None:
    before = (directory / "trust.json").read_bytes()
    status, _, said = hub("init", directory, "--network", "other.example")
    assert (status, (directory / "trust.json").read_bytes()) == (1, before)
    assert "holds a hub already" in said


@pytest.mark.parametrize("name", ["", "Two Words", "UPPER.example", "no-dot", "a..b", "-a.example", "a.example/"])
def test_init_refuses_a_name_that_is_no_host_name(hub: Command, tmp_path: Path, name: str) -> None:
    status, _, said = hub("init", tmp_path / "hub", "--network", name)
    assert status == 2
    assert "host name" in said
    assert not (tmp_path / "hub").exists()


def test_admit_gives_an_admission_that_a_node_can_verify(hub: Command, directory: Path, enrolment: Path) -> None:
    target = directory / "admission.json"
    status, _, said = hub("admit", directory, enrolment, "-o", target)
    assert status == 0
    assert "ke-nctc is admitted" in said
    admission = open_admission(target.read_bytes())
    assert admission.organization == "ke-nctc"
    assert admission.hub_key == load_keys(directory).signing.public
    assert admission.previous == writer_of(directory).state.registry.members["ke-nctc"].admitted_by


def test_admit_prints_the_admission_where_no_file_is_named(hub: Command, directory: Path, enrolment: Path) -> None:
    status, out, _ = hub("admit", directory, enrolment)
    assert status == 0
    assert open_admission(out).organization == "ke-nctc"


@pytest.mark.parametrize(
    ("change", "words"),
    [({"name": "Another"}, "changed after"), ({"organization": "X!"}, "changed after"), ({"x": 1}, "exactly")],
)  # fmt: skip
def test_admit_refuses_an_enrolment_that_was_changed(
    hub: Command, directory: Path, enrolment: Path, change: dict[str, Any], words: str
) -> None:
    enrolment.write_bytes(orjson.dumps({**orjson.loads(enrolment.read_bytes()), **change}))
    status, _, said = hub("admit", directory, enrolment)
    assert status == 1
    assert words in said


def test_admit_refuses_an_organization_id_that_cannot_be_one(hub: Command, directory: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(make_enrolment({**enrolled("x"), "organization": "X!"}, key_of("x")))
    status, _, said = hub("admit", directory, path)
    assert status == 1
    assert "/organization" in said


def test_the_standing_of_an_organization_is_changed_by_commands(hub: Command, directory: Path, enrolment: Path) -> None:
    hub("admit", directory, enrolment)
    for command, word in (("suspend", "suspended"), ("reinstate", "reinstated"), ("retire", "retired")):
        status, _, said = hub(command, directory, "ke-nctc", "--reason", "A reason.")
        assert status == 0, said
        assert word in said
    status, _, said = hub("reinstate", directory, "ke-nctc", "--reason", "A reason.")
    assert status == 1
    assert "ke-nctc is retired" in said


@pytest.mark.parametrize(
    "words",
    [("suspend", "fr-office", "--reason", "A reason."), ("suspend", "X!", "--reason", "A reason."),
     ("suspend", "hub", "--reason", ""), ("quarantine", "retry", "7"), ("quarantine", "show", "7")],
)  # fmt: skip
def test_what_cannot_be_done_ends_with_status_1_and_a_sentence(
    hub: Command, directory: Path, words: tuple[str, ...]
) -> None:
    place = 2 if words[0] == "quarantine" else 1
    status, out, said = hub(*words[:place], directory, *words[place:])
    assert (status, out) == (1, b"")
    assert said.startswith("Error: ")


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999"])
@pytest.mark.parametrize("act", ["show", "retry"])
def test_a_number_that_no_message_can_have_is_wrong_use(hub: Command, directory: Path, act: str, number: str) -> None:
    status, out, said = hub("quarantine", act, directory, "--", number)
    assert (status, out) == (2, b"")
    assert "Invalid value for 'number'" in said


@pytest.mark.parametrize(
    ("database", "words"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/none", "the database did not take it"),
        ("mysql://localhost/none", "no URL such as sqlite:///file or postgresql://host/name"),
        ("foo", "no URL such as sqlite:///file or postgresql://host/name"),
    ],
)
def test_an_init_that_fails_leaves_nothing_and_can_be_done_again(
    hub: Command, tmp_path: Path, database: str, words: str
) -> None:
    directory = tmp_path / "begun"
    status, out, said = hub("init", directory, "--network", NETWORK, "--database", database)
    assert (status, out) == (1, b"")
    assert words in said
    assert "secret" not in said
    assert list(directory.iterdir()) == []
    assert hub("init", directory, "--network", NETWORK)[0] == 0


def test_a_word_that_is_no_text_is_told_in_a_sentence(hub: Command, directory: Path) -> None:
    status, out, said = hub("token", directory, "member", "a\udcff")
    assert (status, out) == (1, b"")
    assert "UTF-8" in said


def test_a_directory_without_a_hub_is_told_what_to_do(hub: Command, tmp_path: Path) -> None:
    status, _, said = hub("nodes", tmp_path)
    assert status == 1
    assert "liaison-hub init" in said


def test_nodes_are_listed_for_people_and_for_programs(hub: Command, directory: Path, enrolment: Path) -> None:
    hub("admit", directory, enrolment)
    status, out, _ = hub("nodes", directory)
    assert status == 0
    assert b"ke-nctc" in out
    status, out, _ = hub("nodes", directory, "--json")
    assert status == 0
    assert "ke-nctc" in {node["org"] for node in orjson.loads(out)}


def test_quarantine_is_listed_shown_and_tried_again(hub: Command, directory: Path) -> None:
    author = Organization("ke-nctc", bytes(32), key_of("ke-nctc"))
    message = message_of(author.say())
    commit(writer_of(directory), message)
    status, out, _ = hub("quarantine", "list", directory)
    assert status == 0
    assert b"unknown-organization" in out
    assert orjson.loads(hub("quarantine", "list", directory, "--json")[1])[0]["number"] == 1
    status, out, _ = hub("quarantine", "show", directory, "1")
    shown = orjson.loads(out)
    assert hub("quarantine", "show", directory, "1", "--json")[1] == out
    assert (shown["token"], shown["body"]) == (message.token.decode(), (message.body or b"").decode())
    status, _, said = hub("quarantine", "retry", directory, "1")
    assert status == 1
    assert "refused again: unknown-organization" in said


def test_what_was_refused_never_commands_the_terminal(hub: Command, directory: Path) -> None:
    author = Organization("ke-nctc", bytes(32), key_of("ke-nctc"))
    commit(writer_of(directory), message_of(author.say())._replace(token=b"\x1b[2J\xc2\x9bm"))
    shown = hub("quarantine", "list", directory)[1], hub("quarantine", "show", directory, "1")[1]
    assert not any(harm in text for harm in (b"\x1b", b"\xc2\x9b") for text in shown)
    assert orjson.loads(shown[1])["token"] == "\x1b[2J\x9bm"


def test_rebuild_is_refused_while_a_hub_is_running(hub: Command, directory: Path) -> None:
    with sole_owner(directory):
        status, _, said = hub("rebuild", directory)
    assert status == 1
    assert "stop it first" in said
    assert hub("rebuild", directory)[0] == 0


def test_a_token_is_shown_once_and_only_its_hash_is_kept(hub: Command, directory: Path) -> None:
    status, out, _ = hub("token", directory, "member", "Reader")
    token = out.strip()
    assert status == 0
    assert len(token) > 40
    assert all(token not in path.read_bytes() for path in directory.rglob("*") if path.is_file())
    assert hub("token", directory, "king", "Reader")[0] == 2


def test_a_key_that_others_may_read_stops_the_command(hub: Command, directory: Path, enrolment: Path) -> None:
    (directory / "keys" / "signing.pem").chmod(0o644)
    status, _, said = hub("admit", directory, enrolment)
    assert status == 1
    assert "chmod 600" in said


@pytest.mark.parametrize("words", [(), ("nodes",), ("admit",), ("quarantine",), ("init",), ("serve",), ("rebuild",)])
def test_every_command_has_help(hub: Command, words: tuple[str, ...]) -> None:
    status, out, _ = hub(*words, "--help")
    assert status == 0
    assert b"Usage" in out


@pytest.mark.parametrize("damage", [b"", b"no database at all " * 1000], ids=["emptied", "overwritten"])
@pytest.mark.parametrize("words", [("serve",), ("nodes",), ("quarantine", "list"), ("rebuild",)], ids=" ".join)
def test_a_damaged_database_is_told_in_a_sentence(
    hub: Command, directory: Path, damage: bytes, words: tuple[str, ...]
) -> None:
    for file in directory.glob("hub.sqlite*"):
        file.unlink()  # what this process has open of it stays apart
    (directory / "hub.sqlite").write_bytes(damage)
    status, _, said = hub(*words, directory)
    if damage:
        assert (status, "the database is damaged: file is not a database" in said) == (1, True)
        assert "restore a backup" in said
    else:
        assert (status, "the database holds no hub" in said) == (1, True)


def test_a_bus_that_keeps_nothing_is_told_in_a_sentence(
    hub: Command, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port("127.0.0.1")
    bus = subprocess.Popen([binary(), "-a", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL)
    monkeypatch.setenv("LIAISON_HUB_BUS", f"nats://127.0.0.1:{port}")
    monkeypatch.setenv("LIAISON_HUB_WORKERS", "1")
    try:
        status, _, said = hub("serve", directory)
    finally:
        bus.kill()
        bus.wait()
    assert (status, "See that JetStream is switched on" in said) == (1, True)


def test_a_database_that_newer_software_has_changed_is_told_in_a_sentence(hub: Command, directory: Path) -> None:
    with closing(sqlite3.connect(directory / "hub.sqlite")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    status, _, said = hub("nodes", directory)
    assert (status, "newer software has changed the database" in said) == (1, True)


def test_at_its_start_the_hub_warns_of_a_misspelled_variable(
    hub: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + "PROXYS", "10.0.0.1")
    said = hub("serve", tmp_path / "nothing")[2]
    assert f"{PREFIX}PROXYS is not known, and passed over; the nearest that is known is {PREFIX}PROXIES." in said
