"""The command `import`: it runs an import and tells, row by row, what came of it."""

from pathlib import Path

from rich.console import Console

from node import cli_text, imports
from node.importing.mapping import Mapping, load_mapping
from node.importing.report import as_json, bad_as_json, print_bad, print_report
from node.node import Node
from schemas.amount import amount
from wire.progress_bar import progress_bar

DRY = "Nothing was saved: this was a dry run."


def run_import(node: Node, file: Path, mapping: Path, *, dry_run: bool, as_data: bool) -> None:
    """Import a file by a mapping, as rows or as a history of changes; exit status 1 when nothing could be used."""
    how = load_mapping(mapping)
    if how.history is not None:
        _replay(node, file, how, dry_run=dry_run, as_data=as_data)
        return
    found = imports.compare(node, file, how)
    published: dict[str, int] = {}
    if not dry_run:
        with progress_bar("records") as step:
            published = imports.publish(node, found, how, step)
    if as_data:
        cli_text.print_json({**as_json(found), "published": published, "dry_run": dry_run})
    else:
        print_report(found, Console())
        cli_text.say(DRY if dry_run else cli_text.counted(published))
    if found.bad and not (found.to_put() or found.unchanged or found.gone):
        cli_text.fail("no row could be imported")


def _replay(node: Node, file: Path, mapping: Mapping, *, dry_run: bool, as_data: bool) -> None:
    with progress_bar("changes") as step:
        replayed = imports.replay_history(node, file, mapping, step, dry_run=dry_run)
    if as_data:
        document = {"batches": replayed.batches, "published": replayed.published, "bad": bad_as_json(replayed.bad)}
        cli_text.print_json({**document, "resumed_after": replayed.resumed_after, "dry_run": dry_run})
        return
    if replayed.resumed_after:
        cli_text.say(f"Went on after row {replayed.resumed_after}; what is before it is published already.")
    cli_text.say(f"{amount(replayed.batches, 'batch', 'batches')}; {cli_text.counted(replayed.published)}")
    print_bad(replayed.bad, Console())
    if dry_run:
        cli_text.say(DRY)
