"""Tests of hub/holding.py: what came early waits, within bounds, and operators see its numbers."""

from hub.entries import Read
from hub.holding import Holding
from hub.reads import keys_in, read_message
from tests.signed_network import NETWORK, Organization, key_of, message_of
from wire.examine import Message


def early() -> tuple[Message, Read]:
    message = message_of(Organization("ke-nctc", bytes(32), key_of("ke-nctc")).say())
    return message, read_message(message, NETWORK, keys_in(b""))


def test_the_numbers_that_wait_are_told_in_order_and_go_when_they_are_taken() -> None:
    holding = Holding()
    for number in (9, 7, 8, 7):
        holding.keep("ke-nctc", number, *early())
    assert holding.held("ke-nctc") == [7, 8, 9]
    holding.release("ke-nctc", 7)
    holding.forget_before("ke-nctc", 8)
    assert (holding.held("ke-nctc"), holding.held("nobody-here")) == ([9], [])
