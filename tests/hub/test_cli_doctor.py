"""The command doctor: its lines, its data, and an exit status."""

from pathlib import Path

import orjson

from hub.settings import SETTINGS_FILE
from tests.hub.commands import Command
from tests.refusing_bus import refusing_bus


def test_it_shows_no_line_of_the_log(hub: Command, directory: Path) -> None:
    with refusing_bus() as url:
        (directory / SETTINGS_FILE).write_text(f'bus = "{url}"\n')
        status, out, said = hub("doctor", directory)
    assert (status, said) == (1, "")
    assert "The bus does not accept the hub's key." in out.decode()


def test_it_says_what_it_found_and_fails_only_where_something_does_not_work(hub: Command, directory: Path) -> None:
    status, out, _ = hub("doctor", directory)
    assert status == 0  # it is stopped, and there is no backup: to be looked after, but nothing that fails
    assert "WARNING      The hub runs:" in out.decode()
    assert "what to do: Start it: liaison-hub serve" in out.decode()
    (directory / "keys" / "log.pem").unlink()
    status, out, _ = hub("doctor", directory, "--json")
    assert status == 1
    form = orjson.loads(out)
    assert form["worst"] == "fail"
    assert [each["name"] for each in form["checks"] if each["result"] == "fail"] == ["keys", "log", "registered"][:1]
