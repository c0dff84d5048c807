"""The command liaison-node as a person uses it: what it says, where it says it, and how it ends."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from node.alarms import Finding, Name
from node.cli import main
from node.keyring import load_keys
from node.lock import sole_server
from node.node import build
from node.settings import PREFIX
from node.store.access import Holder
from tests.in_process import run_here
from tests.node.nodes import ORG, HubEnd, contact
from wire.key_sets import ENROLMENT_FILE

COMMAND = Path(sys.executable).parent / "liaison-node"


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    return run_here(main, COMMAND, *arguments, stdin=stdin)


def installed(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """The command as it is installed, in a process of its own."""
    found = subprocess.run([COMMAND, *map(str, arguments)], input=stdin, capture_output=True, timeout=60, check=False)
    return subprocess.CompletedProcess(found.args, found.returncode, found.stdout.decode(), found.stderr.decode())


def done(*arguments: object, stdin: bytes = b"") -> str:
    found = run(*arguments, stdin=stdin)
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    done("init", tmp_path / "node", "--org", ORG, "--name", "Centre of Xandia", "--org-type", "10")
    return tmp_path / "node"


@pytest.fixture
def joined(directory: Path, tmp_path: Path) -> Path:
    admission = tmp_path / "admission.json"
    admission.write_bytes(HubEnd().admit((directory / ENROLMENT_FILE).read_bytes()))
    done("join", directory, admission)
    return directory


def in_a_sentence(found: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    """Nothing on standard output, the words on standard error, no traceback."""
    assert found.returncode == status, (found.stdout, found.stderr)
    assert found.stdout == ""
    assert "Traceback" not in found.stderr
    for word in words:
        assert word in found.stderr


def test_init_writes_keys_for_its_owner_only_and_an_enrolment_of_public_parts(directory: Path) -> None:
    secrets = [*(directory / "keys").iterdir(), *(directory / name for name in ("secret", "node.toml", "node.sqlite"))]
    assert {path.name for path in secrets} == {
        "signing.pem", "next.pem", "witness.pem", "encryption.pem", "bus.nk", "secret", "node.toml", "node.sqlite",
    }  # fmt: skip
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}
    enrolment = (directory / ENROLMENT_FILE).read_text()
    assert "PRIVATE" not in enrolment
    assert load_keys(directory).bus_seed.decode() not in enrolment


def test_the_installed_command_speaks_and_ends_as_in_this_process(tmp_path: Path) -> None:
    place = tmp_path / "node"
    begun = installed("init", place, "--org", ORG, "--name", "Centre of Xandia")
    assert (begun.returncode, begun.stdout) == (0, ""), begun.stderr
    lines = orjson.dumps([contact("a"), contact("b")])
    assert done("put", place, "-", stdin=lines) == "contact/a\twaiting\ncontact/b\twaiting\n"
    for words in (["put", place, "-"], ["list", place, "--json"], ["list", place, "shoe"], ["status", tmp_path]):
        here, there = run(*words, stdin=lines), installed(*words, stdin=lines)
        assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)


def test_init_refuses_a_second_time_and_keeps_what_is_there(directory: Path) -> None:
    before = (directory / "keys" / "signing.pem").read_bytes()
    in_a_sentence(run("init", directory, "--org", ORG, "--name", "x"), 1, "holds a node already")
    assert (directory / "keys" / "signing.pem").read_bytes() == before


@pytest.mark.parametrize("org", ["KE", "ke_nctc", "a", "x" * 41])
def test_init_refuses_an_id_that_cannot_be_one(tmp_path: Path, org: str) -> None:
    in_a_sentence(run("init", tmp_path / "n", "--org", org, "--name", "x"), 2, "3 to 40")
    assert not (tmp_path / "n").exists()


@pytest.mark.parametrize("org", ["hub", "registry"])
def test_init_refuses_an_id_that_every_network_has_already(tmp_path: Path, org: str) -> None:
    in_a_sentence(run("init", tmp_path / "n", "--org", org, "--name", "x"), 2, f"{org} is a name that every network")
    assert not (tmp_path / "n").exists()


def test_an_init_that_fails_leaves_nothing_and_can_be_done_again(tmp_path: Path) -> None:
    directory = tmp_path / "node"
    directory.mkdir()
    (directory / "notes.txt").write_text("kept")
    words = ("init", directory, "--org", ORG, "--name", "Centre of Xandia")
    unreachable = "postgresql://nobody:secret@127.0.0.1:1/none"
    found = run(*words, "--database", unreachable)
    in_a_sentence(found, 1, "the database cannot be opened")
    assert "secret" not in found.stderr
    assert [path.name for path in directory.iterdir()] == ["notes.txt"]
    done(*words)
    done("status", directory)


def test_join_tells_the_hash_of_trust_json_to_compare_before_anything_is_sent(directory: Path, tmp_path: Path) -> None:
    admission = tmp_path / "admission.json"
    admission.write_bytes(HubEnd().admit((directory / ENROLMENT_FILE).read_bytes()))
    said = run("join", directory, admission).stderr
    assert sha256((directory / "trust.json").read_bytes()).hexdigest() in said


def test_a_full_disk_is_told_in_a_sentence_and_nothing_of_the_change_is_kept(joined: Path) -> None:
    many = orjson.dumps([contact(f"c{number}") for number in range(200)])
    size = sum(path.stat().st_size for path in joined.glob("node.sqlite*"))
    with_little_room = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    program = f"{with_little_room}; import sys; sys.argv[0] = 'liaison-node'; from node.cli import main; main()"
    found = subprocess.run(
        [sys.executable, "-c", program, "put", joined, "-"], input=many, capture_output=True, timeout=60, check=False
    )
    said = found.stderr.decode()
    assert (found.returncode, found.stdout) == (1, b""), said
    assert "Traceback" not in said
    assert "the database did not take it: " in said
    assert "make room if the disk is full" in said
    assert orjson.loads(done("list", joined, "contact", "--json")) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [(b"", "the database holds no node"), (b"no database at all " * 1000, "the database is damaged: file is not")],
    ids=["emptied", "overwritten"],
)
@pytest.mark.parametrize("command", ["list", "status", "serve"])
def test_a_damaged_database_is_told_in_a_sentence(joined: Path, damage: bytes, said: str, command: str) -> None:
    for file in joined.glob("node.sqlite*"):
        file.unlink()  # what this process has open of it stays apart
    (joined / "node.sqlite").write_bytes(damage)
    in_a_sentence(run(command, joined), 1, said, "restore a backup")


def test_init_refuses_an_unknown_type_of_organization_before_it_makes_anything(tmp_path: Path) -> None:
    found = run("init", tmp_path / "n", "--org", ORG, "--name", "x", "--org-type", "99")
    in_a_sentence(found, 1, "/org_type")
    assert not (tmp_path / "n").exists()


def test_join_refuses_what_is_not_this_nodes_admission(directory: Path, tmp_path: Path) -> None:
    done("init", tmp_path / "other", "--org", ORG, "--name", "Impostor")
    admission = tmp_path / "admission.json"
    admission.write_bytes(HubEnd().admit((tmp_path / "other" / ENROLMENT_FILE).read_bytes()))
    in_a_sentence(run("join", directory, admission), 1, "other keys than this node's")
    admission.write_bytes(b"{}")
    in_a_sentence(run("join", directory, admission), 1, "admission is incomplete")
    in_a_sentence(run("join", directory, tmp_path / "none.json"), 1, "No such file")


def test_put_tells_what_became_of_each_record(joined: Path) -> None:
    lines = b"\n".join(orjson.dumps(contact(f"c{n}", marking="TLP:RED" if n == 2 else "TLP:GREEN")) for n in range(3))
    assert done("put", joined, "-", stdin=lines).splitlines() == [
        "contact/c0\tpublished", "contact/c1\tpublished", "contact/c2\tlocal",
    ]  # fmt: skip
    again = run("put", joined, "-", stdin=lines)
    assert again.returncode == 0
    assert "nothing to publish" in again.stderr
    assert build(joined).reading.chain().sequence == 3


def test_put_reads_one_record_a_list_or_lines(joined: Path, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    for document in (contact("a"), [contact("b"), contact("c")]):
        file.write_bytes(orjson.dumps(document))
        done("put", joined, file)
    listed = orjson.loads(done("list", joined, "contact", "--json"))
    assert [each["id"] for each in listed] == ["a", "b", "c"]


def test_put_saves_nothing_when_one_record_is_wrong(joined: Path) -> None:
    found = run("put", joined, "-", stdin=orjson.dumps([contact("a"), {**contact("b"), "card_kind": "grup"}]))
    in_a_sentence(found, 1, "record 2", "/card_kind", "group", "nothing was saved")
    assert build(joined).reading.chain().sequence == 1


@pytest.mark.parametrize(
    ("stdin", "words"),
    [
        (b"", "is empty"), (b"{}", "/kind"), (b"[1]", "object"), (b"null", "object"),
        (b'{"kind":"contact"}\n{', "line 2"), (b"\xff\xfe", "is not JSON"),
    ],
)  # fmt: skip
def test_put_refuses_what_is_no_record(joined: Path, stdin: bytes, words: str) -> None:
    in_a_sentence(run("put", joined, "-", stdin=stdin), 1, words)


def test_withdraw_and_confirm(joined: Path) -> None:
    done("put", joined, "-", stdin=orjson.dumps(contact("a")))
    assert "confirmed" in done("confirm", joined, "contact", "a")
    assert "withdrawn" in done("withdraw", joined, "contact", "a", "--reason", "Closed.")
    in_a_sentence(run("confirm", joined, "contact", "a"), 1, "withdrawn already")
    in_a_sentence(run("withdraw", joined, "contact", "zz", "--reason", "x"), 1, "is not a record of this node")


def test_before_the_join_everything_can_be_prepared(directory: Path) -> None:
    assert done("put", directory, "-", stdin=orjson.dumps(contact("a"))) == "contact/a\twaiting\n"
    status = orjson.loads(done("status", directory, "--json"))
    assert (status["network"], status["waiting_for_join"], status["sealed"]) == (None, 2, 0)
    assert "not joined yet" in done("status", directory)


def test_status_says_that_the_bus_does_not_know_the_key_and_what_to_do(joined: Path) -> None:
    node = build(joined)
    node.outbox.note(bus="away", bus_reason="nats: 'Authorization Violation'", bus_since="2026-11-24T12:00:00.000Z")
    node.engine.dispose()
    with sole_server(joined):
        told = done("status", joined)
    assert "The bus does not accept this node's key. See that" in told
    assert "liaison-node join DIR ADMISSION.json" in told


def test_status_without_a_running_service_says_that_nothing_is_published(joined: Path) -> None:
    status: dict[str, Any] = orjson.loads(done("status", joined, "--json"))
    assert (status["served"], status["bus"]["state"], status["outbox"]["events"]) == (False, "off", 1)
    assert "nothing is published until" in done("status", joined)


def test_an_alarm_is_a_negative_finding(joined: Path) -> None:
    build(joined).outbox.sound_alarm("behind-hub", "restored from a backup")
    found = run("status", joined)
    assert found.returncode == 1
    assert "restored from a backup" in found.stdout
    in_a_sentence(run("put", joined, "-", stdin=orjson.dumps(contact("a"))), 1, "restored from a backup")


def test_what_a_witness_has_found_is_shown_and_a_negative_finding(joined: Path) -> None:
    node = build(joined)
    node.log.sound(Finding(Name.LATE, "a statement stands behind its place", 7, {}), "2026-11-24T12:00:00.000Z")
    assert "a statement stands behind its place" in done("status", joined)
    node.log.sound(Finding(Name.SPLIT_VIEW, "two histories", 9, {"note-1": "x"}), "2026-11-24T12:00:01.000Z")
    found = run("status", joined)
    assert found.returncode == 1
    assert "split-view: two histories" in found.stdout
    status = orjson.loads(run("status", joined, "--json").stdout)
    assert [(each["name"], each["stops"]) for each in status["alarms"]] == [("late", False), ("split-view", True)]
    assert status["log"]["stopped_by"] == "split-view"
    done("put", joined, "-", stdin=orjson.dumps(contact("a")))


def test_a_token_is_printed_once_and_opens_the_api(joined: Path) -> None:
    token = done("token", joined, "case system").strip()
    assert build(joined).access.holder(token) == Holder("case system")


@pytest.mark.parametrize(
    "words", [("--days", "3"), ("--role", "officer"), ("--list", "--remove"), ("--list", "--days", "3")], ids=" ".join
)
def test_what_is_for_other_tokens_is_refused_and_no_token_is_made(joined: Path, words: tuple[str, ...]) -> None:
    in_a_sentence(
        run("token", joined, "case system", *words), 2, "give one of them" if "--remove" in words else "--person"
    )
    assert build(joined).access.listed() == []


def test_put_reads_a_file_as_editors_of_windows_begin_it(joined: Path) -> None:
    done("put", joined, "-", stdin=b"\xef\xbb\xbf" + orjson.dumps(contact("a")))
    assert ("contact", "a") in build(joined).reading.current("contact")


@pytest.mark.parametrize("format_", ["csv", "json", "jsonl"])
def test_export_writes_what_was_put(joined: Path, tmp_path: Path, format_: str) -> None:
    done("put", joined, "-", stdin=orjson.dumps([contact("a"), contact("b")]))
    out = tmp_path / "out"
    done("export", joined, "contact", "--format", format_, "-o", out)
    assert out.read_bytes().decode("utf-8-sig") == done("export", joined, "contact", "--format", format_)
    assert "Duty office" in out.read_text()
    if format_ != "csv":
        done("put", joined, out)
        assert build(joined).reading.chain().sequence == 3, "what was exported is unchanged when it is put again"


@pytest.mark.parametrize(
    "arguments",
    [
        ["put", "DIR", "-"],
        ["status", "DIR"],
        ["list", "DIR"],
        ["serve", "DIR"],
        ["join", "DIR", "x"],
        ["token", "DIR", "x"],
    ],
)
def test_a_directory_without_a_node_is_told_what_to_do(tmp_path: Path, arguments: list[str]) -> None:
    in_a_sentence(run(*[str(tmp_path) if each == "DIR" else each for each in arguments]), 1, "liaison-node init")


def test_a_key_that_others_can_read_is_refused(joined: Path) -> None:
    (joined / "keys" / "signing.pem").chmod(0o644)
    in_a_sentence(run("put", joined, "-", stdin=orjson.dumps(contact("a"))), 1, "chmod 600")


def test_a_missing_key_is_named(joined: Path) -> None:
    (joined / "keys" / "bus.nk").unlink()
    in_a_sentence(run("status", joined), 1, "bus.nk", "backup")


@pytest.mark.parametrize(
    "arguments", [["list", "DIR", "shoe"], ["export", "DIR", "shoe", "--format", "csv"], ["frobnicate"]]
)
def test_wrong_use_has_exit_status_2(joined: Path, arguments: list[str]) -> None:
    found = run(*[str(joined) if each == "DIR" else each for each in arguments])
    assert (found.returncode, found.stdout) == (2, "")


def test_every_command_has_help_with_an_example() -> None:
    from node.cli import app

    for command in app.registered_commands:
        assert command.callback is not None
        assert "Example: liaison-node" in (command.callback.__doc__ or ""), command.callback.__name__
    assert "Example: liaison-node import DIR" in done("import", "--help")


def test_at_its_start_the_node_warns_of_a_misspelled_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "DATABSE", "postgresql://very-secret")
    said = run("serve", tmp_path / "nothing").stderr
    assert f"{PREFIX}DATABSE is not known, and passed over; the nearest that is known is {PREFIX}DATABASE." in said
    assert "very-secret" not in said
