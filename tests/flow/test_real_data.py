"""The demonstration on the real data: at the end the hub shows exactly what the raw files hold."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.demo.network import HubReader
from tests.flow.count_files import expected
from tests.flow.demo import demonstration, free_ports
from tests.shared_files import SHARED, needs_shared

pytestmark = needs_shared
DATA = SHARED / "data"

Records = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Records, int]]:
    """What the demonstration printed, all records of the hub by organization, and its exit status."""
    state, port = tmp_path_factory.mktemp("real"), free_ports()
    with demonstration(state, port, "--data", str(DATA)) as demo:
        reader = HubReader(f"http://127.0.0.1:{port}")
        records: Records = {}
        for item in reader.all_items("/api/v1/records"):
            records.setdefault(f"{item['org']}/{item['kind']}", []).append(item["record"])
        reader.close()
        status = demo.interrupt()
        yield demo.shown, records, status


@pytest.fixture(scope="module")
def counted() -> dict[str, Any]:
    """What code that shares nothing with the import counts in the raw files."""
    return expected(DATA)


def test_the_demonstration_says_that_files_and_hub_are_equal(told: tuple[str, Records, int]) -> None:
    shown, _, status = told
    assert "All figures are equal." in shown
    assert "DIFFERENT" not in shown
    assert status == 0


def test_every_state_has_its_scores(told: tuple[str, Records, int], counted: dict[str, Any]) -> None:
    assessments = told[1]["jee-office/assessment"]
    scores = {each["subject"]["country"]: len(each["ratings"]) for each in assessments}
    assert scores == counted["jee"]["scores_by_country"]
    assert Counter(rating["score"] for each in assessments for rating in each["ratings"]) == counted["jee"]["values"]


def test_after_all_changes_every_score_is_the_last_one(told: tuple[str, Records, int], counted: dict[str, Any]) -> None:
    found = {
        each["subject"]["country"]: {rating["criterion"]["code"]: rating["score"] for rating in each["ratings"]}
        for each in told[1]["jee-change-desk/assessment"]
    }
    assert found == counted["jee_history"]["scores"]


def test_every_project_has_its_places(told: tuple[str, Records, int], counted: dict[str, Any]) -> None:
    found = Counter(
        tuple(sorted(place.get("country") or place["region"] for place in each["places"]))
        for each in told[1]["ghs-tracking/activity"]
    )
    assert found == Counter(tuple(places) for places in counted["activities"]["places"].values())


def test_needs_are_those_of_country_and_cluster(told: tuple[str, Records, int], counted: dict[str, Any]) -> None:
    found = Counter(
        f"{each['beneficiary']['country']}/{theme['code']}"
        for each in told[1]["hno-office/need"]
        for theme in each["themes"]
        if theme["scheme"] == "hpc_cluster"
    )
    assert found == counted["hno_needs"]["by_country_and_cluster"]


def test_treaty_actions_are_counted_by_kind(told: tuple[str, Records, int], counted: dict[str, Any]) -> None:
    found = Counter(each.get("action", "signed only") for each in told[1]["treaty-section/accession"])
    wanted = {name: number for name, number in counted["accessions"].items() if name != "accessions"}
    assert found == wanted


def test_after_all_changes_every_domain_has_its_last_address(
    told: tuple[str, Records, int], counted: dict[str, Any]
) -> None:
    found = Counter(
        mail["address"] for each in told[1]["us-security-contacts/contact"] for mail in each.get("emails", ())
    )
    assert found == Counter(mail for mail in counted["dotgov"]["emails"].values() if "@" in mail)
