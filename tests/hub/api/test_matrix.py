"""Tests of hub/api/matrix.py: the matrix over HTTP, by filter and by what may be seen."""

from fastapi.testclient import TestClient

from hub.access import create_token
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.hub.test_matrix_since import sign
from tests.signed_network import need


def test_the_matrix_has_the_form_of_the_contract(small_network: Published) -> None:
    small_network.publish("need", need())
    answer = TestClient(api_of(small_network)).get("/api/v1/matrix", params={"rows": "place", "columns": "theme"})
    table = answer.json()
    assert list(table) == ["rows", "columns", "cells", "as_of"]
    assert table["cells"] == [
        {
            "row": "KEN", "column": "2.10", "needs": 1, "ratings_below": 0, "providers": 0, "offers": 0, "regional": 0,
            "state": "gap",
        }
    ]  # fmt: skip


def test_a_wrong_question_is_answered_with_what_may_be_asked(small_network: Published) -> None:
    client = TestClient(api_of(small_network))
    for query in ("rows=colour", "scheme=made_up", "place=KNE", "limit=5"):
        answer = client.get(f"/api/v1/matrix?{query}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"].startswith(f"/{query.partition('=')[0]}")


def test_members_see_cells_that_others_do_not(small_network: Published) -> None:
    small_network.publish("need", need(consent_to_publish=False), marking="TLP:GREEN")
    client = TestClient(api_of(small_network))
    token = create_token(small_network.engine, "member", "reader")
    assert client.get("/api/v1/matrix").json()["cells"] == []
    seen = client.get("/api/v1/matrix", headers={"Authorization": f"Bearer {token}"}).json()
    assert [cell["state"] for cell in seen["cells"]] == ["gap"]


def test_files_have_the_same_cells_as_the_answer(small_network: Published) -> None:
    small_network.publish("need", need())
    client = TestClient(api_of(small_network))
    lines = client.get("/api/v1/matrix.csv", params={"rows": "theme", "columns": "place"}).text.splitlines()
    assert lines[1].startswith("2.10,Effective border controls and related issues,KEN,Kenya,gap,")
    book = client.get("/api/v1/matrix.xlsx")
    assert book.headers["content-disposition"].endswith('.xlsx"')
    assert book.content.startswith(b"PK")


def test_a_difference_says_since_when_or_why_there_is_none(small_network: Published) -> None:
    small_network.publish("need", need())
    client = TestClient(api_of(small_network))
    assert client.get("/api/v1/matrix?since=2026-11-20").status_code == 422
    sign(small_network)
    small_network.publish("need", need(beneficiary={"country": "FRA"}), id="n2")
    table = client.get("/api/v1/matrix?since=2026-11-20").json()
    assert [(cell["row"], cell["was"], cell["state"]) for cell in table["cells"]] == [("FRA", "none", "gap")]
    assert table["since"]["at"] == "2026-11-19T12:00:00.000Z"
