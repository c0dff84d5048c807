"""The words of subscriptions: states, reasons, outcomes of a delivery; the same in tables, API, pages and metrics."""

from enum import StrEnum
from typing import Final

# What a target gets.
EVENTS: Final = "events"
NOTICES: Final = "notices"  # of a webhook: that it is paused or ended


class State(StrEnum):
    """Of a subscription, and of each of its targets."""

    AWAITING = "awaiting"  # no recipient has confirmed yet
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"


class Reason(StrEnum):
    """Why it does not go on."""

    OWNER_GONE = "owner-gone"
    ROLE_LOWERED = "role-lowered"
    GONE = "gone"  # the receiver said 410
    FAILING = "failing"  # for days
    ADDRESS_REFUSED = "address-refused"
    UNSUBSCRIBED = "unsubscribed"
    ASKED_TOO_OFTEN = "asked-too-often"  # an address that was asked to confirm often enough for a day
    CURSOR_BEYOND_LOG = "cursor-beyond-log"


class Outcome(StrEnum):
    """What came of one attempt."""

    DELIVERED = "delivered"
    FAILED = "failed"  # and will be tried again
    REFUSED = "refused"  # the address takes nothing, for good
    GONE = "gone"
