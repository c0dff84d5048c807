"""What a person is told where the bus does not accept the node's key."""

from typing import Final

from schemas.sentences import gettext_noop as N_
from wire.bus_refusal import refuses_key

NOT_ACCEPTED: Final = N_("The bus does not accept this node's key.")
WHAT_TO_DO: Final = N_(
    "See that the organization was admitted and has not retired, and that DIR/keys is that of the newest "
    "admission: after new keys, liaison-node join DIR ADMISSION.json."
)


def in_words(reason: str) -> str:
    """Give why there is no connection, and where it is the key, what to do; the bus's own words stay beside it."""
    return f"{NOT_ACCEPTED} {WHAT_TO_DO} ({reason})" if refuses_key(reason) else reason
