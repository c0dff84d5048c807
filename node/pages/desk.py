"""What every page of the desk is given: the node, who is visiting, and whom to tell of an edit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from fastapi import Request

from node.node import Node


class Role(StrEnum):
    """What a person may do: enter and publish, review what others enter, look after the node."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Visitor:
    """Who is logged in; `number` is the account's."""

    number: int
    name: str
    roles: frozenset[Role]

    def may(self, role: Role) -> bool:
        """Whether the person has a role."""
        return role in self.roles


def _nobody(_request: Request) -> Visitor | None:
    return None


@dataclass
class Desk:
    """Built once for a node. `visitor` gives who is logged in, None if nobody is."""

    node: Node
    edited: Callable[[], None] = lambda: None
    visitor: Callable[[Request], Visitor | None] = field(default=_nobody)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
