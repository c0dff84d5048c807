"""Tests of a record's page: its trail, its history as differences, and what can be done with it."""

from dataclasses import replace
from pathlib import Path

import pytest

from node.edit import Put
from node.pages.desk import Role
from node.store import Promise
from node.store.delivery_times import Span
from schemas.entry import parse_entry
from tests.node.nodes import joined_node
from tests.node.pages.asked import Reader, words_of
from tests.schemas.examples import EXAMPLES

OFFER = {**EXAMPLES["offer"], "id": "o1"}


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    node = joined_node(tmp_path / "node")
    node.editor.apply([Put(parse_entry(OFFER))])
    node.editor.apply([Put(parse_entry({**OFFER, "title": {"en": "Another title"}}))])
    return Reader(node, Role.OFFICER)


def test_the_trail_and_the_history_are_told_in_words(reader: Reader) -> None:
    words = reader.words("/en/records/offer/o1")
    assert "signed" in words
    assert "not yet logged by the hub" in words
    assert "What changed" in words
    assert EXAMPLES["offer"]["title"]["en"] in words
    assert "Another title" in words


def test_each_step_that_was_taken_has_its_time_or_says_that_none_was_kept(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    node.editor.apply([Put(parse_entry(OFFER))])
    reader = Reader(node, Role.OFFICER)
    [signed] = [each.time for each in node.reading.history("offer", "o1")]

    def told(language: str = "en") -> list[tuple[str, list[str]]]:
        steps = reader.read(f"/{language}/records/offer/o1").xpath("//*[@id='delivery']/ol/li")
        return [(" ".join(each.text_content().split()), each.xpath(".//time/@datetime")) for each in steps]

    here = f"{signed[:19]}Z"
    assert [times for _, times in told()] == [[here], [here], [], [], [], []]
    sent, logged = "2026-11-24T12:01:00.000Z", "2026-11-24T12:02:30.000Z"
    noted = {"logged": 2, "sent": 2, "witnessed": 2}
    node.outbox.logged(Promise(2, 7, b""), [(2, 7)], [], noted, at=logged, sent=[Span(2, 2, sent)])
    words, times = zip(*told(), strict=True)
    assert times[2:] == (["2026-11-24T12:01:00Z"], ["2026-11-24T12:02:30Z"], [], ["2026-11-24T12:02:30Z"])
    assert words[2:5] == (
        "✓ done sent 24 Nov 2026, 12:01 UTC", "✓ done logged by the hub #7 24 Nov 2026, 12:02 UTC",
        "✓ done witnessed time not kept",
    )  # fmt: skip
    assert told("fr")[4][0].endswith("heure non conservée")


def test_of_what_stays_here_the_page_tells_when_it_was_saved(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    node.editor.apply([Put(parse_entry({**OFFER, "marking": "TLP:RED"}))])
    page = Reader(node, Role.OFFICER).read("/en/records/offer/o1")
    steps = [len(each.xpath(".//time")) for each in page.xpath("//*[@id='delivery']/ol/li")]
    assert steps == [1, 0, 0, 0, 0, 0]
    assert "not kept" not in page.text_content()


def test_while_it_is_on_its_way_the_page_looks_again_and_then_leads_to_the_hub(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    node.editor.apply([Put(parse_entry(OFFER))])
    named = replace(node, settings=replace(node.settings, hub="https://hub.example/"))
    page = Reader(named, Role.OFFICER).read("/fr/records/offer/o1")
    assert page.get_element_by_id("delivery").get("data-look-again")
    assert not page.xpath("//a[starts-with(@href, 'https://hub.example/')]")
    node.outbox.logged(Promise(2, 7, b""), [], [], {"logged": 2, "witnessed": 2})
    page = Reader(named, Role.OFFICER).read("/fr/records/offer/o1")
    assert page.get_element_by_id("delivery").get("data-look-again") is None
    assert page.xpath("//a[@href='https://hub.example/fr/records/offer/xa-centre/o1']")
    assert "hub.example" not in Reader(node, Role.OFFICER).read("/en/records/offer/o1").text_content()


def test_it_is_withdrawn_with_a_reason_after_one_more_look(reader: Reader) -> None:
    assert "Withdraw this record?" in reader.words("/en/records/offer/o1/withdraw")
    page = reader.send("/en/records/offer/o1/withdraw", reason="It has ended.")
    assert "withdrawn" in words_of(page)
    assert "It has ended." in words_of(page)
    reader.send("/en/records/offer/o1/withdraw", reason="Again.")
    assert reader.status == 404


def test_a_withdrawal_without_a_reason_is_refused_in_words(reader: Reader) -> None:
    page = reader.send("/en/records/offer/o1/withdraw", reason=" ")
    assert reader.status == 422
    assert "a reason has 1 to" in page.text_content()


def test_it_is_erased_for_good_with_all_that_people_had_begun_to_change(reader: Reader) -> None:
    reader.send("/en/drafts", kind="offer", id="o1")
    page = reader.send("/en/records/offer/o1/erase", reason="")
    assert "erased" in words_of(page)
    assert "Another title" not in page.text_content()
    assert "You have no drafts." in reader.words("/en/desk")


def test_it_is_confirmed(reader: Reader) -> None:
    assert "Confirmed: it still holds" in words_of(reader.send("/en/records/offer/o1/confirm", reason=""))


def test_what_is_done_and_what_is_refused_stands_in_the_trail(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    node.editor.apply([Put(parse_entry(OFFER))])
    reader = Reader(node, Role.OFFICER)
    for act, reason in (("confirm", ""), ("withdraw", " "), ("withdraw", "It has ended."), ("erase", "Asked for.")):
        reader.send(f"/en/records/offer/o1/{act}", reason=reason)
    found = [(each.act, each.subject, each.outcome) for each in reversed(node.acts.listed())]
    assert found == [
        ("record.confirmed", "offer/o1", "done"), ("record.withdrawn", "offer/o1", "refused"),
        ("record.withdrawn", "offer/o1", "done"), ("record.erased", "offer/o1", "done"),
    ]  # fmt: skip


def test_what_is_no_record_or_no_act_is_said(reader: Reader) -> None:
    for address in ("/en/records/offer/none", "/en/records/offer/o1/burn", "/en/records/offer/none/withdraw"):
        reader.read(address)
        assert reader.status == 404, address
    reader.send("/en/records/offer/o1/burn", reason="")
    assert reader.status == 404
