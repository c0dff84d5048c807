"""What is told of the keys: thumbprints, the rotation's statement and its entry in the log."""

from pathlib import Path

from node.keys_told import keys_form
from node.rotating import rotate
from tests.node.logs import Watched


def test_a_rotation_is_told_with_its_entry_once_the_log_shows_it(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    before = keys_form(watched.node)
    assert (before["rotated_at"], before["index"], before["before"]) == (None, None, None)
    rotate(watched.node)
    form = keys_form(watched.node)
    assert (form["rotated_at"], form["index"], form["logged"]) == (2, None, False)
    watched.log.take_outbox(watched.node)
    watched.consider()
    assert keys_form(watched.node)["index"] == watched.log.size - 1
    watched.close()
