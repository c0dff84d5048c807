"""Tests of the page of people: accounts and tokens are made, changed and removed, secrets shown once, all noted."""

from pathlib import Path

import pytest

from node.node import Node
from node.pages.desk import Role
from node.store.access import Holder
from tests.node.nodes import joined_node
from tests.node.pages.asked import Reader, words_of


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node of this test's own."""
    return joined_node(tmp_path / "node")


@pytest.fixture
def administrator(node: Node) -> Reader:
    """Somebody who looks after the node."""
    return Reader(node, Role.ADMINISTRATOR)


def acts(node: Node) -> list[tuple[str, str, str]]:
    return [(each.who, each.act, each.subject) for each in reversed(node.acts.listed())]


def test_a_person_is_added_with_a_code_that_is_shown_once(node: Node, administrator: Reader) -> None:
    page = administrator.send("/people", person="Bruno B.", name="Bruno@exercise.example", role=["officer", "reviewer"])
    [code] = page.xpath("//code")
    assert node.people.log_ins._accounts.invited(node.engine.connect(), code.text_content(), node.people._now())
    listed = administrator.words("/people")
    assert "Bruno B. bruno@exercise.example desk officer, reviewer no password yet never" in listed
    assert code.text_content() not in listed
    assert acts(node) == [("Amina Warsame", "person.added", "bruno@exercise.example")]


@pytest.mark.parametrize(
    ("fields", "field"), [({"name": "x y", "role": "officer"}, "#name"), ({"name": "bruno"}, "#role")]
)
def test_what_cannot_be_is_said_at_its_field(administrator: Reader, fields: dict[str, str], field: str) -> None:
    page = administrator.send("/people", person="Bruno", **fields)
    assert administrator.status == 422
    assert page.xpath("//*[@id='errors']//a/@href") == [field]
    assert page.xpath("//input[@name='person']/@value") == ["Bruno"], "what was typed is not lost"


def test_roles_code_disabling_and_enabling(node: Node, administrator: Reader) -> None:
    node.people.first_code()
    node.people.add("x", "bruno", ["officer"], person="Bruno B.")
    page = administrator.send("/people/bruno/roles", role=["reviewer"])
    assert page.xpath("//input[@name='role'][@checked]/@value") == ["reviewer"]
    assert administrator.send("/people/bruno/code").xpath("//code")
    assert "disabled" in words_of(administrator.send("/people/bruno/disable"))
    assert "no password yet" in words_of(administrator.send("/people/bruno/enable"))
    assert [act for _, act, _ in acts(node)[1:]] == [
        "person.roles", "person.reset", "person.disabled", "person.enabled"
    ]  # fmt: skip


def test_the_last_administrator_is_kept_with_a_reason(node: Node, administrator: Reader) -> None:
    node.people.first_code()
    page = administrator.send("/people/administrator/disable")
    assert administrator.status == 422
    assert "last administrator" in page.get_element_by_id("errors").text_content()


def test_nobody_is_not_found(administrator: Reader) -> None:
    administrator.read("/people/nobody")
    assert administrator.status == 404
    administrator.send("/people/nobody/code")
    assert administrator.status == 404


def test_a_token_is_shown_once_works_and_is_removed(node: Node, administrator: Reader) -> None:
    page = administrator.send("/tokens", token_name="Case system")
    [code] = page.xpath("//code")
    token = code.text_content()
    assert node.access.holder(token) == Holder("Case system")
    listed = administrator.read("/people")
    assert token not in listed.text_content()
    [token_id] = listed.xpath("//form[contains(@action, '/tokens/remove')]/input[@name='id']/@value")
    administrator.send("/tokens/remove", id="0" * 16)
    assert node.access.holder(token)
    administrator.send("/tokens/remove", id=token_id)
    assert node.access.holder(token) is None
    assert [act for _, act, _ in acts(node)] == ["token.made", "token.removed"]
