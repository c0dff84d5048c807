"""The command doctor of liaison-node: the checks of the page Connection, for a terminal."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from node import cli_text

MAX_SECONDS = 600


def doctor(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")],
    as_data: Annotated[bool, typer.Option("--json", help="Print data as JSON.")] = False,
    test_event: Annotated[
        bool, typer.Option("--test-event", help="Also sign and send a confirmation of the organization's own record.")
    ] = False,
    seconds: Annotated[float, typer.Option(help="How long the test event may take.")] = 30.0,
) -> None:
    """Check everything that a node needs, each with plain cause and what to do; exit status 1 if something fails.

    Works beside a running serve and without it. Without --test-event nothing is signed, published or changed.

    \b
    Example: liaison-node doctor DIR --test-event
    """
    from node.accounts.acts import command  # noqa: PLC0415
    from node.doctor import examine, there_and_back  # noqa: PLC0415 - the bus is for this command only
    from node.node import build  # noqa: PLC0415

    if not 1 <= seconds <= MAX_SECONDS:
        cli_text.wrong_use(f"--seconds is 1 to {MAX_SECONDS}")
    found = examine(directory)
    if test_event and found.reaches_hub:
        node = build(directory)
        with node.acts.noting(command(), "event.tested"):
            found = found.with_check(there_and_back(node, seconds))
    elif test_event:
        cli_text.say("No test event was sent: the hub is not reached.")
    if as_data:
        cli_text.print_json(found.form())
    else:
        for check in found.checks:
            sys.stdout.write("".join(f"{line}\n" for line in check.lines()))
    if not found.well:
        raise typer.Exit(1)
