"""Tests of the page on which people make access tokens of their own, with no more than they may themselves."""

from node.node import Node
from node.pages.desk import Role
from tests.node.asking import add_person
from tests.node.pages.asked import Reader


def reader_of(node: Node, name: str, *roles: Role) -> Reader:
    return Reader(node, *roles, number=add_person(node, name, *roles), name=name.title())


def test_a_token_of_one_s_own_is_shown_once_works_and_is_removed(node: Node) -> None:
    amina = reader_of(node, "amina", Role.OFFICER, Role.REVIEWER)
    page = amina.read("/tokens")
    assert page.xpath("//input[@name='role']/@value") == ["officer", "reviewer"]
    shown = amina.send("/tokens/mine", name="Laptop", role=["officer"], days="30")
    token = shown.xpath("//code")[0].text_content()
    holder = node.access.holder(token)
    assert holder is not None
    assert (holder.person, holder.role) == ("Amina", "officer")
    listed = amina.read("/tokens")
    assert token not in listed.text_content()
    [token_id] = listed.xpath("//input[@name='id']/@value")
    reader_of(node, "bao", Role.ADMINISTRATOR).send("/tokens/mine/remove", id=token_id)
    assert node.access.holder(token), "another's is not removed there"
    amina.send("/tokens/mine/remove", id=token_id)
    assert node.access.holder(token) is None
    assert [(each.who, each.act) for each in node.acts.listed(act="token", limit=2)] == [
        ("Amina", "token.removed"), ("Amina", "token.made"),
    ]  # fmt: skip


def test_what_cannot_be_is_said_at_its_field_and_nothing_is_made(node: Node) -> None:
    chidi = reader_of(node, "chidi", Role.OFFICER)
    for given, field in (
        ({"name": "x", "role": "administrator", "days": "1"}, "#role"), ({"name": "x", "days": "1"}, "#role"),
        ({"name": "x", "role": "officer", "days": "0"}, "#days"),
        ({"name": "", "role": "officer", "days": "1"}, "#name"),
        ({"name": "x", "role": "officer", "days": "ten"}, "#days"),
    ):  # fmt: skip
        page = chidi.send("/tokens/mine", **given)
        assert chidi.status == 422
        assert page.xpath("//*[@id='errors']//a/@href") == [field]
    assert node.access.listed(add_person(node, "chidi")) == []
