"""Verifies the evidence of one event offline, from trust.json alone, in separate checks.

Steps, each block below bears its number:
 1 form · 2 statement and network · 3 checkpoint · 4 inclusion · 5 registry and 6 key and signature, as of the event
 7 quorum · 8 body · 9 time · 10 what the evidence of one event cannot show
"""

from typing import Final

from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire import jws
from wire.action_fold import begins_next_log
from wire.audit.registry import RegistryFold, Step
from wire.checkpoint import Cosigned, open_checkpoint
from wire.evidence import BadEvidence, Evidence, PathStatement, parse_evidence
from wire.evidence_event import check_body, check_time, claimed_in
from wire.evidence_verdict import Verdict
from wire.evidence_words import conclusion, validity
from wire.examine import Examined, Message, Said, examine
from wire.merkle import leaf_hash, verify_inclusion
from wire.next_log import trust_in
from wire.notes import BadNote
from wire.registry import REGISTRY
from wire.trust import Trust

NO_STATEMENT: Final = N_("Without a statement that counts it could not be checked.")
NO_CHECKPOINT: Final = N_("Without a checkpoint that counts it could not be checked.")


def verify_evidence(data: bytes, trust: Trust) -> Verdict:
    """Check evidence against trust.json; whatever `data` may be, the answer is a verdict."""
    verdict = Verdict()
    # 1 form
    try:
        evidence = parse_evidence(data)
    except BadEvidence as error:
        verdict.fails("form", sentence("This is no evidence: {cause}.", cause=error))
        return verdict
    verdict.passes("form", N_("The document has exactly the members of evidence."))
    trust = _log_in(evidence, trust)
    # 2 statement and network, 3 checkpoint
    examined = _statement(evidence, trust, verdict)
    signed = _checkpoint(evidence, trust, verdict)
    if examined is None or examined.said is None or signed is None:
        _unreachable(verdict, NO_STATEMENT if signed is not None else NO_CHECKPOINT)
        return verdict
    said = examined.said
    # 4 inclusion
    index = evidence.proof.index
    if _included(index, evidence.token, evidence.proof.path, signed):
        verdict.passes(
            "inclusion", sentence("The statement is entry {index} of the log that the checkpoint covers.", index=index)
        )
    else:
        verdict.fails(
            "inclusion", sentence("The proof does not lead from entry {index} to the checkpoint's root.", index=index)
        )
    # 5 registry and 6 key: the registry before the event decides about the event, the whole of it about the checkpoint
    fold, problems = RegistryFold(trust), list[str]()
    own = said.organization == REGISTRY
    first = own and begins_next_log(index, said.type)  # it is judged behind the others, as it was decided
    before = [each for each in evidence.registry if first or each.index < index or (own and each.index == index)]
    problems += [_follow(fold, each, signed) for each in before]
    _key(verdict, fold, evidence, examined, said)
    problems += [_follow(fold, each, signed) for each in evidence.registry[len(before) :]]
    if fold.registry.log != trust.log_verifier:
        problems.append(sentence("the roots did not decide that {origin} is the network's log", origin=trust.origin))
    if own and fold.end[0] < said.sequence:
        problems.append(sentence("it ends before the statement itself, which is sequence {own}", own=said.sequence))
    # Nothing that is given can show that nothing follows it: what is said below is said of the registry up to here.
    last = max((each.index for each in evidence.registry), default=-1)
    _path(verdict, fold, [problem for problem in problems if problem], last, signed)
    _revocation(verdict, fold, examined, said, index, last)
    # 7 quorum
    cosigned = _quorum(verdict, fold, signed, trust, last)
    # 8 body
    check_body(verdict, evidence, examined)
    # 9 time
    check_time(verdict, evidence, said, cosigned)
    # 10 what the evidence of one event cannot show
    _beyond(verdict)
    verdict.says = conclusion(verdict, fold.describe(said.organization), said, index, cosigned)
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
        verdict.fails("statement", sentence("The token is no statement: {found}.", found=refusal and refusal.found))
        return None
    verdict.passes("statement", N_("The signed statement has exactly the form that it must have, in canonical bytes."))
    if refusal is not None:
        verdict.fails(
            "network", sentence("Found {found}; expected {must}.", found=refusal.found, must=refusal.expected)
        )
        return None
    verdict.passes("network", sentence("The statement was made for the network {network}.", network=trust.network))
    return examined


def _checkpoint(evidence: Evidence, trust: Trust, verdict: Verdict) -> Cosigned | None:
    try:
        found = open_checkpoint(evidence.proof.checkpoint, trust.log_verifier)
    except BadNote as error:
        verdict.fails(
            "checkpoint", sentence("The checkpoint does not verify under the log's key: {cause}.", cause=error)
        )
        return None
    verdict.passes(
        "checkpoint",
        sentence(
            "The log {origin} signed this checkpoint of {size} entries.",
            origin=trust.origin,
            size=found.checkpoint.size,
        ),
    )
    return found


def _included(index: int, token: bytes, path: tuple[bytes, ...], signed: Cosigned) -> bool:
    checkpoint = signed.checkpoint
    return verify_inclusion(leaf_hash(token), index, checkpoint.size, path, checkpoint.root)


