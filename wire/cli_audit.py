"""Commands for auditors: mirror a log, get the evidence of one event, verify it offline, audit everything."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from schemas.amount import amount, entries
from schemas.readable import readable
from wire.audit.earlier import BadSince
from wire.audit.former import NotFormer, compare_former
from wire.audit.run import Audit, Wish
from wire.audit.state import BadState
from wire.audit.view import compare_view
from wire.cli_parts import Hub, Json, TokenFile, end, print_json, read_file, say, token_of, trust_from
from wire.client import HubClient, HubRefused
from wire.evidence import MAX_EVIDENCE, BadEvidence, parse_evidence
from wire.evidence_checks import verify_evidence
from wire.log_source import DirectoryLog, HubLog, LogError, open_log
from wire.mirror import BadMirror, Mirror
from wire.progress_bar import progress_bar
from wire.system_errors import about, in_words
from wire.tiles import BadTile
from wire.trust import BadTrust, Trust
from wire.whole_file import write_whole

TrustFile = Annotated[
    Path, typer.Option("--trust", metavar="TRUST.json", help="trust.json, from a way that you trust.")
]


def mirror(
    hub: Hub,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the mirror is, or is to be.")],
    trust: Annotated[
        Path | None, typer.Option(metavar="TRUST.json", help="Else the hub's own is taken, the first time.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Read all that lies there; get what is damaged or missing again, also bodies."),
    ] = False,
    token_file: TokenFile = None,
) -> None:
    """Copy a log into a directory, verified as it comes; run it again to go on where it stopped.

    \b
    Example: liaison mirror https://hub.example mirror --trust trust.json
    """
    given = None if trust is None else trust_from(trust)
    source = HubLog(hub, token_of(token_file), say)
    with _told(), about(directory, unnamed=True), progress_bar("entries") as step:
        copied = Mirror(source, directory, step, given, check=check).run()
    absent = (
        f"; {amount(copied.absent, 'body was', 'bodies were')} not there; --check asks for them again"
        if copied.absent
        else ""
    )
    erased = f"; bodies not kept, as they were ordered to be erased: {copied.erased}" if copied.erased else ""
    new = f"{copied.entries} and {amount(copied.bodies, 'body', 'bodies')} of them new"
    mended = f"; files that were damaged or missing: {copied.mended}" if copied.mended else ""
    typer.echo(f"{directory}: {entries(copied.size)}, {new}{absent}{erased}{mended}")


def evidence(
    hub: Hub,
    organization: Annotated[str, typer.Argument(metavar="ORG", help="The organization that made the statement.")],
    sequence: Annotated[int, typer.Argument(metavar="SEQUENCE", min=1, help="The statement's number in its chain.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")],
    token_file: TokenFile = None,
) -> None:
    """Get the evidence of one event, which anybody can verify offline.

    \b
    Example: liaison evidence https://hub.example ke-nctc 397 -o evidence.json
    """
    with HubClient(hub, token_of(token_file)) as client:
        found = client.fetch(f"/api/v1/evidence/{organization}/{sequence}", MAX_EVIDENCE)
    if found is None:
        end(
            1,
            f"{hub} has no statement {sequence} of {organization}, or no checkpoint covers it yet",
        )
    try:
        whole = parse_evidence(found)
    except BadEvidence as error:
        end(1, f"what {hub} gave is no evidence: {error}")
    write_whole(output, found)
    body = "" if whole.body is not None else f", without its body ({whole.absent})"
    say(f"{output}: entry {whole.proof.index}{body}. Verify it: liaison verify {output} --trust TRUST.json")


def verify(
    file: Annotated[Path, typer.Argument(metavar="EVIDENCE", help="The file that liaison evidence wrote.")],
    trust: TrustFile,
    json: Json = False,
) -> None:
    """Verify the evidence of one event offline, check by check.

    \b
    Example: liaison verify evidence.json --trust trust.json
    """
    verdict = verify_evidence(read_file(file, "The evidence"), trust_from(trust))
    if json:
        print_json(verdict.document())
    else:
        typer.echo(readable(verdict.text()), nl=False)
    raise SystemExit(1 if verdict.failed else 0)


def audit(
    place: Annotated[str, typer.Argument(metavar="HUB|DIR", help="A hub's address, or the directory of a mirror.")],
    trust: TrustFile,
    since: Annotated[
        Path | None,
        typer.Option(
            metavar="CHECKPOINT",
            help="An earlier checkpoint: it must be a beginning of the log; what it covers "
            "is read, and neither signatures nor bodies are verified again.",
        ),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keeps what was audited; the next audit reads only what is new.")
    ] = None,
    former: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A mirror of the log that was lost before this one: it must go on from that."),
    ] = None,
    view: Annotated[bool, typer.Option("--view", help="Compare the records that the hub shows too.")] = False,
    json: Json = False,
    token_file: TokenFile = None,
) -> None:
    """Prove again everything that a log says, and report all that does not hold.

    \b
    Example: liaison audit mirror --trust trust.json --state audit.json
    """
    known = trust_from(trust)
    wish = Wish(None if since is None else read_file(since, "The checkpoint"), state)
    token = token_of(token_file)
    source = open_log(place, token, say)
    if isinstance(source, DirectoryLog) and not source.directory.is_dir():
        end(2, f"{place} is no directory, and no address of a hub, which begins with https:// or http://")
    if view and isinstance(source, DirectoryLog):
        end(2, "--view compares what a hub shows; give the hub's address instead of a directory")
    with _told():
        with progress_bar("entries") as step:
            auditing = Audit(source, known, wish, step)
            report = auditing.run()
            wrong = _compare(auditing, source, known, former, view=view)
        if json:
            print_json(report.document())
        else:
            typer.echo(readable(report.text()), nl=False)
        auditing.save()
    if wrong:
        end(2, wrong)
    raise SystemExit(report.status)


def _compare(auditing: Audit, source: HubLog | DirectoryLog, trust: Trust, former: Path | None, *, view: bool) -> str:
    """Compare the log that was audited with what else was asked for; gives what was wrong use, which ends it.

    Whatever happens here, the report of the audit stands.
    """
    report = auditing.report
    if not auditing.whole:
        return ""  # that is said, and with a part of the log everything would seem to differ
    if former is not None:
        try:
            compare_former(DirectoryLog(former), trust, auditing.folds, report)
        except NotFormer as error:
            return str(error)
        except (LogError, BadTile) as error:
            report.stop(str(error), "history")
    if view and isinstance(source, HubLog):
        try:
            compare_view(source, auditing.folds, report)
        except LogError as error:
            report.stop(str(error), "view")
    return ""


@contextmanager
def _told() -> Iterator[None]:
    """What a person can put right is told in a sentence."""
    try:
        yield
    except (BadTrust, BadState, BadSince) as error:
        end(2, str(error))
    except (LogError, BadTile, BadMirror, HubRefused) as error:
        end(1, str(error))
    except OSError as error:
        end(1, in_words(error))


COMMANDS = (mirror, evidence, verify, audit)
