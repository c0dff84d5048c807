"""Tests of hub/matrix_table.py: which cells a question gives, rolled up and labelled, the same on both databases."""

from typing import Any

import pytest
from sqlalchemy import insert

from hub import search
from hub.access import VISIBLE, Role
from hub.finding.kept_cells import KeptCells
from hub.finding.tables import publisher_lines
from hub.matrix_table import MatrixAsked, matrix
from tests.hub.finding.plans import asked_of, plan_of
from tests.hub.published import Published, example
from tests.signed_network import need
from wire.database import reading

BORDERS = [{"scheme": "theme_1373", "code": "2.10"}]
LAWS = [{"scheme": "who_jee", "code": "P.1"}]


def ask(network: Published, role: Role = Role.PUBLIC, **asked: Any) -> dict[str, Any]:
    table = MatrixAsked.model_validate(asked)
    search.judge(reading(network.engine), network.tail.size, table.scheme, table.places, table.codes)
    with reading(network.engine).connect() as connection:
        return matrix(connection, table, VISIBLE[role], {"donor-one": "First donor"}, KeptCells())


def states(table: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(cell["row"], cell["column"]): cell["state"] for cell in table["cells"]}


def activity(place: str, provider: str, **changes: Any) -> dict[str, Any]:
    given = {
        "places": [{"country": place}],
        "themes": BORDERS,
        "sectors": None,
        "answers_needs": None,
        "related": None,
        "activity_id": f"XI-{provider}",
        "participating_orgs": [{"org": provider, "role": "1"}],
    }
    return example("activity", **given | changes)


@pytest.fixture
def filled(network: Published) -> Published:
    network.publish("need", need(themes=BORDERS), id="n1")  # KEN: asked for and covered
    network.publish("activity", activity("KEN", "donor-one"), id="a1")
    network.publish("need", need(themes=BORDERS, beneficiary={"country": "UGA"}), id="n2")  # UGA: a gap
    network.publish("activity", activity("XAA", "donor-one"), id="a2")  # XAA: twice the same
    network.publish("activity", activity("XAA", "donor-two"), id="a3")
    world = example("offer", eligible_places="global", themes=BORDERS, provider="donor-two")
    network.publish("offer", world, id="o1")
    return network


def test_cells_have_their_counts_and_state(filled: Published) -> None:
    table = ask(filled)
    assert table["cells"] == [
        {
            "row": row, "column": "2.10", "needs": needs, "ratings_below": 0, "providers": providers, "offers": 0,
            "regional": 1, "state": state,
        }
        for row, needs, providers, state in [
            ("KEN", 1, 1, "covered"), ("UGA", 1, 0, "gap"), ("XAA", 0, 2, "possible_duplication"),
        ]
    ]  # fmt: skip
    assert table["rows"] == [
        {"code": "KEN", "label": "Kenya"},
        {"code": "UGA", "label": "Uganda"},
        {"code": "XAA", "label": "XAA"},
    ]
    assert table["columns"] == [{"code": "2.10", "label": "Effective border controls and related issues"}]


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ({"place": ["KEN"]}, ["KEN"]),
        ({"place": ["014"]}, ["KEN", "UGA"]),
        ({"place": ["001"]}, ["KEN", "UGA", "XAA"]),
        ({"theme": ["1.1"]}, []),
        ({"theme": ["theme_1373:2.10"]}, ["KEN", "UGA", "XAA"]),
        ({"theme": ["fatf:2.10"]}, []),
        ({"state": ["gap"]}, ["UGA"]),
        ({"scheme": "fatf"}, []),
        ({"org": ["other-office"]}, []),
    ],
)
def test_a_part_of_the_matrix_can_be_asked_for(filled: Published, asked: dict[str, Any], rows: list[str]) -> None:
    table = ask(filled, **asked)
    assert [row["code"] for row in table["rows"]] == rows
    assert all(cell["regional"] == 1 for cell in table["cells"])


def test_regions_take_their_states_together(filled: Published) -> None:
    table = ask(filled, rows="region")
    assert states(table) == {("002", "2.10"): "partly", ("001", "2.10"): "possible_duplication"}
    assert {row["code"]: row["label"] for row in table["rows"]} == {"001": "World", "002": "Africa"}


