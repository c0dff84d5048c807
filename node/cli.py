"""The command liaison-node: begin a node, join a network, serve, edit, import, export and see how everything stands."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import DatabaseError

from node import cli_backup, cli_delivery, cli_edit, cli_erase, cli_person, cli_readers, cli_testify, cli_text, forms
from node.accounts.acts import command
from node.cli_alarms import alarms_app
from node.cli_doctor import doctor
from node.cli_keys import keys_app
from node.cli_move import move_database
from node.importing.rows import ImportFileError
from node.keyring import newest_keys
from node.lock import AlreadyServed, is_served
from node.node import begin, build
from node.node import join as join_network
from node.refusal import Refusal
from node.settings import PREFIX, SETTINGS_FILE, VARIABLES, BadSettings, read_settings
from node.store.opening import NoDatabase
from node.store.reading import CURRENT, ERASED, LOCAL, WITHDRAWN
from people.rules import BadAccount
from schemas.amount import amount
from schemas.entry import InvalidEntry, to_entry
from schemas.records import KINDS
from schemas.statement import RESERVED_ORGS, is_org
from wire.database import not_taken
from wire.enrolment import BadEnrolment
from wire.environment import warn_of_unknown
from wire.keys import BadKey
from wire.logs import log_nothing, log_to_stderr
from wire.quick_start import unsearched
from wire.system_errors import about, in_words
from wire.version_option import version_option

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="An organization's node: keeps records, publishes them signed, reads what others write to it.",
)  # fmt: skip
app.add_typer(keys_app, name="keys")
app.add_typer(alarms_app, name="alarms")
app.add_typer(cli_person.person_app, name="person")

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")]
Kind = Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(KINDS)}.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The record's id.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


@app.callback()
def liaison_node(_version: Annotated[bool, version_option("liaison-node")] = False) -> None:
    """Take what is asked of the program itself."""


def main() -> None:
    """Run the command; what a person can put right is told in a sentence, with exit status 1."""
    log_nothing()
    try:
        app()
    except InvalidEntry as error:
        cli_text.say_problems("the record", error)
        raise SystemExit(1) from None
    except BrokenPipeError:
        sys.stderr.close()  # the reader has seen enough
    except (
        AlreadyServed, BadAccount, BadEnrolment, BadKey, BadSettings, ImportFileError, NoDatabase, Refusal,
    ) as error:  # fmt: skip
        cli_text.fail(str(error))
    except OSError as error:
        cli_text.fail(in_words(error))
    except DatabaseError as error:
        cli_text.fail(not_taken(error))
    except UnicodeEncodeError:
        cli_text.fail("one of the words is no text in UTF-8; write it anew")


@app.command()
def init(
    directory: Dir,
    org: Annotated[str, typer.Option(help="The organization's id: small letters, digits, hyphens; for good.")],
    name: Annotated[str, typer.Option(help="The organization's name, in English.")],
    database: Annotated[str, typer.Option(help="PostgreSQL URL; better in LIAISON_NODE_DATABASE. Else SQLite.")] = "",
    org_type: Annotated[str, typer.Option(help="IATI organisation type, such as 10 (government); 90 is other.")] = "90",
) -> None:
    """Begin a node: keys, database, and DIR/enrolment.json to be admitted with.

    \b
    Example: liaison-node init /var/lib/liaison/ke-nctc --org ke-nctc --name "National Counter Terrorism Centre"
    """
    if org in RESERVED_ORGS:
        cli_text.wrong_use(f"--org {org} is a name that every network keeps for itself; choose another, like ke-nctc")
    if not is_org(org):
        cli_text.wrong_use(f"--org {org!r} cannot be an organization's id: 3 to 40 of a-z, 0-9, hyphens, like ke-nctc")
    if (directory / SETTINGS_FILE).exists() or (directory / "keys").exists():
        cli_text.fail(f"{directory} holds a node already; choose another directory, or go on with that one")
    with about(directory, unnamed=True):
        path = begin(directory, organization=org, name=name, org_type=org_type, database=database)
    cli_text.say(f"The keys of {org} are in {directory / 'keys'}: keep a copy apart and safe.")
    cli_text.say(f"Next: have the hub admit {path}, then liaison-node join {directory} ADMISSION.json")
    cli_text.say(f"Or serve {directory} and open /welcome, which leads through everything in five steps.")
    cli_person.say_first_code(build(directory), directory)


@app.command()
def join(
    directory: Dir,
    admission: Annotated[Path, typer.Argument(metavar="ADMISSION.json", help="What the hub's admit wrote.")],
) -> None:
    """Join the network that admitted this node; what was put before is sealed now, in order.

    \b
    Example: liaison-node join /var/lib/liaison/ke-nctc admission.json
    """
    settings = read_settings(directory)
    node = build(directory, settings=settings, keyring=newest_keys(directory))
    with node.acts.noting(command(), "network.joined") as act:
        trust, sealed = join_network(node, admission.read_bytes(), act.note)
    cli_text.say(
        f"Joined {trust.network}; {amount(sealed, 'waiting change was sealed', 'waiting changes were sealed')}."
    )
    cli_text.say(f"SHA-256 of its trust.json: {trust.digest.hex()}")
    cli_text.say("Compare it with the one that the network publishes, before this node is served for the first time.")
    cli_text.say(f"Next: liaison-node serve {directory}")


@app.command()
def serve(
    directory: Dir,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8310,
) -> None:
    """Publish what is in the outbox and answer the API, until Ctrl-C or SIGTERM.

    \b
    Example: liaison-node serve /var/lib/liaison/ke-nctc --port 8310
    """
    with unsearched():
        from node.app import serve as serve_node  # noqa: PLC0415 - only this command needs a web server

    if sys.stderr.isatty():  # else it is the log, which takes no secret
        cli_person.say_first_code(build(directory), directory)
    log_to_stderr()
    warn_of_unknown(os.environ, PREFIX, VARIABLES)
    serve_node(directory, host, port)


@app.command("list")
def list_records(
    directory: Dir,
    kind: Annotated[str, typer.Argument(metavar="[KIND]", help="Only this kind.")] = "",
    as_data: Json = False,
    withdrawn: Annotated[bool, typer.Option(help="Withdrawn records too.")] = False,
    erased: Annotated[bool, typer.Option(help="Erased records too: that they existed.")] = False,
) -> None:
    """List the organization's records and how far each has come, from local and waiting to delivered.

    \b
    Example: liaison-node list DIR need --json
    """
    _check_kind(kind)
    node = build(directory)
    states = (CURRENT, LOCAL, *[WITHDRAWN] * withdrawn, *[ERASED] * erased)
    after: int | None = 0
    shown: list[dict[str, Any]] = []
    while after is not None:
        page = node.reading.page([kind] if kind else (), states, after, 1000)
        shown += [forms.record_form(each, node.settings.organization) for each in page.items]
        after = page.next
    if as_data:
        cli_text.print_json(shown)
    else:
        cli_text.print_records(shown)


@app.command("import")
def import_file(
    directory: Dir,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="csv, xlsx, json or jsonl, as the mapping says.")],
    mapping: Annotated[Path, typer.Option(help="Which columns become which fields (TOML; see docs/import.md).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    as_data: Json = False,
) -> None:
    """Import a file: new and changed records are published, those gone withdrawn, bad rows reported.

    Exit status 0 when all that can be used was imported, 1 when nothing could be.

    \b
    Example: liaison-node import DIR bodies.csv --mapping deploy/mappings/publicbodies_se.toml --dry-run
    """
    from node.cli_import import run_import  # noqa: PLC0415 - reading sheets is for this command only

    node = build(directory)
    run_import(node, file, mapping, dry_run=dry_run, as_data=as_data)
    if not dry_run:
        node.acts.note(command(), "file.imported", file.name, f"mapping {mapping.name}")


@app.command()
def export(
    directory: Dir,
    kind: Kind,
    format_: Annotated[cli_text.Format, typer.Option("--format", help="csv, xlsx, json or jsonl.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write, not standard output.")] = None,
) -> None:
    """Export all records of a kind that are not withdrawn; json can be imported again.

    \b
    Example: liaison-node export DIR contact --format xlsx -o contacts.xlsx
    """
    from node.exporting import export as export_records  # noqa: PLC0415 - writing sheets is for this command only

    _check_kind(kind)
    found = build(directory).reading.current(kind)
    entries = (
        to_entry(kind, record_id, each.marking, each.record, each.recipients) for (_, record_id), each in found.items()
    )
    try:
        if output is None:
            number = export_records(kind, entries, format_.value, sys.stdout.buffer)
        else:
            with about(output, unnamed=True), output.open("wb") as file:
                number = export_records(kind, entries, format_.value, file)
    except ValueError as error:
        cli_text.fail(str(error))
    cli_text.say(f"{amount(number, 'record')} of kind {kind}")


@app.command()
def status(directory: Dir, as_data: Json = False) -> None:
    """Tell what is saved, signed, sent, logged, witnessed and in the view; bus, log, judgements; 1 if an alarm stands.

    \b
    Example: liaison-node status DIR --json
    """
    node = build(directory)
    served = is_served(directory)
    document = forms.status_form(node.reading, node.outbox.relay(), node.log, node.orders.listed(), served=served)
    if as_data:
        cli_text.print_json(document)
    else:
        cli_text.print_status(document)
    if forms.alarmed(document):
        raise typer.Exit(1)


@app.command("restore-chain")
def restore_chain(directory: Dir) -> None:
    """After a restore of DIR from a backup: take what was published since from the log, verified, and sign again.

    Only while the node is not served, and when no other copy of it runs.

    \b
    Example: liaison-node restore-chain /var/lib/liaison/ke-nctc
    """
    from node.cli_restore import run_restore  # noqa: PLC0415 - the bus is for this command only

    run_restore(directory)


app.command()(cli_edit.put)
app.command()(cli_edit.withdraw)
app.command()(cli_edit.confirm)
app.command()(cli_person.token)
app.command()(doctor)
app.command()(cli_erase.erase)
app.command()(cli_delivery.delivery)
app.command()(cli_readers.inbox)
app.command()(cli_readers.audience)
app.command()(cli_readers.commitment)
app.command()(cli_testify.testify)
cli_backup.add_to(app)
app.command()(move_database)


def _check_kind(kind: str) -> None:
    if kind and kind not in KINDS:
        cli_text.wrong_use(f"{kind!r} is no kind of record; the kinds are {', '.join(KINDS)}")
