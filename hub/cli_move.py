"""The command of liaison-hub that moves its database, from SQLite to PostgreSQL or the other way round."""

from typing import Annotated

import typer

from hub import search
from hub.cli_text import Dir, fail, say
from hub.moving import content, home_of
from hub.registrar import sole_owner
from hub.settings import read_settings
from hub.view_lines import log_size
from wire.database import open_database, reading
from wire.database_copy import CannotMove
from wire.database_move import move, told
from wire.progress_bar import progress_bar

commands = typer.Typer()


@commands.command("move-database")
def move_database(
    directory: Dir,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            envvar="LIAISON_HUB_NEW_DATABASE",
            help="The new database, empty. With a password in it, better in LIAISON_HUB_NEW_DATABASE.",
        ),
    ],
) -> None:
    """Move the hub to another database, from SQLite to PostgreSQL or back, and name it in hub.toml.

    Only while the hub does not run. All of it comes over or nothing; broken off, it can be run again. The old database
    is marked, so that nobody goes on from it: two that do would sign two histories.

    \b
    Example: liaison-hub move-database /var/lib/liaison/hub postgresql://liaison@localhost/hub
    """
    home = home_of(read_settings(directory))
    try:
        with sole_owner(directory):
            with progress_bar("moving the database") as step:
                moved = move(home, url, content(directory), step)
            for line in told(moved, home):
                say(line)
            _read_words(url)
    except CannotMove as error:
        fail(str(error))


def _read_words(url: str) -> None:
    """Fold what records are found by; broken off, the first question goes on with it."""
    engine = open_database(url)
    with reading(engine).connect() as connection:
        size = log_size(connection)
    with progress_bar("reading what records are found by") as step:
        search.load(engine, size, step)
    engine.dispose()
