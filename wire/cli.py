"""The command liaison: for those who read a network: follow it, get a record, audit, compare hubs, look up forms."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.facets import facets
from schemas.json_schema import schema_for
from schemas.problems import nearest
from schemas.readable import readable_json
from schemas.records import KINDS
from wire.cli_audit import COMMANDS
from wire.cli_parts import Hub, Json, TokenFile, end, print_json, print_line, say, token_of
from wire.client import BadAddress, HubClient, HubError
from wire.compare import TwoNetworks, told
from wire.compare import compare as compare_views
from wire.cursor import MAX_INDEX, BadCursor, CursorFile
from wire.follow import Event, Follower
from wire.system_errors import OUTPUT, in_words
from wire.version_option import version_option

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def liaison(_version: Annotated[bool, version_option("liaison")] = False) -> None:
    """Read a network of organizations through its hub."""


def main() -> None:
    """Run the command; what a person can put right is told in a sentence, with exit status 1 or 2."""
    try:
        app()
    except (BadAddress, BadCursor, TwoNetworks) as error:
        end(2, str(error))
    except HubError as error:
        end(1, str(error))
    except UnicodeEncodeError:
        end(2, "one of the words is no text in UTF-8; write it anew")
    except OSError as error:
        end(1, in_words(error, OUTPUT))  # all files are named where they are written


@app.command()
def get(
    hub: Hub,
    address: Annotated[str, typer.Argument(metavar="KIND/ORG/ID", help="The record's address.")],
    json: Json = False,
    token_file: TokenFile = None,
) -> None:
    """Print one record as the hub shows it now.

    \b
    Example: liaison get https://hub.example need/ke-nctc/0193a1c2 --json
    """
    parts = address.split("/")
    if len(parts) != 3 or parts[0] not in KINDS:
        end(2, f"{address!r} is no address of a record; it is KIND/ORG/ID, such as need/ke-nctc/0193a1c2")
    with HubClient(hub, token_of(token_file)) as client:
        record = client.record(*parts)
    if json:
        print_json(record)
        return
    _print_record(address, record)


@app.command()
def watch(
    hub: Hub,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind; repeat it for several.")] = None,
    org: Annotated[list[str] | None, typer.Option(help="Only what this organization says.")] = None,
    place: Annotated[list[str] | None, typer.Option(help="Only about this country (alpha-3) or region (M49).")] = None,
    theme: Annotated[list[str] | None, typer.Option(help="Only about this theme: a code, or scheme:code.")] = None,
    after: Annotated[
        int | None, typer.Option(help="Begin after this log index; -1 for the whole log.", min=-1, max=MAX_INDEX)
    ] = None,
    snapshot: Annotated[bool, typer.Option("--snapshot", help="First all records as they stand now.")] = False,
    cursor: Annotated[
        Path | None,
        typer.Option(help="File that keeps the place; a later run goes on there, whatever --after and --snapshot say."),
    ] = None,
    json: Json = False,
    token_file: TokenFile = None,
) -> None:
    """Print every event as it is logged, until Ctrl-C; broken connections are mended, nothing is missed.

    Exit status 1 with the reason if the hub cannot go on where this reader stands: it has another log, or does not go
    back as far.

    \b
    Example: liaison watch https://hub.example --kind need --place KEN --cursor place.json
    """
    filters = {"kind": kind or [], "org": org or [], "place": place or [], "theme": theme or []}
    if snapshot and after is not None:
        end(2, "--snapshot begins with what stands now, --after with an index; give one of them")
    with HubClient(hub, token_of(token_file)) as client:
        kept = CursorFile(cursor, client.address) if cursor else None
        start = kept.read() if kept else None
        log = kept.log if kept else None
        follower = Follower(client, filters, after if start is None else start, say, snapshot=snapshot, log=log)
        try:
            for event in follower.events():
                _print_event(event, json=json)
                if kept:
                    kept.write(event.index, follower.log)
        except KeyboardInterrupt:
            pass
        finally:
            if kept and follower.after is not None:
                kept.write(follower.after, follower.log)


@app.command()
def compare(
    hub: Hub,
    other: Annotated[str, typer.Argument(metavar="HUB", help="Another hub's address.")],
    json: Json = False,
) -> None:
    """Compare the views of two hubs at one size of the log; name every record in which they differ.

    Each hub's answers are checked against the digest of its view; one that contradicts itself is named. Exit status:
    0 equal, 1 different, or not to be compared because one of them is behind or contradicts itself.

    \b
    Example: liaison compare https://hub.example https://region.example
    """
    with HubClient(hub) as first, HubClient(other) as second:
        if first.address == second.address:
            end(2, f"{first.address} is named twice; name two hubs")
        found = compare_views((first, second), say)
    if json:
        print_json(found.document())
    else:
        for line in told(found):
            print_line(line)
    raise SystemExit(0 if found.equal else 1)


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(KINDS)}.")],
) -> None:
    """Print the JSON Schema (2020-12) of a kind of record.

    \b
    Example: liaison schema need > need.json
    """
    if kind not in KINDS:
        near = nearest(kind, list(KINDS), 1)
        hint = f" Perhaps {near[0]} was meant." if near else ""
        end(2, f"There is no kind {kind!r}; there are {', '.join(KINDS)}.{hint}")
    print_json(schema_for(kind))


def _print_event(event: Event, *, json: bool) -> None:
    if json:
        sys.stdout.buffer.write(readable_json(event.document).replace(b"\n", b" ") + b"\n")
        sys.stdout.buffer.flush()
        return
    said = event.read()
    kind, organization, name = str(said["subject"]).split("/", 2)
    data = said.get("data")
    record = data.get("record") if isinstance(data, dict) else None
    title = _title(kind, record)
    what = str(said["type"]).removeprefix("liaison.")
    print_line(f"{event.index:>8}  {said['time']}  {what:<22}  {organization}/{name}  {title}")
    sys.stdout.flush()


def _print_record(address: str, shown: dict[str, Any]) -> None:
    """Print what is shown of it: of one whose body is held elsewhere it is little."""
    record, excluded = shown.get("record"), shown.get("excluded")
    print_line(f"{address}  {_title(address.partition('/')[0], record)}")
    print_line(
        "status    " + ", ".join(str(shown[name]) for name in ("status", "freshness", "marking") if name in shown)
    )
    print_line(f"published {shown.get('published')} by {shown.get('org')}, entry {shown.get('index')} of the log")
    if "reason" in shown:
        print_line(f"reason    {shown['reason']}")
    if isinstance(excluded, dict):
        print_line(f"excluded  {excluded.get('reason')}")
    if record is not None:
        print_json(record)


def _title(kind: str, record: Any) -> str:
    try:
        return facets(kind, record).title
    except (LookupError, TypeError, ValueError, StopIteration, AttributeError):
        return ""  # of a kind or form that this version does not know


for _command in COMMANDS:
    app.command()(_command)
