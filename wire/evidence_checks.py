"""Verifies the evidence of one event offline, from trust.json alone, in separate checks.

Steps, each block below bears its number:
 1 form · 2 statement and network · 3 checkpoint · 4 inclusion · 5 registry and 6 key and signature, as of the event
 7 quorum · 8 body · 9 time · 10 what the evidence of one event cannot show
"""

from datetime import UTC, datetime
from typing import Final

from wire import jws
from wire.action_fold import begins_next_log
from wire.audit.registry import RegistryFold, Step
from wire.checkpoint import Cosigned, open_checkpoint
from wire.evidence import ABSENT, BadEvidence, Evidence, PathStatement, parse_evidence
from wire.evidence_verdict import Verdict
from wire.examine import Examined, Message, Said, examine
from wire.merkle import leaf_hash, verify_inclusion
from wire.next_log import trust_in
from wire.notes import BadNote
from wire.reasons import Reason
from wire.registry import REGISTRY
from wire.trust import Trust

FAR: Final = 3_600  # seconds by which a claimed time may lie after the first cosignature
PROVES: Final = "This proves who published it, not that it is correct."


def verify_evidence(data: bytes, trust: Trust) -> Verdict:
    """Check evidence against trust.json; whatever `data` may be, the answer is a verdict."""
    verdict = Verdict()
    # 1 form
    try:
        evidence = parse_evidence(data)
    except BadEvidence as error:
        verdict.fails("form", f"This is no evidence: {error}.")
        return verdict
    verdict.passes("form", "The document has exactly the members of evidence.")
    trust = _log_in(evidence, trust)
    # 2 statement and network, 3 checkpoint
    examined = _statement(evidence, trust, verdict)
    signed = _checkpoint(evidence, trust, verdict)
    if examined is None or examined.said is None or signed is None:
        _unreachable(verdict, "statement" if signed is not None else "checkpoint")
        return verdict
    said = examined.said
    # 4 inclusion
    index = evidence.proof.index
    if _included(index, evidence.token, evidence.proof.path, signed):
        verdict.passes("inclusion", f"The statement is entry {index} of the log that the checkpoint covers.")
    else:
        verdict.fails("inclusion", f"The proof does not lead from entry {index} to the checkpoint's root.")
    # 5 registry and 6 key: the registry before the event decides about the event, the whole of it about the checkpoint
    fold, problems = RegistryFold(trust), list[str]()
    own = said.organization == REGISTRY
    first = own and begins_next_log(index, said.type)  # it is judged behind the others, as it was decided
    before = [each for each in evidence.registry if first or each.index < index or (own and each.index == index)]
    problems += [_follow(fold, each, signed) for each in before]
    _key(verdict, fold, evidence, examined, said)
    problems += [_follow(fold, each, signed) for each in evidence.registry[len(before) :]]
    if fold.registry.log != trust.log_verifier:
        problems.append(f"the roots did not decide that {trust.origin} is the network's log")
    _path(verdict, fold, [problem for problem in problems if problem])
    _revocation(verdict, fold, examined, said, signed, index)
    # 7 quorum
    cosigned = _quorum(verdict, fold, signed, trust)
    # 8 body
    _body(verdict, evidence, examined)
    # 9 time
    _time(verdict, evidence, said, cosigned)
    # 10 what the evidence of one event cannot show
    _beyond(verdict)
    verdict.says = _words(verdict, fold, said, index, cosigned)
    return verdict


def _log_in(evidence: Evidence, trust: Trust) -> Trust:
    """The log that the evidence is of: the first statement given says so where it is not the network's first one."""
    if not evidence.registry or evidence.registry[0].index != 0:
        return trust
    first = evidence.registry[0]
    return trust_in(trust, evidence.proof.checkpoint, first.token, first.body)


