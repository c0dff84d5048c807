"""What a person does about an alarm: the way out of each, and settling those of the witness with a reason."""

from collections.abc import Mapping
from datetime import datetime

from node.alarms import Name
from node.node import Node
from node.progress import Alarm
from node.refusal import Refusal
from node.store import Raised
from node.store.note import Note, no_note
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.seal import timestamp

MAX_REASON = 500  # characters
_SETTLE = N_("Once the log is whole again, or it is explained: liaison-node alarms settle")
_PROOF = N_("The evidence proves it: send the file to the other organizations and to the hub's operator.")
_ASK = N_("Ask the hub's operator whether the hub was restored from a backup.")
_STRANGER = N_(
    "If it bears your signature, look for a second copy of this node, or restore this one (restore-chain); if there is "
    "none, have the key replaced. If it does not, the hub has invented it."
)
_REPLACED = N_(
    "If the roots have decided it, have them make it anew with this node's testimony too (liaison-node testify DIR -o "
    "FILE). To settle it lets this node go over all the same, where only roots that this node knows have signed: "
    "liaison-node alarms settle"
)
_RESTORE = N_("If no other copy of this node runs, stop serve, then: liaison-node restore-chain DIR")

# In words for the person; docs/operations.md says more.
WAYS_OUT: Mapping[Name | Alarm, str] = {
    Name.SPLIT_VIEW: f"{_PROOF} {_SETTLE}",
    Name.ROLLED_BACK: f"{_ASK} {_SETTLE}",
    Name.ALTERED: f"{_PROOF} {_SETTLE}",
    Name.DROPPED: f"{_PROOF} {_SETTLE}",
    Name.STRANGER: f"{_STRANGER} {_SETTLE}",
    Name.FOREIGN_KEY: N_(
        "If you did not ask the roots for it, tell them and all members: the evidence is their own signed decision. "
        "The alarm ends by itself once they have registered this node's keys again: liaison-node keys replace DIR"
    ),
    Name.KEY_REVOKED: N_(
        "Ask the roots why. The alarm ends by itself once they have registered new keys: liaison-node keys replace "
        "DIR, and with the admission that the hub gives: liaison-node join DIR ADMISSION.json"
    ),
    Name.FALSE_REPLACEMENT: f"{_PROOF} {_REPLACED}",
    Name.LATE: N_("A word to the hub's operator; cosigning goes on."),
    Alarm.RESTORED: _RESTORE,
    Alarm.BEHIND_HUB: _RESTORE,
    Alarm.DIVERGED: N_(
        "Stop this copy. Where the copy is whose statements the hub has logged: liaison-node keys rotate DIR, and put "
        "there what only this copy holds. If the key is in other hands, have the roots replace it: "
        "liaison-node keys replace DIR"
    ),
}


def settle(node: Node, which: str, reason: str, now: datetime, note: Note = no_note) -> list[Raised]:
    """Settle the alarm of this number, or all of this name that stand; gives them. Nothing is removed.

    What was cosigned stays as it is, so that the witness goes on only with a log that has grown from that.
    Refusal: there is no such alarm, it is settled, it is one of the chain, or the reason says nothing.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= MAX_REASON or not reason.isprintable():
        raise Refusal(
            "no-reason", sentence("a reason has 1 to {max_reason} characters, in one line", max_reason=MAX_REASON)
        )
    chain = node.reading.chain()
    if chain.alarm is not None and which == chain.alarm:
        raise Refusal(
            "not-settled",
            sentence(
                "the alarm {which} cannot be settled, it has to be resolved. {means}",
                which=which,
                means=WAYS_OUT[Alarm(which)],
            ),
        )
    alarms = node.log.alarms()
    chosen = [each for each in alarms if which in (str(each.number), str(each.finding.name))]
    if not chosen:
        raise Refusal(
            "no-such-alarm",
            sentence("there is no alarm {which}; {cause}", which=repr(which[:40]), cause=_those(alarms, chain.alarm)),
        )
    standing = [each for each in chosen if each.settled is None]
    if not standing:
        last = chosen[-1]
        raise Refusal(
            "settled-before",
            sentence(
                "the alarm {which} is settled already, since {settled}, because: {reason}",
                which=which,
                settled=last.settled,
                reason=last.reason,
            ),
        )
    node.log.settle([each.number for each in standing], reason, timestamp(now), note)
    return standing


def _those(alarms: list[Raised], chain: str | None) -> str:
    names = [f"{each.number} {each.finding.name}" for each in alarms if each.settled is None]
    names += [] if chain is None else [chain]
    return sentence("those that stand are {names}", names=", ".join(names)) if names else N_("none stands")
