"""What the evidence of one event proves, and where a key is valid, as sentences for people."""

from datetime import UTC, datetime
from typing import Final

from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.checkpoint import Cosigned
from wire.evidence_verdict import Verdict
from wire.examine import Said
from wire.registry import KeyPeriod

PROVES: Final = N_("This proves who published it, not that it is correct.")


def conclusion(verdict: Verdict, author: str, said: Said, index: int, found: Cosigned) -> str:
    """Say what all checks together prove; `author` describes who said it."""
    if verdict.failed:
        return sentence("This does not prove what it seems to say: {checks} failed.", checks=", ".join(verdict.failed))
    first = min(found.cosigners.values(), default=None)
    values = {
        "organization": author, "type": said.type, "sequence": said.sequence,
        "record": f"{said.kind}/{said.organization}/{said.record_id}",
        "index": index, "origin": found.checkpoint.origin,
    }  # fmt: skip
    if first is None:
        return sentence(
            "{organization} signed {type} about {record}, its statement {sequence}; it was logged as entry {index} of "
            "{origin}, that nobody witnesses by what is given here. This proves who published it, not that it is "
            "correct.",
            **values,
        )
    return sentence(
        "{organization} signed {type} about {record}, its statement {sequence}; it was logged as entry {index} of "
        "{origin}, cosigned by {count} of the witnesses, the first on {first}. This proves who published it, not that "
        "it is correct.",
        **values, count=len(found.cosigners), first=clock(first),
    )  # fmt: skip


def validity(kid: str, organization: str, period: KeyPeriod, index: int) -> str:
    """Say at which entries of the log a key is valid, and which one this is."""
    values = {"kid": kid, "organization": organization, "start": period.start, "index": index}
    if period.end is None:
        return sentence("Key {kid} of {organization} is valid from entry {start}; this is entry {index}.", **values)
    return sentence(
        "Key {kid} of {organization} is valid from entry {start} to before entry {end}; this is entry {index}.",
        **values, end=period.end,
    )  # fmt: skip


def clock(seconds: int) -> str:
    """Write POSIX seconds as a time in UTC, if there is one."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{seconds} (POSIX seconds)"
