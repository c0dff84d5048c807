"""Tests of hub/exports/wording.py: the reader's language, titles of every kind, text that XML can hold."""

from xml.etree import ElementTree as ET

import pytest
from fastapi import Request

from hub.exports.wording import in_language, language_of, permanent_id, place_name, summary_of, title_of, xml_text
from schemas.fields import KIND_NAMES
from tests.hub.published import example


def asking(accept: str, **state: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept-language", accept.encode())], "state": state})


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"), ("fr", "fr"), ("de, es;q=0.5, fr;q=0.7", "fr"), ("zh-Hant-TW", "zh"), ("AR", "ar"),
        ("fr;q=0, ru;q=0.1", "ru"), ("fr;q=x", "en"), ("*", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_of_six_that_the_reader_likes_best(accept: str, language: str) -> None:
    assert language_of(asking(accept)) == language


def test_an_address_in_a_language_outweighs_what_the_program_likes() -> None:
    assert language_of(asking("fr", language="ar", language_prefix="/ar")) == "ar"
    assert language_of(asking("es", language="en", language_prefix="")) == "es"


def test_a_text_is_given_in_the_language_its_variety_english_or_what_there_is() -> None:
    text = {"sv": "a", "fr-CA": "b", "en": "c"}
    assert in_language(text, "fr") == ("fr-CA", "b")
    assert in_language(text, "ar") == ("en", "c")
    assert in_language({"sv": "a"}, "ar") == ("sv", "a")


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_kind_has_a_title_and_what_is_gone_is_called_by_its_address(kind: str) -> None:
    item = {"kind": kind, "org": "xa-centre", "id": "r1", "record": example(kind)}
    assert title_of(item, "en")[1].strip()
    assert title_of({**item, "record": {}}, "en") == ("en", f"{kind}/xa-centre/r1")
    assert summary_of({**item, "record": {}}, "en") is None


def test_a_summary_is_the_text_that_says_most() -> None:
    said = {kind: summary_of({"kind": kind, "record": example(kind)}, "fr") for kind in ("need", "activity", "plan")}
    assert said["need"] == ("en", "Seven of nine posts have no reader. We ask for equipment and training.")
    assert (said["activity"], said["plan"]) == (("en", "Equipment for seven posts."), None)


def test_places_bear_the_names_of_the_un() -> None:
    assert place_name({"country": "KEN"}, "ar") == "كينيا"
    assert place_name({"country": "XAA"}, "fr") == "XAA"
    assert place_name({"region": "014"}, "en") == "Eastern Africa"


def test_text_for_xml_has_only_what_xml_can_hold() -> None:
    element = ET.Element("a")
    element.text = xml_text("a\x00\x1b\ufffe\uffffb\tc\nd \U0001f600 é")
    assert ET.fromstring(ET.tostring(element)).text == "a\ufffd\ufffd\ufffd\ufffdb\tc\nd \U0001f600 é"  # noqa: S314


def test_a_record_has_the_same_id_on_every_hub() -> None:
    assert permanent_id("n.example", "need", "ke-nctc", "n1") == "https://n.example/records/need/ke-nctc/n1"
