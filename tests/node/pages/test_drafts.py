"""Tests of entering a record: draft, check, publish, review by a second person; nothing typed is lost."""

from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest

from node.directory import Known
from node.edit import Put
from node.node import Node
from node.pages.desk import Role
from node.store import Judged, Promise
from schemas.entry import parse_entry
from tests.node.nodes import joined_node
from tests.node.pages.asked import Reader, words_of
from tests.schemas.examples import EXAMPLES
from wire.registry import Standing

OFFICER, REVIEWER = Role.OFFICER, Role.REVIEWER
NEED = {
    "requester": "xa-centre", "beneficiary": "KEN", "themes": ["theme_1373:2.10"], "title.en": "Document readers",
    "description.en": "Four posts have none.", "assistance_modes": ["equipment"], "origin": "self_identified",
    "need_status": "submitted", "consent_to_circulate": "yes", "consent_to_publish": "yes", "marking": "TLP:CLEAR",
}  # fmt: skip


@pytest.fixture
def fresh(tmp_path: Path) -> Node:
    return joined_node(tmp_path / "node")


def version_of(page: lxml.html.HtmlElement) -> str:
    return str(page.xpath("//input[@name='draft-version']/@value")[0])


def begin(reader: Reader, **named: str) -> tuple[str, str]:
    """Begin a draft; gives its address and version."""
    page = reader.send("/en/drafts", kind="need", **named)
    return str(page.xpath("//form[@id='draft']/@action")[0]), version_of(page)


def test_a_record_is_entered_checked_and_published(fresh: Node) -> None:
    reader = Reader(fresh, OFFICER)
    address, version = begin(reader)
    check = reader.send(address, act="check", **{"draft-version": version}, **NEED)
    words = words_of(check)
    assert "Everybody: it is on public pages" in words
    assert "Four posts have none." in words
    page = reader.send(f"{address}/check", act="publish", **{"draft-version": version_of(check)})
    assert reader.status == 200
    assert "Document readers" in words_of(page)
    assert "not yet logged by the hub" in words_of(page)
    [stood] = fresh.reading.page(("need",)).items
    assert stood.kept.record["title"] == {"en": "Document readers"}
    assert fresh.drafts.of(1) == []


class TwoMembers:
    """What the registry says of a network of two."""

    def members(self) -> dict[str, Known]:
        """Give both."""
        named = {"un-office": "Office of the United Nations", "ke-nctc": "Centre of Kenya"}
        return {each: Known(each, name, Standing.ACTIVE, b"") for each, name in named.items()}


def test_organizations_of_the_network_are_offered_by_id_and_name(fresh: Node) -> None:
    reader = Reader(replace(fresh, directory=TwoMembers()), OFFICER)
    page = reader.send("/en/drafts", kind="need")
    offered = {each.get("value"): each.text for each in page.xpath("//datalist[@id='members']/option")}
    assert offered == {"ke-nctc": "Centre of Kenya", "un-office": "Office of the United Nations"}
    assert page.get_element_by_id("requester").get("list") == "members"
    assert "In the network are: ke-nctc, un-office" in words_of(page)


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(fresh: Node) -> None:
    reader = Reader(fresh, OFFICER)
    address, version = begin(reader)
    page = reader.send(
        address, act="check", **{"draft-version": version}, **{**NEED, "needed_by": "next week", "title.en": ""}
    )
    assert reader.status == 422
    assert page.xpath("//title/text()")[0].startswith("Error:")
    links = page.xpath("//*[@id='errors']//a/@href")
    assert {"#title", "#needed_by"} <= set(links)
    assert [page.get_element_by_id(link[1:]).tag for link in links]
    assert page.get_element_by_id("needed_by").get("value") == "next week"
    assert page.get_element_by_id("description.en").text.strip() == "Four posts have none."


