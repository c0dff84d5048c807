"""Runs a whole network on this machine, with data, until Ctrl-C: make demo [DATA=folder] [PORT=8300]."""

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.demo.delivery import bar, deliver
from deploy.demo.exercise import Exercise, Organization
from deploy.demo.network import HubReader, Member, Network
from deploy.demo.service import ServiceFailed
from deploy.demo.sources import SOURCES, Source, compare, import_all

ROOT = Path(__file__).parents[2]
INTERRUPTED = 130
out = Console(soft_wrap=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what is missing, start everything, load, show, stay; exit status 1 if something is not as it should be."""
    asked = _arguments(arguments)
    exercise = Exercise()
    speakers: Sequence[Organization | Source] = exercise.organizations if asked.data is None else SOURCES
    members = [Member(o.id, o.name, o.org_type, asked.port + 10 + n) for n, o in enumerate(speakers)]
    network = Network(asked.state / ("exercise" if asked.data is None else "data"), asked.port, members)
    if asked.data is None:
        network = replace(network, regional_port=asked.port + 1, regional_places=("XAA",))
    # Started in the background, a shell would have it ignore Ctrl-C for good.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)
    status = INTERRUPTED
    try:
        with _running(network), _reading(network) as reader:
            equal = _exercise(network, reader, exercise) if asked.data is None else _data(network, reader, asked.data)
            _where_to_look(network)
            status = 0 if equal else 1
            signal.pause()
    except ServiceFailed as error:
        out.print(f"[bold]Error:[/] {escape(str(error))}", style="red")
        return 1
    except KeyboardInterrupt:
        out.print(f"Stopped. Everything is kept in {network.directory}; the same command goes on from there.")
    return status


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with the real data; without it the exercise is played")
    parser.add_argument(
        "--port",
        type=int,
        default=8300,
        help="the hub's port; a regional hub's is the next, the nodes' begin ten above",
    )
    parser.add_argument("--state", type=Path, default=ROOT / "demo-state", help="where everything is kept")
    asked = parser.parse_args(arguments)
    if asked.data is not None and not (asked.data / "assessments").is_dir():
        parser.error(f"{asked.data} does not hold the data: it has no folder `assessments`")
    return asked


@contextmanager
def _running(network: Network) -> Iterator[None]:
    for name in network.end_leftovers():
        out.print(f"{name} was still running from an earlier demonstration that was killed; it was ended.")
    out.print(f"Building and starting a hub and {len(network.nodes)} nodes in {network.directory} …")
    try:
        network.found()
        network.start()
        yield
    finally:
        # From here on nothing may interrupt: a second Ctrl-C would leave processes behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        out.print("Stopping …")
        network.stop()


@contextmanager
def _reading(network: Network) -> Iterator[HubReader]:
    reader = HubReader(network.hub.url)
    try:
        yield reader
    finally:
        reader.close()


def _exercise(network: Network, reader: HubReader, exercise: Exercise) -> bool:
    out.print(f"\n[bold]{exercise.title}[/]")
    before = sum(reader.sequences().values())
    with bar() as progress:
        taken = exercise.play(network, progress)
        deliver(network, reader, progress)
        again = exercise.put_again(network, progress)
    out.print(f"The log held {before} events and holds {sum(reader.sequences().values())}; {taken} steps were taken.")
    said = ", ".join(f"{number} {what}" for what, number in sorted(again.items()))
    out.print(f"Every record was then put once more: {said}. What is unchanged is not published twice.")
    return set(again) <= {"unchanged", "local"}


def _data(network: Network, reader: HubReader, data: Path) -> bool:
    out.print("\n[bold]Real data, imported by the mappings of deploy/mappings[/]")
    before = sum(reader.sequences().values())
    with bar() as progress:
        news = import_all(network, data, progress)
        deliver(network, reader, progress)
    now = sum(reader.sequences().values())
    out.print(f"The log held {before} events and holds {now}; the imports made {news} events.")
    figures = compare(reader, data)
    table = Table("what")
    table.add_column("in the files", justify="right")
    table.add_column("on the hub", justify="right")
    table.add_column("")
    for figure in figures:
        word = "equal" if figure.in_files == figure.on_hub else "DIFFERENT"
        table.add_row(figure.what, f"{figure.in_files:,}", f"{figure.on_hub:,}", word)
    out.print(table)
    equal = all(figure.in_files == figure.on_hub for figure in figures)
    out.print("All figures are equal." if equal else "[bold red]Not all figures are equal.[/]")
    return equal


def _where_to_look(network: Network) -> None:
    hub = network.hub.url
    org = next(iter(network.nodes))
    out.print(f"\n[bold]The hub[/]           {hub}")
    for path in ("records?kind=need", "matrix?rows=place&columns=theme&scheme=theme_1373", "nodes", "stats", "events"):
        out.print(f"                  {hub}/api/v1/{path}")
    if network.regional is not None:
        places = ", ".join(network.regional_places)
        out.print(f"[bold]A regional hub[/]    {network.regional.url}  follows it, and holds what concerns {places}")
    out.print("[bold]The nodes[/]")
    for name, service in network.nodes.items():
        out.print(f"                  {service.url}  {name}")
    out.print("[bold]Try, in another terminal[/]")
    compared = [f"liaison compare {hub} {network.regional.url}"] if network.regional else []
    for line in (
        f"liaison watch {hub}",
        *compared,
        f"liaison-node status {_short(network.node_dir(org))}",
        f"liaison-node list {_short(network.node_dir(org))} contact",
        f"liaison-hub nodes {_short(network.hub_dir)}",
    ):
        out.print(f"                  .venv/bin/{line}", markup=False)
    out.print("\nReady. Press Ctrl-C to stop everything.")
    sys.stdout.flush()


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


if __name__ == "__main__":
    sys.exit(main())