def _statement(evidence: Evidence, trust: Trust, verdict: Verdict) -> Examined | None:
    examined = _examined(evidence.token, evidence.body, trust.network)
    refusal = examined.refusal
    if examined.said is None:
        verdict.fails("statement", f"The token is no statement: {refusal and refusal.found}.")
        return None
    verdict.passes("statement", "The signed statement has exactly the form that it must have, in canonical bytes.")
    if refusal is not None:
        verdict.fails("network", f"Found {refusal.found}; expected {refusal.expected}.")
        return None
    verdict.passes("network", f"The statement was made for the network {trust.network}.")
    return examined


def _checkpoint(evidence: Evidence, trust: Trust, verdict: Verdict) -> Cosigned | None:
    try:
        found = open_checkpoint(evidence.proof.checkpoint, trust.log_verifier)
    except BadNote as error:
        verdict.fails("checkpoint", f"The checkpoint does not verify under the log's key: {error}.")
        return None
    verdict.passes("checkpoint", f"The log {trust.origin} signed this checkpoint of {found.checkpoint.size} entries.")
    return found


def _included(index: int, token: bytes, path: tuple[bytes, ...], signed: Cosigned) -> bool:
    checkpoint = signed.checkpoint
    return verify_inclusion(leaf_hash(token), index, checkpoint.size, path, checkpoint.root)


def _follow(fold: RegistryFold, each: PathStatement, signed: Cosigned) -> str:
    """Fold one statement of the path; gives what is wrong with it."""
    if not _included(each.index, each.token, each.path, signed):
        return f"entry {each.index} does not lead to the checkpoint's root"
    examined = _examined(each.token, each.body, fold.trust.network)
    if examined.exclusion is not None:
        return f"the body of entry {each.index} is not valid ({examined.exclusion.reason})"
    return fold.follow(Step(each.index, each.token, each.body), examined)


def _key(verdict: Verdict, fold: RegistryFold, evidence: Evidence, examined: Examined, said: Said) -> None:
    organization, kid, index = said.organization, examined.kid, evidence.proof.index
    period = fold.period(organization, kid)
    if period is None:
        verdict.fails("key", f"Key {kid} is not registered for {organization} by the statements that are given.")
        verdict.leaves("signature", "Without the key it could not be verified.")
        return
    until = "" if period.end is None else f" to before entry {period.end}"
    words = f"Key {kid} of {organization} is valid from entry {period.start}{until}; this is entry {index}."
    if fold.registry.is_former(organization, said.sequence):
        words = f"Key {kid} of {organization} signed it in a log before this one, in which the chain went further."
    (verdict.passes if fold.valid(period, said, index) else verdict.fails)("key", words)
    parts = jws.take_apart(evidence.token, jws.EVENT)
    if period.key.verify(parts.signature, parts.signed):
        verdict.passes("signature", "The signature verifies under that key, over the statement's exact bytes.")
    else:
        verdict.fails("signature", "The signature does not verify under that key.")


def _path(verdict: Verdict, fold: RegistryFold, problems: list[str]) -> None:
    if problems:
        verdict.fails("registry", f"The path of keys from trust.json does not hold: {problems[0]}.")
        return
    given = f"{len(fold.path)} statements of registry and keys lead here from trust.json"
    verdict.passes("registry", f"{given}, each signed by enough roots or its owner, in the log, in unbroken order.")


def _revocation(
    verdict: Verdict, fold: RegistryFold, examined: Examined, said: Said, signed: Cosigned, index: int
) -> None:
    revoked = fold.revoked(said.organization, examined.kid, said.sequence, index)
    if revoked is not None:
        verdict.fails("revocation", f"The roots revoked this key: {revoked}.")
        return
    last = signed.checkpoint.size - 1
    verdict.leaves(
        "revocation", f"Nothing given revokes the key; what came after entry {last} is not in this evidence."
    )


