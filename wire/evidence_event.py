"""What evidence shows of the event itself: its body, and when it was said."""

from datetime import datetime
from typing import Final

from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire import jws
from wire.checkpoint import Cosigned
from wire.evidence import ABSENT, Evidence
from wire.evidence_verdict import Verdict
from wire.evidence_words import clock
from wire.examine import Examined, Said
from wire.reasons import Reason

FAR: Final = 3_600  # seconds by which a claimed time may lie after the first cosignature without a word


def check_body(verdict: Verdict, evidence: Evidence, examined: Examined) -> None:
    """Check that the body is the one that was signed, and that it is valid."""
    exclusion = examined.exclusion
    if evidence.body is None:
        verdict.leaves(
            "body hash", sentence("The body is not in this evidence: {means}.", means=ABSENT[evidence.absent])
        )
        verdict.leaves("body form", N_("Without the body it could not be checked."))
    elif exclusion is not None and exclusion.reason is Reason.BODY_MISMATCH:
        verdict.fails("body hash", N_("The body is another one than the statement names."))
        verdict.leaves("body form", N_("The form of another body says nothing."))
    else:
        verdict.passes("body hash", N_("The body has the hash that was signed."))
        if exclusion is None:
            verdict.passes("body form", N_("The body is valid for its kind, and the marking allows what it holds."))
        else:
            words = sentence("The body is left out of the view, as {reason}.", reason=exclusion.reason)
            if exclusion.problems:
                words = sentence(
                    "The body is left out of the view, as {reason}. {cause}",
                    reason=exclusion.reason, cause=" ".join(problem.message for problem in exclusion.problems[:3]),
                )  # fmt: skip
            verdict.fails("body form", words)


def check_time(verdict: Verdict, evidence: Evidence, said: Said, found: Cosigned) -> None:
    """Check the time that is claimed against what was seen before it and cosigned after it."""
    seen = claimed_in(evidence.token, b"seen").partition(":")[0]
    after = (
        sentence("after its author had seen {seen} entries", seen=seen) if seen else N_("at a time with no lower bound")
    )
    first = min(found.cosigners.values(), default=None)
    if first is None:
        verdict.leaves(
            "time", sentence("Signed {found}; without cosignatures nothing bounds it from above.", found=after)
        )
        return
    values = {"found": after, "first": clock(first), "time": said.time}
    skew = datetime.fromisoformat(said.time).timestamp() - first
    if skew > FAR:  # a clock is never a verdict: what is proved is the bracket
        words = sentence(
            "Signed {found}, logged before {first}; the author claims {time}, {hours} hours later: its clock or the "
            "witnesses' is far off, so the claim could not be checked.",
            **values, hours=f"{skew / 3_600:.1f}",
        )  # fmt: skip
        verdict.leaves("time", words)
        return
    verdict.passes("time", sentence("Signed {found}, logged before {first}; the author claims {time}.", **values))


def claimed_in(token: bytes, name: bytes) -> str:
    """A text of the statement, or nothing; in canonical form no text of a statement holds a quotation mark."""
    try:
        payload = jws.take_apart(token, jws.EVENT).payload
    except jws.Malformed:
        return ""
    return payload.partition(b'"' + name + b'":"')[2].partition(b'"')[0].decode(errors="replace")
