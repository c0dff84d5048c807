"""The command doctor: its lines, its data, and an exit status that says the worst."""

from pathlib import Path

import orjson

from tests.hub.commands import Command


def test_the_exit_status_says_the_worst(hub: Command, directory: Path) -> None:
    status, out, _ = hub("doctor", directory)
    assert status == 3  # it is stopped, and there is no backup
    assert "WARNING      The hub runs:" in out.decode()
    assert "what to do: Start it: liaison-hub serve" in out.decode()
    (directory / "keys" / "log.pem").unlink()
    status, out, _ = hub("doctor", directory, "--json")
    assert status == 1
    form = orjson.loads(out)
    assert form["worst"] == "fail"
    assert [each["name"] for each in form["checks"] if each["result"] == "fail"] == ["keys", "log", "registered"][:1]
