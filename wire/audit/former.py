"""What a lost log held, as a mirror of it still shows: the next log must go on from there, and hold it or await it."""

from collections.abc import Iterator

from schemas.statement import parse_statement
from wire import jws
from wire.action_forms import LogReplaced
from wire.actions import parse_action
from wire.audit.report import Report
from wire.audit.state import Folds
from wire.checkpoint import Checkpoint, open_checkpoint
from wire.encoding import b64url, from_b64url
from wire.examine import statement_hash
from wire.log_source import LogSource
from wire.merkle import tree_root
from wire.next_log import log_of
from wire.notes import BadNote
from wire.registry import HUB, REGISTRY
from wire.tiles import WIDTH, subtree_of, width_in
from wire.trust import Trust


class NotFormer(ValueError):
    """The mirror is of no log in whose place the audited one is; the message says of which."""


def compare_former(mirror: LogSource, trust: Trust, folds: Folds, report: Report) -> None:
    """Hold the next log, which was audited, against a mirror of a log in whose place it is; NotFormer for another one.

    LogError or BadTile where the mirror is not whole.
    """
    log = log_of(mirror, trust).log_verifier
    registry = folds.registry.registry
    if log not in registry.former_logs:
        raise NotFormer(f"{mirror.name} is a mirror of {log}; the log that was audited is not in its place")
    actions = (parse_action(step.body) for step in folds.registry.path if _is_registry(step.token))
    said = sorted((each for each in actions if isinstance(each, LogReplaced)), key=lambda each: each.sequence)
    action = said[registry.former_logs.index(log)]
    last = open_checkpoint(action.checkpoint.encode(), log).checkpoint
    report.done["history"] += 1
    try:
        kept = open_checkpoint(mirror.checkpoint(), log).checkpoint
    except BadNote as error:
        report.findings.add("checkpoint-forged", str(error), f"a note signed by {log}")
        return
    note = mirror.checkpoint().decode(errors="replace")
    if kept.size > last.size:
        report.findings.add(
            "rolled-back", f"a next log that goes on from {last.size} entries", f"{kept.size}, as the mirror has them",
            index=0, note=note,
        )  # fmt: skip
    if kept.size >= last.size:
        root = tree_root(last.size, subtree_of(last.size, mirror.tile))
        if root != last.root:
            report.findings.add(
                "inconsistent", f"a next log that goes on from root {b64url(last.root)} at {last.size} entries",
                f"{b64url(root)}, as the mirror has it", index=0, note=note, size=last.size,
            )  # fmt: skip
    for organization, (sequence, digest) in _ends(mirror, kept).items():
        end = action.ends.get(organization)
        if end is None or end.sequence < sequence or (end.sequence == sequence and from_b64url(end.hash) != digest):
            named = "no end" if end is None else f"statement {end.sequence}, {end.hash}"
            report.findings.add(
                "inconsistent", f"{named} as the end of its chain in the lost log",
                f"statement {sequence}, {b64url(digest)}, or a later one", index=0, organization=organization,
            )  # fmt: skip
        have = folds.chains.ends.get(organization)
        if organization not in (HUB, REGISTRY) and (have is None or have.sequence < sequence):
            reached = 0 if have is None else have.sequence
            report.findings.add(
                "awaited", f"{reached} of its statements", f"{sequence}, as the lost log had them",
                organization=organization,
            )  # fmt: skip


def _ends(mirror: LogSource, kept: Checkpoint) -> dict[str, tuple[int, bytes]]:
    """Give the last statement of each organization but the registry, whose chain the audit has followed anyway."""
    ends: dict[str, tuple[int, bytes]] = {}
    for token in _tokens(mirror, kept.size):
        try:
            payload = jws.take_apart(token, jws.EVENT).payload
            statement = parse_statement(payload)
        except ValueError:
            continue  # nothing that anybody could say again
        if statement.organization != REGISTRY:
            ends[statement.organization] = (statement.sequence_number, statement_hash(payload))
    return ends


def _tokens(mirror: LogSource, size: int) -> Iterator[bytes]:
    for number in range(-(-size // WIDTH)):
        yield from mirror.entries(number, width_in(0, number, size))


def _is_registry(token: bytes) -> bool:
    return parse_statement(jws.take_apart(token, jws.EVENT).payload).organization == REGISTRY