def test_a_draft_is_kept_while_it_is_written_and_of_two_windows_the_second_is_told(fresh: Node) -> None:
    reader = Reader(fresh, OFFICER)
    address, version = begin(reader)
    kept = reader.client.post(address, data={"act": "automatic", "draft-version": version, "title.en": "Half a"})
    assert kept.text == "2"
    late = reader.client.post(address, data={"act": "automatic", "draft-version": version, "title.en": "Other window"})
    assert late.status_code == 409
    assert "changed or published meanwhile" in late.text
    assert reader.read(address).get_element_by_id("title.en").get("value") == "Half a"


def test_a_draft_is_its_owners_alone(fresh: Node) -> None:
    address, _ = begin(Reader(fresh, OFFICER, number=1))
    other = Reader(fresh, OFFICER, REVIEWER, number=2)
    other.read(address)
    assert other.status == 404
    other.read(f"{address}/check")
    assert other.status == 404


def test_where_two_must_agree_nobody_publishes_alone(fresh: Node) -> None:
    node = replace(fresh, settings=replace(fresh.settings, four_eyes=True))
    author, second = Reader(node, OFFICER, REVIEWER, number=1), Reader(node, REVIEWER, number=2, name="Birgit")
    address, version = begin(author)
    check = author.send(address, act="check", **{"draft-version": version}, **NEED)
    author.send(f"{address}/check", act="publish", **{"draft-version": version_of(check)})
    assert author.status == 403
    author.send(f"{address}/check", act="submit", **{"draft-version": version_of(check)})
    assert "waits for a second person" in author.words("/en/desk")
    review = second.read(f"{address}/check")
    second.send(f"{address}/check", act="return", note="Say by when.", **{"draft-version": version_of(review)})
    assert "Say by when." in author.words(address)
    again = author.read(address)
    check = author.send(address, act="check", **{"draft-version": version_of(again)}, **NEED)
    author.send(f"{address}/check", act="submit", **{"draft-version": version_of(check)})
    assert "Document readers" in second.words("/en/desk")
    review = second.read(f"{address}/check")
    second.send(f"{address}/check", act="publish", **{"draft-version": version_of(review)})
    assert [each.kept.record["title"]["en"] for each in node.reading.page(("need",)).items] == ["Document readers"]
    acts = [(each.who, each.act, each.detail) for each in reversed(node.acts.listed())]
    assert acts == [
        ("Amina Warsame", "draft.submitted", ""), ("Birgit", "draft.returned", "Say by when."),
        ("Amina Warsame", "draft.submitted", ""), ("Birgit", "record.put", "entered by Amina Warsame"),
    ]  # fmt: skip


def test_a_record_is_revised_from_its_page_and_an_untouched_form_changes_nothing(fresh: Node) -> None:
    reader = Reader(fresh, OFFICER)
    address, version = begin(reader)
    check = reader.send(address, act="check", **{"draft-version": version}, **NEED)
    reader.send(f"{address}/check", act="publish", **{"draft-version": version_of(check)})
    record_id = fresh.reading.page(("need",)).items[0].kept.id
    address, _ = begin(reader, id=record_id)
    form = reader.read(address).get_element_by_id("draft")
    fields: dict[str, list[str]] = {}
    for name, value in form.form_values():
        fields.setdefault(name, []).append(value)
    before = fresh.reading.chain().sequence
    check = reader.send(address, **{**fields, "act": "check"})
    reader.send(f"{address}/check", act="publish", **{"draft-version": version_of(check)})
    assert fresh.reading.chain().sequence == before


