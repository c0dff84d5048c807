"""Tests of hub/exports/iati.py: every activity is valid by IATI's own schema, 2.03."""

import json
from functools import cache
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from lxml import etree

from hub.access import Role
from hub.exports.iati import Reporting, iati
from hub.exports.publishers import Publishers
from node.importing.build import Candidate, build
from node.importing.identity import derive_id
from node.importing.mapping import load_mapping
from node.importing.read import read_rows
from schemas.entry import InvalidEntry, parse_entry
from tests.docs.project import ROOT
from tests.hub.exports.random_records import records
from tests.hub.exports.test_batches import reading_of
from tests.hub.published import Published, example
from tests.hub.serving import api_of
from tests.shared_files import SHARED, needs_shared
from tests.signed_network import NETWORK

XML = "/api/v1/records.iati.xml"
SCENARIO = ROOT / "deploy/demo/scenario"
AS_OF = "2026-11-26T15:00:00.000Z"


@cache
def schema() -> Any:
    return etree.XMLSchema(etree.parse(SHARED / "data" / "schemas" / "iati-activities-schema-2.03.xsd"))


def item(record: dict[str, Any], org: str = "xa-centre") -> dict[str, Any]:
    return {"kind": "activity", "org": org, "id": "a1", "record": record, "published": AS_OF, "status": "current"}


def written(network: Published, *records_: dict[str, Any], filters: str = "all records") -> bytes:
    reporting = Reporting(NETWORK, Publishers(reading_of(network), Role.PUBLIC), AS_OF)
    return b"".join(iati(iter([[item(record)] for record in records_]), reporting, filters))


@needs_shared
def test_what_the_hub_answers_is_valid_and_says_as_of_when_and_what_was_asked(reader: TestClient) -> None:
    answer = reader.get(XML, params={"place": "XAA"})
    assert answer.headers["content-type"] == "application/xml"
    document = etree.fromstring(answer.content)
    schema().assertValid(document)
    [activity] = document
    assert (document.get("version"), activity.findtext("iati-identifier")) == ("2.03", "XI-IATI-REGIONAL-0001")
    assert b"Asked for: kind: activity; place: XAA" in answer.content
    reporting = activity.find("reporting-org")
    assert (reporting.get("ref"), reporting.get("type")) == ("XI-IATI-XA-NCX", "10")
    assert [each.text for each in reporting] == ["National Centre of Xandia", "Centre national"]


@needs_shared
def test_the_activities_of_the_exercise_are_valid(everything: Published) -> None:
    lines = [line for path in sorted(SCENARIO.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    entries = [entry for entry in map(json.loads, lines) if entry["kind"] == "activity"]
    document = etree.fromstring(written(everything, *(parse_entry(entry).record for entry in entries)))
    schema().assertValid(document)
    assert len(document) == len(entries) > 0


@needs_shared
def test_assistance_of_a_public_source_is_valid(everything: Published) -> None:
    by = load_mapping(ROOT / "deploy/mappings/ghs_assistance.toml")
    rows = read_rows(SHARED / "data/assistance/ghs_tracking_submitted_data.json", by)
    found = [
        each.record
        for each in build(rows, by, lambda key: derive_id(bytes(32), by.source, key))
        if isinstance(each, Candidate)
    ]
    document = etree.fromstring(written(everything, *found))
    schema().assertValid(document)
    assert len(document) == 343
    assert document.findtext("iati-activity/transaction/value") is not None


@needs_shared
@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(record=records("activity"))
def test_any_activity_that_the_model_allows_is_valid(everything: Published, record: dict[str, Any]) -> None:
    for field in ("places", "sectors"):  # shares must add up: there are none
        record[field] = [{k: v for k, v in each.items() if k != "percentage"} for each in record.get(field, ())]
        if not record[field]:
            del record[field]
    try:
        parse_entry({"kind": "activity", "marking": "TLP:CLEAR", **record})
    except InvalidEntry:
        return
    schema().assertValid(etree.fromstring(written(everything, record)))


def test_what_iati_cannot_hold_is_kept_beside(everything: Published) -> None:
    flow = {"type": "2", "value": "5", "currency": "USD"}
    [activity] = etree.fromstring(written(everything, example("activity", transactions=[flow])))
    assert activity.find("transaction") is None
    assert dict(activity.find("legacy-data").attrib) == {
        "name": "transaction without a date", "value": "2 5 USD", "iati-equivalent": "transaction",
    }  # fmt: skip


def test_countries_bear_alpha_2_codes_regions_those_of_m49_and_themes_a_vocabulary_of_their_own(
    everything: Published,
) -> None:
    places = [{"country": "KEN", "percentage": "60", "subdivision": "KE-30"}, {"region": "014", "percentage": "40"}]
    [activity] = etree.fromstring(written(everything, example("activity", places=places)))
    country, region = activity.find("recipient-country"), activity.find("recipient-region")
    assert (country.get("code"), country.get("percentage"), country.findtext("narrative")) == ("KE", "60", "Kenya")
    assert (region.get("code"), region.get("vocabulary"), region.get("percentage")) == ("014", "2", "40")
    assert activity.findtext("location/name/narrative") == "KE-30"
    dac, theme = activity.findall("sector")
    assert (dac.get("vocabulary"), dac.get("code"), dac.get("percentage")) == ("1", "15210", "100")
    assert (theme.get("vocabulary"), theme.get("code")) == ("99", "2.10")
    assert theme.get("vocabulary-uri") == f"https://{NETWORK}/schemas/activity/1#theme_1373"
    assert [tag.get("code") for tag in activity.findall("tag")] == [
        "R.32", "equipment", f"https://{NETWORK}/records/need/xa-centre/need1",
    ]  # fmt: skip
    assert (activity.get("default-currency"), activity.get("hierarchy")) == ("USD", "2")


def test_what_is_asked_for_cannot_end_the_comment(everything: Published) -> None:
    document = etree.fromstring(written(everything, example("activity"), filters="q: --><x>--"))
    assert len(document) == 1


def test_a_file_without_an_activity_would_not_be_valid_so_there_is_none(small_network: Published) -> None:
    small_network.admit("xa-centre")
    answer = TestClient(api_of(small_network)).get(XML)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "no-activity")


@pytest.mark.parametrize("kind", ["need", "contact"])
def test_iati_is_about_activities_only(reader: TestClient, kind: str) -> None:
    assert reader.get(XML, params={"kind": kind}).status_code == 400
