"""The command doctor of liaison-hub: the checks of the page This hub, for a terminal."""

import sys
from typing import Final

import typer

from hub.cli_text import Dir, Json, print_json
from wire.examination import Result

# What ends the command; nothing that was not checked makes it worse.
STATUS: Final = {Result.PASS: 0, Result.FAIL: 1, Result.WARNING: 3}

commands = typer.Typer()


@commands.command()
def doctor(directory: Dir, json: Json = False) -> None:
    """Check everything that a hub needs, running or stopped, each with plain cause and what to do.

    Exit status 0 if nothing is wrong, 3 if something is to be looked after, 1 if something does not work. Nothing is
    changed, signed, or brought up to date.

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
    if STATUS[found.worst]:
        raise typer.Exit(STATUS[found.worst])
