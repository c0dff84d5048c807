"""Whether the hub itself sees: a hub that is blind must not call anything green."""

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from hub import checkpoints, tables
from hub.clock import utc_now
from hub.damage import EVIDENCE_FILE
from hub.node_states import moment
from ui.languages import gettext_noop as N_
from wire.disk_check import LEAST_FREE
from wire.seal import timestamp

INTAKE_AFTER: Final = timedelta(seconds=60)
CHECKPOINT_AFTER: Final = timedelta(minutes=10)
SKEW_SECONDS: Final = 60
HEADS_WITHIN: Final = timedelta(minutes=5)


class Trouble(NamedTuple):
    """One thing that is wrong with the hub itself. `blind`: the states of nodes are not known since then."""

    name: str
    text: str
    since: str | None
    blind: bool


@dataclass
class Senses:
    """What the running hub tells of itself; the defaults are those of a hub that only reads."""

    bus: Callable[[], bool] = lambda: True
    bus_since: Callable[[], datetime | None] = lambda: None
    intake_at: Callable[[], datetime | None] = lambda: None
    directory: Path | None = None
    now: Callable[[], datetime] = utc_now

    def troubles(self, connection: Connection) -> list[Trouble]:
        """Give all that is wrong, what makes blind first."""
        found = [*self._of_the_bus(), *self._of_the_log(connection), *self._of_the_machine(connection)]
        return sorted(found, key=lambda each: not each.blind)

    def blind_since(self, troubles: Sequence[Trouble]) -> str | None:
        """Give since when nothing is known of the nodes; None if the hub sees."""
        return min((each.since or timestamp(self.now()) for each in troubles if each.blind), default=None)

    def _of_the_bus(self) -> list[Trouble]:
        found = []
        if not self.bus():
            since = self.bus_since()
            text = N_("The hub has no connection to the bus. Nothing comes in; the nodes keep what they say.")
            found.append(Trouble("bus", text, timestamp(since) if since else None, blind=True))
        at = self.intake_at()
        if at is not None and self.now() - at > INTAKE_AFTER:
            text = N_("The intake has stopped: what nodes say is not read.")
            found.append(Trouble("intake", text, timestamp(at), blind=True))
        return found

    def _of_the_log(self, connection: Connection) -> list[Trouble]:
        found = []
        size = (connection.scalar(select(func.max(tables.log.c.index))) or 0) + 1
        newest = checkpoints.newest(connection, quorum=True)
        at = moment(newest.at) if newest else None
        if newest is None or at is None:
            text = N_("No checkpoint has been cosigned by enough witnesses yet.")
            found.append(Trouble("checkpoint", text, None, blind=False))
        elif newest.size < size and self.now() - at > CHECKPOINT_AFTER:
            text = N_("What is logged since then has too few witnesses. Nothing of it counts as delivered.")
            found.append(Trouble("checkpoint", text, newest.at, blind=False))
        if self.directory is not None and (self.directory / EVIDENCE_FILE).exists():
            text = N_("The hub has found its own log damaged: see log-damage.json in its state directory.")
            found.append(Trouble("log", text, None, blind=False))
        return found

    def _of_the_machine(self, connection: Connection) -> list[Trouble]:
        found = []
        if clock_is_alone(skews(connection, self.now())):
            text = N_("Most nodes have another time than the hub: its clock is probably wrong.")
            found.append(Trouble("clock", text, None, blind=False))
        if self.directory is not None:
            usage = shutil.disk_usage(self.directory)
            if usage.free < LEAST_FREE * usage.total:
                text = N_("The disk of the hub is nearly full. When it is full, the hub stops.")
                found.append(Trouble("disk", text, None, blind=False))
        return found


def skews(connection: Connection, now: datetime) -> list[int]:
    """Give by how many seconds each node's clock was ahead of the hub's, of those that have told it lately."""
    names = tables.organizations.c
    recent = names.head_at > timestamp(now - HEADS_WITHIN)
    found = connection.scalars(select(names.clock_skew).where(recent, names.clock_skew.is_not(None)))
    return [skew for skew in found if skew is not None]


def clock_is_alone(found: Sequence[int]) -> bool:
    """Whether most nodes differ from the hub in the same direction: then it is the hub that is wrong."""
    ways = Counter(1 if skew > 0 else -1 for skew in found if abs(skew) > SKEW_SECONDS)
    return len(found) > 1 and max(ways.values(), default=0) * 2 > len(found)
