"""A preview looks at the newest entries alone, and says so where that is not all of the thirty days."""

import pytest

from hub.access import VISIBLE, Role
from hub.filters import Filters
from hub.live import LiveLog
from hub.subscriptions import preview as module
from hub.subscriptions.preview import SHOWN, preview
from hub.subscriptions.transactions import Transactions
from tests.hub.published import Published
from tests.hub.subscriptions.driving import Driven
from tests.signed_network import NOON, need


async def test_its_cost_is_bounded_and_it_says_how_far_it_looked(
    driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    network: Published = driven.network
    for number in range(SHOWN + 5):
        network.publish("need", need(f"Need {number}"), id=f"n{number}")
    log, database = LiveLog(network.engine, network.tail), Transactions(network.engine)
    asked, markings = Filters(), VISIBLE[Role.PUBLIC]
    found = await preview(log, database, network.tail.size, asked, markings, NOON)
    assert (found.count, len(found.items), found.whole) == (SHOWN + 5, SHOWN, True)
    assert found.items[0].title == f"Need {SHOWN + 4}"
    monkeypatch.setattr(module, "MAX_LOOKED_AT", 3)
    found = await preview(log, database, network.tail.size, asked, markings, NOON)
    assert (found.count, found.whole) == (3, False)
    assert found.since.startswith("2026-11-23T12:00")


async def test_what_is_older_than_thirty_days_does_not_count(driven: Driven) -> None:
    driven.network.publish("need", need(), id="n1")
    driven.later(days=31)
    network = driven.network
    log, database = LiveLog(network.engine, network.tail), Transactions(network.engine)
    found = await preview(log, database, network.tail.size, Filters(), VISIBLE[Role.PUBLIC], driven.now)
    assert (found.count, found.items) == (0, [])


async def test_a_withdrawal_that_all_may_see_does_not_tell_what_the_record_for_members_was(driven: Driven) -> None:
    network = driven.network
    network.publish("need", need("For members alone"), id="n1", marking="TLP:GREEN")
    network.withdraw("need", id="n1", marking="TLP:CLEAR")
    log, database = LiveLog(network.engine, network.tail), Transactions(network.engine)
    asked, size = Filters(), network.tail.size
    found = await preview(log, database, size, asked, VISIBLE[Role.PUBLIC], NOON)
    assert [(each.action, each.title, each.places) for each in found.items] == [("withdrawn", None, ())]
    found = await preview(log, database, size, asked, VISIBLE[Role.MEMBER], NOON)
    assert [each.title for each in found.items] == ["For members alone"] * 2
