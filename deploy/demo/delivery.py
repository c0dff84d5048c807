"""Watches events travel: what the nodes have sealed on one side, what the hub has logged on the other."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.demo.network import HubReader, Network, at_once, node_status
from deploy.demo.service import ServiceFailed

STALL_SECONDS = 120
POLL_SECONDS = 0.1


def bar() -> Progress:
    """A progress bar on standard error, so that standard output stays for what was found."""
    return Progress(
        SpinnerColumn(), TextColumn("{task.description:<52}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True),
    )  # fmt: skip


def sealed(network: Network) -> dict[str, int]:
    """How many statements each node has signed."""
    found: dict[str, int] = {}
    at_once(lambda org: found.update({org: node_status(network.node_dir(org))["sealed"]}), network.nodes)
    return found


def deliver(network: Network, reader: HubReader, progress: Progress) -> dict[str, int]:
    """Wait until the hub has logged all that is sealed; give the numbers. ServiceFailed if nothing moves any more."""
    wanted = sealed(network)
    task = progress.add_task("logged by the hub", total=sum(wanted.values()))
    before, moved_at = -1, time.monotonic()
    while True:
        logged = {org: number for org, number in reader.sequences().items() if org in wanted}
        done = sum(min(logged.get(org, 0), number) for org, number in wanted.items())
        progress.update(task, completed=done)
        if done == sum(wanted.values()):
            return wanted
        if done != before:
            before, moved_at = done, time.monotonic()
        if time.monotonic() - moved_at > STALL_SECONDS:
            raise ServiceFailed(f"nothing was logged for {STALL_SECONDS} s, at {done} of {sum(wanted.values())} events")
        time.sleep(POLL_SECONDS)
