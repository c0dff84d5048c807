"""Who may see what: whether a record may leave under its marking, given the consents it states."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.problems import Problem, problem
from schemas.sentences import sentence

CLEAR: Final = "TLP:CLEAR"
GREEN: Final = "TLP:GREEN"
AMBER: Final = "TLP:AMBER"
STRICT: Final = "TLP:AMBER+STRICT"
RED: Final = "TLP:RED"
MARKINGS: Final = (CLEAR, GREEN, AMBER, STRICT, RED)  # from the widest audience to the narrowest
CIRCULATING: Final = MARKINGS[:4]
FOR_NAMED: Final = frozenset({AMBER, STRICT})  # encrypted to the organizations that the author names

MARKING_VIOLATED: Final = "marking-violated"
CONSENT_MISSING: Final = "consent-missing"

# The widest marking that each consent and visibility allows.
_WIDEST_BY_CONSENT: Final = {"none": STRICT, "state_only": AMBER, "partial_release": CLEAR, "full_release": CLEAR}
_WIDEST_BY_VISIBILITY: Final = {"public": CLEAR, "members": GREEN, "private": AMBER}


# What is marked TLP:RED by mistake has no body in the log; its bare statement goes where the fewest read it.
_SLUGS: Final = {CLEAR: "clear", GREEN: "green", AMBER: "amber", STRICT: "amber-strict", RED: "amber-strict"}


def slug(marking: str) -> str:
    """The marking as a word of a bus subject: clear, green, amber or amber-strict."""
    return _SLUGS[marking]


def is_wider(marking: str, limit: str) -> bool:
    """Whether a marking lets more people see than the limit does."""
    return MARKINGS.index(marking) < MARKINGS.index(limit)


def violation(kind: str, record: Mapping[str, Any], marking: str) -> tuple[str, Problem] | None:
    """Why a valid record may not leave under this marking: reason word and problem; None where it may."""
    if marking == RED or marking not in MARKINGS:
        allowed = sentence(
            "be one of {markings}: what is TLP:RED never leaves the node", markings=", ".join(CIRCULATING)
        )
        return MARKING_VIOLATED, problem(("marking",), marking, allowed)
    if kind == "need":
        return _need(record, marking)
    if kind == "assessment":
        return _limit(record, marking, "consent", _WIDEST_BY_CONSENT, CONSENT_MISSING)
    if kind == "contact":
        return _limit(record, marking, "visibility", _WIDEST_BY_VISIBILITY, MARKING_VIOLATED)
    return None


def _need(record: Mapping[str, Any], marking: str) -> tuple[str, Problem] | None:
    for field, limit in (("consent_to_circulate", AMBER), ("consent_to_publish", GREEN)):
        if record.get(field) is not True and is_wider(marking, limit):
            allowed = sentence(
                "be true for the marking {marking}; without it the marking must be {limit} or stricter",
                marking=marking, limit=limit,
            )  # fmt: skip
            return CONSENT_MISSING, problem((field,), "false", allowed)
    return None


def _limit(
    record: Mapping[str, Any], marking: str, field: str, widest: Mapping[str, str], reason: str
) -> tuple[str, Problem] | None:
    value = str(record.get(field))
    limit = widest.get(value, STRICT)
    if not is_wider(marking, limit):
        return None
    allowed = sentence(
        "allow the marking {marking}; with {value} the marking must be {limit} or stricter",
        marking=marking, value=value, limit=limit,
    )  # fmt: skip
    return reason, problem((field,), value, allowed)
