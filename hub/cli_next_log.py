"""After the loss of a log: `liaison-hub replace-log` begins the next one from what the nodes of the network know."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from hub.author import author_in
from hub.cli_text import Dir, Reason, fail, opened, say, wrong_use
from hub.erased_list import ERASED_FILE, ErasedList
from hub.history import load_state
from hub.keyring import load_roots, log_key_file, make_log_key, with_own_keys
from hub.last_checkpoint import LastCheckpoint
from hub.lost_log import LostLog, lost_log
from hub.next_log import number_of, rehearse, replacement
from hub.registrar import sole_owner
from hub.rolled_back import unmark
from hub.writer import Writer
from schemas.amount import amount, entries
from wire.actions import BadAction, LogReplaced, parse_action, sign_action
from wire.canonical import canonical
from wire.keys import SigningKey
from wire.notes import VerifierKey
from wire.testimony import BadTestimony, parse_testimony
from wire.whole_file import write_whole

commands = typer.Typer()


@commands.command("replace-log")
def replace_log(
    directory: Dir,
    testimonies: Annotated[
        list[Path], typer.Argument(metavar="TESTIMONY.json…", help="What nodes wrote: liaison-node testify.")
    ],
    reason: Reason = "The log was lost.",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the decision unsigned, for roots elsewhere to sign.")
    ] = None,
    signed: Annotated[
        Path | None, typer.Option(metavar="ACTION.json", help="The decision, once enough roots have signed it.")
    ] = None,
) -> None:
    """Begin the next log after the loss of this one, its database, the bus and all backups; the hub must not run.

    What was delivered comes back from the nodes, which go over to the next log by themselves. Give the testimonies of
    as many nodes as you can reach.

    \b
    Example: liaison-hub replace-log DIR ke-nctc.json xa-centre.json --reason "The disk failed; so did its backup."
    """
    if output is not None and signed is not None:
        wrong_use("-o writes the decision for others to sign, --signed uses it once they have; give one of them")
    with sole_owner(directory):
        engine, keyring = opened(directory, begun=False)
        with engine.begin() as connection:
            size = load_state(connection, keyring.trust).size
        if size:
            fail(
                f"the database has a log of {entries(size)}. If it is what is left of the lost one, set it aside: move "
                "hub.sqlite* out of the directory, or name an empty database in hub.toml. Whatever else it holds "
                "(access tokens, quarantine) stays there"
            )
        try:
            given = [parse_testimony(path.read_bytes()) for path in testimonies]
            lost = lost_log(keyring.trust, given, LastCheckpoint(directory, keyring.trust).note())
        except BadTestimony as error:
            fail(str(error))
        if signed is None:
            key = make_log_key(directory, number_of(lost))
            action = replacement(keyring.trust.network, lost, key.public, reason)
            body = sign_action(action, [] if output is not None else _roots(directory, lost))
        else:
            body, action = _signed(signed, directory, lost)
        if output is not None:
            write_whole(output, body + b"\n")
            say(
                f"{amount(lost.registry.roots.threshold, 'root')} must sign it: "
                f"liaison-hub action sign {output} ROOT.pem. Then:"
            )
            say(f"liaison-hub replace-log {directory} …, with the same testimonies and --signed {output}")
            return
        rehearse(keyring.trust, action, body, lost.statements)
        erased = ErasedList(directory / ERASED_FILE)
        author = author_in(directory, with_own_keys(directory, keyring, lost.registry))
        Writer(engine, keyring.trust, author, erased).begin_next(body, lost.statements)
        unmark(directory)  # of the next log nothing was signed before
    say(f"{action.origin} is begun, behind {entries(lost.checkpoint.checkpoint.size)} of {lost.log.name} that a")
    say(f"quorum has witnessed. Next: liaison-hub serve {directory}")


def _roots(directory: Path, lost: LostLog) -> list[SigningKey]:
    roots = load_roots(directory)
    here = {root.public.thumbprint for root in roots} & set(lost.registry.roots.by_thumbprint)
    if len(here) < lost.registry.roots.threshold:
        raise BadAction(
            f"roots of the network in {directory / 'root'}: {len(here)}; needed: {lost.registry.roots.threshold}. Let "
            "them sign where they are: with -o ACTION.json, then liaison-hub action sign, then --signed"
        )
    return roots


def _signed(path: Path, directory: Path, lost: LostLog) -> tuple[bytes, LogReplaced]:
    try:
        body = canonical(orjson.loads(path.read_bytes()))
    except (orjson.JSONDecodeError, ValueError) as error:
        wrong_use(f"{path} is not JSON: {error}")
    action = parse_action(body)
    if not isinstance(action, LogReplaced):
        raise BadAction(f"{path} is {action.action}; log.replaced was expected")
    file = log_key_file(directory, number_of(lost))
    if (
        not file.exists()
        or str(VerifierKey(action.origin, make_log_key(directory, number_of(lost)).public)) != action.vkey
    ):
        raise BadAction(f"the decision is for another key of the log than that in {file}; put it back, or decide anew")
    return body, action
