"""Tests of hub/pages/forms.py: what is no form is answered as every error is; the rest is tested in tests/ui."""

from fastapi.testclient import TestClient

from tests.hub.published import Published
from tests.hub.serving import api_of


def test_what_is_no_form_is_a_problem(small_network: Published) -> None:
    got = TestClient(api_of(small_network)).post("/login", json={"name": "amina"})
    assert (got.status_code, got.headers["content-type"]) == (415, "application/problem+json")
