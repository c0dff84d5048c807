"""The command liaison-hub: begin a network, run its hub, admit organizations, look after quarantine and view."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer
from sqlalchemy import Engine, select

from hub import tables
from hub.access import create_token
from hub.app import run
from hub.author import Author
from hub.bus_server import BusServer, BusServerError
from hub.history import load_state
from hub.keyring import TRUST_FILE, Keyring, create_keys, load_keys, load_roots
from hub.log_checks import LogDamaged
from hub.queries import list_nodes
from hub.rebuild import rebuild as rebuild_view
from hub.registrar import HubBusy, act, sole_owner, submit
from hub.schema import open_store
from hub.settings import BadSettings, read_settings, write_settings
from hub.writer import Writer
from wire.actions import Action, Admitted, BadAction, Reinstated, Retired, Suspended, sign_action
from wire.enrolment import BadEnrolment, make_admission, open_enrolment
from wire.keys import BadKey
from wire.logs import log_to_stderr
from wire.nkeys import nkey_public
from wire.progress_bar import progress_bar
from wire.trust import BadTrust

NETWORK = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
quarantine_app = typer.Typer(no_args_is_help=True, help="Messages that were refused, kept whole.")
app.add_typer(quarantine_app, name="quarantine")

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The hub's state directory.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence; it goes into the log.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]
Org = Annotated[str, typer.Argument(metavar="ORG", help="The organization's id.")]


def main() -> None:
    """Run the command; what a person can put right is told in a sentence, with exit status 1."""
    log_to_stderr()
    try:
        app()
    except (
        BadAction, BadEnrolment, BadKey, BadSettings, BadTrust, BusServerError, HubBusy, LogDamaged, OSError,
    ) as error:  # fmt: skip
        _fail(str(error))


@app.command()
def init(
    directory: Dir,
    network: Annotated[str, typer.Option(help="Name of the network: a host name, such as exercise.example.")],
    bus: Annotated[str, typer.Option(help="Address of an outside bus; without it the hub runs its own.")] = "",
    database: Annotated[str, typer.Option(help="PostgreSQL URL; better in LIAISON_HUB_DATABASE. Else SQLite.")] = "",
) -> None:
    """Begin a network: keys, trust.json, an empty log whose first entry admits the hub.

    \b
    Example: liaison-hub init /var/lib/liaison/hub --network exercise.example
    """
    if not NETWORK.fullmatch(network):
        _wrong_use(f"--network {network!r} is not a host name in lower case, such as exercise.example")
    if (directory / TRUST_FILE).exists():
        _fail(f"{directory} holds a hub already; choose another directory, or run liaison-hub serve {directory}")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_settings(directory, database=database, bus=bus)
    trust, admitted = create_keys(directory, network)
    engine, keyring = _opened(directory)
    Writer(engine, trust, Author(keyring.signing)).register(sign_action(admitted, load_roots(directory)))
    if not bus:
        BusServer(directory, nkey_public(keyring.bus_seed))  # chooses the ports, once and for all
    _say(f"Network {network} begins here. Keep {directory / 'root'} apart and safe: its key decides who may speak.")
    _say(f"Next: liaison-hub serve {directory}")


@app.command()
def serve(
    directory: Dir,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8300,
) -> None:
    """Run everything: bus, intake, log, view and API, until Ctrl-C or SIGTERM.

    \b
    Example: liaison-hub serve /var/lib/liaison/hub --port 8300
    """
    run(directory, host, port)


@app.command()
def admit(
    directory: Dir,
    enrolment: Annotated[Path, typer.Argument(metavar="ENROLMENT.json", help="What the node's init wrote.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where to write the admission.")] = None,
) -> None:
    """Admit an organization; works beside a running hub and without it.

    \b
    Example: liaison-hub admit DIR enrolment.json -o admission.json
    """
    members = open_enrolment(enrolment.read_bytes())
    engine, keyring = _opened(directory)
    network = keyring.trust.network

    def make(sequence: str, previous: str) -> Action:
        return Admitted(network=network, sequence=sequence, previous=previous, **members)

    index = act(directory, engine, keyring, make)
    settings = read_settings(directory)
    url = settings.bus or BusServer(directory, nkey_public(keyring.bus_seed)).url
    admission = make_admission(keyring.trust, _registered(engine, 0), _registered(engine, index), url)
    if output is None:
        sys.stdout.buffer.write(admission)
    else:
        output.write_bytes(admission)
    _say(f"{members['organization']} is admitted, as entry {index} of the log. Give its administrator the admission.")


@app.command()
def suspend(directory: Dir, organization: Org, reason: Reason) -> None:
    """Accept nothing of an organization for now. Example: liaison-hub suspend DIR xa-office --reason "…"."""
    _decide(directory, organization, lambda **place: Suspended(reason=reason, **place), "suspended")


@app.command()
def reinstate(directory: Dir, organization: Org, reason: Reason) -> None:
    """Let a suspended organization speak again. Example: liaison-hub reinstate DIR xa-office --reason "…"."""
    _decide(directory, organization, lambda **place: Reinstated(reason=reason, **place), "reinstated")


@app.command()
def retire(directory: Dir, organization: Org, reason: Reason) -> None:
    """End an organization's membership for good. Example: liaison-hub retire DIR xa-office --reason "…"."""
    _decide(directory, organization, lambda **place: Retired(reason=reason, **place), "retired")


