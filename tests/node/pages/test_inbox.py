"""Tests of the inbox: what others wrote, who else can read it, what is wrong with it, and a draft of an answer."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from node.edit import Put
from node.node import Node
from node.pages.desk import Role
from node.pages.inbox import SHOWN, SHOWN_NEEDS
from schemas.body import make_withdrawal
from schemas.entry import parse_entry
from tests.hub.published import Published, small_network, sqlite_engine
from tests.hub.serving import served
from tests.node.nodes import joined_node, read_registry
from tests.node.pages.asked import Reader
from tests.node.test_cli_readers import letter
from tests.node.test_matching import OFFER
from tests.schemas.examples import EXAMPLES
from tests.signed_network import need, nonce

__all__ = ["small_network", "sqlite_engine"]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    read_registry(node, "fr-office", "ke-nctc")
    yield node
    node.engine.dispose()


def test_an_empty_inbox_says_what_it_is_for(node: Node) -> None:
    words = Reader(node, Role.OFFICER).words("/en/inbox")
    assert "Nobody has written to this organization yet." in words
    assert "Enter an offer or a priority" in words


def test_what_others_wrote_is_listed_with_the_last_first(fresh: Node) -> None:
    for index in (7, 9):
        fresh.letters.keep(letter(index, id="n1"))
    fresh.letters.keep(letter(11, id="n2", reason="schema-invalid"))
    reader = Reader(fresh, Role.OFFICER)
    links = [each.get("href") for each in reader.read("/en/inbox").xpath("//tbody//a")]
    assert links == ["/en/inbox/11", "/en/inbox/9"]
    assert len(reader.read("/en/inbox?older=1").xpath("//tbody//a")) == 3
    assert [each.get("href") for each in reader.read("/en/inbox?after=11").xpath("//tbody//a")] == ["/en/inbox/9"]
    assert reader.read("/en/inbox?after=no").xpath("//tbody//a")


def test_a_long_inbox_is_read_page_by_page(fresh: Node) -> None:
    for index in range(SHOWN + 1):
        fresh.letters.keep(letter(index))
    reader = Reader(fresh, Role.OFFICER)
    [following] = reader.read("/en/inbox").xpath("//a[@rel='next']/@href")
    page = reader.read(following)
    assert [each.get("href") for each in page.xpath("//tbody//a")] == ["/en/inbox/0"]
    assert page.xpath("//a[@rel='first']/@href") == ["/en/inbox"]


def test_a_letter_says_who_else_can_read_it_and_shows_its_other_versions(fresh: Node) -> None:
    for index in (7, 9):
        fresh.letters.keep(letter(index, id="n1", readers=("fr-office", "ke-nctc", "xa-centre")))
    reader = Reader(fresh, Role.OFFICER)
    words = reader.words("/en/inbox/7")
    assert "Who else can read itOffice fr-office fr-office First opened by" in words
    assert "Something later" in words
    assert "#9" in words
    assert "Answer with an offer" not in words
    assert "The harbour" in words
    assert "Answer with an offer" in reader.words("/en/inbox/9")


def test_what_is_not_valid_is_said_plainly_and_not_shown(fresh: Node) -> None:
    fresh.letters.keep(letter(7, reason="schema-invalid"))
    words = Reader(fresh, Role.OFFICER).words("/en/inbox/7")
    assert "the record does not fit its schema" in words
    assert "Only ke-nctc can mend it." in words
    assert "The harbour" not in words
    assert "Answer with" not in words


def test_a_withdrawal_says_why_and_what_was_erased_is_gone(fresh: Node) -> None:
    body = make_withdrawal("Funded by others.", nonce(1))
    fresh.letters.keep(letter(7, action="withdrawn", body=body))
    fresh.letters.keep(letter(9, body=None))
    reader = Reader(fresh, Role.OFFICER)
    assert "Funded by others." in reader.words("/en/inbox/7")
    assert "its content was destroyed here too" in reader.words("/en/inbox/9")


def test_a_need_from_the_inbox_becomes_a_draft_as_confidential_as_it_is(fresh: Node) -> None:
    fresh.editor.apply([Put(parse_entry(OFFER))])
    fresh.letters.keep(letter(7))
    reader = Reader(fresh, Role.OFFICER)
    assert "It matches: Offer" in reader.words("/en/inbox")
    for kind in ("offer", "activity"):
        reader.send("/en/inbox/answer", kind=kind, index="7")
        assert reader.status == 200
    activity, offer = fresh.drafts.of(1)
    assert activity.entry["record"]["answers_needs"] == ["need/ke-nctc/n7"]
    assert offer.entry["record"]["title"] == {"en": "The harbour"}
    assert [each.entry["marking"] for each in (activity, offer)] == ["TLP:AMBER"] * 2
    assert offer.entry["recipients"] == ["ke-nctc"]
    assert [each.subject for each in fresh.acts.listed() if each.act == "need.answered"] == ["need/ke-nctc/n7"] * 2


def test_a_need_that_the_hub_shows_becomes_a_draft_too(fresh: Node, small_network: Published) -> None:
    fresh.editor.apply([Put(parse_entry(OFFER))])
    small_network.publish("need", need("Readers"), org="xb-police", id="n1")
    with served(small_network) as hub:
        reader = Reader(replace(fresh, settings=replace(fresh.settings, hub=hub.address)), Role.OFFICER)
        form = reader.read("/en/inbox").xpath("//section[@aria-labelledby='matches']//form")[1]
        reader.send(form.get("action"), **dict(form.fields))
        assert reader.status == 200
        reader.send("/en/inbox/answer", kind="offer", org="xb-police", id="n2")
        assert reader.status == 503
    [draft] = fresh.drafts.of(1)
    assert (draft.kind, draft.entry["marking"]) == ("activity", "TLP:CLEAR")
    assert draft.entry["record"]["answers_needs"] == ["need/xb-police/n1"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"kind": "need", "index": "7"}, 404), ({"kind": "offer", "index": "8"}, 404),
        ({"kind": "offer", "index": "9"}, 404), ({"kind": "offer"}, 404), ({"kind": "offer", "index": "x"}, 404),
        ({"kind": "offer", "org": "../a", "id": "b"}, 404), ({"kind": "offer", "org": "ke-nctc", "id": "n1"}, 503),
    ],
)  # fmt: skip
def test_what_is_no_need_is_not_answered(fresh: Node, fields: dict[str, str], status: int) -> None:
    fresh.letters.keep(letter(7))
    fresh.letters.keep(letter(9, kind="contact"))
    reader = Reader(fresh, Role.OFFICER)
    reader.send("/en/inbox/answer", **fields)
    assert reader.status == status
    assert fresh.drafts.of(1) == []


@pytest.mark.parametrize("address", ["/en/inbox/8", "/en/inbox/x", "/en/inbox/99999999999999999999"])
def test_a_letter_that_is_none_is_not_found(fresh: Node, address: str) -> None:
    reader = Reader(fresh, Role.OFFICER)
    reader.read(address)
    assert reader.status == 404


@pytest.mark.parametrize("address", ["/en/inbox", "/en/inbox/7"])
def test_only_desk_officers_read_the_inbox(fresh: Node, address: str) -> None:
    fresh.letters.keep(letter(7))
    reader = Reader(fresh, Role.REVIEWER, Role.ADMINISTRATOR)
    assert "The harbour" not in reader.words(address)
    assert reader.status == 403
    answer = Reader(fresh).client.get(address, follow_redirects=False)
    assert answer.status_code == 303


def test_what_nobody_has_opened_is_marked_and_found_until_somebody_opens_it(fresh: Node) -> None:
    for index in (7, 9):
        fresh.letters.keep(letter(index))
    reader = Reader(fresh, Role.OFFICER)
    assert reader.read("/en/inbox").xpath("count(//tbody//span[contains(., '● unread')])") == 2
    [place] = reader.read("/en/desk").xpath("//nav[@aria-label='Pages']//a[@href='/en/inbox']")
    assert " ".join(place.text_content().split()) == "Inbox 2 unread"
    assert "2 letters" in reader.words("/en/desk")
    assert "First opened by Amina Warsame" in reader.words("/en/inbox/7").replace("byA", "by A")
    [left] = reader.read("/en/inbox?state=unread").xpath("//tbody//a/@href")
    assert left == "/en/inbox/9"
    Reader(fresh, Role.OFFICER, number=2, name="Bao Lin").read("/en/inbox/7")
    found = fresh.letters.one(7)
    assert found is not None
    assert found.read_by == "Amina Warsame"
    reader.read("/en/inbox/9")
    assert "Everything was read." in reader.words("/en/inbox?state=unread")
    assert "letters" not in reader.words("/en/desk")
    assert [(each.act, each.subject) for each in fresh.acts.listed()] == [
        ("letter.opened", "need/ke-nctc/n9 at 9"), ("letter.opened", "need/ke-nctc/n7 at 7"),
    ]  # fmt: skip


def test_a_letter_is_marked_as_unread_again(fresh: Node) -> None:
    fresh.letters.keep(letter(7))
    reader = Reader(fresh, Role.OFFICER)
    [form] = reader.read("/en/inbox/7").xpath("//form[contains(@action, 'unread')]")
    reader.send(form.get("action"))
    assert (reader.status, fresh.letters.unread()) == (200, 1)
    assert [each.act for each in fresh.acts.listed()] == ["letter.unread", "letter.opened"]
    reader.send("/en/inbox/8/unread")
    assert reader.status == 404


@pytest.mark.parametrize("headers", [{"Sec-Purpose": "prefetch"}, {"Sec-Fetch-Dest": "image"}], ids=["ahead", "image"])
def test_what_shows_a_letter_to_nobody_does_not_mark_it(fresh: Node, headers: dict[str, str]) -> None:
    fresh.letters.keep(letter(7))
    got = Reader(fresh, Role.OFFICER).client.get("/en/inbox/7", headers=headers)
    assert (got.status_code, fresh.letters.unread()) == (200, 1)


def test_a_letter_of_a_lost_log_can_be_opened(fresh: Node) -> None:
    fresh.letters.keep(letter(-7))
    assert "The harbour" in Reader(fresh, Role.OFFICER).words("/en/inbox/-7")


def test_an_offer_that_was_begun_as_an_answer_is_known_as_one_once_it_is_published(fresh: Node) -> None:
    for index in (7, 9):
        fresh.letters.keep(letter(index))
    reader = Reader(fresh, Role.OFFICER)
    reader.send("/en/inbox/answer", kind="offer", index="9")
    [draft] = fresh.drafts.of(1)
    whole = {name: value for name, value in EXAMPLES["offer"].items() if name not in {"kind", "id", "marking"}}
    saved = fresh.drafts.save(draft, {"marking": "TLP:GREEN", "record": whole}, "2026-11-26T10:00:00.000Z")
    assert "You answer it already" not in reader.words("/en/inbox/9")
    reader.send(f"/en/drafts/{draft.number}/check", act="publish", **{"draft-version": str(saved.version)})
    assert (reader.status, fresh.drafts.of(1)) == (200, [])
    [record] = fresh.reading.page(("offer",)).items
    page = reader.read("/en/inbox")
    assert page.xpath("//section[@aria-labelledby='sent']//li//p[1]/a[1]/@href")[0] == "/en/inbox/7"
    link = f"/en/records/offer/{record.kept.id}"
    assert page.xpath("//p[contains(., 'You answer it already')]/a/@href") == [link]
    assert reader.read("/en/inbox/9").xpath("//p[contains(., 'You answer it already')]/a/@href") == [link]
    assert "You answer it already" not in reader.words("/en/inbox/7")
    fresh.eraser.erase("offer", record.kept.id)
    assert fresh.needs.answers(["need/ke-nctc/n9"]) == {}


def test_of_many_needs_the_first_are_shown_and_all_if_they_are_asked_for(fresh: Node) -> None:
    for index in range(SHOWN_NEEDS + 1):
        fresh.letters.keep(letter(index))
    reader, shown = Reader(fresh, Role.OFFICER), "count(//section[@aria-labelledby='sent']/ul/li)"
    page = reader.read("/en/inbox")
    [every] = page.xpath("//a[text()='Show all 21 needs']/@href")
    assert (page.xpath(shown), reader.read(every).xpath(shown)) == (SHOWN_NEEDS, SHOWN_NEEDS + 1)
