"""The command liaison-hub: begin a network, run its hub, admit organizations, look after quarantine and view."""

import os
import re
from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from hub import search, tables
from hub.author import author_in
from hub.bus_server import BusServer, BusServerError
from hub.cli_account import account_app, tokens
from hub.cli_action import action_app
from hub.cli_backup import commands as backup_commands
from hub.cli_doctor import commands as doctor_commands
from hub.cli_follow import follow_app
from hub.cli_keys import keys_app
from hub.cli_move import commands as move_commands
from hub.cli_next_log import commands as next_log_commands
from hub.cli_registry import commands
from hub.cli_text import Dir, Json, Port, fail, opened, opened_store, print_json, print_line, say, wrong_use
from hub.erased_list import ERASED_FILE, ErasedList
from hub.following.choice import is_regional, read_followed
from hub.history import load_state
from hub.keyring import TRUST_FILE, create_keys, load_roots
from hub.log_checks import LogDamaged
from hub.queries import list_nodes
from hub.rebuild import rebuild as rebuild_view
from hub.registrar import LARGEST, HubBusy, sole_owner, submit
from hub.rolled_back import RolledBack
from hub.settings import PREFIX, VARIABLES, BadSettings, write_settings
from hub.writer import Writer
from people.rules import BadAccount
from schemas.amount import entries
from wire.action_forms import MAX_ROOTS
from wire.actions import BadAction, sign_action
from wire.all_or_nothing import all_or_nothing
from wire.database import not_taken
from wire.enrolment import BadEnrolment
from wire.environment import warn_of_unknown
from wire.keys import BadKey
from wire.logs import log_nothing, log_to_stderr
from wire.nkeys import nkey_public
from wire.progress_bar import progress_bar
from wire.quick_start import unsearched
from wire.system_errors import about, in_words
from wire.trust import BadTrust
from wire.version_option import version_option

NETWORK = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="A network's hub: verifies what the nodes publish, keeps it in one log, and shows the global view.",
)  # fmt: skip
quarantine_app = typer.Typer(no_args_is_help=True, help="Messages that were refused, kept whole.")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(commands)
app.add_typer(tokens)
app.add_typer(account_app, name="account")
app.add_typer(follow_app)
app.add_typer(next_log_commands)
app.add_typer(backup_commands)
app.add_typer(move_commands)
app.add_typer(doctor_commands)
app.add_typer(keys_app, name="keys")
app.add_typer(action_app, name="action")

Number = Annotated[int, typer.Argument(min=1, max=LARGEST, help="Its number in the list.")]


@app.callback()
def liaison_hub(_version: Annotated[bool, version_option("liaison-hub")] = False) -> None:
    """Take what is asked of the program itself."""


def main() -> None:
    """Run the command; what a person can put right is told in a sentence, with exit status 1."""
    log_nothing()
    try:
        app()
    except (
        BadAccount, BadAction, BadEnrolment, BadKey, BadSettings, BadTrust, BusServerError, HubBusy, LogDamaged,
        RolledBack,
    ) as error:  # fmt: skip
        fail(str(error))
    except OSError as error:
        fail(in_words(error))
    except DatabaseError as error:
        fail(not_taken(error))
    except UnicodeEncodeError:
        fail("one of the words is no text in UTF-8; write it anew")


@app.command()
def init(
    directory: Dir,
    network: Annotated[str, typer.Option(help="Name of the network: a host name, such as exercise.example.")],
    bus: Annotated[str, typer.Option(help="Address of an outside bus; without it the hub runs its own.")] = "",
    database: Annotated[str, typer.Option(help="PostgreSQL URL; better in LIAISON_HUB_DATABASE. Else SQLite.")] = "",
    roots: Annotated[int, typer.Option(help="How many root keys to make.")] = 1,
    threshold: Annotated[int, typer.Option(help="How many of them must sign each decision.")] = 1,
) -> None:
    """Begin a network: keys, trust.json, an empty log whose first entry admits the hub.

    \b
    Example: liaison-hub init /var/lib/liaison/hub --network exercise.example
    """
    if not NETWORK.fullmatch(network):
        wrong_use(f"--network {network!r} is not a host name in lower case, such as exercise.example")
    if not 1 <= threshold <= roots <= MAX_ROOTS:
        wrong_use(f"--threshold {threshold} of --roots {roots}: 1 to {MAX_ROOTS} roots, and a threshold within them")
    if (directory / TRUST_FILE).exists():
        fail(f"{directory} holds a hub already; choose another directory, or run liaison-hub serve {directory}")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with all_or_nothing(directory), about(directory, unnamed=True):
        write_settings(directory, database=database, bus=bus)
        trust, admitted = create_keys(directory, network, roots=roots, threshold=threshold)
        engine, keyring = opened(directory, begun=False)
        Writer(engine, trust, author_in(directory, keyring)).register(sign_action(admitted, load_roots(directory)))
        if not bus:
            BusServer(directory, nkey_public(keyring.bus_seed))  # chooses the ports, once and for all
    say(f"Network {network} begins here. Keep {directory / 'root'} apart and safe: its keys decide who may speak.")
    say(f"Publish {directory / TRUST_FILE} and, by another way, its SHA-256: {trust.digest.hex()}")
    say(f"Next: liaison-hub serve {directory}")


