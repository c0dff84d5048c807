"""Tests of hub/finding/facet_counts.py: counts of what may be seen, exact or not given."""

import pytest

from hub.access import Role
from hub.finding import facet_counts
from tests.hub.finding.asked import counted
from tests.hub.published import Published, example
from tests.signed_network import contact, need


def fill(network: Published) -> None:
    for number in range(3):
        network.publish("need", need(), id=f"n{number}")
    network.publish("need", need(beneficiary={"country": "UGA"}, need_status="submitted"), id="n3", org="other-office")
    network.publish("contact", contact(), id="c1", marking="TLP:GREEN")
    network.publish("contact", example("contact", visibility="public"), id="c2", marking="TLP:CLEAR")


def test_a_whole_kind_and_a_part_of_it_are_counted_alike(network: Published) -> None:
    fill(network)
    whole, part = counted(network, kind=["need"]), counted(network, kind=["need"], place=["014"])
    assert (whole.total, whole.more, whole.exact) == (4, False, True)
    assert {code: whole.counts["p"][code] for code in ("KEN", "UGA", "014")} == {"KEN": 3, "UGA": 1, "014": 4}
    assert whole.counts["o"] == {"xa-centre": 3, "other-office": 1}
    assert whole.counts["s"] == {"acknowledged": 3, "submitted": 1}
    assert part.counts == whole.counts
    assert counted(network, kind=["need"], place=["UGA"]).total == 1


def test_counts_follow_revisions_withdrawals_and_nothing_is_counted_twice(network: Published) -> None:
    fill(network)
    counted(network, kind=["need"])
    network.publish("need", need(need_status="met"), id="n0", action="revised")
    network.withdraw("need", id="n1")
    assert counted(network, kind=["need"]).counts["s"] == {"acknowledged": 1, "submitted": 1, "met": 1}


def test_nothing_above_the_readers_marking_is_counted(network: Published) -> None:
    fill(network)
    for asked in ({"kind": ["contact"]}, {"kind": ["contact"], "role": ["duty_officer_24x7"]}):
        assert counted(network, **asked).total == 1
        assert counted(network, Role.MEMBER, **asked).total == 2
    assert counted(network, kind=["contact"]).counts["l"] == {"en": 1, "ar": 1}


def test_of_too_many_it_is_said_that_there_are_more(network: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(network)
    monkeypatch.setattr(facet_counts, "MOST", 2)
    found = counted(network, kind=["need"], theme=["2.10"])
    assert (found.total, found.more, found.exact) == (2, True, False)
    assert set(found.counts["p"]) >= {"KEN", "UGA"}
