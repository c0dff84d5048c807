"""Tests of the API's mappings: remembered, used by their name, forgotten; what is none is kept nowhere."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.node.api.test_application import is_problem
from tests.node.api.test_imports import IMPORTS, MAPPING, MAPPINGS, amina, checked, node, seen
from tests.node.pages.test_importing import ROWS, as_csv

__all__ = ["amina", "node"]


def test_a_mapping_is_remembered_read_used_by_its_name_and_forgotten(amina: TestClient) -> None:
    checked(amina)
    known = amina.get(f"{MAPPINGS}/offices").json()
    assert known["mapping"]["fields"] == MAPPING["fields"]
    assert [each["name"] for each in amina.get(MAPPINGS).json()["items"]] == ["offices"]
    sent = amina.post(IMPORTS, content=as_csv(ROWS))
    assert sent.json()["fitting"] == ["offices"]
    again = amina.put(f"{sent.headers['location']}/mapping", json={"name": "offices"}, headers=seen(sent))
    assert again.json()["counts"]["new"] == 2
    assert amina.delete(f"{MAPPINGS}/offices").status_code == 204
    is_problem(amina.get(f"{MAPPINGS}/offices"), 404)
    assert amina.post(MAPPINGS, json={"mapping": MAPPING}).json()["name"] == "offices"


@pytest.mark.parametrize(
    "mapping", [{}, {"source": "x"}, {**MAPPING, "kind": "shoe"}, {**MAPPING, "history": {"column": "Code"}}]
)
def test_what_is_no_mapping_is_refused_and_kept_nowhere(amina: TestClient, mapping: dict[str, Any]) -> None:
    is_problem(amina.post(MAPPINGS, json={"mapping": mapping}), 422)
    assert amina.get(MAPPINGS).json()["items"] == []
    sent = amina.post(IMPORTS, content=as_csv(ROWS))
    tried = amina.put(f"{sent.headers['location']}/mapping", json={"mapping": mapping}, headers=seen(sent))
    is_problem(tried, 422)
    both = {"name": "offices", "mapping": MAPPING}
    is_problem(amina.put(f"{sent.headers['location']}/mapping", json=both, headers={"If-Match": "*"}), 422)
