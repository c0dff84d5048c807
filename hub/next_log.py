"""The next log: begun by one decision of the roots after the loss of the one before, with the registry as it was.

Entry 0 is that decision, the newest statement of the registry; behind it stand the registry's former statements, each
as it was. What the organizations had said comes from their own nodes, as any event does.
"""

from collections.abc import Sequence

from hub.author import Author
from hub.log_state import LogState
from hub.lost_log import Former, LostLog
from hub.relog import Copy
from wire.action_fold import fold_action
from wire.action_forms import End
from wire.actions import Action, Admitted, BadAction, LogReplaced, statement_name
from wire.encoding import b64url
from wire.keys import PublicKey
from wire.notes import VerifierKey
from wire.registry import HUB, REGISTRY, Registry
from wire.trust import Trust


def number_of(lost: LostLog) -> int:
    """Tell which log of the network the next one is: 2 after the first."""
    return len(lost.registry.former_logs) + 2


def replacement(network: str, lost: LostLog, key: PublicKey, reason: str) -> LogReplaced:
    """Give the action that begins the next log, for its place in the registry's chain."""
    origin = f"{network}/log/{number_of(lost)}"
    last = lost.statements[-1]
    return LogReplaced(
        network=network, sequence=f"{last.sequence + 1:012d}", previous=b64url(last.hash), origin=origin,
        vkey=str(VerifierKey(origin, key)), checkpoint=lost.checkpoint.note.decode(), covered=lost.covered,
        ends={name: End(sequence=end[0], hash=b64url(end[1])) for name, end in sorted(lost.ends.items())},
        reason=reason,
    )  # fmt: skip


def rehearse(trust: Trust, action: LogReplaced, body: bytes, former: Sequence[Former]) -> None:
    """Fold the next log as every reader will; BadAction if the roots did not decide it, or not for these statements."""
    registry, last = Registry.begin(trust), former[-1]
    place = {"sequence": int(action.sequence), "previous": last.hash}
    if action.previous != b64url(last.hash) or place["sequence"] != last.sequence + 1:
        raise BadAction(
            "the decision was made for another place in the registry's chain than these testimonies lead to; make it "
            "anew from them"
        )
    fold_action(body, registry, index=0, sequence=last.sequence + 1, previous=last.hash, statement=bytes(32))
    previous = trust.digest
    for index, each in enumerate(former, start=1):
        fold_action(
            each.body, registry, index=index, sequence=each.sequence, previous=previous, statement=each.hash
        )  # fmt: skip
        previous = each.hash


def first_copies(state: LogState, author: Author, trust: Trust, body: bytes, former: Sequence[Former]) -> list[Copy]:
    """Give the first entries of the next log: the hub seals the decision behind the registry's former statements."""
    registry = state.begin_chain(REGISTRY, trust.digest)
    registry.sequence, registry.head = former[-1].sequence, former[-1].hash
    sealed = author.register(state, "log.replaced", f"log-replaced-{former[-1].sequence + 1}", body)
    registry.sequence, registry.head = 0, trust.digest
    return [
        Copy(0, sealed.token, body),
        *(Copy(index, each.token, each.body) for index, each in enumerate(former, start=1)),
    ]


def check_first(action: Action, registry: Registry) -> None:
    """Whether an action may stand where it would in a log that goes on; BadAction if it begins another one."""
    if not registry.members and not (isinstance(action, Admitted) and action.organization == HUB):
        raise BadAction(f"the first action admits the hub; this one is {action.action} ({statement_name(action)})")
    if isinstance(action, LogReplaced):
        raise BadAction(
            "log.replaced begins another log, and this one is not lost; after a loss: liaison-hub replace-log"
        )
