"""Tests of the page on which anybody verifies an event: by its number, its token, its evidence or its address."""

import pytest

from tests.hub.pages.asked import Reader
from tests.hub.published import Published
from tests.hub.signing import sign
from tests.signed_network import contact, need


@pytest.fixture
def reader(small_network: Published) -> Reader:
    small_network.publish("need", need("Readers"), id="n1")
    small_network.publish("contact", contact(name={"en": "Quelimane"}), id="c1", marking="TLP:GREEN")
    sign(small_network)
    return Reader(small_network)


def results(reader: Reader, address: str) -> dict[str, str]:
    rows = reader.read(address).xpath("//main//tbody/tr")
    return {row.xpath("th")[0].text_content(): row.xpath("td")[0].text_content().split(maxsplit=1)[1] for row in rows}


@pytest.mark.parametrize("wanted", ["2", "xa-centre/1", "need/xa-centre/n1"])
def test_an_event_is_verified_by_any_of_its_names_in_separate_checks(reader: Reader, wanted: str) -> None:
    found = results(reader, f"/en/verify?q={wanted}")
    assert found["Does the signature hold?"] == found["Is the statement in the log?"] == "pass"
    assert found["Does it follow its author's statement before?"] == "not checked"
    assert "fail" not in found.values()


def test_the_link_of_a_record_page_verifies_its_statement(reader: Reader) -> None:
    assert "fail" not in results(reader, "/en/verify?org=xa-centre&sequence=1").values()


def test_a_pasted_token_is_found_in_the_log_or_said_to_be_another(reader: Reader, small_network: Published) -> None:
    token = small_network.logged()[2].decode()
    said = reader.client.post("/en/verify", data={"q": token}, files={"file": ("", b"")})
    assert "Every check that could be made passed" in said.text
    assert (
        "This begins like a token"
        in reader.client.post("/en/verify", data={"q": "a.b.c"}, files={"file": ("", b"")}).text
    )
    altered = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
    other = reader.client.post("/en/verify", data={"q": altered}, files={"file": ("", b"")})
    assert "another statement at this place" in other.text
    assert other.status_code == 404


def test_evidence_is_dropped_as_a_file_and_altered_evidence_fails_by_name(reader: Reader) -> None:
    evidence = reader.client.get("/api/v1/evidence/xa-centre/1").content
    good = reader.client.post("/en/verify", files={"file": ("evidence.json", evidence)})
    assert "Every check that could be made passed" in good.text
    bad = reader.client.post("/en/verify", files={"file": ("evidence.json", evidence.replace(b"form", b"from"))})
    assert "This does not hold" in bad.text
    for junk in (b"\x00" * 100, b"{}", b"[" * 50_000, "ü".encode("latin-1")):
        assert reader.client.post("/en/verify", files={"file": ("x", junk)}).status_code == 200


def test_what_cannot_be_looked_up_is_said_with_what_can(reader: Reader) -> None:
    for wanted in ("no such thing", "9999", "need/xa-centre/none", "x" * 8_000, "²", "xa-centre/²"):
        words = reader.client.get("/en/verify", params={"q": wanted})
        assert words.status_code == 404, wanted
        assert "There is a problem" in words.text
    assert reader.client.post("/en/verify", data={"q": ""}, files={"file": ("", b"")}).status_code == 422


def test_a_file_that_is_too_large_is_refused_before_it_is_read(reader: Reader) -> None:
    got = reader.client.post("/en/verify", content=b"", headers={"Content-Length": "900000000"})
    assert got.status_code == 413
    assert "liaison verify" in got.text


def test_a_members_record_is_not_looked_up_by_its_address_for_the_public(reader: Reader) -> None:
    assert reader.client.get("/en/verify", params={"q": "contact/xa-centre/c1"}).status_code == 404
    assert "Quelimane" not in reader.words("/en/verify?q=xa-centre/2")
