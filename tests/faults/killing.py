"""Kills node, hub and nats-server (kill -9) at moments drawn from a seed, while events are on their way."""

import contextlib
import os
import signal
import sqlite3
import time
from dataclasses import dataclass
from random import Random

from deploy.demo.network import Network
from deploy.demo.service import Service, ServiceFailed, wait_for
from hub.bus_process import recorded_pid, runs_with, watched
from tests.faults.outcome import log_size, waiting
from tests.faults.prepared import bus_config, bus_pid_file

BUS, HUB, NODE = "bus", "hub", "node"
KILLS = (BUS, BUS, BUS, HUB, HUB, HUB, HUB, NODE, NODE, NODE)
LONGEST_LIFE_SECONDS = 2.0  # a service starts in about one second: some are killed before they are ready
START_SECONDS = 60
PATIENCE_SECONDS = 60.0  # a busy machine takes long to start a hub; an idle one never waits for this
SCARCE = 1500  # events; the hub takes in a thousand at once


@dataclass(frozen=True)
class Kill:
    """One that was done: seconds since the start, the signal that ended the process, how far work was just before."""

    target: str
    at: float
    ended_by: int
    logged: int
    waiting: int


class Killer:
    """Starts a network and kills it; `sealed` says how many events each node has to deliver."""

    def __init__(self, network: Network, seed: int, sealed: dict[str, int]) -> None:
        self._network = network
        self._random = Random(seed)  # noqa: S311 - a run is to be repeatable
        self._sealed = sealed
        self._size = self._before = log_size(network)
        self._began = time.monotonic()
        self._asleep = sorted(sealed, key=lambda org: sealed[org])
        self.kills: list[Kill] = []

    def run(self) -> list[Kill]:
        """Start hub and nodes, kill ten times, start again what nobody else does; give what was done."""
        self._network.hub.start()
        for target in self._random.sample(KILLS, len(KILLS)):
            self._see_to_work()
            self._await_moment()
            self._require_alive()
            self.kills.append(self._kill(target))
        for org in self._asleep:
            self._network.nodes[org].start()
        return self.kills

    def _see_to_work(self) -> None:
        """Let more nodes begin to deliver once the others have little left: every kill is to hit unfinished work."""
        while self._asleep and self._left() < SCARCE:
            self._network.nodes[self._asleep.pop()].start()

    def _await_moment(self) -> None:
        """Wait until the log has grown, or, in half of the cases, until a drawn moment if that is sooner."""
        patient = self._random.random() < 0.5
        moment = self._random.uniform(0, LONGEST_LIFE_SECONDS)
        if self._left() < SCARCE:
            moment /= 10  # in a second all could be done
        elif patient:
            moment = PATIENCE_SECONDS
        until, before = time.monotonic() + moment, self._logged()
        while time.monotonic() < until and self._logged() == before:
            time.sleep(0.002)

    def _kill(self, target: str) -> Kill:
        if target == BUS:
            return self._kill_bus()
        service = self._network.hub if target == HUB else self._busy_node()
        at, logged, still = self._seconds(), self._logged(), self._waiting()
        ended_by = service.kill()
        service.start()
        return Kill(service.name, at, ended_by or 0, logged, still)

    def _kill_bus(self) -> Kill:
        pid_file, config = bus_pid_file(self._network), bus_config(self._network)

        def running() -> bool:
            pid = recorded_pid(pid_file)
            return pid is not None and runs_with(pid, config)

        if not wait_for(running, START_SECONDS, every=0.005):
            raise ServiceFailed(f"the hub does not start its bus. {self._network.hub.log_tail()}")
        pid = recorded_pid(pid_file)
        assert pid is not None
        at, logged, still = self._seconds(), self._logged(), self._waiting()
        with watched(pid, config) as has_ended:
            os.kill(pid, signal.SIGKILL)
            ended = has_ended(START_SECONDS)
        return Kill(BUS, at, int(signal.SIGKILL) if ended else 0, logged, still)

    def _busy_node(self) -> Service:
        busy = [org for org in self._awake() if waiting(self._network, org)]
        return self._network.nodes[self._random.choice(busy or self._awake())]

    def _require_alive(self) -> None:
        """A service that ended without being killed is a fault of its own, not one of ours."""
        for service in (self._network.hub, *(self._network.nodes[org] for org in self._awake())):
            if service.pid is None:
                raise ServiceFailed(f"{service.name} ended by itself. {service.log_tail()}")

    def _logged(self) -> int:
        # A killed hub's database must be opened by the new hub first; until then nothing is added.
        with contextlib.suppress(sqlite3.OperationalError):
            self._size = log_size(self._network)
        return self._size

    def _seconds(self) -> float:
        return round(time.monotonic() - self._began, 2)

    def _awake(self) -> list[str]:
        return [org for org in self._network.nodes if org not in self._asleep]

    def _left(self) -> int:
        """How many events of the nodes that run are not in the log."""
        return sum(self._sealed[org] for org in self._awake()) - (self._logged() - self._before)

    def _waiting(self) -> int:
        """How many events of the nodes that run are not confirmed to them."""
        return sum(waiting(self._network, org) for org in self._awake())
