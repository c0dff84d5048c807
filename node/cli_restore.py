"""The command restore-chain of liaison-node: connect to the bus, and take the chain back from the log."""

import asyncio
from pathlib import Path

from node import cli_text
from node.accounts.acts import command
from node.bus_key import in_words
from node.cosigning import asking
from node.lock import sole_server
from node.node import Node, build
from node.restoring import NotRestored, Restored, restore_chain
from schemas.amount import amount
from wire.bus import Bus, BusError
from wire.key_sets import key_set
from wire.keys import read_secret
from wire.progress_bar import progress_bar

CONNECT_SECONDS = 15.0


def run_restore(directory: Path) -> None:
    """Restore the chain of a node that is not served, and say what was taken."""
    node = build(directory)
    with sole_server(directory):
        try:
            with node.acts.noting(command(), "chain.restored"):
                restored = asyncio.run(_restore(node))
        except (NotRestored, BusError) as error:
            cli_text.fail(f"{error}")
    cli_text.say(
        f"The chain is whole up to statement {restored.sequence}: "
        f"{amount(restored.statements, 'was', 'were')} taken back."
    )
    if restored.without_body:
        cli_text.say(f"Of {restored.without_body} of them the hub has no body; their records are as in the backup.")
    cli_text.say(
        "What was kept only here since the backup (TLP:RED, drafts) is not in the log. Next: liaison-node serve"
    )


async def _restore(node: Node) -> Restored:
    admission = node.admission()
    if admission is None:
        raise NotRestored("the node has not joined a network; there is nothing to restore")
    number = node.reading.in_use().key_set
    seed = read_secret(key_set(node.settings.directory, number) / "bus.nk")
    url = node.settings.bus or admission.bus_url
    bus = await Bus.connect(url, name=f"liaison-node {admission.organization}", seed=seed, wait=None)
    try:
        if not await bus.wait_let_in(CONNECT_SECONDS):
            if bus.refused:
                raise NotRestored(in_words(bus.reason))
            raise NotRestored(f"there is no connection to the bus ({bus.reason}); try again when there is")
        with progress_bar("log", quiet=False) as step:
            return await restore_chain(node, asking(bus, admission.organization), step)
    finally:
        await bus.close()
