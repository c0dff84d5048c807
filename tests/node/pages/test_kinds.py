"""Tests of the choice of a kind: every kind that can be entered is there, and says what it is for."""

from node.node import Node
from node.pages.desk import Role
from node.pages.kinds import ENTERED
from schemas.records import KINDS
from tests.node.pages.asked import Reader


def test_every_kind_but_the_organizations_own_can_be_chosen_and_is_explained(node: Node) -> None:
    assert set(ENTERED) == set(KINDS) - {"organization"}
    page = Reader(node, Role.OFFICER).read("/en/new")
    for kind, meaning in ENTERED.items():
        [button] = page.xpath(f"//form[input[@value='{kind}']]/button")
        assert page.get_element_by_id(button.get("aria-describedby")).text_content() == meaning
