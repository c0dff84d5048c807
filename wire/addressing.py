"""Whom an encrypted body must name: known organizations, each by its registered key, and always the author."""

from collections.abc import Sequence

from schemas.problems import Problem, problem
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
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
        found = N_("a list without its author")
        faults.append(problem(("protected", "to"), found, sentence("name the author, {author}, too", author=author)))
    return Exclusion(Reason.MARKING_VIOLATED, tuple(faults)) if faults else None


def _fault(place: int, named: Recipient, registry: Registry) -> Problem | None:
    at = ("protected", "to", place)
    member = registry.members.get(named.organization)
    if member is None or member.standing is Standing.RETIRED:
        found = sentence("{organization}, which has retired", organization=named.organization)
        if member is None:
            found = sentence("{organization}, which is not in the registry", organization=named.organization)
        return problem(
            at,
            found,
            N_("be an organization of this network"),
        )
    if not member.encryption:
        return problem(
            at,
            sentence("{organization}, which has no encryption key", organization=named.organization),
            N_("be one that can read"),
        )
    expected = thumbprint_of(member.encryption)
    if named.kid != expected:
        allowed = sentence(
            "be that of the key registered for {organization}: {expected}",
            organization=named.organization,
            expected=expected,
        )
        return problem(("recipients", place, "header", "kid"), named.kid, allowed)
    return None
