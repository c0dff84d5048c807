"""The commands about backups of liaison-hub: make one beside the running service, test it, restore it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hub.backup import POSTGRESQL, SQLITE, NoBackup, back_up, try_out
from hub.backup import restore as restore_backup
from hub.cli_text import Dir, Json, fail, print_facts, say
from hub.last_checkpoint import FILE as CHECKPOINT_FILE
from hub.rolled_back import RESTORED_FILE
from hub.settings import read_settings
from schemas.amount import amount, entries

commands = typer.Typer()
File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup: one file, as secret as the keys in it.")]


@commands.command()
def backup(directory: Dir, file: File) -> None:
    """Write settings, all keys, trust, database and evidence into a new FILE, beside a running serve.

    Nothing is overwritten. Roots that lie in DIR/root are in it: whoever has enough of them decides for the network.
    The bus's store is not in it, nor a PostgreSQL database: use pg_dump for that.

    \b
    Example: liaison-hub backup /var/lib/liaison/hub /media/safe/hub-2026-11-26.backup
    """
    try:
        manifest = back_up(read_settings(directory), file, datetime.now(UTC))
    except NoBackup as error:
        fail(str(error))
    say(
        f"{file} has {amount(len(manifest.files), 'file')} of the hub of {manifest.about['network']}. "
        "Keep it like the keys."
    )
    if any(name.startswith("root/") for name in manifest.files):
        say("Keys of roots are in it: they lie in DIR/root. It is safer to keep them elsewhere.")
    if manifest.about["database"] == POSTGRESQL:
        say("The database is PostgreSQL and is NOT in it. At the same time, run pg_dump for it.")
    say(f"See whether it is any good: liaison-hub test-backup {file}")


@commands.command("test-backup")
def see_whether_good(file: File, as_data: Json = False) -> None:
    """Restore FILE into a temporary folder, check every hash, the database and the log, and say what is in it.

    \b
    Example: liaison-hub test-backup /media/safe/hub-2026-11-26.backup
    """
    try:
        form = try_out(file).form()
    except NoBackup as error:
        fail(str(error))
    print_facts(form, as_data=as_data, absent="not in the backup")


@commands.command()
def restore(directory: Dir, file: File) -> None:
    """Restore a backup into DIR, which is empty or holds only what the hub has left there that is newer.

    Leave last-checkpoint, erased, unsubscribed, evidence and jetstream of the lost hub in DIR if there are any: they
    stay, and the hub takes from the bus what its older database lacks, or says what is missing.

    \b
    Example: liaison-hub restore /var/lib/liaison/hub /media/safe/hub-2026-11-26.backup
    """
    newer = (directory / CHECKPOINT_FILE).exists()
    try:
        content = restore_backup(directory, file)
    except NoBackup as error:
        fail(str(error))
    held = "" if content.entries is None else f": {entries(content.entries)}"
    say(f"The hub of {content.network} is in {directory}, as it was at {content.at}{held}.")
    if content.database != SQLITE:
        say("Its PostgreSQL database is not in the backup: restore it from pg_dump's file before you serve.")
    if newer:
        say(f"{CHECKPOINT_FILE} was there and stays: the hub says at its start if something is missing.")
        return
    if not (directory / RESTORED_FILE).exists():
        return
    say(f"Whether the hub has signed anything after {content.at} is not known, so that it does not serve: it would")
    say("sign a second history, which every node notices (rolled-back, split-view). Put the newest last-checkpoint of")
    say("the lost hub here, or restore a newer backup, or let a next log go on (liaison-hub replace-log). Only if you")
    say(f"know that nothing was signed since: liaison-hub serve {directory} --accept-rollback REASON")
