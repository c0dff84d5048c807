"""The commands that change records, as far as the trail is concerned: what was done, and what was refused and why."""

from pathlib import Path

import orjson
from typer.testing import CliRunner

from node.cli import app
from tests.node.nodes import contact, joined_node


def test_every_change_by_command_stands_in_the_trail(tmp_path: Path) -> None:
    node, record = joined_node(tmp_path / "node"), tmp_path / "contact.json"
    place = str(node.settings.directory)
    record.write_bytes(orjson.dumps(contact("c1")))
    for arguments in (
        ["put", place, str(record)],
        ["confirm", place, "contact", "c1"],
        ["withdraw", place, "contact", "c1", "--reason", "Closed."],
        ["confirm", place, "contact", "none"],
        ["erase", place, "contact", "c1", "--yes", "--reason", "Asked for."],
        ["keys", "rotate", place],
    ):
        CliRunner().invoke(app, arguments)
    found = [(each.act, each.subject, each.outcome) for each in reversed(node.acts.listed())]
    assert found == [
        ("records.put", str(record), "done"),
        ("record.confirmed", "contact/c1", "done"),
        ("record.withdrawn", "contact/c1", "done"),
        ("record.confirmed", "contact/none", "refused"),
        ("record.erased", "contact/c1", "done"),
        ("key.rotated", "", "done"),
    ]
    assert node.acts.listed(outcome="refused")[0].detail
