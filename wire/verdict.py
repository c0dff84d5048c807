"""The one verdict on an event (contract, section 2): findings, chain state and registry state in, verdict out, no I/O.

Steps, each block below bears its number:
 1 size and form · 2 network and subject (both found by `wire.examine`) · 3 duplicate or early
 4 organization · 5 key valid at this log index · 6 signature · 7 previous and sequence, and what it has seen
Passing 1 to 7 enters the log; 8 body, 9 schema, 10 marking and consent decide whether it enters the view too.
"""

from dataclasses import dataclass
from typing import NamedTuple

from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.addressing import misaddressed
from wire.encoding import b64url
from wire.examine import Examined, Exclusion, Refusal, Said
from wire.reasons import Reason
from wire.registry import Registry, Standing
from wire.rotation import ROTATED, Rotation, check_rotation

MAX_EARLY = 1000
# What an organization may say while it is suspended: go over to a key that is safe, and have bodies destroyed.
SAID_WHILE_SUSPENDED = frozenset({ROTATED, "liaison.erasure.ordered"})


class Chain(NamedTuple):
    """What is logged of one organization: its last sequence (0 before the first) and the hash `previous` must name.

    `seen` is the size of the newest checkpoint that it said it has cosigned; -1 where it has not said so.
    """

    sequence: int
    head: bytes
    forked: bool = False
    seen: int = -1


@dataclass(frozen=True, slots=True)
class Accepted:
    """Enters the log; `exclusion` says why it does not enter the view, if so.

    `rotation` takes effect after the event's index (`wire.rotation.apply_rotation`), and resolves a fork.
    """

    exclusion: Exclusion | None
    rotation: Rotation | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Is in the log already."""


@dataclass(frozen=True, slots=True)
class Early:
    """Something before it is missing: held unverified until that has come."""

    expected: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Does not enter the log. A fork also is evidence: it passed steps 1 to 6, so its author signed it."""

    refusal: Refusal


_SHOWN = Accepted(None)  # nearly every verdict
Verdict = Accepted | Duplicate | Early | Refused


def judge(
    event: Examined, chain: Chain | None, registry: Registry, index: int, logged: bytes | None, *,
    elsewhere: bool = False,
) -> Verdict:  # fmt: skip
    """Judge one event.

    `chain` is None for an organization without one; `index` is the log index the event would get; `logged` is the
    hash of the statement that the log holds at this organization and sequence, if it holds one. `elsewhere`: what it
    has seen is no tree of this log, and may be one of a log before this one (`may_name_former`).
    """
    # 1 and 2
    if event.refusal is not None:
        return Refused(event.refusal)
    said = event.said
    assert said is not None, "an examined event without a refusal says something"  # noqa: S101
    # 3 duplicate or early
    if logged == event.hash:
        return Duplicate()
    if chain is not None and not chain.forked and said.sequence > chain.sequence + 1:
        return Early(chain.sequence + 1)
    # 4 and 5
    former = registry.is_former(said.organization, said.sequence)
    refusal = _may_speak(event, registry, index, former=former)
    if refusal is not None:
        return Refused(refusal)
    # 6 signature
    if event.signature is not True:
        return _refused(
            Reason.BAD_SIGNATURE,
            sentence("a signature by key {kid} that does not verify", kid=event.kid),
            N_("a valid signature"),
        )
    # 7 previous and sequence
    assert chain is not None, "an admitted organization has a chain"  # noqa: S101
    fault = None if event.rotation is None else check_rotation(event.rotation, registry)
    rotation = event.rotation if fault is None else None
    unresolved = chain.forked and rotation is None
    if unresolved or said.sequence != chain.sequence + 1 or said.previous != chain.head:
        return _refused(
            Reason.FORKED,
            sentence("sequence {sequence} after {previous}", sequence=said.sequence, previous=b64url(said.previous)),
            f"sequence {chain.sequence + 1} after {b64url(chain.head)}"
            + (", once the fork is resolved" * chain.forked),
        )
    misplaced = None if elsewhere and not former else _out_of_bounds(event, chain, registry, index, former=former)
    if misplaced is not None:
        return misplaced
    # 8 to 10, for the view
    if fault is not None:
        return Accepted(Exclusion(Reason.SCHEMA_INVALID, (fault,)))
    exclusion = event.exclusion
    if event.recipients and exclusion is None:
        exclusion = misaddressed(said.organization, event.recipients, registry)
    return _SHOWN if exclusion is None and rotation is None else Accepted(exclusion, rotation)