def test_providers_are_rows_with_what_they_cover(filled: Published) -> None:
    table = ask(filled, rows="provider")
    assert states(table) == {
        ("donor-one", "2.10"): "possible_duplication",
        ("donor-two", "2.10"): "possible_duplication",
    }
    assert table["rows"][0] == {"code": "donor-one", "label": "First donor"}


def test_ratings_meet_assistance_in_the_technical_area(network: Published) -> None:
    ratings = [{"criterion": {"scheme": "who_jee", "code": code}, "score": "1"} for code in ("P.1.1", "P.1.2", "PoE.1")]
    network.publish("assessment", example("assessment", framework="who-jee-1", ratings=ratings))
    network.publish("activity", activity("XAA", "donor-one", themes=LAWS))
    table = ask(network, scheme="who_jee")
    assert states(table) == {("XAA", "P.1"): "covered", ("XAA", "PoE"): "gap"}
    assert [cell["ratings_below"] for cell in table["cells"]] == [2, 1]
    assert [column["code"] for column in table["columns"]] == ["P.1", "PoE"]
    indicators = ask(network, scheme="who_jee", theme=["P.1.1"])
    assert states(indicators) == {("XAA", "P.1.1"): "gap"}


def test_what_may_not_be_seen_is_not_counted_either(network: Published) -> None:
    network.publish("need", need(themes=BORDERS, consent_to_publish=False), id="n1", marking="TLP:GREEN")
    network.publish("activity", activity("KEN", "donor-one"), id="a1", marking="TLP:GREEN")
    assert ask(network)["cells"] == []
    assert states(ask(network, Role.MEMBER)) == {("KEN", "2.10"): "covered"}


def test_withdrawn_and_revised_records_change_the_matrix_at_once(network: Published) -> None:
    network.publish("need", need(themes=BORDERS), id="n1")
    network.publish("activity", activity("KEN", "donor-one"), id="a1")
    assert states(ask(network)) == {("KEN", "2.10"): "covered"}
    network.withdraw("activity", id="a1")
    assert states(ask(network)) == {("KEN", "2.10"): "gap"}
    network.publish("need", need(themes=BORDERS, need_status="met"), id="n1", action="revised")
    assert ask(network)["cells"] == []


def test_an_answer_to_a_need_covers_it_wherever_the_activity_is(network: Published) -> None:
    network.publish("need", need(themes=BORDERS), id="n1")
    network.publish("need", need(themes=BORDERS), id="n2")
    answering = activity("XAA", "donor-one", themes=LAWS, answers_needs=["need/xa-centre/n1"])
    network.publish("activity", answering, org="donor-one", id="a1")
    assert states(ask(network, place=["KEN"])) == {("KEN", "2.10"): "partly"}


def test_what_one_publisher_said_is_read_from_one_place_and_nothing_else(filled: Published) -> None:
    asked = MatrixAsked(org=["xa-centre"])
    search.judge(reading(filled.engine), filled.tail.size, asked.scheme, None, None)
    others = {"scheme": asked.scheme, "line": 0, "marking": "TLP:CLEAR", "id": "a", "role": "need", "place": "KEN"}
    with filled.engine.begin() as connection:  # where there are few, any way is as short
        lines = [{**others, "org": 1000 + n % 10, "record": 1000 + n, "code": "2.10"} for n in range(3000)]
        connection.execute(insert(publisher_lines), lines)
    with reading(filled.engine).connect() as connection, asked_of(connection, "publisher_lines") as said:
        found = matrix(connection, asked, VISIBLE[Role.PUBLIC], {}, KeptCells())
        [plan] = [plan_of(connection, each) for each in said]
    assert states(found) == {
        ("KEN", "2.10"): "covered", ("UGA", "2.10"): "gap", ("XAA", "2.10"): "possible_duplication",
    }  # fmt: skip
    assert "publisher_lines USING PRIMARY KEY (org=? AND scheme=?)" in plan or "publisher_lines_pkey" in plan
    assert "records" not in plan
