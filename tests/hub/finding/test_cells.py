"""Tests of hub/finding/cells.py: judged cells are what the rules say of all lines, whatever came when."""

import random
from typing import Any

import pytest

from hub import search, tables
from hub.access import VISIBLE, Role
from hub.finding.cells import judge_stale, judged, lines_where, read_cells, regional_of, version
from hub.finding.kept_cells import KeptCells
from hub.matrix import cells_of
from tests.hub.published import Published, example
from tests.signed_network import need
from wire.database import reading

SCHEME = "theme_1373"
PLACES = ("KEN", "UGA", "XAA")
THEMES = ("2.10", "1.1")


def themes(code: str) -> list[dict[str, str]]:
    return [{"scheme": SCHEME, "code": code}]


def activity(draw: random.Random, number: int) -> dict[str, Any]:
    provider = draw.choice(("donor-one", "donor-two", "donor-three"))
    return example(
        "activity", activity_id=f"XI-{number}", places=[{"country": draw.choice(PLACES)}],
        themes=themes(draw.choice(THEMES)), sectors=None, modality=draw.choice(("equipment", "training")),
        participating_orgs=[{"org": provider, "role": "1"}],
        related=[{"id": f"XI-{number - 1}", "type": "1"}] if draw.random() < 0.3 else None,
        answers_needs=[f"need/xa-centre/r{draw.randrange(12)}"] if draw.random() < 0.5 else None,
    )  # fmt: skip


def something(draw: random.Random, number: int) -> tuple[str, dict[str, Any]]:
    kind = draw.choice(("need", "need", "activity", "activity", "offer", "link"))
    if kind == "need":
        status = draw.choice(("acknowledged", "met"))
        place = {"region": "014"} if draw.random() < 0.2 else {"country": draw.choice(PLACES)}
        return kind, need(themes=themes(draw.choice(THEMES)), beneficiary=place, need_status=status)
    if kind == "activity":
        return kind, activity(draw, number)
    if kind == "offer":
        places = draw.choice(("global", [{"region": "014"}], [{"country": "UGA"}]))
        return kind, example("offer", eligible_places=places, themes=themes(draw.choice(THEMES)), provider="donor-two")
    ends = {"from_org": "donor-one", "to_org": "donor-two"}
    return kind, example("link", **ends, link_type="joint_programme", start=None, end=None)


def plain(network: Published, role: Role) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """What the rules say of all lines at once."""
    with reading(network.engine).connect() as connection:
        cover = tables.coverage.c
        lines = [
            line
            for marking, line in lines_where(connection, cover.scheme.in_([SCHEME, ""]))
            if marking in VISIBLE[role]
        ]
    cells = {key: judged(cell) for key, cell in cells_of(lines).items() if key[1]}
    return {key: cell for key, cell in cells.items() if not cell.is_empty}, dict(regional_of(lines))


def kept(network: Published, role: Role, cells: KeptCells) -> tuple[dict[Any, Any], dict[Any, Any]]:
    search.judge(reading(network.engine), network.tail.size, SCHEME, None, None)
    with reading(network.engine).connect() as connection:
        whole = cells.whole(connection, SCHEME, VISIBLE[role])
    found = {key: cell for part in whole.by_code.values() for key, cell in part.cells.items()}
    regional = {key: set(each) for part in whole.by_code.values() for key, each in part.regional.items()}
    return found, regional


@pytest.mark.parametrize("seed", [1, 2])
def test_cells_judged_one_by_one_are_the_cells_judged_all_at_once(network: Published, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - the same every time
    cells = KeptCells()
    ids: dict[str, str] = {}
    for number in range(40):
        id_ = f"r{draw.randrange(12)}"
        kind, record = something(draw, number)
        known = ids.get(id_)
        if known is not None and (draw.random() < 0.3 or known != kind):
            network.withdraw(known, id=id_, org="donor-one" if known == "link" else "xa-centre")
            ids.pop(id_)
            continue
        action = "published" if known is None else "revised"
        marking = draw.choice(("TLP:CLEAR", "TLP:GREEN"))
        org = "donor-one" if kind == "link" else "xa-centre"
        network.publish(kind, record, id=id_, action=action, marking=marking, org=org)
        ids[id_] = kind
        if number % 5 == 4:
            for role in (Role.PUBLIC, Role.MEMBER):
                assert kept(network, role, cells) == plain(network, role), number


def test_only_what_is_asked_for_is_judged(network: Published) -> None:
    network.publish("need", need(), id="n1")
    network.publish("need", need(beneficiary={"country": "UGA"}), id="n2")
    engine = network.engine
    search.catch_up(reading(engine), network.tail.size)
    search.judge(reading(engine), network.tail.size, SCHEME, ["UGA"], ["2.10"])
    with reading(engine).connect() as connection:
        assert list(read_cells(connection, SCHEME, VISIBLE[Role.PUBLIC]).cells) == [("UGA", "2.10")]
        before = version(connection)
    assert judge_stale(engine, SCHEME, None, None)
    assert not judge_stale(engine, SCHEME, None, None)
    with reading(engine).connect() as connection:
        assert list(read_cells(connection, SCHEME, VISIBLE[Role.PUBLIC], before).cells) == [("KEN", "2.10")]
