"""`liaison-hub follow`: a regional hub, which mirrors another hub's log, verifies it anew and serves its members."""

import os
from pathlib import Path
from typing import Annotated

import typer

from hub.cli_text import Dir, Port, fail, say, wrong_use
from hub.following.choice import Choice, Followed, is_regional, read_followed, write_followed
from hub.keyring import TRUST_FILE
from hub.settings import PREFIX, SETTINGS_FILE, VARIABLES, BadSettings, write_settings
from schemas.amount import amount
from wire.client import BadAddress, HubClient
from wire.environment import warn_of_unknown
from wire.keys import read_secret
from wire.logs import log_to_stderr
from wire.progress_bar import progress_bar
from wire.quick_start import unsearched
from wire.trust import read_trust

follow_app = typer.Typer()

Address = Annotated[str, typer.Argument(metavar="HUB", help="Address of the hub that keeps the log, https://…")]
TrustFile = Annotated[
    Path | None, typer.Option(metavar="TRUST.json", help="The network's trust.json, from a source you trust; once.")
]
Places = Annotated[list[str] | None, typer.Option(help="Hold bodies of this country or region only; repeat it.")]
Kinds = Annotated[list[str] | None, typer.Option(help="Hold bodies of this kind only; repeat it.")]
Orgs = Annotated[list[str] | None, typer.Option(help="Hold bodies of this organization only; repeat it.")]
Token = Annotated[Path | None, typer.Option(help="File (mode 0600) with a member's token to HUB, for TLP:GREEN.")]


@follow_app.command()
def follow(
    directory: Dir,
    hub: Address,
    trust: TrustFile = None,
    place: Places = None,
    kind: Kinds = None,
    org: Orgs = None,
    token_file: Token = None,
    database: Annotated[str, typer.Option(help="PostgreSQL URL; better in LIAISON_HUB_DATABASE. Else SQLite.")] = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8300,
    once: Annotated[bool, typer.Option("--once", help="Take what is there now, then end; serve nobody.")] = False,
) -> None:
    """Follow another hub's log as a regional hub, and serve what was verified, until Ctrl-C or SIGTERM.

    The first run makes DIR, with --trust and the choice of bodies to hold. Status 1: what HUB shows was refused.

    \b
    Example: liaison-hub follow DIR https://hub.example --trust trust.json --place KEN --place UGA
    """
    with unsearched():
        from hub.following.app import run, take_once  # noqa: PLC0415 - only this command and `serve` need a web server

    chosen = Choice(tuple(place or ()), tuple(kind or ()), tuple(org or ()))
    if is_regional(directory):
        _take_up(directory, hub, trust, chosen, token_file)
    else:
        _begin(directory, Followed(hub, chosen, token_file and token_file.resolve()), trust, database)
    if once:
        with progress_bar(f"following {hub}") as step:
            state = take_once(directory, host, port, step)
        if state.trouble and not state.refusal:
            fail(f"{_here(state.size)} {state.trouble}")
        say(f"{_here(state.size)} {state.reason}")
        refusal = state.refusal
    else:
        log_to_stderr()
        warn_of_unknown(os.environ, PREFIX, VARIABLES)
        ended = run(directory, host, port)
        refusal = "" if ended is None else ended.refusal
    if refusal:
        fail(f"what {hub} shows was refused: {refusal}")


def _here(size: int) -> str:
    return f"{amount(size, 'entry is', 'entries are')} verified and here."


def _begin(directory: Path, followed: Followed, trust: Path | None, database: str) -> None:
    if (directory / SETTINGS_FILE).exists():
        fail(f"{directory} holds a hub that keeps a log of its own; choose another directory")
    if trust is None:
        wrong_use("a regional hub begins with --trust TRUST.json: the network's trust.json, from a source you trust")
    known = read_trust(trust)
    _check(followed)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    (directory / TRUST_FILE).write_bytes(known.to_bytes())
    write_settings(directory, database=database, bus="")
    write_followed(directory, followed)
    say(f"{directory} is a regional hub of {known.network}. Its members need tokens of its own: liaison-hub token")


def _take_up(directory: Path, hub: str, trust: Path | None, chosen: Choice, token_file: Path | None) -> None:
    """The hub may have moved and its token have changed; what is held was chosen once and for all."""
    before = read_followed(directory)
    if chosen != Choice() and chosen != before.choice:
        fail(f"{directory} was begun with another choice of bodies; to choose anew, begin another directory beside it")
    if trust is not None and read_trust(trust).to_bytes() != (directory / TRUST_FILE).read_bytes():
        fail(f"{trust} is another one than {directory} began with: it follows the log of another network")
    followed = Followed(hub, before.choice, token_file.resolve() if token_file else before.token_file)
    _check(followed)
    if followed != before:
        write_followed(directory, followed)


def _check(followed: Followed) -> None:
    """The address and the token can be used."""
    try:
        token = None if followed.token_file is None else read_secret(followed.token_file).decode().strip()
        HubClient(followed.hub, token).close()
    except BadAddress as error:
        raise BadSettings(str(error)) from None
    except UnicodeDecodeError:
        raise BadSettings(f"{followed.token_file} holds no access token") from None