def may_name_former(said: Said, chain: Chain | None, registry: Registry) -> bool:
    """Whether what a statement has seen may be a log before this one, which was lost.

    So it is until its author has named a checkpoint of this one: what it had sealed by then does not change.
    """
    return chain is not None and bool(said.seen) and chain.seen < 0 and said.organization in registry.ends


def _out_of_bounds(event: Examined, chain: Chain, registry: Registry, index: int, *, former: bool) -> Refused | None:
    """What a statement has seen lies between what its author had seen before and the statement itself."""
    said = event.said
    assert said is not None  # noqa: S101 - see judge
    if former:
        # What it had seen was a log before this one; where its chain ended there is known.
        sequence, end = registry.ends[said.organization]
        if said.sequence != sequence or event.hash == end or not end:
            return None
        return _refused(
            Reason.FORKED,
            sentence("statement {hash} at sequence {sequence}", hash=b64url(event.hash), sequence=sequence),
            sentence("{end}, with which the chain ended in the log before this one", end=b64url(end)),
        )
    if said.seen_size < chain.seen or said.seen_size > index:
        return _refused(
            Reason.MALFORMED,
            sentence("seen says a checkpoint of {seen_size} entries", seen_size=said.seen_size)
            if said.seen
            else N_("no checkpoint is said to be seen"),
            sentence(
                "one of at least {seen} entries, as said before, and of at most {index}, the statement's own index",
                seen=chain.seen,
                index=index,
            ),
        )
    return None


def _may_speak(event: Examined, registry: Registry, index: int, *, former: bool) -> Refusal | None:
    said = event.said
    assert said is not None  # noqa: S101 - see judge
    # 4 organization
    member = registry.members.get(said.organization)
    if member is None:
        return Refusal(Reason.UNKNOWN_ORGANIZATION, said.organization, N_("an admitted organization"))
    if former:
        # It was accepted in a log before this one, by the standing and the keys of then; the chain's end is known.
        if member.period(event.kid) is None:
            return Refusal(
                Reason.UNKNOWN_KEY,
                event.kid,
                sentence("a key registered for {organization}", organization=said.organization),
            )
        return None
    if member.standing is Standing.SUSPENDED and said.type not in SAID_WHILE_SUSPENDED:
        return Refusal(
            Reason.SUSPENDED,
            sentence("{organization} is suspended", organization=said.organization),
            N_("an organization in good standing"),
        )
    if member.standing is Standing.RETIRED:
        return Refusal(
            Reason.RETIRED,
            sentence("{organization} has retired", organization=said.organization),
            N_("an organization in good standing"),
        )
    # 5 key valid at this log index, never by clock
    period = member.period(event.kid)
    if period is None:
        return Refusal(
            Reason.UNKNOWN_KEY,
            event.kid,
            sentence("a key registered for {organization}", organization=said.organization),
        )
    if not period.valid_at(index):
        found = sentence("{kid}, valid from index {start}", kid=event.kid, start=period.start)
        if period.end is not None:
            found = sentence(
                "{kid}, valid from index {start} to before {end}", kid=event.kid, start=period.start, end=period.end
            )
        return Refusal(Reason.KEY_NOT_VALID, found, sentence("a key valid at index {index}", index=index))
    return None


def _refused(reason: Reason, found: str, expected: str) -> Refused:
    return Refused(Refusal(reason, found, expected))
