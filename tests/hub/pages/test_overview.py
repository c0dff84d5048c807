"""Tests of the first page: what changed, what waits, what is overdue, and figures as far as the reader may see."""

from datetime import date

from hub.access import VISIBLE, Role, create_token
from hub.pages.overview import WAITING, _Figures, _overdue
from hub.reading import Reading
from schemas.need_life import CLOSED, OPEN, STATUSES
from tests.hub.finding.plans import asked_of, plan_of
from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example
from tests.signed_network import NETWORK, NEVER_DUE, TRUST, contact, need
from wire.database import reading


def section(reader: Reader, name: str) -> str:
    [found] = reader.read("/en/").xpath(f"//section[@aria-labelledby='{name}']")
    return " ".join(found.text_content().split())


def test_the_first_page_says_what_changed_waits_and_is_overdue(small_network: Published) -> None:
    small_network.publish("need", need("Oldest", confirmed_at="2020-01-01"), id="n1")
    small_network.publish("need", need("Offered", need_status="matched", review_due=NEVER_DUE), id="n2")
    small_network.publish("need", need("Met", need_status="met"), id="n3")
    small_network.publish("offer", example("offer"), id="o1")
    small_network.withdraw("offer", id="o1")
    reader = Reader(small_network)
    changed = section(reader, "changed")
    assert changed.index("Office xa-centre withdrew") < changed.index("Office xa-centre published Met")
    unmet = section(reader, "unmet")
    assert ("Oldest" in unmet, "Offered" in unmet, "Met" in unmet) == (True, False, False)
    overdue = section(reader, "overdue")
    assert ("Oldest" in overdue, "Offered" in overdue) == (True, False)
    assert "3 Needs" in section(reader, "figures")
    assert "1 ○ silent" in section(reader, "nodes")
    for part in ("changed", "unmet", "overdue", "figures", "nodes"):
        assert "As of" in section(reader, part)


def test_a_hub_without_records_says_so(small_network: Published) -> None:
    reader = Reader(small_network)
    assert "Nothing has been published yet" in section(reader, "changed")
    assert "No record is current" in section(reader, "figures")
    assert reader.status == 200
    links = reader.read("/").xpath("//section[@aria-labelledby='programs']//a/@href")
    for link in ("/api/v1/records?limit=20", "/trust.json", "/schemas/need/1", "/openapi.json"):
        assert link in links
        assert reader.client.get(link).status_code == 200


def test_figures_count_only_what_the_reader_may_see(small_network: Published) -> None:
    overdue = contact(name={"en": "Quelimane"}, confirmed_at="2020-01-01")
    small_network.publish("contact", overdue, id="c1", marking="TLP:GREEN")
    public = Reader(small_network)
    assert "Contact" not in section(public, "figures")
    assert "Quelimane" not in public.words("/en/")
    member = Reader(small_network, create_token(small_network.engine, "member", "A member"))
    assert "1 Contact point" in section(member, "figures")
    assert "Quelimane" in section(member, "overdue")


def test_what_is_overdue_is_found_by_its_own_index_however_many_there_are(network: Published) -> None:
    network.publish("need", need("Second", confirmed_at="2020-02-01"), id="n2")
    network.publish("need", need("First", confirmed_at="2020-01-01"), id="n1", marking="TLP:GREEN")
    network.publish("offer", example("offer", confirmed_at="2019-01-01"), id="o1")
    network.publish("need", need("Gone", confirmed_at="2018-01-01"), id="n3")
    network.withdraw("need", id="n3")
    with reading(network.engine).connect() as connection, asked_of(connection, "review_due <") as asked:
        found = _overdue(connection, VISIBLE[Role.MEMBER], date(2026, 11, 26))
        assert [item["id"] for item in found] == ["n1", "n2"]
        plans = [plan_of(connection, each) for each in asked]
    assert len(plans) == len(VISIBLE[Role.MEMBER])
    assert all("records_to_review" in plan and "TEMP B-TREE" not in plan and "Sort" not in plan for plan in plans)


def test_figures_that_took_long_are_kept_for_a_while_and_say_as_of_when(small_network: Published) -> None:
    moments = iter([0.0, 2.0, 5.0, 43.0, 43.0])
    hub = Reading(small_network.engine, NETWORK, TRUST.to_bytes(), lambda: small_network.writer.state.registry,
                  small_network.tail)  # fmt: skip
    figures = _Figures(hub, lambda: next(moments))

    def ask() -> dict[str, int]:
        with small_network.engine.connect() as connection:
            markings = VISIBLE[Role.PUBLIC]
            return figures.get(connection, small_network.tail.size, markings, date(2026, 11, 26)).records

    assert ask() == {}  # took two seconds
    small_network.publish("need", need(), id="n1")
    assert ask() == {}
    assert ask() == {"need": 1}


def test_every_status_of_a_need_was_considered() -> None:
    answered = {"offers_received", "matched", "in_delivery"}
    assert {*WAITING} == OPEN - answered
    assert {*WAITING, *answered, *CLOSED, "draft"} == {*STATUSES}
