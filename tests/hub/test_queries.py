"""Tests of hub/queries.py: lists, single records, the same on both databases."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from hub import search, tables
from hub.access import VISIBLE, Role
from hub.filters import Filters, Page
from hub.queries import Listed, list_records, newest_records, record_of
from hub.rebuild import rebuild
from tests.hub.published import Published, example
from tests.signed_network import contact, need
from wire.database import reading
from wire.encoding import b64url

TODAY = date(2026, 11, 24)
MEMBER = VISIBLE[Role.MEMBER]
PUBLIC = VISIBLE[Role.PUBLIC]


def ask(network: Published, markings: tuple[str, ...] = PUBLIC, today: date = TODAY, **filters: Any) -> Listed:
    with reading(network.engine).connect() as connection:
        return list_records(connection, Page.model_validate(filters), markings, today)


def ids(network: Published, markings: tuple[str, ...] = PUBLIC, **filters: Any) -> list[str]:
    return [item["id"] for item in ask(network, markings, **filters).items]


def one(network: Published, address: str, markings: tuple[str, ...] = PUBLIC) -> dict[str, Any] | None:
    kind, org, id_ = address.split("/")
    with reading(network.engine).connect() as connection:
        return record_of(connection, (kind, org, id_), markings, TODAY)


def test_a_record_has_the_form_of_the_contract(network: Published) -> None:
    index = network.publish("need", need(), id="n1")
    with network.engine.connect() as connection:
        digest = connection.scalar(select(tables.log.c.hash).where(tables.log.c.index == index))
    assert one(network, "need/xa-centre/n1") == {
        "kind": "need",
        "org": "xa-centre",
        "id": "n1",
        "marking": "TLP:CLEAR",
        "record": need(),
        "statement": b64url(bytes(digest or b"")),
        "index": index,
        "sequence": 1,
        "published": "2026-11-23T12:00:00.000Z",
        "freshness": "confirmed",
        "status": "current",
    }


def test_a_list_is_in_the_order_of_the_log_and_comes_in_pages(network: Published) -> None:
    for number in range(5):
        network.publish("need", need(), id=f"n{number}")
    network.publish("need", need("Changed"), id="n1", action="revised")
    seen: list[str] = []
    page = ask(network, limit=2)
    while True:
        seen += [item["id"] for item in page.items]
        if page.next is None:
            break
        assert page.next == page.items[-1]["index"]
        page = ask(network, limit=2, after=page.next)
    assert seen == ["n0", "n2", "n3", "n4", "n1"]


def test_a_last_page_that_is_full_has_no_next(network: Published) -> None:
    network.publish("need", need(), id="n1")
    network.publish("need", need(), id="n2")
    assert ask(network, limit=2).next is None


def test_green_is_for_members_and_nobody_else_learns_of_it(network: Published) -> None:
    network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    assert ids(network, MEMBER) == ["c1"]
    assert ids(network) == []
    assert one(network, "contact/xa-centre/c1") is None


def test_a_marking_that_nobody_knows_is_shown_to_nobody(network: Published) -> None:
    network.publish("need", need(), id="n1")
    with network.engine.begin() as connection:
        connection.execute(update(tables.records).values(marking="TLP:UNHEARD-OF"))
    assert ids(network, MEMBER) == []
    assert one(network, "need/xa-centre/n1", MEMBER) is None


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"kind": ["need"]}, ["n1", "n2"]),
        ({"kind": ["need", "offer"]}, ["n1", "n2", "o1"]),
        ({"org": ["other-office"]}, ["o1"]),
        ({"place": ["KEN"]}, ["n1"]),
        ({"place": ["002"]}, ["n1", "o1"]),
        ({"place": ["014"]}, ["n1", "o1"]),
        ({"place": ["202", "XAA"]}, ["n1", "n2", "o1"]),
        ({"place": ["001"]}, ["n1", "n2", "o1"]),
        ({"theme": ["2.10"]}, ["n1", "o1"]),
        ({"theme": ["theme_1373:2.10"]}, ["n1", "o1"]),
        ({"theme": ["fatf:2.10"]}, []),
        ({"theme": ["who_jee:P.1", "R.32"]}, ["n2", "o1"]),
        ({"kind": ["need"], "theme": ["2.10"]}, ["n1"]),
        ({"status": ["acknowledged"]}, ["n1"]),
        ({"status": ["submitted", "open"]}, ["n2", "o1"]),
        ({"status": ["current"]}, ["n1", "n2", "o1"]),
        ({"status": ["withdrawn"]}, ["w1"]),
        ({"status": ["withdrawn", "open"]}, ["o1", "w1"]),
        ({"status": ["disputed"]}, []),
        ({"since": "2026-11-23"}, ["n1", "n2", "o1"]),
        ({"since": "2026-11-24T00:00:00Z"}, []),
    ],
)
def test_filters_are_anded_and_values_are_ored(
    network: Published, filters: dict[str, list[str]], expected: list[str]
) -> None:
    jee = {"scheme": "who_jee", "code": "P.1"}
    network.publish("need", need(), id="n1")
    network.publish("need", need(beneficiary={"country": "XAA"}, themes=[jee], need_status="submitted"), id="n2")
    network.publish("offer", example("offer", eligible_places=[{"region": "014"}]), org="other-office", id="o1")
    network.publish("resource", id="w1")
    network.withdraw("resource", id="w1")
    assert ids(network, **filters) == expected


def test_a_withdrawn_record_stays_with_its_reason(network: Published) -> None:
    network.publish("need", need(), id="n1")
    index = network.withdraw("need", id="n1")
    found = one(network, "need/xa-centre/n1")
    assert found is not None
    assert (found["status"], found["reason"], found["index"]) == ("withdrawn", "It ended.", index)
    assert ids(network) == []


def test_a_reason_for_members_is_not_told_to_the_public(network: Published) -> None:
    network.publish("need", need(), id="n1")
    network.withdraw("need", id="n1", marking="TLP:GREEN")
    public, member = one(network, "need/xa-centre/n1"), one(network, "need/xa-centre/n1", MEMBER)
    assert public is not None
    assert "reason" not in public
    assert member is not None
    assert member["reason"] == "It ended."


def test_a_version_that_was_left_out_marks_the_one_that_stays(network: Published) -> None:
    network.publish("need", need("First"), id="n1")
    index = network.publish("need", need("Second", consent_to_publish=False), id="n1", action="revised")
    found = one(network, "need/xa-centre/n1")
    assert found is not None
    assert found["record"]["title"] == {"en": "First"}
    assert found["excluded"] == {"index": index, "reason": "consent-missing"}
    network.publish("need", need("Third"), id="n1", action="revised")
    corrected = one(network, "need/xa-centre/n1")
    assert corrected is not None
    assert "excluded" not in corrected


def test_freshness_goes_from_confirmed_over_due_to_overdue(network: Published) -> None:
    network.publish("need", need(review_due="2026-12-31"), id="n1")
    days = [date(2026, 11, 30), date(2026, 12, 15), date(2027, 1, 1)]
    assert [ask(network, today=day).items[0]["freshness"] for day in days] == ["confirmed", "due", "overdue"]


def test_a_confirmed_record_is_fresh_again(network: Published) -> None:
    network.publish("contact", contact(confirmed_at="2024-01-01"), id="c1", marking="TLP:GREEN")
    assert ask(network, MEMBER).items[0]["freshness"] == "overdue"
    network.publish("contact", contact(confirmed_at="2024-01-01"), id="c1", marking="TLP:GREEN", action="confirmed")
    assert ask(network, MEMBER).items[0]["freshness"] == "confirmed"
    rebuild(network.engine)
    assert ask(network, MEMBER).items[0]["freshness"] == "confirmed"


def test_since_reaches_to_the_calendar_s_end(network: Published) -> None:
    network.publish("need", need(), id="n1", now=datetime(2160, 5, 6, tzinfo=UTC))
    search.catch_up(reading(network.engine), network.tail.size)
    asked: dict[str, Any] = {"q": "readers"}
    for since, found in (("2099-01-01", 1), ("2100-01-01", 1), ("2160-05-06", 1), ("2160-05-07", 0), ("2161-01-01", 0)):
        assert len(ids(network, since=since, **asked)) == len(ids(network, since=since)) == found, since


def test_what_does_not_exist_is_not_found(network: Published) -> None:
    assert one(network, "need/xa-centre/n1") is None


def test_the_newest_come_first_and_older_ones_by_the_cursor(network: Published) -> None:
    for number in range(5):
        network.publish("need", need(f"Need {number}"), id=f"n{number}")
    network.publish("need", need("For members"), id="n5", marking="TLP:GREEN")
    network.publish("need", need("Again"), id="n1", action="revised")
    seen: list[str] = []
    before: int | None = None
    with network.engine.connect() as connection:
        while True:
            found = newest_records(connection, Filters(kind=["need"]), PUBLIC, TODAY, before, 2)
            seen += [item["id"] for item in found.items]
            before = found.next
            if before is None:
                break
    assert seen == ["n1", "n4", "n3", "n2", "n0"]
