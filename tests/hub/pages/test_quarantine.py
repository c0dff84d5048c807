"""Tests of the pages of refused messages: what is shown of a stranger's bytes, and what is not."""

import orjson
import pytest
from sqlalchemy import insert

from hub import tables
from tests.hub.operating.operators import Office, parsed, refuse
from tests.hub.published import Published
from tests.signed_network import key_of, need


@pytest.fixture
def office(small_network: Published) -> Office:
    refuse(small_network, 2)
    return Office(small_network)


def test_messages_are_listed_by_cause_and_filtered(office: Office) -> None:
    refuse(office.network, 1, "xb-office")
    client = office.client()
    page = parsed(client.get("/en/quarantine"))
    assert len(page.xpath("//tbody/tr")) == 3
    assert "3 messages" in page.text_content()
    assert len(parsed(client.get("/en/quarantine?org=xb-office&reason=")).xpath("//tbody/tr")) == 1
    assert parsed(client.get("/en/quarantine?reason=forked")).xpath("//tbody/tr") == []
    assert len(client.get("/api/v1/quarantine?reason=unknown-key&limit=2").json()["items"]) == 2
    assert client.get("/api/v1/quarantine?reason=nonsense").status_code == 400
    wrong = client.get("/en/quarantine?reason=nonsense")
    assert (wrong.status_code, len(parsed(wrong).xpath("//*[@id='errors']"))) == (422, 1)


def test_one_message_is_shown_decoded_with_what_was_expected_and_what_to_do(office: Office) -> None:
    client = office.client()
    shown = parsed(client.get("/en/quarantine/1")).text_content()
    assert '"source": "liaison://' in shown or '"source"' in shown
    assert "False 0" in shown
    assert "What to do" in shown
    answer = client.get("/en/quarantine/1/message.json")
    assert answer.headers["content-disposition"] == "attachment; filename=message-1.json"
    assert orjson.loads(answer.content)["reason"] == "unknown-key"


def test_the_body_of_a_message_that_is_not_for_operators_is_shown_nowhere(office: Office) -> None:
    author = office.network.admit("xa-centre")
    secret = author.twin().say(need("Zanzibar"), marking="TLP:AMBER", key=key_of("somebody else"))
    office.network.deliver(secret)
    client = office.client()
    for address in ("/en/quarantine", "/en/quarantine/3", "/en/quarantine/3/message.json", "/en/sync/xa-centre"):
        assert "Zanzibar" not in client.get(address).text
    assert "Not shown: marked TLP:AMBER" in parsed(client.get("/en/quarantine/3")).text_content()


def test_bytes_that_are_no_text_are_shown_as_digits_and_markup_as_text(office: Office) -> None:
    row = {
        "at": "2026-11-23T12:00:00.000Z", "bus_organization": "xa-centre", "bus_kind": "<script>alert(1)</script>",
        "reason": "malformed", "found": "<img src=x onerror=alert(1)>", "expected": "a token", "digest": bytes(32),
        "token": b"\xff\xfe<b>", "body": None, "times": 1,
    }  # fmt: skip
    with office.network.engine.begin() as connection:
        connection.execute(insert(tables.quarantine).values(row))
    client = office.client()
    answer = client.get("/en/quarantine/3")
    page = parsed(answer)
    assert "fffe 3c62" in page.text_content().replace(" ", "").replace("fffe3c62", "fffe 3c62")
    assert page.xpath("//script[not(@src)] | //main//img") == []
    assert parsed(client.get("/en/quarantine")).xpath("//main//img") == []