@app.command()
def serve(
    directory: Dir,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8300,
    accept_rollback: Annotated[
        str, typer.Option(metavar="REASON", help="After a restore: why nothing was signed since the backup. Kept.")
    ] = "",
) -> None:
    """Run everything: bus, intake, log, view and API, until Ctrl-C or SIGTERM.

    \b
    Example: liaison-hub serve /var/lib/liaison/hub --port 8300
    """
    with unsearched():
        from hub.app import run  # noqa: PLC0415 - only this command needs a web server

    if is_regional(directory):
        fail(f"{directory} is a regional hub; run liaison-hub follow {directory} {read_followed(directory).hub}")
    log_to_stderr()
    warn_of_unknown(os.environ, PREFIX, VARIABLES)
    run(directory, host, port, accept_rollback)


@app.command()
def nodes(directory: Dir, json: Json = False) -> None:
    """List the organizations: state and reason, logged sequence, lag. Example: liaison-hub nodes DIR --json."""
    engine, trust = opened_store(directory)
    with engine.begin() as connection:
        registry = load_state(connection, trust).registry
        found = list_nodes(connection, registry)
    if json:
        print_json(found)
        return
    for node in found:
        line = (
            f"{node['org']:<24} {node['state']:<10} {node['sequence']:>9}  lag {node['lag_events']}  {node['reason']}"
        )
        print_line(line)


@app.command()
def rebuild(directory: Dir) -> None:
    """Empty the view and fold it anew from the log; the hub must not be running. Example: liaison-hub rebuild DIR."""
    engine, _ = opened_store(directory)
    with sole_owner(directory):
        with progress_bar("rebuilding the view") as step:
            size = rebuild_view(engine, step, ErasedList(directory / ERASED_FILE))
        with progress_bar("reading what records are found by") as step:
            search.load(engine, size, step)
    say(f"The view was folded anew from {entries(size)} of the log.")


@quarantine_app.command("list")
def quarantine_list(directory: Dir, json: Json = False) -> None:
    """List refused messages. Example: liaison-hub quarantine list DIR."""
    engine, _ = opened(directory)
    table = tables.quarantine
    shown = [c for c in table.c if c.name not in {"token", "body", "digest"}]
    with engine.begin() as connection:
        found = connection.execute(select(*shown).order_by(table.c.number)).mappings()
        rows = [{str(name): value for name, value in row.items()} for row in found]
    if json:
        print_json(rows)
        return
    for row in rows:
        print_line(f"{row['number']:>6}  {row['at']}  {row['bus_organization']:<24} {row['reason']:<20} {row['found']}")


@quarantine_app.command("show")
def quarantine_show(
    directory: Dir,
    number: Number,
    _json: Annotated[bool, typer.Option("--json", help="It is JSON in any case.")] = False,
) -> None:
    """Print one refused message whole, as JSON. Example: liaison-hub quarantine show DIR 7."""
    engine, _ = opened(directory)
    table = tables.quarantine
    with engine.begin() as connection:
        row = connection.execute(select(table).where(table.c.number == number)).mappings().first()
    if row is None:
        fail(f"there is no message {number} in quarantine; liaison-hub quarantine list {directory} shows what is there")
    print_json({str(name): _readable(value) for name, value in row.items()})


@quarantine_app.command("retry")
def quarantine_retry(directory: Dir, number: Number) -> None:
    """Judge a refused message again, after its cause was put right. Example: liaison-hub quarantine retry DIR 7."""
    engine, keyring = opened(directory)
    answer = submit(directory, engine, keyring, "retry", str(number).encode())
    say(f"Message {number}: {answer}.")
    if answer.startswith("refused"):
        raise typer.Exit(1)


def _readable(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
