"""Tests of hub/exports/csv_file.py: read again by the csv module, safe in a spreadsheet."""

import csv
import io

import pytest
from fastapi.testclient import TestClient

from hub.exports.csv_file import MARK, safe
from tests.hub.exports.conftest import FORMULA
from tests.hub.published import Published, example
from tests.hub.serving import api_of

CSV = "/api/v1/records.csv"


def rows(client: TestClient, **asked: str | list[str]) -> list[dict[str, str]]:
    answer = client.get(CSV, params=asked)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), strict=True))


def test_a_file_begins_with_a_mark_and_has_lines_as_rfc_4180_wants_them(reader: TestClient) -> None:
    content = reader.get(CSV, params={"kind": "need"}).content
    assert content.decode().startswith(f"{MARK}kind,org,id,marking,")
    assert content.endswith(b"\r\n")
    with_break = next(row for row in rows(reader, kind="need") if row["id"] == "formula")
    assert with_break["description.en"] == "Two\nlines, with comma"


def test_one_kind_has_its_own_fields_with_a_column_for_each_language(reader: TestClient) -> None:
    first, formula = rows(reader, kind="need")
    assert (first["title.en"], first["title.fr"][:5], first["title.ar"][:5]) == (
        "Border posts without document readers", "Poste", "مراكز",
    )  # fmt: skip
    assert (first["cost.requirements"], first["quantity.in_need"]) == ("1250000.50", "9")
    assert first["themes"] == "theme_1373:2.10; fatf:R.32"
    assert formula["description.other"] == '{"sv":"På svenska"}'


def test_several_kinds_have_the_columns_that_all_kinds_share(reader: TestClient) -> None:
    found = rows(reader, kind=["need", "plan"])
    assert {row["kind"] for row in found} == {"need", "plan"}
    assert {"title", "themes", "places.country", "published"} < set(found[0])
    assert "need_status" not in found[0]


def test_text_that_a_spreadsheet_would_run_is_text(reader: TestClient) -> None:
    formula = next(row for row in rows(reader, kind="need") if row["id"] == "formula")
    assert formula["title.en"] == f"'{FORMULA}"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "|", " =", "＝", "\n="])
def test_whatever_may_begin_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe(f"{start}1+1") == f"'{start}1+1"
    assert safe("1+1") == "1+1"


def test_a_telephone_number_keeps_its_plus_and_a_negative_amount_stays_a_number(small_network: Published) -> None:
    small_network.publish("contact", example("contact", visibility="public"), id="c")
    cost = {"requirements": "-5.20", "currency": "USD"}
    small_network.publish("need", example("need", cost=cost), id="n")
    client = TestClient(api_of(small_network))
    assert rows(client, kind="contact")[0]["phones.number"] == "'+254201234567"
    assert rows(client, kind="need")[0]["cost.requirements"] == "-5.20"


def test_a_withdrawn_record_is_there_only_if_asked_for_and_says_why(reader: TestClient) -> None:
    assert "gone" not in {row["id"] for row in rows(reader)}
    [gone] = rows(reader, status="withdrawn")
    assert (gone["id"], gone["record_status"], gone["reason"]) == ("gone", "withdrawn", "It ended.")