def _quorum(verdict: Verdict, fold: RegistryFold, signed: Cosigned, trust: Trust) -> Cosigned:
    witnesses = fold.registry.witnesses(trust.network)
    try:
        found = open_checkpoint(signed.note, trust.log_verifier, witnesses)
    except BadNote as error:
        verdict.fails("quorum", f"A cosignature does not verify: {error}.")
        return signed
    if not witnesses.quorum:
        verdict.leaves("quorum", "The network has no witnesses: that there is one history is the log's word alone.")
        return found
    cosigned = f"{len(found.cosigners)} of {len(witnesses.keys)} witnesses cosigned the checkpoint"
    (verdict.passes if found.has_quorum else verdict.fails)("quorum", f"{cosigned}; {witnesses.quorum} are needed.")
    return found


def _body(verdict: Verdict, evidence: Evidence, examined: Examined) -> None:
    exclusion = examined.exclusion
    if evidence.body is None:
        verdict.leaves("body hash", f"The body is not in this evidence: {ABSENT[evidence.absent]}.")
        verdict.leaves("body form", "Without the body it could not be checked.")
    elif exclusion is not None and exclusion.reason is Reason.BODY_MISMATCH:
        verdict.fails("body hash", "The body is another one than the statement names.")
        verdict.leaves("body form", "The form of another body says nothing.")
    else:
        verdict.passes("body hash", "The body has the hash that was signed.")
        if exclusion is None:
            verdict.passes("body form", "The body is valid for its kind, and the marking allows what it holds.")
        else:
            faults = " ".join(problem.message for problem in exclusion.problems[:3])
            verdict.fails("body form", f"The body is left out of the view, as {exclusion.reason}. {faults}".strip())


def _time(verdict: Verdict, evidence: Evidence, said: Said, found: Cosigned) -> None:
    seen = _member(evidence.token, b"seen").partition(":")[0]
    after = f"after its author had seen {seen} entries" if seen else "at a time with no lower bound"
    first = min(found.cosigners.values(), default=None)
    if first is None:
        verdict.leaves("time", f"Signed {after}; without cosignatures nothing bounds it from above.")
        return
    words = f"Signed {after}, logged before {_clock(first)}; the author claims {said.time}."
    late = datetime.fromisoformat(said.time).timestamp() > first + FAR
    (verdict.fails if late else verdict.passes)("time", words)


def _beyond(verdict: Verdict) -> None:
    verdict.leaves("chain", "Whether it follows its author's statement before is shown by an audit only.")
    verdict.leaves("completeness", "Whether it is its author's last word on this is shown by an audit only.")


def _unreachable(verdict: Verdict, what: str) -> None:
    names = ("inclusion", "key", "signature", "registry", "revocation", "quorum", "body hash", "body form", "time")
    for name in names:
        verdict.leaves(name, f"Without a {what} that counts it could not be checked.")
    _beyond(verdict)
    verdict.says = f"This proves nothing: {', '.join(verdict.failed)} failed."


def _words(verdict: Verdict, fold: RegistryFold, said: Said, index: int, found: Cosigned) -> str:
    if verdict.failed:
        return f"This does not prove what it seems to say: {', '.join(verdict.failed)} failed."
    first = min(found.cosigners.values(), default=None)
    witnessed = "that nobody witnesses"
    if first is not None:
        witnessed = f"cosigned by {len(found.cosigners)} witnesses, the first on {_clock(first)}"
    what = f"{said.type} about {said.kind}/{said.organization}/{said.record_id}, its statement {said.sequence}"
    logged = f"it was logged as entry {index} of {found.checkpoint.origin}, {witnessed}"
    return f"{fold.describe(said.organization)} signed {what}; {logged}. {PROVES}"


def _examined(token: bytes, body: bytes | None, network: str) -> Examined:
    """Judge a token as one that came under the name it bears."""
    kind, _, rest = _member(token, b"subject").partition("/")
    return examine(Message(rest.partition("/")[0], kind, token, body), network, {})


def _member(token: bytes, name: bytes) -> str:
    """A text of the statement, or nothing; in canonical form no text of a statement holds a quotation mark."""
    try:
        payload = jws.take_apart(token, jws.EVENT).payload
    except jws.Malformed:
        return ""
    return payload.partition(b'"' + name + b'":"')[2].partition(b'"')[0].decode(errors="replace")


def _clock(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{seconds} (POSIX seconds)"
