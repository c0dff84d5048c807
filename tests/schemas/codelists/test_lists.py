"""The code lists hold what their sources say, and nothing twice."""

import csv
import json
import re
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from schemas.codelists import SCHEMES, THEME_SCHEMES, codes, is_code, label, labels, scheme
from schemas.codelists.lists import table
from schemas.need_life import TRANSITIONS
from tests.shared_files import SHARED, needs_shared

LISTS = SHARED / "data" / "codelists"


@cache
def proposed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((LISTS / "proposed_codelists.json").read_bytes())
    return found


def rows(name: str) -> list[dict[str, str]]:
    with (LISTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", sorted(set(SCHEMES) - {"glide"}))
def test_every_list_has_codes_with_labels_and_none_twice(name: str) -> None:
    listed = [row["code"] for row in table(name)]
    assert listed
    assert len(listed) == len(set(listed)) == len(labels(name))
    assert all(text.strip() == text != "" for text in labels(name).values())


def test_a_list_nobody_knows_is_an_error_that_names_those_we_know() -> None:
    with pytest.raises(KeyError, match="theme_1373"):
        scheme("themes")
    with pytest.raises(KeyError):
        labels("themes")
    with pytest.raises(KeyError):
        table("../__init__")


@pytest.mark.parametrize(
    ("name", "code", "good"),
    [
        ("theme_1373", "2.10", True),
        ("theme_1373", "2.11", False),
        ("who_spar", "C1", True),
        ("who_spar", "C15.3", True),
        ("who_spar", "C16", False),
        ("glide", "EQ-2023-000015-TUR", True),
        ("glide", "EQ-2023-15-TUR", False),
        ("glide", "EQ-2023-000015-TUR\n", False),
    ],
)
def test_open_lists_go_by_form_and_closed_ones_by_their_codes(name: str, code: str, good: bool) -> None:
    assert is_code(name, code) == good


def test_a_code_without_a_label_is_its_own_label() -> None:
    assert label("who_spar", "C1.2") == "C1.2"
    assert label("theme_1373", "1.7") == "Cash couriers"


def test_themes_come_from_lists_that_exist() -> None:
    assert set(THEME_SCHEMES) <= set(SCHEMES)


@needs_shared
def test_the_themes_of_1373_are_the_headings_under_their_three_chapters() -> None:
    headings = dict(proposed()["theme_1373"]["codes"])
    assert {code: text for code, text in labels("theme_1373").items() if "." in code} == headings
    assert {code for code in codes("theme_1373") if "." not in code} == {"1", "2", "3"}


@needs_shared
@pytest.mark.parametrize(
    ("name", "source"),
    [("fatf", "fatf_criterion"), ("activity_status", "activity_status"), ("treaty_action", "treaty_action")],
)
def test_lists_with_labels_are_as_proposed(name: str, source: str) -> None:
    assert dict(labels(name)) == {code: text for code, text, *_ in proposed()[source]["codes"]}


@needs_shared
@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("tlp", "tlp"),
        ("need_status", "need_status"),
        ("assistance_mode", "assistance_mode"),
        ("contact_role", "contact_role"),
        ("link_type", "link_type"),
        ("consent", "consent"),
        ("plan_theme", "action_plan_theme"),
    ],
)
def test_lists_of_words_are_as_proposed_and_in_order(name: str, source: str) -> None:
    assert list(labels(name)) == proposed()[source]["codes"]


@needs_shared
def test_the_life_of_a_need_is_as_proposed() -> None:
    steps = {status: list(after) for status, after in TRANSITIONS.items() if after}
    assert steps == proposed()["need_status"]["transitions"]


@needs_shared
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("iati_org_type", "OrganisationType"),
        ("activity_status", "ActivityStatus"),
        ("iati_scope", "ActivityScope"),
        ("iati_org_role", "OrganisationRole"),
        ("iati_date_type", "ActivityDateType"),
        ("iati_transaction_type", "TransactionType"),
        ("iati_result_type", "ResultType"),
    ],
)
def test_iati_lists_are_those_of_iati(name: str, file: str) -> None:
    items = ET.parse(LISTS / "iati" / f"{file}.xml").getroot().iter("codelist-item")  # noqa: S314  our own copy
    assert dict(labels(name)) == {
        item.findtext("code"): str(item.findtext("name/narrative")).strip()
        for item in items
        if item.get("status") != "withdrawn"
    }


@needs_shared
def test_dac_sectors_and_aid_types_are_those_of_the_dac_voluntary_codes_included() -> None:
    sectors = {row["voluntary_code"] or row["code"]: row["name_en"].strip() for row in rows("dac_sectors.csv")}
    assert dict(labels("dac_crs")) == sectors
    assert dict(labels("dac_aid_type")) == {row["code"]: row["name_en"].strip() for row in rows("dac_aid_types.csv")}


@needs_shared
def test_jee_criteria_are_all_that_the_data_rate_or_assist() -> None:
    data = SHARED / "data"
    rated = json.loads((data / "assessments" / "jee_score_data.json").read_bytes())
    with (data / "events" / "jee_score_changes.jsonl").open(encoding="utf-8") as file:
        rated += [event["after"] for event in map(json.loads, file) if event.get("after")]
    indicators = {row["indicator"].split(" ", 1)[0] for row in rated}
    assisted = json.loads((data / "assistance" / "ghs_tracking_submitted_data.json").read_bytes())
    areas = {area.split(" ", 1)[0] for row in assisted for area in row["core_capacities"]} - {"", "General"}
    assert indicators | areas <= codes("who_jee")
    assert codes("who_jee") - indicators == {code.rsplit(".", 1)[0] for code in indicators}


@needs_shared
def test_clusters_are_those_of_the_data() -> None:
    with (SHARED / "data" / "needs" / "hpc_hno_2024.csv").open(encoding="utf-8-sig", newline="") as file:
        named = {row["Cluster"] for row in csv.DictReader(file)} - {""}
    assert codes("hpc_cluster") == named


def test_no_list_names_a_marking_that_first_withdrew() -> None:
    assert not any(re.search("WHITE|unclear|chr", code) for code in codes("tlp"))
