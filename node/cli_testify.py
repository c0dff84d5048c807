"""The command testify of liaison-node: what this node knows of the log, for a hub that has lost it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from node import cli_text
from node.node import build
from node.testifying import testify as testimony_of
from schemas.amount import entries
from wire.whole_file import write_whole

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")]


def testify(
    directory: Dir,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write it.")],
) -> None:
    """Write what this node knows of the network's log, so that a hub that has lost it can begin the next one.

    It holds the registry, checkpoints and the ends of all chains; nothing of it is secret, and no record is in it.

    \b
    Example: liaison-node testify /var/lib/liaison/ke-nctc -o ke-nctc.json
    """
    found = testimony_of(build(directory), datetime.now(UTC))
    write_whole(output, found.to_bytes())
    cli_text.say(f"{output} tells of {entries(found.size)}. Give it to the hub's operator: liaison-hub replace-log")