@app.command()
def nodes(directory: Dir, json: Json = False) -> None:
    """List the organizations: state and reason, logged sequence, lag. Example: liaison-hub nodes DIR --json."""
    engine, keyring = _opened(directory)
    with engine.begin() as connection:
        registry = load_state(connection, keyring.trust).registry
        found = list_nodes(connection, registry)
    if json:
        _print_json(found)
        return
    for node in found:
        line = (
            f"{node['org']:<24} {node['state']:<10} {node['sequence']:>9}  lag {node['lag_events']}  {node['reason']}"
        )
        typer.echo(line)


@app.command()
def rebuild(directory: Dir) -> None:
    """Empty the view and fold it anew from the log; the hub must not be running. Example: liaison-hub rebuild DIR."""
    engine, _ = _opened(directory)
    with sole_owner(directory), progress_bar("rebuilding the view") as step:
        size = rebuild_view(engine, step)
    _say(f"The view was folded anew from the {size} entries of the log.")


@app.command()
def token(
    directory: Dir,
    role: Annotated[str, typer.Argument(metavar="member|operator", help="What its bearer may read.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="For whom it is.")],
) -> None:
    """Make an access token, shown once. Example: liaison-hub token DIR member "Reader of the secretariat"."""
    if role not in {"member", "operator"}:
        _wrong_use(f"the role is member or operator, not {role!r}")
    engine, _ = _opened(directory)
    typer.echo(create_token(engine, role, name))
    _say("Shown this once; only its hash is kept.")


@quarantine_app.command("list")
def quarantine_list(directory: Dir, json: Json = False) -> None:
    """List refused messages. Example: liaison-hub quarantine list DIR."""
    engine, _ = _opened(directory)
    table = tables.quarantine
    shown = [c for c in table.c if c.name not in {"token", "body", "digest"}]
    with engine.begin() as connection:
        found = connection.execute(select(*shown).order_by(table.c.number)).mappings()
        rows = [{str(name): value for name, value in row.items()} for row in found]
    if json:
        _print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['number']:>6}  {row['at']}  {row['bus_organization']:<24} {row['reason']:<20} {row['found']}")


@quarantine_app.command("show")
def quarantine_show(directory: Dir, number: int) -> None:
    """Print one refused message whole, as JSON. Example: liaison-hub quarantine show DIR 7."""
    engine, _ = _opened(directory)
    table = tables.quarantine
    with engine.begin() as connection:
        row = connection.execute(select(table).where(table.c.number == number)).mappings().first()
    if row is None:
        _fail(
            f"there is no message {number} in quarantine; liaison-hub quarantine list {directory} shows what is there"
        )
    _print_json({str(name): _readable(value) for name, value in row.items()})


@quarantine_app.command("retry")
def quarantine_retry(directory: Dir, number: int) -> None:
    """Judge a refused message again, after its cause was put right. Example: liaison-hub quarantine retry DIR 7."""
    engine, keyring = _opened(directory)
    answer = submit(directory, engine, keyring, "retry", str(number).encode())
    _say(f"Message {number}: {answer}.")
    if answer.startswith("refused"):
        raise typer.Exit(1)


def _decide(directory: Path, organization: str, make: Callable[..., Action], word: str) -> None:
    engine, keyring = _opened(directory)
    network = keyring.trust.network

    def place(sequence: str, previous: str) -> Action:
        return make(network=network, sequence=sequence, previous=previous, organization=organization)

    index = act(directory, engine, keyring, place)
    _say(f"{organization} is {word}, as entry {index} of the log.")


def _opened(directory: Path) -> tuple[Engine, Keyring]:
    settings = read_settings(directory)
    return open_store(settings), load_keys(directory)


def _registered(engine: Engine, index: int) -> tuple[bytes, bytes]:
    log, bodies = tables.log, tables.bodies
    query = select(log.c.token, bodies.c.body).join(bodies, bodies.c.index == log.c.index).where(log.c.index == index)
    with engine.begin() as connection:
        row = connection.execute(query).one()
    return row.token, row.body


def _readable(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _print_json(value: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _fail(text: str) -> NoReturn:
    typer.echo(f"Error: {text}", err=True)
    raise SystemExit(1)


def _wrong_use(text: str) -> NoReturn:
    typer.echo(f"Error: {text}", err=True)
    raise SystemExit(2)
