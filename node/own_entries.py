"""Judges what the log holds in our name against what we have said; no I/O."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from node.alarms import Finding, Name
from node.log_fold import OwnEntry, signed_by
from node.store.log import Mine, Position
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.keys import PublicKey

FEW = 3  # of each name, for a batch of entries: more would say nothing new


class Judged(NamedTuple):
    """Where our statements stand, as (sequence, index); the last sequence; and what is wrong."""

    places: list[tuple[int, int]]
    own: int
    findings: list[Finding]


def judge_own(
    entries: Sequence[OwnEntry], mine: Mapping[int, Mine], position: Position, keys: Mapping[str, PublicKey]
) -> Judged:
    """Compare entries in our name, in the order of the log, with our statements of the same sequences."""
    judged = Judged([], position.own, [])
    own = position.own
    for entry in entries:
        known = mine.get(entry.sequence)
        if known is None or entry.sequence <= own:
            judged.findings.append(_stranger(entry, known, keys))
            continue
        if (known.hash, known.token) != (entry.hash, entry.token):
            judged.findings.append(_another(entry, known, position, keys))
            own = entry.sequence
            continue
        if entry.sequence > own + 1:
            text = sentence(
                "the log goes on with our statement {sequence} at index {index}, but {own}, "
                "without which it cannot be there, is missing: the hub dropped it",
                sequence=entry.sequence,
                index=entry.index,
                own=own + 1,
            )
            judged.findings.append(Finding(Name.DROPPED, text, entry.index, {"token": entry.token.decode()}))
        late = _late(entry, known, position)
        if late is not None:
            judged.findings.append(late)
        own = entry.sequence
        judged.places.append((entry.sequence, entry.index))
    return judged._replace(own=own, findings=_few(judged.findings))


def unkept(position: Position, mine: Mapping[int, Mine]) -> Finding | None:
    """Whether the log ends, or goes on, without a statement that a receipt says it holds; `mine` has that one."""
    if position.size <= position.promised_index or position.own >= position.promised:
        return None
    missing = mine.get(position.own + 1)
    text = sentence(
        "by the hub's receipt our statement {promised} is in the log at index {promised_index}; "
        "the log was read up to {size}, and holds none of ours after {own}: the hub dropped "
        "{missing} of them",
        promised=position.promised,
        missing=position.promised - position.own,
        promised_index=position.promised_index,
        size=position.size,
        own=position.own,
    )
    evidence = {"receipt": (position.receipt or b"").decode()}
    if missing is not None:
        evidence["token"] = missing.token.decode()
    return Finding(Name.DROPPED, text, position.promised_index, evidence)


def _stranger(entry: OwnEntry, known: Mine | None, keys: Mapping[str, PublicKey]) -> Finding:
    if known is not None and known.hash == entry.hash:
        what = sentence("our statement {sequence} stands in the log a second time", sequence=entry.sequence)
    elif signed_by(entry.token, keys):
        what = sentence(
            "statement {sequence} in our name bears our signature, and is not known here: a copy "
            "of this node has signed it, this database is older than what was published, or the "
            "key is in other hands",
            sequence=entry.sequence,
        )
    else:
        what = N_("an entry in our name does not bear our signature: the hub has logged what we never said")
    return Finding(
        Name.STRANGER,
        sentence("index {index} of the log: {cause}", index=entry.index, cause=what),
        entry.index,
        {"found": _shown(entry.token)},
    )


def _another(entry: OwnEntry, known: Mine, position: Position, keys: Mapping[str, PublicKey]) -> Finding:
    evidence = {"found": _shown(entry.token), "ours": known.token.decode()}
    if entry.sequence <= position.promised and position.receipt is not None:
        evidence["receipt"] = position.receipt.decode()
    by_us = signed_by(entry.token, keys)
    if entry.sequence > position.promised and by_us:
        text = sentence(
            "index {index}: another statement {sequence} than ours, signed with our key: a copy "
            "of this node has signed it, or the key is in other hands",
            index=entry.index,
            sequence=entry.sequence,
        )
        return Finding(Name.STRANGER, text, entry.index, evidence)
    if by_us:
        text = sentence(
            "index {index}: where our statement {n} must stand the log holds other bytes, signed with our key",
            index=entry.index, n=entry.sequence,
        )  # fmt: skip
    else:
        text = sentence(
            "index {index}: where our statement {n} must stand the log holds other bytes, which this node did not sign",
            index=entry.index, n=entry.sequence,
        )  # fmt: skip
    return Finding(Name.ALTERED, text, entry.index, evidence)


def _late(entry: OwnEntry, known: Mine, position: Position) -> Finding | None:
    promised = known.promised
    if promised is None and entry.sequence <= position.promised:
        promised = position.promised_index
    if promised is None or entry.index <= promised:
        return None
    text = sentence(
        "our statement {sequence} was promised at index {promised} and stands at {index}",
        sequence=entry.sequence,
        promised=promised,
        index=entry.index,
    )
    receipt = {"receipt": (position.receipt or b"").decode()}
    return Finding(Name.LATE, text, entry.index, {**receipt, "token": entry.token.decode()})


def _shown(token: bytes) -> str:
    return token.decode("ascii", "backslashreplace")


def _few(findings: Sequence[Finding]) -> list[Finding]:
    number: Counter[Name] = Counter()
    kept = []
    for finding in findings:
        number[finding.name] += 1
        if number[finding.name] <= FEW:
            kept.append(finding)
    return kept
