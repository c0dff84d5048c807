"""The real files load by mappings alone: as many records as an independent count finds, and every bad row reported."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from node.importing.build import Candidate, build
from node.importing.difference import Known, difference
from node.importing.history import Batch, Put, replay
from node.importing.identity import derive_id
from node.importing.mapping import Mapping, load_mapping
from node.importing.read import read_rows
from node.importing.rows import BadRow
from tests.flow.count_files import expected
from tests.node.importing.making import SECRET
from tests.shared_files import SHARED, needs_shared

pytestmark = needs_shared
DATA = SHARED / "data"
MAPPINGS = Path(__file__).resolve().parents[3] / "deploy/mappings"

FILES = {
    "jee_assessments": ("assessments/jee_score_data.json", 81, 48),
    "ghs_assistance": ("assistance/ghs_tracking_submitted_data.json", 343, 109),
    "hno_2024_needs": ("needs/hpc_hno_2024.csv", 1049, 9),
    "ghs_unmet_needs": ("needs/ghs_unmetneeds.json", 100, 0),
    "publicbodies_se": ("contacts/publicbodies_se.csv", 652, 0),
    "publicbodies_br": ("contacts/publicbodies_br.csv", 265, 0),
    "publicbodies_se_organizations": ("contacts/publicbodies_se.csv", 652, 0),
    "publicbodies_br_organizations": ("contacts/publicbodies_br.csv", 265, 0),
    "untc_18_11": ("accession/untc_18-11.csv", 188, 0),
}


@cache
def _counted() -> dict[str, Any]:
    return expected(DATA)


def _outcomes(name: str) -> tuple[Mapping, Iterator[Any]]:
    by = load_mapping(MAPPINGS / f"{name}.toml")
    rows = read_rows(DATA / FILES[name][0], by)
    return by, build(rows, by, lambda key: derive_id(SECRET, by.source, key))


@cache
def _loaded(name: str) -> tuple[list[Candidate], list[BadRow]]:
    found = list(_outcomes(name)[1])
    return [x for x in found if isinstance(x, Candidate)], [x for x in found if isinstance(x, BadRow)]


@cache
def _replayed(name: str, file: str) -> list[Batch]:
    by = load_mapping(MAPPINGS / f"{name}.toml")
    return list(replay(read_rows(DATA / file, by), by, lambda key: derive_id(SECRET, by.source, key)))


def _standing(batches: list[Batch]) -> dict[str, dict[str, Any]]:
    standing: dict[str, dict[str, Any]] = {}
    for batch in batches:
        for step in batch.steps:
            if isinstance(step, Put):
                standing[step.id] = step.record
            else:
                del standing[step.id]
    return standing


@pytest.mark.parametrize("name", FILES)
def test_each_file_gives_its_number_of_records_and_of_bad_rows(name: str) -> None:
    good, bad = _loaded(name)
    assert (len(good), len({each.row for each in bad})) == FILES[name][1:]
    assert len({each.id for each in good}) == len(good)


@pytest.mark.parametrize("name", FILES)
def test_each_file_imported_twice_publishes_nothing_the_second_time(name: str) -> None:
    good, _ = _loaded(name)
    store = {(each.kind, each.id): Known(each.marking, each.record) for each in good}
    by, outcomes = _outcomes(name)
    again = difference(outcomes, by.kind, store, set(store))
    assert again.is_empty()
    assert len(again.unchanged) == len(good)


def test_jee_scores_are_one_assessment_per_territory_and_zanzibar_is_reported() -> None:
    good, bad = _loaded("jee_assessments")
    counted = _counted()["jee"]
    assert {each.record["subject"]["country"]: len(each.record["ratings"]) for each in good} == counted[
        "scores_by_country"
    ]
    scores = Counter(rating["score"] for each in good for rating in each.record["ratings"])
    assert scores == counted["values"]
    assert scores["2.5"] == 1
    assert [each.row for each in bad] == counted["bad_rows"]
    assert {(each.column, each.found) for each in bad} == {("code", "??")}


def test_assistance_is_one_activity_per_project_with_the_places_that_are_places() -> None:
    good, bad = _loaded("ghs_assistance")
    counted = _counted()["activities"]
    places = {
        each.record["activity_id"]: sorted(place.get("country") or place["region"] for place in each.record["places"])
        for each in good
    }
    assert places == counted["places"]
    assert sorted({each.row for each in bad}) == counted["bad_rows"]
    by_column = Counter((each.row, each.column.split(".")[0]) for each in bad)
    assert Counter(column for _, column in by_column) == counted["bad_by_column"]
    assert {each.found for each in bad if each.column == "recipient_country"} >= {"", "who", "XK", "ecowas", "gaza"}


def test_two_equal_payments_of_a_project_are_two() -> None:
    good, _ = _loaded("ghs_assistance")
    (project,) = [each for each in good if each.record["activity_id"] == "proj.303232"]
    paid = Counter((each["date"], each["value"]) for each in project.record["transactions"])
    assert paid["2014-12-31", "383333.4"] == 2


def test_needs_of_the_humanitarian_overview_by_cluster_and_the_rows_without_one() -> None:
    good, bad = _loaded("hno_2024_needs")
    counted = _counted()["hno_needs"]
    found = Counter(f"{each.record['beneficiary']['country']}/{each.record['themes'][0]['code']}" for each in good)
    assert found == counted["by_country_and_cluster"]
    assert sum(each.record["quantity"].get("in_need", 0) for each in good) == counted["in_need"]
    assert [each.row for each in bad] == counted["bad_rows"]


def test_accessions_by_how_the_state_became_a_party() -> None:
    good, _ = _loaded("untc_18_11")
    found = Counter(each.record.get("action", "signed only") for each in good)
    counted = dict(_counted()["accessions"])
    assert counted.pop("accessions") == len(good)
    assert dict(found) == counted
    assert len({each.record["state"] for each in good}) == len(good)


def test_contacts_have_the_addresses_of_the_file_and_those_without_any_are_taken() -> None:
    swedish, _ = _loaded("publicbodies_se")
    brazilian, _ = _loaded("publicbodies_br")
    assert sum("emails" in each.record for each in swedish) == 616
    assert sum("emails" in each.record for each in brazilian) == 265
    assert sum(len(each.record["phones"]) for each in brazilian) == 313
    assert sum(not {"emails", "phones", "addresses"} & set(each.record) for each in swedish) == 8


def test_the_jee_history_ends_at_the_scores_of_the_last_change() -> None:
    batches = _replayed("jee_history", "events/jee_score_changes.jsonl")
    counted = _counted()["jee_history"]
    scores = {
        record["subject"]["country"]: {each["criterion"]["code"]: each["score"] for each in record["ratings"]}
        for record in _standing(batches).values()
    }
    assert scores == counted["scores"]
    assert len({bad.row for batch in batches for bad in batch.bad}) == counted["bad_changes"] == 67


def test_the_history_of_federal_contacts_publishes_what_changed_a_contact_and_ends_at_the_last_change() -> None:
    batches = _replayed("dotgov_contacts_history", "events/dotgov_federal_contact_changes.jsonl")
    counted = _counted()["dotgov"]
    steps = [step for batch in batches for step in batch.steps]
    assert sum(isinstance(step, Put) for step in steps) == counted["put"] == 6176
    assert sum(not isinstance(step, Put) for step in steps) == counted["withdrawn"] == 1457
    emails = {
        record["organization"]["id"]: record.get("emails", [{"address": ""}])[0]["address"]
        for record in _standing(batches).values()
    }
    assert emails == counted["emails"]
    assert len(emails) == 1321
    assert not [bad for batch in batches for bad in batch.bad]
