"""The alarms as they are kept: raised, listed, and settled by a person; settling takes nothing away."""

from collections.abc import Iterable
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, Row, func, insert, select, update

from node import tables
from node.alarms import COSIGNED_WITH, UNDELIVERED, Finding, Name

MAX_ALARMS = 20  # of one name that stand at a time
_table = tables.alarms
_stand = _table.c.settled.is_(None)


class Raised(NamedTuple):
    """An alarm as it is kept; `at` and `settled` are this node's clock, `reason` why a person let the node go on."""

    number: int
    finding: Finding
    at: str
    settled: str | None
    reason: str | None

    @property
    def stops(self) -> bool:
        """Whether something does not go on because of it."""
        return self.finding.stops and self.settled is None


def raise_alarm(connection: Connection, finding: Finding, at: str) -> bool:
    """Write an alarm; tells whether it is new. What was settled and is found again is a new one.

    But not an entry that stays where it is for ever: whoever explained it once has explained it for every reading.
    """
    digest = finding.digest
    if finding.name is Name.STRANGER:
        explained = select(_table.c.number).where(_table.c.digest == digest, ~_stand).limit(1)
        if connection.execute(explained).first() is not None:
            return False
    same = select(func.count()).select_from(_table).where(_table.c.name == str(finding.name), _stand)
    if connection.execute(same).scalar_one() >= MAX_ALARMS:
        return False  # what goes on and on needs no more evidence
    if connection.execute(select(_table.c.at).where(_table.c.digest == digest, _stand)).first() is not None:
        return False
    row = {"name": str(finding.name), "text": finding.text, "size": finding.size, "at": at}
    connection.execute(insert(_table).values(digest=digest, evidence=orjson.dumps(dict(finding.evidence)), **row))
    return True


def all_alarms(connection: Connection) -> list[Raised]:
    """Give all alarms, oldest first."""
    return [_raised(row) for row in connection.execute(_table.select().order_by(_table.c.number))]


def standing(connection: Connection) -> set[str]:
    """Name the alarms that stand."""
    return set(connection.scalars(select(_table.c.name).where(_stand).distinct()))


def stopped_by(connection: Connection) -> Name | None:
    """Name an alarm because of which nothing is cosigned, if one stands."""
    stops = _table.c.name.not_in(map(str, COSIGNED_WITH))
    name = connection.execute(select(_table.c.name).where(_stand, stops).order_by(_table.c.number).limit(1)).scalar()
    return None if name is None else Name(name)


def doubted(connection: Connection) -> bool:
    """Whether an alarm stands that makes the hub's word about our own statements worthless."""
    names = select(_table.c.number).where(_stand, _table.c.name.in_(map(str, UNDELIVERED))).limit(1)
    return connection.execute(names).first() is not None


def settle(connection: Connection, numbers: Iterable[int], reason: str, at: str) -> None:
    """Write that a person has looked at these alarms, and why the node may go on."""
    chosen = _table.c.number.in_(list(numbers))
    connection.execute(update(_table).where(chosen, _stand).values(settled=at, reason=reason))


def number_settled(connection: Connection) -> int:
    """Tell how many alarms were ever settled."""
    return connection.execute(select(func.count()).select_from(_table).where(~_stand)).scalar_one()


def _raised(row: Row[tuple[object, ...]]) -> Raised:
    finding = Finding(Name(row.name), row.text, row.size, orjson.loads(row.evidence))
    return Raised(row.number, finding, row.at, row.settled, row.reason)
