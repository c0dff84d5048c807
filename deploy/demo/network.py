"""A whole network on one machine: a hub and its nodes, each a process with a state directory of its own."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import httpx2

from deploy.demo.commands import hub, node, run_command
from deploy.demo.service import NO_CERTIFICATES, Service, ServiceFailed

WORKERS = 2

_T = TypeVar("_T")


@dataclass(frozen=True)
class Member:
    """An organization of the network and its node; `org_type` is a code of IATI OrganisationType."""

    org: str
    name: str
    org_type: str
    port: int


@dataclass
class Network:
    """Everything lies under `directory`: hub/, nodes/<org>/, logs/. What is there is used again."""

    directory: Path
    hub_port: int
    members: list[Member]
    name: str = "exercise.example"
    hub_database: str = ""
    node_database: dict[str, str] = field(default_factory=dict)
    regional_port: int = 0  # of a regional hub that follows the hub; 0 for none
    regional_places: tuple[str, ...] = ()  # whose bodies it holds

    def __post_init__(self) -> None:
        """Name the services; nothing runs yet."""
        self.hub = self._service("liaison-hub", "hub", self.hub_dir, self.hub_port)
        self.regional = self._follower() if self.regional_port else None
        self.nodes = {m.org: self._service("liaison-node", m.org, self.node_dir(m.org), m.port) for m in self.members}

    @property
    def hub_dir(self) -> Path:
        """State directory of the hub."""
        return self.directory / "hub"

    @property
    def regional_dir(self) -> Path:
        """State directory of the regional hub."""
        return self.directory / "regional"

    @property
    def _token(self) -> Path:
        return self.directory / "regional.token"

    def node_dir(self, org: str) -> Path:
        """State directory of an organization's node."""
        return self.directory / "nodes" / org

    @property
    def services(self) -> list[Service]:
        """The hub first, then the nodes, and last the regional hub if there is one."""
        return [self.hub, *self.nodes.values(), *([self.regional] if self.regional else [])]

    def found(self) -> None:
        """Begin hub and nodes where there are none yet, and let every node join; what was done before stays."""
        if not (self.hub_dir / "trust.json").exists():
            extra = ["--database", self.hub_database] if self.hub_database else []
            hub("init", str(self.hub_dir), "--network", self.name, *extra)
        if self.regional and not self._token.exists():
            self._token.touch(mode=0o600)
            self._token.write_text(hub("token", str(self.hub_dir), "member", "The regional hub"))
        one_by_one = Lock()  # the registry's actions form a chain: each names the one before
        at_once(lambda member: self._join(member, one_by_one), self.members)

    def start(self) -> None:
        """Start every service that does not run, and wait until all are ready."""
        asleep = [service for service in self.services if service.pid is None]
        for service in asleep:
            service.start()
        for service in asleep:
            service.wait_ready()

    def stop(self) -> None:
        """Stop the nodes, then the hub; the first trouble is raised after all were told to stop."""
        troubles = []
        for service in reversed(self.services):
            try:
                service.stop()
            except ServiceFailed as error:
                troubles.append(error)
        if troubles:
            raise troubles[0]

    def end_leftovers(self) -> list[str]:
        """End what a killed parent left running; give the names."""
        return [service.name for service in reversed(self.services) if service.end_leftover()]

    def _join(self, member: Member, one_by_one: Lock) -> None:
        place = self.node_dir(member.org)
        joined, enrolment, admission = place / ".joined", place / "enrolment.json", place / "admission.json"
        if joined.exists():
            return
        if not enrolment.exists():
            shutil.rmtree(place, ignore_errors=True)  # an init that was interrupted
            database = self.node_database.get(member.org, "")
            extra = ["--database", database] if database else []
            words = ["--org", member.org, "--name", member.name, "--org-type", member.org_type]
            node("init", str(place), *words, *extra)
        if not admission.exists():
            # The node's administrator sends the enrolment, the hub's sends the admission back.
            with one_by_one:
                hub("admit", str(self.hub_dir), str(enrolment), "-o", str(admission))
        node("join", str(place), str(admission))
        joined.touch()

    def _service(self, command: str, name: str, place: Path, port: int) -> Service:
        words = [command, "serve", "--port", str(port), str(place)]
        return Service(name, words, place, port, self.directory / "logs" / f"{name}.log")

    def _follower(self) -> Service:
        words = ["liaison-hub", "follow", str(self.regional_dir), self.hub.url, "--port", str(self.regional_port)]
        words += ["--trust", str(self.hub_dir / "trust.json"), "--token-file", str(self._token)]
        words += [word for place in self.regional_places for word in ("--place", place)]
        return Service(
            "regional", words, self.regional_dir, self.regional_port, self.directory / "logs" / "regional.log"
        )


def at_once(work: Callable[[_T], object], things: Iterable[_T]) -> None:
    """Do the same work for several things, two at a time; the first error is raised after all have ended.

    Interrupted, it begins nothing more and waits for what is under way.
    """
    pool = ThreadPoolExecutor(WORKERS)
    try:
        done = [pool.submit(work, thing) for thing in things]
        wait(done)
    finally:
        pool.shutdown(cancel_futures=True)
    for each in done:
        each.result()


def node_status(place: Path) -> dict[str, Any]:
    """What the node says of itself, also while an alarm stands that stops something (exit status 1)."""
    return dict(json.loads(run_command("liaison-node", "status", str(place), "--json", answers=(0, 1))))


class HubReader:
    """Reads a hub through its API, as any visitor does."""

    def __init__(self, url: str, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx2.Client(base_url=url, trust_env=False, timeout=30, headers=headers, verify=NO_CERTIFICATES)

    def get(self, path: str, **query: Any) -> Any:
        """One answer."""
        answer = self._client.get(path, params=query)
        if not answer.is_success:
            raise ServiceFailed(f"the hub answered {answer.status_code} to {path}: {answer.text[:500]}")
        return answer.json()

    def all_items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All pages of a list."""
        after: dict[str, Any] = {}
        while True:
            page = self.get(path, **query, limit=500, **after)
            yield from page["items"]
            if page["next"] is None:
                return
            after = {"after": page["next"]}

    def sequences(self) -> dict[str, int]:
        """How many statements of each organization the log holds."""
        return {item["org"]: item["sequence"] for item in self.all_items("/api/v1/nodes")}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
