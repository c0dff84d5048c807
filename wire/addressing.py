"""Whom an encrypted body must name: known organizations, each by its registered key, and always the author."""

from collections.abc import Sequence

from schemas.problems import Problem, problem
from wire.examine import Exclusion
from wire.jwe import Recipient
from wire.reasons import Reason
from wire.registry import Registry, Standing
from wire.x25519 import thumbprint_of


def misaddressed(author: str, recipients: Sequence[Recipient], registry: Registry) -> Exclusion | None:
    """Why a body that is encrypted to `recipients` may not stand; `registry` is as it was before the body's log index.

    None where it may, and where nothing is encrypted (no recipients).
    """
    if not recipients:
        return None
    faults = [fault for place, each in enumerate(recipients) if (fault := _fault(place, each, registry)) is not None]
    if all(each.organization != author for each in recipients):
        found = "a list without its author"
        faults.append(problem(("protected", "to"), found, f"name the author, {author}, too"))
    return Exclusion(Reason.MARKING_VIOLATED, tuple(faults)) if faults else None


def _fault(place: int, named: Recipient, registry: Registry) -> Problem | None:
    at = ("protected", "to", place)
    member = registry.members.get(named.organization)
    if member is None or member.standing is Standing.RETIRED:
        stands = "is not in the registry" if member is None else "has retired"
        return problem(at, f"{named.organization}, which {stands}", "be an organization of this network")
    if not member.encryption:
        return problem(at, f"{named.organization}, which has no encryption key", "be one that can read")
    expected = thumbprint_of(member.encryption)
    if named.kid != expected:
        allowed = f"be that of the key registered for {named.organization}: {expected}"
        return problem(("recipients", place, "header", "kid"), named.kid, allowed)
    return None
