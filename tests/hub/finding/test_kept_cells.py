"""Tests of hub/finding/kept_cells.py: what has not changed is not read again, and what was forgotten is not kept."""

from hub import search
from hub.access import VISIBLE, Role
from hub.finding.kept_cells import KeptCells, Whole
from hub.rebuild import rebuild
from tests.hub.published import Published
from tests.signed_network import need
from wire.database import reading

SCHEME = "theme_1373"


def whole(network: Published, cells: KeptCells, role: Role = Role.PUBLIC) -> Whole:
    search.judge(reading(network.engine), network.tail.size, SCHEME, None, None)
    with reading(network.engine).connect() as connection:
        return cells.whole(connection, SCHEME, VISIBLE[role])


def test_a_code_in_which_nothing_changed_is_the_same_object(small_network: Published) -> None:
    cells = KeptCells()
    small_network.publish("need", need(), id="n1")
    small_network.publish("need", need(themes=[{"scheme": SCHEME, "code": "1.1"}]), id="n2")
    before = whole(small_network, cells)
    assert before.rows("place", "1.1", lambda found: [{"cells": len(found.cells)}]) == [{"cells": 1}]
    assert whole(small_network, cells) is before
    small_network.publish("need", need(beneficiary={"country": "UGA"}), id="n3")
    after = whole(small_network, cells)
    assert after.by_code["1.1"] is before.by_code["1.1"]
    assert set(after.by_code["2.10"].cells) == {("KEN", "2.10"), ("UGA", "2.10")}
    assert after.rows("place", "1.1", lambda _found: [{"never": "asked"}]) == [{"cells": 1}]
    assert after.rows("place", "2.10", lambda _found: [{"asked": "anew"}]) == [{"asked": "anew"}]


def test_after_a_rebuild_everything_is_read_anew(small_network: Published) -> None:
    cells = KeptCells()
    small_network.publish("need", need(), id="n1")
    before = whole(small_network, cells)
    rebuild(small_network.engine)
    after = whole(small_network, cells)
    assert after is not before
    assert dict(after.by_code) == dict(before.by_code)


def test_audiences_are_kept_apart(small_network: Published) -> None:
    cells = KeptCells()
    small_network.publish("need", need(consent_to_publish=False), id="n1", marking="TLP:GREEN")
    assert list(whole(small_network, cells, Role.MEMBER).by_code["2.10"].cells) == [("KEN", "2.10")]
    assert not whole(small_network, cells).by_code["2.10"].cells
