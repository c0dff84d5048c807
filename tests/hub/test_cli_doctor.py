"""The command doctor: its lines, its data, and an exit status."""

from pathlib import Path

import orjson

from tests.hub.commands import Command


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
