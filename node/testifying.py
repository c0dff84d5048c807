"""What this node knows of its network's log, in one file, so that a hub that has lost it can begin the next one."""

from datetime import datetime

from node.keyring import load_keys
from node.node import Node
from node.refusal import Refusal
from node.witness_file import WitnessFile
from schemas.sentences import gettext_noop as N_
from wire.checkpoint import cosign, open_checkpoint
from wire.testimony import Testimony, Told


def testify(node: Node, now: datetime) -> Testimony:
    """Give it: registry, ends of all chains, the last checkpoints. What it has cosigned is cosigned once more."""
    admission = node.admission()
    if admission is None:
        raise Refusal("not-joined", N_("the node has not joined a network; it knows of no log"))
    trust, store = node.log.on(admission.trust), node.log
    notes = []
    cosigned = store.cosigned() or WitnessFile(node.settings.directory, trust, store.lost(admission.trust)).read()
    if cosigned is not None:
        checkpoint = open_checkpoint(cosigned.note, trust.log_verifier).checkpoint
        key = load_keys(node.settings.directory, node.reading.in_use()).witness
        at = int(now.timestamp())
        line = cosign(checkpoint, trust.network, admission.organization, key, at).line
        notes.append(cosigned.note + line.encode())
    quorum = store.newest_with_quorum()
    if quorum is not None:
        notes.append(quorum.note)
    return Testimony(
        trust.network, admission.organization, store.position().size, tuple(notes),
        tuple(Told(each.index, bytes(each.token), bytes(each.body)) for each in store.registry()),
        {name: (end.sequence, end.hash) for name, end in store.chain_ends().items()},
    )  # fmt: skip
