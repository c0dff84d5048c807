"""The command of liaison-node that moves its database, from SQLite to PostgreSQL or the other way round."""

from pathlib import Path
from typing import Annotated

import typer

from node import cli_text
from node.accounts.acts import Acts, command
from node.lock import sole_server
from node.moving import content, home_of
from node.settings import read_settings
from node.store.opening import open_store
from wire.database_copy import CannotMove
from wire.database_move import move, told
from wire.progress_bar import progress_bar


def move_database(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")],
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            envvar="LIAISON_NODE_NEW_DATABASE",
            help="The new database, empty. With a password in it, better in LIAISON_NODE_NEW_DATABASE.",
        ),
    ],
) -> None:
    """Move the node to another database, from SQLite to PostgreSQL or back, and name it in node.toml.

    Only while the node is not served. All of it comes over or nothing; broken off, it can be run again. The old
    database is marked, so that nobody goes on from it: two that do would fork the chain.

    \b
    Example: liaison-node move-database /var/lib/liaison/ke-nctc postgresql://liaison@localhost/ke_nctc
    """
    settings = read_settings(directory)
    home = home_of(settings)
    try:
        with sole_server(directory), progress_bar("moving the database") as step:
            moved = move(home, url, content(settings.organization), step)
            Acts(open_store(url)).note(command(), "database.moved")
    except CannotMove as error:
        cli_text.fail(str(error))
    for line in told(moved, home):
        cli_text.say(line)
