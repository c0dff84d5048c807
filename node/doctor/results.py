"""What the checks of a node are called, in which order they are made, and what they say together."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ui.languages import gettext_noop as N_
from wire.examination import Check, Checks, Result, forms

__all__ = ["CHECKS", "NOT_JOINED", "TITLES", "Check", "Examination", "Result", "failed", "passed", "skipped", "warned"]

NOT_JOINED: Final = N_("The node has not joined a network.")

# All checks, in the order in which they are made; each needs those before it.
TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "settings": N_("Settings can be read"),
        "database": N_("Database answers and is up to date"),
        "files": N_("Directory and keys are closed to others"),
        "keys": N_("Keys can be read"),
        "disk": N_("There is room on the disk"),
        "joined": N_("The node has joined a network"),
        "name": N_("The name of the bus is found"),
        "reached": N_("The bus is reached"),
        "log-in": N_("The bus accepts this node's key"),
        "publish": N_("This node may publish, and the bus keeps it"),
        "ask": N_("The hub answers, and it is the hub of this network"),
        "clock": N_("The clocks agree"),
        "registered": N_("The network knows this node's keys"),
        "version": N_("The software fits the hub's"),
        "seen": N_("How the hub sees this node"),
        "outbox": N_("The outbox empties itself"),
        "alarms": N_("No alarm stands"),
        "test-event": N_("A signed test event went there and back"),
    }
)
CHECKS: Final = Checks(TITLES)
passed, warned, failed, skipped = CHECKS.passed, CHECKS.warned, CHECKS.failed, CHECKS.skipped


class Examination(NamedTuple):
    """All checks of one node at one time (RFC 3339)."""

    organization: str
    at: str
    checks: tuple[Check, ...]

    @property
    def well(self) -> bool:
        """Whether nothing has failed."""
        return all(each.result is not Result.FAIL for each in self.checks)

    @property
    def reaches_hub(self) -> bool:
        """Whether a test event has a way."""
        return any(each.name == "ask" and each.result is Result.PASS for each in self.checks)

    def with_check(self, check: Check) -> "Examination":
        """Give the same with one more check."""
        return self._replace(checks=(*self.checks, check))

    def form(self) -> dict[str, Any]:
        """Give it as the API and the command write it."""
        return {"organization": self.organization, "as_of": self.at, "well": self.well, "checks": forms(self.checks)}
