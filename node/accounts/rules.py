"""What the node decides about its people: three roles, of which a person may hold several, and how long each lasts."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from node.accounts.tables import TABLES
from people.rules import Lasts, Rules


class Role(StrEnum):
    """What a person may do: enter and publish, review what others enter, look after the node."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"


_WORKING: Final = Lasts(timedelta(hours=12), timedelta(days=7))
_LOOKING_AFTER: Final = Lasts(timedelta(hours=2), timedelta(hours=12))
RULES: Final = Rules(
    TABLES,
    {str(role): _LOOKING_AFTER if role is Role.ADMINISTRATOR else _WORKING for role in Role},
    several=True,
)


def roles_of(role: str) -> frozenset[Role]:
    """Give the roles that an account's word stands for."""
    return frozenset(Role(word) for word in role.split())
