"""The alarms' commands of liaison-node: what was found, and that a person says why the node may go on."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from node import cli_text, forms
from node.accounts.acts import command
from node.lock import is_served
from node.node import build
from node.settling import MAX_REASON
from node.settling import settle as settle_alarms

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


class _ListsByDefault(TyperGroup):
    """`alarms DIR` is `alarms list DIR`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in that was left out."""
        named = not args or args[0] in self.commands or args[0] == "--help"
        return super().parse_args(ctx, args if named else ["list", *args])


alarms_app = typer.Typer(cls=_ListsByDefault, no_args_is_help=True, help="What the witness has found: alarms DIR.")


@alarms_app.command("list")
def list_alarms(directory: Dir, as_data: Json = False) -> None:
    """List all alarms, settled ones too, with the evidence and what to do; 1 if one stands that stops something.

    The word `list` can be left out.

    \b
    Example: liaison-node alarms DIR --json
    """
    node = build(directory)
    found = forms.alarms_form(node.reading.chain(), node.log)
    if as_data:
        cli_text.print_json(found)
    else:
        for each in found:
            _print(each, directory)
        if not found:
            cli_text.say("There was never an alarm.")
    if any(each["stops"] and each["settled"] is None for each in found):
        raise typer.Exit(1)


@alarms_app.command()
def settle(
    directory: Dir,
    alarm: Annotated[str, typer.Argument(metavar="NAME|NUMBER", help="All that stand of a name, or a single one.")],
    reason: Annotated[str, typer.Option(help=f"Why the node may go on; 1 to {MAX_REASON} characters.")],
) -> None:
    """Say that you have looked at an alarm, and why the node may go on cosigning.

    Works beside a running serve. Nothing is removed, and the node goes on only with a log that has grown from what it
    cosigned last: where the cause is still there, it raises the alarm again at once.

    \b
    Example: liaison-node alarms settle DIR rolled-back --reason "Restored from a backup; all entries are back."
    """
    node = build(directory)
    with node.acts.noting(command(), "alarm.settled", alarm, reason) as act:
        settled = settle_alarms(node, alarm, reason, datetime.now(UTC), act.note)
    for each in settled:
        cli_text.say(f"Settled: {each.number} {each.finding.name}, {each.finding.text}")
    served = is_served(directory)
    cli_text.say(
        "The running node asks for the log's newest checkpoint now; see liaison-node status"
        if served
        else f"It takes effect with the next: liaison-node serve {directory}"
    )


def _print(alarm: Mapping[str, Any], directory: Path) -> None:
    settled = alarm["settled"]
    place = "" if alarm["size"] is None else f" at {alarm['size']} of the log"
    noticed = "" if alarm["at"] is None else f", noticed {alarm['at']}{place}"
    number = alarm["number"] or "-"
    lines = [
        f"{number} {alarm['name']}: {'settled' if settled else 'stands'}{noticed}",
        f"  {alarm['text']}",
        f"  evidence: {directory / alarm['evidence']}" if alarm["evidence"] else "",
        f"  settled {settled['at']}: {settled['reason']}" if settled else f"  what to do: {alarm['what_to_do']}",
    ]
    sys.stdout.write("\n".join(line for line in lines if line) + "\n")
