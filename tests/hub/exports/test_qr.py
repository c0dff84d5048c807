"""Tests of hub/exports/qr.py: small enough for a telephone, the same dots as the card, nothing that runs."""

from typing import Any
from xml.etree import ElementTree as ET

import segno
import vobject
from fastapi.testclient import TestClient

from hub.exports.qr import qr_svg
from hub.exports.vcard import small_card
from tests.hub.published import example

SVG = "{http://www.w3.org/2000/svg}"


class Known:
    """Names every organization alike."""

    def name(self, _ref: Any, _language: str) -> str:
        return "Centre " + "é" * 500


def test_the_code_holds_a_card_with_name_organization_telephone_and_mail() -> None:
    phones = [{"number": "+254201111111"}, {"number": "+254202222222", "emergency": True}]
    emails = [{"address": "b@centre.example"}, {"address": "a@centre.example", "pref": 1}]
    record = example("contact", phones=phones, emails=emails, name={"en": "N" * 30_000})
    written = small_card({"record": record}, Known(), "en")  # type: ignore[arg-type]
    card = vobject.readOne(written.decode())
    assert (card.tel.value, card.email.value) == ("+254202222222", "a@centre.example")
    assert (len(card.fn.value), len(card.org.value[0])) == (80, 80)
    assert segno.make_qr(written.decode(), error="m").version <= 25


def test_it_is_drawn_for_eyes_and_named_for_screen_readers(reader: TestClient) -> None:
    answer = reader.get("/api/v1/records/contact/xa-centre/contact1.qr.svg", headers={"Accept-Language": "ar"})
    assert answer.headers["content-type"] == "image/svg+xml"
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == "مكتب المناوبة"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "g", "path"}


def test_a_title_cannot_become_markup() -> None:
    drawn = qr_svg(b"x", "<script>alert(1)</script>")
    assert b"<script" not in drawn