def test_what_the_hub_said_of_a_record_stands_at_its_field_until_the_form_is_sent(fresh: Node) -> None:
    done = fresh.editor.apply([Put(parse_entry({**EXAMPLES["offer"], "id": "o1"}))])[0]
    assert done.sequence is not None
    problems = '[{"pointer": "/record/title/en", "message": "The title is a joke.", "found": "x", "allowed": "y"}, {}]'
    judged = Judged(done.sequence, "warning", "schema-invalid", "x", "y", problems, "2026-11-24T00:00:00.000Z")
    fresh.outbox.logged(Promise(done.sequence, 7, b""), [], [judged], {"logged": done.sequence})
    reader = Reader(fresh, OFFICER)
    assert "Title: The title is a joke." in reader.words("/en/desk")
    page = reader.send("/en/drafts", kind="offer", id="o1")
    [told] = page.xpath("//*[@id='errors']//a[@href='#title.en']")
    assert told.text_content() == "Title: The title is a joke."
    address, [version] = page.get_element_by_id("draft").get("action"), page.xpath("//*[@name='draft-version']/@value")
    page = reader.send(address, act="save", **{"draft-version": version})
    assert "The title is a joke." not in page.text_content()


def test_what_others_said_alike_is_shown_before_publishing(fresh: Node) -> None:
    reader = Reader(fresh, OFFICER)
    for _ in range(2):
        address, version = begin(reader)
        check = reader.send(address, act="check", **{"draft-version": version}, **NEED)
        words = words_of(check)
        reader.send(f"{address}/check", act="publish", **{"draft-version": version_of(check)})
    assert "One of your own: Document readers" in words
    assert "The network was not asked" in words


def test_an_empty_form_names_ones_own_organization_and_a_contact_is_confirmed_today(fresh: Node) -> None:
    reader = Reader(fresh, OFFICER)
    for kind, name in (("need", "requester"), ("contact", "organization"), ("link", "from_org")):
        page = reader.send("/en/drafts", kind=kind)
        assert page.xpath(f"//*[@name='{name}']/@value") == ["xa-centre"]
    [today] = reader.send("/en/drafts", kind="contact").xpath("//*[@name='confirmed_at']/@value")
    assert today == fresh.drafts.of(1)[0].began[:10]


def test_what_seldom_is_said_is_open_only_where_something_in_it_is_wrong(fresh: Node) -> None:
    reader = Reader(fresh, OFFICER)
    address, version = begin(reader)
    page = reader.send(address, act="check", **{"draft-version": version}, **NEED | {"title.en": ""})
    assert not page.xpath("//details[@class='li-more']/@open")
    page = reader.send(address, act="check", **{"draft-version": version_of(page)}, **NEED | {"needed_by": "soon"})
    assert page.xpath("//details[@class='li-more']/@open")


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMINISTRATOR])
def test_only_desk_officers_enter_records(node: Node, role: Role) -> None:
    reader = Reader(node, role)
    for address in ("/en/new", "/en/drafts/1"):
        reader.read(address)
        assert reader.status == 403
    reader.send("/en/drafts", kind="need")
    assert reader.status == 403


def test_a_kind_or_record_that_is_none_is_said(node: Node) -> None:
    reader = Reader(node, OFFICER)
    for sent in ({"kind": "secret"}, {"kind": "need", "id": "none"}, {"kind": ""}):
        reader.send("/en/drafts", **sent)
        assert reader.status == 404


def test_who_published_what_stands_in_the_trail(fresh: Node) -> None:
    reader = Reader(fresh, OFFICER)
    address, version = begin(reader)
    check = reader.send(address, act="check", **{"draft-version": version}, **NEED)
    reader.send(f"{address}/check", act="publish", **{"draft-version": version_of(check)})
    record_id = fresh.reading.page(("need",)).items[0].kept.id
    reader.send(f"/en/records/need/{record_id}/withdraw", reason="It was a test.")
    reader.send(f"/en/records/need/{record_id}/withdraw", reason="Once more.")
    assert {each.subject for each in fresh.acts.listed()} == {f"need/{record_id}"}
    assert [(each.who, each.act, each.outcome) for each in fresh.acts.listed()] == [
        ("Amina Warsame", "record.withdrawn", "refused"),
        ("Amina Warsame", "record.withdrawn", "done"),
        ("Amina Warsame", "record.put", "done"),
    ]
