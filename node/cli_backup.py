"""The commands about backups of liaison-node: make one beside the running service, test it, restore it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from node import cli_text
from node.accounts.acts import Acts, command
from node.settings import DATABASE_FILE, read_settings
from node.store.opening import NoDatabase, open_current
from schemas.amount import amount
from wire.database import sqlite_url

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup: one file, as secret as the keys in it.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


def backup(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")], file: File
) -> None:
    """Write settings, keys, database and evidence into a new FILE, beside a running serve; nothing is overwritten.

    Whoever has the file can speak for the organization. A PostgreSQL database is not in it: use pg_dump for that.

    \b
    Example: liaison-node backup /var/lib/liaison/ke-nctc /media/safe/ke-nctc-2026-11-26.backup
    """
    from node.backup import NoBackup, back_up  # noqa: PLC0415 - for this command only
    from node.backup.making import POSTGRESQL  # noqa: PLC0415

    settings = read_settings(directory)
    try:
        manifest = back_up(settings, file, datetime.now(UTC))
    except NoBackup as error:
        cli_text.fail(str(error))
    try:
        # As it is: a backup is made before software is brought up to date, beside an older service perhaps.
        Acts(open_current(settings.database)).note(command(), "backup.made", "", str(file))
    except NoDatabase as error:
        cli_text.say(f"This is not noted in the trail: {error}")
    cli_text.say(
        f"{file} has {amount(len(manifest.files), 'file')} of {settings.organization}. Keep it as you keep the keys."
    )
    if manifest.about["database"] == POSTGRESQL:
        cli_text.say("The database is PostgreSQL and is NOT in it. At the same time, run pg_dump for it.")
    cli_text.say(f"See whether it is any good: liaison-node test-backup {file}")


def see_whether_good(file: File, as_data: Json = False) -> None:
    """Restore FILE into a temporary folder, check every hash, the database and the keys, and say what is in it.

    \b
    Example: liaison-node test-backup /media/safe/ke-nctc-2026-11-26.backup
    """
    from node.backup import NoBackup, try_out  # noqa: PLC0415 - for this command only

    try:
        form = try_out(file).form()
    except NoBackup as error:
        cli_text.fail(str(error))
    if as_data:
        cli_text.print_json(form)
        return
    for name, value in form.items():
        typer.echo(
            f"{name:<16} {'not in it (PostgreSQL)' if value is None and form['database'] != 'sqlite' else value}"
        )


def restore(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A directory that is empty or not there yet.")],
    file: File,
) -> None:
    """Restore a backup into DIR. The node signs nothing until restore-chain has taken what was published since.

    \b
    Example: liaison-node restore /var/lib/liaison/ke-nctc /media/safe/ke-nctc-2026-11-26.backup
    """
    from node.backup import NoBackup  # noqa: PLC0415 - for this command only
    from node.backup import restore as restore_backup  # noqa: PLC0415
    from node.backup.making import SQLITE  # noqa: PLC0415

    try:
        content = restore_backup(directory, file)
    except NoBackup as error:
        cli_text.fail(str(error))
    cli_text.say(f"The node of {content.organization} is in {directory}, as it was at {content.at}.")
    if content.database != SQLITE:
        cli_text.say("Its PostgreSQL database is not in the backup: restore it from pg_dump's file first (pg_restore).")
        cli_text.say("Then, as it may be older than what was published, and nothing is signed before:")
        cli_text.say(f"liaison-node restore-chain {directory}")
        return
    if read_settings(directory).database != sqlite_url(directory / DATABASE_FILE):
        cli_text.say(f"Its settings name another database than {directory / DATABASE_FILE}, where it lies now:")
        cli_text.say("set database in node.toml to an empty text, and see LIAISON_NODE_DATABASE.")
    if content.network is not None:
        cli_text.say("It signs nothing now: what was published since the backup is in the network's log.")
        cli_text.say("Make sure that no other copy of this node runs: two with one key fork their chain.")
        cli_text.say(f"Next: liaison-node restore-chain {directory}")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(backup)
    app.command("test-backup")(see_whether_good)
    app.command()(restore)
