"""Tests of the page of the network's health: who may see it, what comes first, and what it says when it is blind."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.operating.health import Senses
from tests.hub.operating.operators import Office, head, parsed, refuse
from tests.hub.published import Published
from tests.signed_network import contact, need


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=80)  # so that no head is old however slowly the test runs


@pytest.fixture
def office(small_network: Published, now: datetime) -> Office:
    for org in ("xa-centre", "xb-office", "xc-office"):
        small_network.publish("need", need(), org=org)
    small_network.publish("contact", contact(roles=["node_technical"]), org="xb-office", id="c1", marking="TLP:GREEN")
    head(small_network, 4, now, "xa-centre", skew=-400)
    head(small_network, 2, now, "xb-office")
    refuse(small_network, 2, "xc-office")
    return Office(small_network)


@pytest.mark.parametrize(
    "address",
    ["/sync", "/sync/xa-centre", "/sync/acts", "/sync/xa-centre/suspend", "/quarantine", "/quarantine/1",
     "/quarantine/1/retry", "/quarantine/1/message.json", "/quarantine/retry-all/unknown-key"],
)  # fmt: skip
def test_operators_pages_are_for_operators(office: Office, address: str) -> None:
    public, member = office.client(None), office.client("member")
    asked = public.get(address, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"].partition("?")[0]) == (303, "/login")
    assert member.get(address).status_code == 403
    assert "xc-office" not in member.get(address).text
    assert office.client().get(address).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", ["/sync/xa-centre/suspend", "/quarantine/1/retry", "/quarantine/retry-all/forked"])
def test_nobody_else_acts_and_no_form_of_another_site(office: Office, address: str) -> None:
    form = {"form": "0123456789", "reason": "Because."}
    assert office.client(None).post(address, data=form).status_code == 401
    assert office.client("member").post(address, data=form).status_code == 403
    operator = office.client()
    assert operator.post(address, data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert "Nothing yet" in operator.get("/en/sync/acts").text


def test_what_needs_attention_comes_first_and_only_that_can_be_shown(office: Office) -> None:
    client = office.client()
    page = parsed(client.get("/en/sync"))
    assert page.xpath("//tbody/tr/@id") == ["xc-office", "xa-centre", "xb-office"]
    assert "2 of 3 nodes need attention" in page.text_content()
    assert parsed(client.get("/en/sync?only=problems")).xpath("//tbody/tr/@id") == ["xc-office", "xa-centre"]


def test_a_row_says_what_is_missing_by_number_what_was_refused_the_clock_and_whom_to_call(office: Office) -> None:
    office.early["xa-centre"] = [3]
    page = parsed(office.client().get("/en/sync"))
    rows = {row.get("id"): " ".join(row.text_content().split()) for row in page.xpath("//tbody/tr")}
    assert "3 events" in rows["xa-centre"]
    assert "2, 4" in rows["xa-centre"], "3 came early"
    assert "1 came early" in rows["xa-centre"]
    assert "-400 s" in rows["xa-centre"]
    assert "refused" in rows["xc-office"]
    assert page.xpath("//tr[@id='xc-office']//a[contains(@href,'/quarantine?org=xc-office')]/text()") == ["2"]
    assert "live" in rows["xb-office"]
    assert contact()["emails"][0]["address"] in rows["xb-office"]
    assert len(page.xpath("//tr[@id='xb-office']//svg[@role='img']")) == 2
    assert page.xpath("//@style") == []


def test_a_blind_hub_says_so_first_and_calls_no_node_live(office: Office, now: datetime) -> None:
    since = now - timedelta(minutes=3)
    office.senses = Senses(bus=lambda: False, bus_since=lambda: since)
    client = office.client()
    page = parsed(client.get("/en/sync"))
    assert "The hub itself does not see" in page.xpath("//main//h2")[0].text_content()
    states = {row.get("id"): row.xpath(".//td[1]/span[1]")[0].text_content() for row in page.xpath("//tbody/tr")}
    assert {state.split()[-1] for state in states.values()} == {"unknown"}
    assert "last known: live" in page.text_content()
    answer = client.get("/api/v1/nodes").json()
    assert {node["state"] for node in answer["items"]} == {"unknown"}
    assert [(each["name"], each["blind"]) for each in answer["hub"]] == [("bus", True), ("checkpoint", False)]
    assert "hub" not in office.client(None).get("/api/v1/nodes").json()


def test_operators_get_more_of_each_node_from_the_api_than_others(office: Office) -> None:
    public = office.client(None).get("/api/v1/nodes/xc-office").json()
    operators = office.client().get("/api/v1/nodes/xc-office").json()
    assert set(public) < set(operators)
    assert operators["refused_24h"] == {"unknown-key": 2}
    assert operators["key"]["next_committed"]
    assert "notes" not in public


def test_who_follows_and_to_whom_the_hub_sends_is_shown(office: Office) -> None:
    operating = office.operating()
    row = {
        "channel": "webhook", "to": "partner.example", "state": "active", "reason": None, "lag_events": 7, "rate": 3,
        "delivered_at": None, "last_error": "503 <b>",
    }  # fmt: skip
    operating.consumers = lambda _connection: [row]
    office.operating = lambda: operating  # type: ignore[method-assign]
    answer = office.client().get("/en/sync")
    shown = " ".join(parsed(answer).text_content().split())
    assert "0 of at most 1,500 readers follow live events now." in shown
    assert "partner.example" in shown
    assert "7 events" in shown
    assert "503 &lt;b&gt;" in answer.text
    for number, words in ((1, "حدث واحد"), (2, "حدثان"), (7, "7 أحداث"), (11, "11 حدثا")):
        row["lag_events"] = number
        assert words in " ".join(parsed(office.client().get("/ar/sync")).text_content().split())
    row["lag_events"] = 1
    assert " 1 event3never" in " ".join(parsed(office.client().get("/en/sync")).text_content().split())
