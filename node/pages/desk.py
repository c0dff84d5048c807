"""What every page of the desk is given: the node, who is visiting, and whom to tell of an edit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from fastapi import Request

from node.accounts.acts import Acts
from node.accounts.people import People
from node.accounts.rules import Role
from node.batch_import import Publishing
from node.doctor.turns import Turns
from node.node import Node
from wire.seal import timestamp


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

    @cached_property
    def publishing(self) -> Publishing:
        """Give what publishes uploads in the background, whoever has begun it."""
        return Publishing(self.node, self.edited)

    @cached_property
    def backing_up(self) -> Turns:
        """Give the turn of who makes or tests a backup."""
        return Turns(1.0)

    def now_text(self) -> str:
        """Write this moment."""
        return timestamp(self.now())

    @property
    def acts(self) -> Acts:
        """Give the trail, in which every act of a person is noted."""
        return self.node.acts

    @property
    def people(self) -> People:
        """Give the people of this node."""
        return self.node.people


__all__ = ["Desk", "Role", "Visitor"]
