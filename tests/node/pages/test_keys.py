"""The page Keys: which speak, and a rotation by an administrator."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.node import Node
from node.pages.desk import Role
from tests.node.nodes import joined_node, make_node
from tests.node.pages.asked import Reader, words_of


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


def test_it_tells_the_keys_by_thumbprint_and_how_lost_ones_are_replaced(node: Node) -> None:
    words = Reader(node, Role.ADMINISTRATOR).words("/en/keys")
    in_use = node.reading.in_use()
    assert f"Signs now {node.keys.current(in_use).public.thumbprint}" in words
    assert f"Comes next {node.keys.following(in_use).public.thumbprint}" in words
    assert "liaison-node keys replace" in words
    assert "PRIVATE" not in words


def test_an_administrator_rotates_after_one_more_look(node: Node) -> None:
    reader, following = Reader(node, Role.ADMINISTRATOR), node.keys.following(node.reading.in_use()).public.thumbprint
    assert following in reader.words("/en/keys/rotate")
    page = reader.send("/en/keys/rotate")
    assert reader.status == 200
    assert "Done: the next key speaks" in words_of(page)
    assert f"Signs now {following}" in words_of(page)
    assert node.acts.listed(act="key.rotated")[0].who == "Amina Warsame"
    assert "statement 2 of this organization, not logged yet" in words_of(page)
    assert page.get_element_by_id("speaking").get("data-look-again")
    page = reader.send("/en/keys/rotate")
    assert reader.status == 422
    assert "not logged yet" in page.text_content()


def test_a_next_key_that_is_kept_elsewhere_is_asked_for_in_words(node: Node) -> None:
    (node.settings.directory / "keys" / "next.pem").unlink()
    reader = Reader(node, Role.ADMINISTRATOR)
    page = reader.send("/en/keys/rotate")
    assert reader.status == 422
    assert "put the key back" in page.text_content()


def test_others_do_not_see_or_rotate_keys(node: Node) -> None:
    reader = Reader(node, Role.OFFICER, Role.REVIEWER)
    for address in ("/en/keys", "/en/keys/rotate"):
        reader.read(address)
        assert reader.status == 403
    reader.send("/en/keys/rotate")
    assert (reader.status, node.outbox.head()[0]) == (403, 1)


def test_before_the_join_there_is_nothing_to_rotate(tmp_path: Path) -> None:
    node = make_node(tmp_path / "new")
    page = Reader(node, Role.ADMINISTRATOR).read("/en/keys")
    assert "nothing to rotate yet" in words_of(page)
    assert not page.xpath("//a[contains(@href, 'rotate')]")
    node.engine.dispose()
