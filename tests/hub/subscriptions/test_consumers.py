"""What operators see of subscriptions: what fails first, then what is far behind, and nobody's address or secret."""

from hub.subscriptions.consumers import consumers, seen_by_operators
from tests.hub.published import Published
from tests.hub.subscriptions.driving import Driven
from tests.hub.subscriptions.receivers import Receiver
from tests.signed_network import need


async def test_what_fails_comes_first_with_its_error_and_rates_are_of_the_last_hour(
    network: Published, receiver: Receiver
) -> None:
    driven = Driven(network)
    good = driven.subscribe(channel="webhook", url=f"{receiver.url}?token=secret")
    bad = driven.subscribe(channel="webhook", url="http://localhost:1/hook")
    driven.subscribe(channel="mail", recipients=["duty@centre.example"])
    for number in range(2):
        network.publish("need", need(), id=f"n{number}")
    await driven.settle()
    with network.engine.connect() as connection:
        found = consumers(connection, network.tail.size, driven.worker.figures.positions, driven.now)
        shown = seen_by_operators(network.tail, driven.worker.figures, lambda: driven.now)(connection)
        driven.later(hours=2)
        after = consumers(connection, network.tail.size, driven.worker.figures.positions, driven.now)
    assert shown == found
    assert found[0]["subscription"] == bad
    assert found[0]["failures"] == 1
    assert "Connect" in found[0]["last_error"]
    assert found[0]["lag_events"] > 0
    by_id = {each["subscription"]: each for each in found}
    assert (by_id[good]["rate"], by_id[good]["lag_events"]) == (2, 0)
    assert all(each["rate"] == 0 for each in after)
    assert all(word not in str(found) for word in ("secret", "duty@"))
    assert {each["to"].partition(":")[0] for each in found} == {"localhost", "centre.example"}
