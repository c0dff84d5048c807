"""Tests of node/pages/forms: what is no form is refused by name; the rest is tested in tests/ui."""

from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from node.pages.forms import form
from node.problem_details import answer_with_problems


def test_the_last_of_a_field_counts_and_what_is_no_form_is_a_problem() -> None:
    app = FastAPI()
    answer_with_problems(app)

    @app.post("/")
    def sent(given: Annotated[dict[str, str], Depends(form)]) -> dict[str, str]:
        return given

    client = TestClient(app)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/", content="a=1&a=2", headers=kind).json() == {"a": "2"}
    refused = client.post("/", json={"a": 1})
    assert (refused.status_code, refused.json()["reason"]) == (415, "no-form")