def _follow(fold: RegistryFold, each: PathStatement, signed: Cosigned) -> str:
    """Fold one statement of the path; gives what is wrong with it."""
    if not _included(each.index, each.token, each.path, signed):
        return sentence("entry {index} does not lead to the checkpoint's root", index=each.index)
    examined = _examined(each.token, each.body, fold.trust.network)
    if examined.exclusion is not None:
        return sentence(
            "the body of entry {index} is not valid ({reason})", index=each.index, reason=examined.exclusion.reason
        )
    return fold.follow(Step(each.index, each.token, each.body), examined)


def _key(verdict: Verdict, fold: RegistryFold, evidence: Evidence, examined: Examined, said: Said) -> None:
    organization, kid, index = said.organization, examined.kid, evidence.proof.index
    period = fold.period(organization, kid)
    if period is None:
        verdict.fails(
            "key",
            sentence(
                "Key {kid} is not registered for {organization} by the statements that are given.",
                kid=kid,
                organization=organization,
            ),
        )
        verdict.leaves("signature", N_("Without the key it could not be verified."))
        return
    words = validity(kid, organization, period, index)
    if fold.registry.is_former(organization, said.sequence):
        words = sentence(
            "Key {kid} of {organization} signed it in a log before this one, in which the chain went further.",
            kid=kid, organization=organization,
        )  # fmt: skip
    (verdict.passes if fold.valid(period, said, index) else verdict.fails)("key", words)
    parts = jws.take_apart(evidence.token, jws.EVENT)
    if period.key.verify(parts.signature, parts.signed):
        verdict.passes("signature", N_("The signature verifies under that key, over the statement's exact bytes."))
    else:
        verdict.fails("signature", N_("The signature does not verify under that key."))


def _path(verdict: Verdict, fold: RegistryFold, problems: list[str], last: int, signed: Cosigned) -> None:
    if last < 0:
        problems = [N_("no statement of the registry is given")]
    if problems:
        verdict.fails(
            "registry", sentence("The path of keys from trust.json does not hold: {cause}.", cause=problems[0])
        )
    else:
        words = sentence(
            "{count} statements of registry and keys, up to entry {last}, lead here from trust.json, each signed by "
            "enough roots or its owner, in the log, in unbroken order.",
            count=len(fold.path), last=last,
        )  # fmt: skip
        verdict.passes("registry", words)
    words = sentence(
        "Whether the roots decided more before the checkpoint of {size} entries, or a key was changed, is shown by an "
        "audit only: key, revocation and quorum are judged by what is given.",
        size=signed.checkpoint.size,
    )
    verdict.leaves("registry complete", words)


def _revocation(verdict: Verdict, fold: RegistryFold, examined: Examined, said: Said, index: int, last: int) -> None:
    revoked = fold.revoked(said.organization, examined.kid, said.sequence, index)
    if revoked is not None:
        verdict.fails("revocation", sentence("The roots revoked this key: {cause}.", cause=revoked))
        return
    verdict.leaves(
        "revocation",
        sentence("Nothing that is given revokes the key; the registry is given up to entry {last}.", last=last),
    )


def _quorum(verdict: Verdict, fold: RegistryFold, signed: Cosigned, trust: Trust, last: int) -> Cosigned:
    witnesses = fold.registry.witnesses(trust.network)
    try:
        found = open_checkpoint(signed.note, trust.log_verifier, witnesses)
    except BadNote as error:
        verdict.fails("quorum", sentence("A cosignature does not verify: {cause}.", cause=error))
        return signed
    if not witnesses.quorum:
        words = sentence(
            "Under the registry as given, up to entry {last}, the network has no witnesses: that there is one history "
            "is the log's word alone.",
            last=last,
        )
        verdict.leaves("quorum", words)
        return found
    words = sentence(
        "Witnesses that cosigned the checkpoint: {count} of {keys}; needed: {quorum} under the registry as given, up "
        "to entry {last}.",
        count=len(found.cosigners), keys=len(witnesses.keys), quorum=witnesses.quorum, last=last,
    )  # fmt: skip
    (verdict.passes if found.has_quorum else verdict.fails)("quorum", words)
    return found


def _beyond(verdict: Verdict) -> None:
    verdict.leaves("chain", N_("Whether it follows its author's statement before is shown by an audit only."))
    verdict.leaves("completeness", N_("Whether it is its author's last word on this is shown by an audit only."))


def _unreachable(verdict: Verdict, why: str) -> None:
    for name in (
        "inclusion", "key", "signature", "registry", "registry complete", "revocation", "quorum", "body hash",
        "body form", "time",
    ):  # fmt: skip
        verdict.leaves(name, why)
    _beyond(verdict)
    verdict.says = sentence("This proves nothing: {checks} failed.", checks=", ".join(verdict.failed))


def _examined(token: bytes, body: bytes | None, network: str) -> Examined:
    """Judge a token as one that came under the name it bears."""
    kind, _, rest = claimed_in(token, b"subject").partition("/")
    return examine(Message(rest.partition("/")[0], kind, token, body), network, {})
