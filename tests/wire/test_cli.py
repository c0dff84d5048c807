"""Tests of wire/cli.py: the command liaison as it is installed, against a hub that serves."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from deploy.demo.service import wait_for
from hub.access import create_token
from hub.schema import MIGRATIONS
from schemas.json_schema import schema_for
from tests.hub.published import Published, small_network, sqlite_engine
from tests.hub.serving import Served, served
from tests.in_process import run_here
from tests.migrated import migrated_engine
from tests.signed_network import NEVER_DUE, contact, need
from tests.wire.lying_hub import event, lying, reset, streaming
from wire.cli import main

__all__ = ["small_network", "sqlite_engine"]
READERS = need("Readers", review_due=NEVER_DUE)
LIAISON = Path(sys.executable).parent / "liaison"


@pytest.fixture
def hub(small_network: Published) -> Iterator[Served]:
    small_network.publish("need", READERS, id="n1")
    small_network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    with served(small_network) as server:
        yield server


def run(*arguments: str, token: str = "") -> subprocess.CompletedProcess[str]:
    return run_here(main, LIAISON, *arguments, env={"LIAISON_TOKEN": token})


def installed(*arguments: str, token: str = "") -> subprocess.CompletedProcess[str]:
    """The command as it is installed, in a process of its own."""
    return subprocess.run(
        [LIAISON, *arguments], env=os.environ | {"LIAISON_TOKEN": token}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


class Watch:
    """A running `liaison watch`."""

    def __init__(self, *arguments: str) -> None:
        command = [LIAISON, "watch", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def lines(self, count: int) -> list[str]:
        assert self.process.stdout is not None
        return [self.process.stdout.readline().rstrip("\n") for _ in range(count)]

    def end(self, how: int = signal.SIGINT) -> tuple[int, str]:
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


def test_get_prints_a_record(hub: Served) -> None:
    shown = installed("get", hub.address, "need/xa-centre/n1")
    assert shown.returncode == 0, shown.stderr
    assert "need/xa-centre/n1  Readers" in shown.stdout
    assert "current, confirmed, TLP:CLEAR" in shown.stdout
    data = orjson.loads(run("get", hub.address, "need/xa-centre/n1", "--json").stdout)
    assert data["record"] == READERS


def test_get_says_what_is_wrong_and_ends_with_the_right_status(hub: Served) -> None:
    cases = [
        (("get", hub.address, "need/xa-centre/n9"), 1, "There is no record need/xa-centre/n9"),
        (("get", hub.address, "nead/xa-centre"), 2, "is no address of a record"),
        (("get", "hub.example", "need/xa-centre/n1"), 2, "is not the address of a hub"),
        (("get", "http://127.0.0.1:1", "need/xa-centre/n1"), 1, "does not answer"),
        (("watch", hub.address, "--kind", "nead"), 1, "perhaps need was meant"),
        (("watch", hub.address, "--after", "99"), 1, "does not go on from there. Index 99 is beyond"),
        (("watch", hub.address, "--after", "1", "--snapshot"), 2, "give one of them"),
        (("watch", hub.address, "--after", "-7"), 2, "--after"),
        (("compare", hub.address, "http://127.0.0.1:1"), 1, "does not answer"),
        (("compare", hub.address, "hub.example"), 2, "is not the address of a hub"),
        (("schema", "nead"), 2, "Perhaps need was meant"),
        (("get", hub.address, "need/xa-centre/n1", "--token-file", "/nowhere"), 2, "cannot be read"),
        (("get", "http://a..b", "need/xa-centre/n1"), 2, "names no host"),
        (("get", hub.address, "need/xa-centre/\udcff"), 2, "no text in UTF-8"),
        (("watch", hub.address, "--after", str(2**63)), 2, "--after"),
        (("watch", "http://127.0.0.1:1", "--cursor", "/nowhere/place.json"), 2, "/nowhere/place.json: No such file"),
    ]
    for arguments, status, said in cases:
        ended = run(*arguments)
        assert (ended.returncode, ended.stdout) == (status, ""), arguments
        assert said in ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_misspelled_variable_of_the_token_is_told_and_what_it_holds_is_not(hub: Served) -> None:
    wrong = {"LIAISON_" + "TOKN": "very-secret", "LIAISON_" + "OTHER": "", "LIAISON_TOKEN": ""}
    ended = run_here(main, LIAISON, "get", hub.address, "contact/xa-centre/c1", env=wrong)
    assert f"{'LIAISON_'}TOKN is not known" in ended.stderr
    assert "OTHER" not in ended.stderr
    assert "very-secret" not in ended.stderr


def test_a_token_comes_from_the_environment_or_a_file(hub: Served, small_network: Published, tmp_path: Path) -> None:
    token = create_token(small_network.engine, "member", "reader")
    address = "contact/xa-centre/c1"
    assert run("get", hub.address, address).returncode == 1
    assert run("get", hub.address, address, token=token).returncode == 0
    (tmp_path / "token").write_text(token + "\n")
    assert run("get", hub.address, address, "--token-file", str(tmp_path / "token")).returncode == 0
    refused = run("get", hub.address, address, token="wrong-one")
    assert refused.returncode == 1
    assert "wrong-one" not in refused.stderr
    assert installed("get", hub.address, address, token=token).returncode == 0


@pytest.mark.parametrize("content", ["", " \n", "clé-secret", "two\nlines-secret", "\x1b-secret"])
def test_a_token_file_without_a_token_is_wrong_use_and_its_content_is_never_told(
    hub: Served, tmp_path: Path, content: str
) -> None:
    (tmp_path / "token").write_text(content, encoding="utf-8")
    for words in (("get", hub.address, "need/xa-centre/n1"), ("watch", hub.address)):
        ended = run(*words, "--token-file", str(tmp_path / "token"))
        assert (ended.returncode, ended.stdout, "secret" in ended.stderr) == (2, "", False)
        assert f"The token file {tmp_path / 'token'} " in ended.stderr
    if content.strip():
        ended = run("get", hub.address, "need/xa-centre/n1", token=content)
        assert (ended.returncode, "secret" in ended.stderr, "LIAISON_TOKEN" in ended.stderr) == (2, False, True)


@pytest.mark.parametrize("record", [{}, [], {"status": 5}])
def test_what_is_no_record_is_not_a_hub_s(record: object) -> None:
    with lying(record) as address:
        ended = run("get", address, "need/xa-centre/n1")
    assert (ended.returncode, "is this the address of a hub?" in ended.stderr) == (1, True)


def test_a_record_is_shown_as_far_as_it_is_told() -> None:
    """A regional hub shows of a record whose body it does not hold that there is one."""
    with lying({"status": "elsewhere", "marking": "TLP:CLEAR", "published": "then", "org": "o", "index": 4}) as address:
        shown = run("get", address, "need/xa-centre/n1").stdout
    assert "status    elsewhere, TLP:CLEAR\npublished then by o, entry 4 of the log\n" in shown
    with lying({"status": "current", "record": 5, "excluded": 5}) as address:
        assert run("get", address, "need/xa-centre/n1").returncode == 0


@pytest.mark.parametrize("words", [("get", "need/xa-centre/n1"), ("watch",), ("watch", "--json")], ids=" ".join)
def test_output_that_cannot_be_written_is_told(words: tuple[str, ...]) -> None:
    answer = lying({"status": "current"}) if words[0] == "get" else streaming(event(), reset())
    with answer as address, Path("/dev/full").open("w") as full:
        command = [LIAISON, words[0], address, *words[1:]]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (
        1, "Error: standard output: No space left on device; free some, and run the command again\n"
    )  # fmt: skip


def test_a_second_reader_of_one_cursor_file_is_told(tmp_path: Path) -> None:
    cursor = tmp_path / "place.json"

    def kept() -> bytes:
        return cursor.read_bytes() if cursor.exists() else b""

    def stream() -> Iterator[bytes]:
        yield event(3)
        # Or it would come between this reader's look at the file and its change.
        assert wait_for(lambda: b'"after":3' in kept(), 60)
        cursor.write_text("of another reader")
        yield event(4) + reset()

    with lying(stream, content_type="text/event-stream") as address:
        ended = run("watch", address, "--cursor", str(cursor))
    assert (ended.returncode, cursor.read_text()) == (2, "of another reader")
    assert ended.stderr.endswith("was changed by another reader meanwhile; give each reader a file of its own\n")


def test_watch_prints_what_happens_and_ends_quietly(hub: Served, small_network: Published) -> None:
    watch = Watch(hub.address, "--after", "-1")
    seen = watch.lines(3)
    small_network.publish("need", need("Later"), id="n2")
    [last] = watch.lines(1)
    assert [line.split()[0] for line in seen] == ["0", "1", "2"]
    assert "need.published" in seen[2]
    assert seen[2].endswith("xa-centre/n1  Readers")
    assert last.endswith("xa-centre/n2  Later")
    status, errors = watch.end()
    assert (status, errors) == (0, "")


def test_watch_begins_with_what_stands_now_and_says_when_that_is_all(hub: Served, small_network: Published) -> None:
    small_network.publish("need", need("Said anew"), id="n1", action="revised")
    watch = Watch(hub.address, "--snapshot")
    [line] = watch.lines(1)
    assert line.endswith("Said anew")
    small_network.publish("need", need("Later"), id="n2")
    assert watch.lines(1)[0].endswith("Later")
    status, errors = watch.end()
    assert status == 0
    assert "from here on comes what is new" in errors


def test_watch_filters_and_prints_cloudevents(hub: Served, small_network: Published) -> None:
    watch = Watch(hub.address, "--after", "-1", "--kind", "need", "--place", "KEN", "--theme", "2.10", "--json")
    [line] = watch.lines(1)
    event = orjson.loads(line)
    assert (event["index"], event["type"], event["specversion"]) == (2, "liaison.need.published", "1.0")
    assert event["data"]["record"] == READERS
    watch.end()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_watch_goes_on_where_it_stopped_even_when_killed(
    hub: Served, small_network: Published, tmp_path: Path, how: int
) -> None:
    cursor = tmp_path / "place.json"
    arguments = (hub.address, "--after", "-1", "--cursor", str(cursor), "--json")
    first = Watch(*arguments)
    seen = [orjson.loads(line)["index"] for line in first.lines(3)]
    small_network.publish("need", need("Last of the first run"), id="n2")
    seen += [orjson.loads(line)["index"] for line in first.lines(1)]
    first.end(how)
    for number in range(3, 6):
        small_network.publish("need", need(f"Meanwhile {number}"), id=f"n{number}")
    second = Watch(*arguments)
    again = [orjson.loads(line)["index"] for line in second.lines(3)]
    second.end()
    # Killed between printing and keeping, it prints that one event again: at least once, never less.
    assert seen + [index for index in again if index > seen[-1]] == sorted({*seen, *again})
    assert again[0] in {5, seen[-1]}


def test_watch_mends_a_broken_connection(hub: Served, small_network: Published) -> None:
    watch = Watch(hub.address, "--after", "1")
    [line] = watch.lines(1)  # it is connected
    assert line.endswith("Readers")
    hub.stop()
    small_network.publish("need", need("While the hub was away"), id="n2")
    hub.start()
    [line] = watch.lines(1)
    assert line.endswith("While the hub was away")
    status, errors = watch.end()
    assert status == 0
    assert "Traceback" not in errors


CLEARED = "\x1b[2J\x1b[H\x9bm all holds\n\x07"


def test_a_hub_s_words_never_command_the_terminal() -> None:
    record = {
        "record": {"title": {"en": CLEARED}}, "status": CLEARED, "freshness": CLEARED, "marking": CLEARED,
        "published": CLEARED, "org": CLEARED, "index": 1, "reason": CLEARED,
    }  # fmt: skip
    with lying({"type": "x", "detail": CLEARED}, 400) as address:
        shown = [run("get", address, "need/xa-centre/n1")]
    with lying(record) as address:
        shown += [run("get", address, "need/xa-centre/n1"), run("get", address, "need/xa-centre/n1", "--json")]
    with streaming(event(time=CLEARED, subject=f"need/o/{CLEARED}", type=CLEARED), reset(CLEARED)) as address:
        shown += [run("watch", address), run("watch", address, "--json")]
    for each in shown:
        text = each.stdout + each.stderr
        assert "all holds" in text
        assert not {"\x1b", "\x9b", "\x07"} & set(text), text
    assert orjson.loads(shown[2].stdout)["status"] == orjson.loads(shown[4].stdout)["time"] == CLEARED
    assert len(shown[3].stdout.splitlines()) == 1


def test_compare_ends_with_0_for_equal_views_and_with_1_for_others(hub: Served, small_network: Published) -> None:
    with served(small_network) as same:
        equal = run("compare", hub.address, same.address)
        assert (equal.returncode, equal.stderr) == (0, "")
        assert equal.stdout.splitlines()[-1] == "equal: both show the same"
        twice = run("compare", hub.address, hub.address + "/")
        assert (twice.returncode, twice.stdout) == (2, "")
        assert "is named twice" in twice.stderr


def test_compare_lists_every_record_that_differs(hub: Served, tmp_path: Path) -> None:
    engine = migrated_engine(tmp_path / "other.db", MIGRATIONS)
    other = Published(engine)
    other.publish("need", need("Another"), id="n1")
    other.publish("need", need("More"), id="n2")
    with served(other) as there:
        shown = run("compare", hub.address, there.address, "--json")
        told = run("compare", hub.address, there.address)
    assert (shown.returncode, told.returncode) == (1, 1)
    found = orjson.loads(shown.stdout)
    addresses = {each["address"]: [statement is None for statement in each["statements"]] for each in found["records"]}
    assert addresses == {
        "contact/xa-centre/c1": [False, True], "need/xa-centre/n1": [False, False], "need/xa-centre/n2": [True, False],
    }  # fmt: skip
    assert (found["equal"], found["same_log"], found["complete"]) == (False, False, True)
    assert [each["hub"] for each in found["hubs"]] == [hub.address, there.address]
    assert all(address in told.stdout for address in addresses)
    engine.dispose()


def test_schema_prints_the_form_of_a_kind() -> None:
    assert orjson.loads(run("schema", "need").stdout) == schema_for("need")


def test_every_command_explains_itself_with_an_example() -> None:
    for command in ("get", "watch", "compare", "schema"):
        shown = run(command, "--help")
        assert shown.returncode == 0
        assert f"Example: liaison {command}" in shown.stdout
