"""The words of subscriptions: states, reasons, outcomes of a delivery; the same in tables, API, pages and metrics."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ui.languages import gettext_noop as N_

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


REASONS: Final = {
    "owner-gone": N_("The account or token is gone."),
    "role-lowered": N_("The account or token may read less than before."),
    "gone": N_("The receiver said that it is gone (410)."),
    "failing": N_("It failed for days. Nothing is lost: it goes on where it stopped."),
    "address-refused": N_("The mail server refused the address."),
    "unsubscribed": N_("The recipient has unsubscribed."),
    "asked-too-often": N_("This address was asked to confirm too often today."),
    "cursor-beyond-log": N_(
        "Its place lies beyond the end of the log. Look at what you hold, then choose the index after which all is "
        "sent again: it goes on from there."
    ),
}
_OF_MAIL: Final = {
    **REASONS,
    "cursor-beyond-log": N_(
        "Its place lies beyond the end of the log: the hub has lost a part. It can go on from the end as it is now."
    ),
}


def reasons_of(channel: str) -> Mapping[str, str]:
    """Give the reasons in words, as they are to be understood of a webhook or of a mail."""
    return _OF_MAIL if channel == "mail" else REASONS


class Outcome(StrEnum):
    """What came of one attempt."""

    DELIVERED = "delivered"
    FAILED = "failed"  # and will be tried again
    REFUSED = "refused"  # the address takes nothing, for good
    GONE = "gone"
