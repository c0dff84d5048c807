"""A log that is lost, with everything in it that its registry can say; what nodes tell of it, and the next one."""

from collections.abc import Sequence

from tests.signed_network import NETWORK, enrolled, key_of, statement_of
from tests.wire.audited_log import AuditedLog
from wire.actions import End, KeyReplaced, KeyRevoked, LogReplaced, Retired, Suspended
from wire.encoding import b64url
from wire.keys import SigningKey
from wire.notes import VerifierKey
from wire.registry import HUB, REGISTRY
from wire.rotation import ROTATED
from wire.testimony import Testimony, Told

A, B, C, D = "xa-centre", "xb-police", "xc-border", "xd-office"
NEXT_KEY = key_of("log 2")
NEXT = VerifierKey(f"{NETWORK}/log/2", NEXT_KEY.public)


def eventful_log() -> AuditedLog:
    """A rotates; B rotates, loses its key to a thief and gets another; C is suspended; D has retired.

    The last checkpoint was made before the thief came; all have seen it since but D.
    """
    log = AuditedLog().begin(A, B, C, D)
    log.sign()
    for name in (A, B, C, D):
        log.say(name, id="n1")
    log.rotate(A)
    log.say(A, id="n2")
    log.rotate(B)
    log.say(B, id="n2")
    log.sign()
    log.say(B, id="stolen")
    said = log.action_place()
    log.act(
        KeyRevoked(
            **said, organization=B, key=log.keys[B].public.thumbprint, last_good_sequence=3, reason="Stolen."
        )
    )  # fmt: skip
    keys = {name: value for name, value in enrolled("other-b").items() if name not in ("organization", "name")}
    log.act(KeyReplaced(**log.action_place(), **keys, organization=B, reason="Stolen."))
    log.keys[B], log.witness_keys[B] = key_of("other-b"), "other-b"
    log.say(B, id="n3")
    log.exclude(log.say(C, {"title": {"en": "No need"}}, id="bad"), "schema-invalid")
    log.act(Suspended(**log.action_place(), organization=C, reason="A leak."))
    log.act(Retired(**log.action_place(), organization=D, reason="It left."))
    log.witnesses.remove(D)
    return log


def knows(log: AuditedLog, organization: str) -> Testimony:
    """What a node of an organization tells that has read all of a log."""
    said = [statement_of(entry) for entry in log.entries]
    moving = [index for index, each in enumerate(said) if index in log.registry or each["type"] == ROTATED]
    told = tuple(Told(index, log.entries[index], log.body_of(index)) for index in moving)
    return Testimony(
        NETWORK,
        organization,
        log.size,
        (log.notes[max(log.notes)],),
        told,
        {n: e for n, e in log.heads.items() if e[0]},
    )


def replacing(log: AuditedLog, **changed: object) -> LogReplaced:
    """What the roots decide after its loss, or with members changed what they should not."""
    sequence, head = log.heads[REGISTRY]
    last = max(log.notes)
    spoke = {name: end for name, end in log.heads.items() if name != REGISTRY and end[0]}
    ends = {name: End(sequence=end[0], hash=b64url(end[1])) for name, end in spoke.items()}
    action = LogReplaced(
        network=NETWORK, sequence=f"{sequence + 1:012d}", previous=b64url(head), origin=NEXT.name, vkey=str(NEXT),
        checkpoint=log.notes[last].decode(), covered=sum(index < last for index in log.registry), ends=ends,
        reason="The disk failed.",
    )  # fmt: skip
    return action.model_copy(update=changed)


def next_log(
    log: AuditedLog, action: LogReplaced, roots: Sequence[SigningKey] | None = None, leave_out: int = 0
) -> AuditedLog:
    """The next log with what all but the hub had said in this one, each in the order of its chain.

    `leave_out`: how many of the registry's statements are not logged again, from the last one on.
    """
    new = AuditedLog(origin=NEXT.name, keys=log.keys, witness_keys=log.witness_keys, witnesses=log.witnesses)
    new.clock, new.bodies, new.log_key = log.clock, log.bodies, NEXT_KEY
    new.heads = {REGISTRY: log.heads[REGISTRY]}
    new.act(action, list(roots) if roots is not None else None)
    again = log.registry
    new.entries += [log.entries[index] for index in again[: len(again) - leave_out]]
    new.heads |= {name: end for name, end in log.heads.items() if name != REGISTRY}
    for index, entry in enumerate(log.entries):
        source = str(statement_of(entry)["source"]).rpartition("/")[2]
        if index not in log.registry and source != HUB:
            new.entries.append(entry)
            if str(statement_of(entry)["subject"]).endswith("/bad"):
                new.exclude(new.size - 1, "schema-invalid")
    return new
