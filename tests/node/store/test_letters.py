"""Tests of letters as pages ask for them: the newest first, one, its versions, and the needs that stand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.node import Node
from node.store.letters import MAX_COUNTED, Address
from tests.node.nodes import make_node
from tests.node.test_cli_readers import letter


@pytest.fixture(params=["sqlite", "postgresql"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    url = request.getfixturevalue("node_postgres_url") if request.param == "postgresql" else ""
    node = make_node(tmp_path / "node", url)
    for index in (5, 7):
        node.letters.keep(letter(index, id="n1"))
    node.letters.keep(letter(9, kind="contact"))
    node.letters.keep(letter(11, action="withdrawn"))
    node.letters.keep(letter(13, reason="schema-invalid"))
    yield node
    node.engine.dispose()


def test_the_newest_come_first_and_older_versions_if_they_are_asked_for(node: Node) -> None:
    assert [each.index for each in node.letters.newest()] == [13, 11, 9, 7]
    assert [each.index for each in node.letters.newest(older=True)] == [13, 11, 9, 7, 5]
    assert [each.index for each in node.letters.newest(before=11, limit=1)] == [9]


def test_a_letter_is_found_by_its_index_and_its_versions_by_its_record(node: Node) -> None:
    found = node.letters.one(5)
    assert found is not None
    assert (found.id, found.superseded) == ("n1", 7)
    assert node.letters.one(6) is None
    assert [each.index for each in node.letters.versions(Address("ke-nctc", "need", "n1"))] == [7, 5]


def test_only_needs_that_stand_are_needs(node: Node) -> None:
    assert [each.index for each in node.letters.needs()] == [7]


def test_who_opened_a_letter_first_stays_and_a_new_version_is_unread(node: Node) -> None:
    letters, noted = node.letters, list[str]()
    assert letters.unread() == 4  # the superseded one does not stand
    for by in ("Amina", "Bao"):
        first = letters.opened(7, by, f"2026-11-26T10:00:0{len(noted)}.000Z", lambda _, by=by: noted.append(by))
        assert first == (by == "Amina")
    found = letters.one(7)
    assert found is not None
    assert (found.read_by, found.read_at, noted) == ("Amina", "2026-11-26T10:00:00.000Z", ["Amina"])
    assert [each.index for each in letters.newest(unread=True)] == [13, 11, 9]
    assert [each.index for each in letters.all(unread=True, after=9, limit=1)] == [11]
    letters.keep(letter(17, id="n1"))
    assert (letters.unread(), [each.index for each in letters.newest(unread=True, limit=1)]) == (4, [17])


def test_a_letter_is_marked_unread_once(node: Node) -> None:
    noted: list[int] = []
    node.letters.opened(9, "Amina", "2026-11-26T10:00:00.000Z")
    for _ in range(2):
        node.letters.mark_unread(9, lambda _: noted.append(9))
    assert (node.letters.unread(), noted) == (4, [9])


def test_what_was_read_in_a_lost_log_is_read_in_the_next_one(node: Node) -> None:
    node.letters.keep(letter(-5, id="n5", statement=b"5" * 32))
    node.letters.opened(-5, "Amina", "2026-11-26T10:00:00.000Z")
    node.letters.keep(letter(15, id="n5", statement=b"5" * 32))
    found = node.letters.one(15)
    assert found is not None
    assert (found.read_by, node.letters.one(-5)) == ("Amina", None)


def test_unread_letters_are_counted_no_further_than_is_shown(node: Node) -> None:
    for index in range(100, 100 + MAX_COUNTED):
        node.letters.keep(letter(index))
    assert node.letters.unread() == MAX_COUNTED + 1
