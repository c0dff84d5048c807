"""Plays the exercise of deploy/demo/scenario: its organizations, and the steps by which their records come about."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.progress import Progress

from deploy.demo.commands import node
from deploy.demo.network import Network, at_once
from deploy.demo.service import ServiceFailed

SCENARIO = Path(__file__).parent / "scenario"


@dataclass(frozen=True)
class Organization:
    """One that takes part; `org_type` is a code of IATI OrganisationType."""

    id: str
    name: str
    org_type: str


class Exercise:
    """The scenario's steps, and how many of them a state directory has already seen."""

    def __init__(self, folder: Path = SCENARIO) -> None:
        document = json.loads((folder / "exercise.json").read_text(encoding="utf-8"))
        self._folder = folder
        self.title: str = document["title"]
        self.organizations = [Organization(o["id"], o["name"], o["org_type"]) for o in document["organizations"]]
        self.steps: list[dict[str, Any]] = document["steps"]

    def play(self, network: Network, progress: Progress) -> int:
        """Let every organization take the steps of the stages that it has not played yet; give how many that were.

        Interrupted, those that have begun a stage play it to its end. Only if that was cut off too, it is played again:
        what is there already is unchanged then, and is not published twice.
        """
        taken = 0
        for number, stage in enumerate(self.stages(), start=1):
            # Organizations know nothing of each other's steps; each takes its own in their order.
            by_org: dict[str, list[dict[str, Any]]] = {}
            for step in stage:
                by_org.setdefault(step["org"], []).append(step)
            to_play = [(org, steps) for org, steps in by_org.items() if _played(network, org) < number]
            if to_play:
                total = sum(len(steps) for _, steps in to_play)
                task = progress.add_task(stage[0]["stage"], total=total)
                at_once(partial(self._take_all, network, number, partial(progress.advance, task)), to_play)
                taken += total
        return taken

    def stages(self) -> list[list[dict[str, Any]]]:
        """The steps, stage by stage."""
        return [list(steps) for _, steps in groupby(self.steps, lambda step: step["stage"])]

    def put_again(self, network: Network, progress: Progress) -> Counter[str]:
        """Put every record once more as it stands at the end; count what became of them, by the node's own words."""
        found: Counter[str] = Counter()
        task = progress.add_task("everything put once more", total=len(self.organizations))

        def put_all(organization: Organization) -> None:
            file = network.directory / f"again-{organization.id}.jsonl"
            entries = self.last_entries(organization.id)
            file.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
            said = json.loads(node("put", str(network.node_dir(organization.id)), str(file), "--json"))
            found.update(each["outcome"] for each in said)
            file.unlink()
            progress.advance(task)

        at_once(put_all, self.organizations)
        return found

    def last_entries(self, org: str) -> list[dict[str, Any]]:
        """Every record of an organization in its last version; those that are withdrawn in the end left out."""
        last: dict[str, dict[str, Any]] = {}
        for step in self.steps:
            if step["org"] != org:
                continue
            for entry in self.entries(step):
                last[f"{entry['kind']}/{entry['id']}"] = entry
            last.pop(step.get("withdraw", ""), None)
        return list(last.values())

    def entries(self, step: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What a step puts; nothing if it does something else."""
        if "put" in step:
            with (self._folder / step["put"]).open(encoding="utf-8") as lines:
                yield from (json.loads(line) for line in lines)

    def _take_all(
        self, network: Network, number: int, taken: Callable[[], None], mine: tuple[str, list[dict[str, Any]]]
    ) -> None:
        org, steps = mine
        for step in steps:
            self._take(network, step)
            taken()
        _played_file(network, org).write_text(str(number))

    def _take(self, network: Network, step: dict[str, Any]) -> None:
        place = str(network.node_dir(step["org"]))
        if "put" in step:
            node("put", place, str(self._folder / step["put"]))
        elif "withdraw" in step:
            self._withdraw(place, step)
        else:
            node("confirm", place, *step["confirm"].split("/"))

    def _withdraw(self, place: str, step: dict[str, Any]) -> None:
        try:
            node("withdraw", place, *step["withdraw"].split("/"), "--reason", step["reason"])
        except ServiceFailed as error:
            if "withdrawn already" not in str(error):  # the step was interrupted after its work
                raise


def _played_file(network: Network, org: str) -> Path:
    return network.node_dir(org) / ".stages-played"


def _played(network: Network, org: str) -> int:
    file = _played_file(network, org)
    return int(file.read_text()) if file.exists() else 0
