"""Variables of the environment that are not known: a misspelled one would be passed over without a word."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

import structlog

from schemas.sentences import sentence

_log = structlog.get_logger()


def unknown_variables(
    environment: Mapping[str, str], prefix: str, known: Collection[str], near: float = 0
) -> list[str]:
    """Say of each variable with this prefix that is not known which known one is the nearest; never what it holds.

    `near`: from 0 to 1, how alike the two must be for it to be told.
    """
    strange = sorted(name for name in environment if name.startswith(prefix) and name not in known)
    nearest = {name: get_close_matches(name, known, 1, near) for name in strange}
    return [
        sentence(
            "The variable {name} is not known, and passed over; the nearest that is known is {known}.",
            name=name[:80],
            known=found[0],
        )
        for name, found in nearest.items()
        if found
    ]


def warn_of_unknown(environment: Mapping[str, str], prefix: str, known: Collection[str]) -> None:
    """Warn in the log of each variable with this prefix that is not known: other software may have set it."""
    for said in unknown_variables(environment, prefix, known):
        _log.warning("environment.unknown", what=said)
