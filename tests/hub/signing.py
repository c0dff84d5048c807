"""Checkpoints of a published network, signed as the hub signs them and cosigned by the organizations' nodes."""

from datetime import datetime

from hub import checkpoints
from tests.hub.published import Published
from tests.signed_network import NETWORK, TRUST, key_of, statement_of
from wire.checkpoint import Checkpoint, cosign, sign_checkpoint

AT = "2026-11-23T12:00:00.000Z"


def after_all_of(network: Published) -> int:
    """When the log as it is can be cosigned: its authors' clock stands at noon, the hub's and the roots' runs."""
    said = max(statement_of(token)["time"] for token in network.logged())
    return int(datetime.fromisoformat(said).timestamp()) + 1


def sign(network: Published, *, quorum: bool = True) -> int:
    """Sign a checkpoint as the hub does, cosigned by the organizations' nodes; gives its size."""
    tree = network.writer.state.tree
    made = Checkpoint(TRUST.origin, tree.size, tree.root())
    note, now = sign_checkpoint(made, key_of("log")), after_all_of(network)
    for name in network.organizations if quorum else ():
        note += cosign(made, NETWORK, name, key_of(f"{name} witness"), now).line.encode()
    with network.engine.begin() as connection:
        checkpoints.keep(connection, made, note, AT, quorum=quorum)
    return made.size
