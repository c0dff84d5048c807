"""The first and the last day of the calendar are legal, and some programs write one for "no date": nothing fails."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hub.access import create_token
from schemas.records import KINDS
from tests.hub.published import Published, example
from tests.hub.serving import api_of

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LISTS = (
    "/api/v1/records", "/api/v1/records.csv", "/api/v1/records.xlsx", "/api/v1/records.jsonl", "/api/v1/records.atom",
    "/api/v1/matrix", "/api/v1/stats", "/", "/records", "/directory", "/needs", "/needs?unmet=true", "/matrix",
    "/resources", "/assessments", "/accessions", "/plans", "/feed", "/places/KEN", "/organizations/xa-centre",
)  # fmt: skip


def all_on(day: str, value: Any) -> Any:
    """Give a record with this day in the place of every other."""
    if isinstance(value, dict):
        return {name: all_on(day, each) for name, each in value.items()}
    if isinstance(value, list):
        return [all_on(day, each) for each in value]
    return day if isinstance(value, str) and _DAY.fullmatch(value) else value


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_records_of_the_calendar_s_end_are_listed_shown_and_exported(network: Published, day: str) -> None:
    for kind in KINDS:
        record = {**example(kind), "review_due": day, "confirmed_at": day}
        network.publish(kind, all_on(day, record), id=f"{kind}-1", marking="TLP:GREEN")
    token = create_token(network.engine, "member", "tests")
    client = TestClient(api_of(network), headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)
    asked = [*LISTS]
    for kind in KINDS:
        place = f"records/{kind}/xa-centre/{kind}-1"
        asked += [f"/api/v1/records?kind={kind}", f"/records?kind={kind}", f"/{place}", f"/api/v1/{place}"]
    failed = {address: answer.status_code for address in asked if (answer := client.get(address)).status_code != 200}
    assert failed == {}
