"""Tests of hub/finding/providing.py: who answers and who could, of what may be seen."""

from hub import search
from hub.access import VISIBLE, Role
from hub.finding.providing import answering, possible_providers
from tests.hub.published import Published, example
from tests.signed_network import need
from wire.database import reading

BORDERS = [{"scheme": "theme_1373", "code": "2.10"}]


def test_answers_and_possible_providers_are_of_what_may_be_seen_and_stands(network: Published) -> None:
    network.publish("need", need(), id="n1")
    activity = example("activity", answers_needs=["need/xa-centre/n1"], themes=BORDERS, places=[{"country": "KEN"}])
    network.publish("activity", activity, id="a1", org="un-office")
    network.publish("activity", {**activity, "activity_id": "XI-2"}, id="a2", org="un-office", marking="TLP:GREEN")
    network.publish("activity", {**activity, "activity_id": "XI-3"}, id="a3", org="un-office")
    network.withdraw("activity", id="a3", org="un-office")
    offer = example("offer", eligible_places="global", themes=BORDERS, assistance_modes=["equipment"])
    network.publish("offer", offer, id="o1")
    search.catch_up(reading(network.engine), network.tail.size)
    found = {}
    with reading(network.engine).connect() as connection:
        for role in (Role.PUBLIC, Role.MEMBER):
            answers = answering(connection, ["need/xa-centre/n1", "need/xa-centre/none"], VISIBLE[role])
            possible = possible_providers(connection, need(), VISIBLE[role])
            found[role] = (
                [each.id for each in answers["need/xa-centre/n1"]],
                [(e.id, e.is_regional) for e in possible],
            )
            assert list(answers) == ["need/xa-centre/n1"]
    assert found == {
        Role.PUBLIC: (["a1"], [("a1", False), ("o1", True)]),
        Role.MEMBER: (["a1", "a2"], [("a1", False), ("a2", False), ("o1", True)]),
    }
