"""The option --version of the three programs: name and version of the program, and nothing else is done."""

from importlib.metadata import version
from typing import Any, Final

import typer

SOFTWARE: Final = "liaison-network"


def version_option(program: str) -> Any:
    """Give the option for a program of this name."""

    def show(asked: bool) -> None:
        if asked:
            typer.echo(f"{program} {version(SOFTWARE)}")
            raise typer.Exit

    return typer.Option("--version", is_eager=True, callback=show, help="Print name and version of this program.")
