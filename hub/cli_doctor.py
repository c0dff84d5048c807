"""The command doctor of liaison-hub: the checks of the page This hub, for a terminal."""

import sys

import typer

from hub.cli_text import Dir, Json, print_json
from wire.examination import Result

commands = typer.Typer()


@commands.command()
def doctor(directory: Dir, json: Json = False) -> None:
    """Check everything that a hub needs, running or stopped, each with plain cause and what to do.

    Exit status 1 if something does not work; what is only to be looked after gives 0, as it does for a node. Nothing
    is changed, signed, or brought up to date.

    \b
    Example: liaison-hub doctor /var/lib/liaison/hub
    """
    from hub.doctor import examine  # noqa: PLC0415 - the bus is for this command only

    found = examine(directory)
    if json:
        print_json(found.form())
    else:
        for check in found.checks:
            sys.stdout.write("".join(f"{line}\n" for line in check.lines()))
    if found.worst is Result.FAIL:
        raise typer.Exit(1)
