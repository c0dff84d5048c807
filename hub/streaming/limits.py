"""Limits of the live streams, as the operator sets them in the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.streaming.beginning import REPLAY
from hub.streaming.places import MOST, MOST_PER_ADDRESS

READERS: Final = "LIAISON_HUB_LIVE_READERS"
PER_ADDRESS: Final = "LIAISON_HUB_LIVE_READERS_PER_ADDRESS"
REPLAYED: Final = "LIAISON_HUB_LIVE_REPLAY"


@dataclass(frozen=True)
class LiveLimits:
    """Readers at once, how many of them from one address (0: any number), and log entries gone back (0: all)."""

    readers: int = MOST
    per_address: int = MOST_PER_ADDRESS
    replay: int = REPLAY


def read_limits(environment: Mapping[str, str]) -> LiveLimits:
    """Read them; ValueError names the variable that is no number."""
    return LiveLimits(
        readers=_number(environment, READERS, MOST, 1),
        per_address=_number(environment, PER_ADDRESS, MOST_PER_ADDRESS, 0),
        replay=_number(environment, REPLAYED, REPLAY, 0),
    )


def _number(environment: Mapping[str, str], name: str, otherwise: int, least: int) -> int:
    said = environment.get(name, "")
    if not said:
        return otherwise
    if not said.isascii() or not said.isdecimal() or len(said) > 9 or int(said) < least:
        raise ValueError(f"{name} is {said[:40]!r}; a whole number of at least {least} was expected")
    return int(said)
