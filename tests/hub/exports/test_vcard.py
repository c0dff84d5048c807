"""Tests of hub/exports/vcard.py: read by vobject, as address books read it."""

from typing import Any

import vobject
from fastapi.testclient import TestClient

from tests.signed_network import NETWORK

VCF = "/api/v1/records.vcf"


def cards(client: TestClient, language: str = "en", **asked: str) -> dict[str, Any]:
    answer = client.get(VCF, params=asked, headers={"Accept-Language": language})
    assert answer.headers["content-type"] == "text/vcard; charset=utf-8"
    found = list(vobject.readComponents(answer.content.decode()))
    assert all(card.name == "VCARD" and card.version.value == "3.0" for card in found)
    return {card.uid.value.rpartition("/")[2]: card for card in found}


def test_a_card_has_every_way_to_reach_a_contact(reader: TestClient) -> None:
    card = cards(reader)["contact1"]
    assert (card.fn.value, card.title.value) == ("Duty office", "Duty officer")
    assert card.org.value == ["National Centre of Xandia", "Operations"]
    assert (card.email.value, card.email.params["TYPE"]) == ("duty@centre.example", ["INTERNET", "WORK", "PREF"])
    assert (card.tel.value, card.tel.params["TYPE"]) == ("+254201234567", ["WORK", "VOICE", "MSG", "PREF"])
    assert (card.adr.value.street, card.adr.value.city, card.adr.value.code) == ("1 Harbour Road", "Xan City", "10000")
    assert (card.tz.value, card.rev.value, card.url.value) == (
        "Africa/Nairobi", "2026-10-01", "https://centre.example/form",
    )  # fmt: skip
    assert card.uid.value == f"https://{NETWORK}/records/contact/xa-centre/contact1"
    assert card.role.value == "Duty officer, 24 hours, Counter-terrorism focal point"
    assert card.categories.value[1] == "fatf:R.32 Cash couriers"
    for said in ("Last confirmed 2026-10-01", "Languages: en, ar", "Hours: Always", "In an emergency: +254201234567"):
        assert said in card.note.value


def test_a_card_is_in_the_readers_language(reader: TestClient) -> None:
    assert cards(reader, "ar")["contact1"].fn.value == "مكتب المناوبة"


def test_text_of_a_contact_cannot_end_the_card_or_add_to_it(reader: TestClient) -> None:
    card = cards(reader)["breaking"]
    assert card.fn.value == "Duty END:VCARD TEL:+1"
    assert card.org.value == ["ke-nctc", "a;b,c\\d"]
    assert "tel" not in card.contents


def test_members_contacts_are_for_members(reader: TestClient, member: TestClient) -> None:
    assert set(cards(reader)) == {"contact1", "breaking"}
    assert set(cards(member)) == {"contact1", "breaking", "members"}
    assert set(cards(member, q="duty office")) == {"contact1"}


def test_cards_are_of_contacts_only(reader: TestClient) -> None:
    answer = reader.get(VCF, params={"kind": ["contact", "need"]})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"].endswith("must be left out or be contact: vCard holds nothing else.")


def test_one_contact_has_a_card_of_its_own(reader: TestClient) -> None:
    answer = reader.get("/api/v1/records/contact/xa-centre/contact1.vcf")
    assert answer.headers["content-disposition"] == 'attachment; filename="xa-centre-contact1.vcf"'
    assert vobject.readOne(answer.text).fn.value == "Duty office"


def test_a_card_that_may_not_be_seen_answers_like_one_that_does_not_exist(
    reader: TestClient, member: TestClient
) -> None:
    for suffix in (".vcf", ".qr.svg"):
        hidden = reader.get(f"/api/v1/records/contact/xa-centre/members{suffix}")
        absent = reader.get(f"/api/v1/records/contact/xa-centre/nobodys{suffix}")
        assert hidden.status_code == absent.status_code == 404
        assert hidden.text.replace("members", "nobodys") == absent.text
        assert member.get(f"/api/v1/records/contact/xa-centre/members{suffix}").status_code == 200
        assert reader.get(f"/api/v1/records/need/xa-centre/need1{suffix}").status_code == 404
