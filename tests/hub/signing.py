"""Checkpoints of a published network, signed as the hub signs them and cosigned by the organizations' nodes."""

from hub import checkpoints
from tests.hub.published import Published
from tests.signed_network import NETWORK, TRUST, key_of
from wire.checkpoint import Checkpoint, cosign, sign_checkpoint

AT = "2026-11-23T12:00:00.000Z"


def sign(network: Published, *, quorum: bool = True) -> int:
    """Sign a checkpoint as the hub does, cosigned by the organizations' nodes; gives its size."""
    tree = network.writer.state.tree
    made = Checkpoint(TRUST.origin, tree.size, tree.root())
    note = sign_checkpoint(made, key_of("log"))
    for name in network.organizations if quorum else ():
        note += cosign(made, NETWORK, name, key_of(f"{name} witness"), 1_796_000_000).line.encode()
    with network.engine.begin() as connection:
        checkpoints.keep(connection, made, note, AT, quorum=quorum)
    return made.size
