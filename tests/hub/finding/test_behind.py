"""Tests of hub/finding/behind.py: the records of a cell are those that it counts."""

from hub import search
from hub.access import VISIBLE, Role
from hub.finding.behind import Behind, behind
from tests.hub.published import Published, example
from tests.hub.test_matrix_table import BORDERS, activity
from tests.signed_network import need
from wire.database import reading


def of(network: Published, places: list[str] | None, codes: list[str], provider: str | None = None) -> Behind:
    search.judge(reading(network.engine), network.tail.size, "theme_1373", None, None)
    with reading(network.engine).connect() as connection:
        return behind(connection, places, "theme_1373", codes, provider, VISIBLE[Role.PUBLIC])


def ids(found: Behind) -> dict[str, list[str]]:
    return {role: [each.id for each in records] for role, records in found.roles.items()}


def test_a_cell_gives_needs_help_answers_from_elsewhere_and_regional_cover_apart(network: Published) -> None:
    network.publish("need", need(themes=BORDERS), id="n1")
    network.publish("need", need(themes=BORDERS, consent_to_publish=False), id="n2", marking="TLP:GREEN")
    network.publish("activity", activity("KEN", "donor-one"), id="a1")
    laws = [{"scheme": "theme_1373", "code": "1.1"}]
    network.publish("activity", activity("FRA", "donor-two", themes=laws, answers_needs=["n1"]), id="a2")
    world = example("offer", eligible_places="global", themes=BORDERS, provider="donor-two")
    network.publish("offer", world, id="o1")
    expected = {"need": ["n1"], "activity": ["a1", "a2"], "regional": ["o1"]}
    assert ids(of(network, ["KEN"], ["2.10"])) == expected
    assert ids(of(network, ["KEN"], ["2.10"], "donor-one")) == {"need": ["n1"], "activity": ["a1"]}
    assert ids(of(network, None, ["2.10"], "donor-one"))["activity"] == ["a1"]
    assert ids(of(network, ["FRA"], [])) == {"activity": ["a2"], "regional": ["o1"]}
    assert ids(of(network, ["ITA"], ["2.10"])) == {"regional": ["o1"]}
