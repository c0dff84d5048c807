"""What a check gives: its result, the plain cause, what to do, and the detail for whoever is asked for help."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ui.languages import gettext_noop as N_

# All checks, in the order in which they are made; each needs those before it.
TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "settings": N_("Settings can be read"),
        "database": N_("Database answers and is up to date"),
        "files": N_("Directory and keys are closed to others"),
        "keys": N_("Keys can be read"),
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


class Result(StrEnum):
    """How a check ended; `not-checked` where something before it has failed, or where nobody can tell."""

    PASS = "pass"  # noqa: S105 - a word for people
    FAIL = "fail"
    NOT_CHECKED = "not-checked"


class Check(NamedTuple):
    """One line; `what_to_do` is empty unless it failed, `detail` is technical text to hand on, without secrets."""

    name: str
    result: Result
    cause: str
    what_to_do: str = ""
    detail: str = ""

    @property
    def title(self) -> str:
        """What was checked, in words that templates translate."""
        return TITLES[self.name]


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
        checks = [
            {
                "name": each.name, "title": each.title, "result": each.result.value, "cause": each.cause,
                "what_to_do": each.what_to_do, "detail": each.detail,
            }
            for each in self.checks
        ]  # fmt: skip
        return {"organization": self.organization, "as_of": self.at, "well": self.well, "checks": checks}


def passed(name: str, cause: str, detail: str = "") -> Check:
    """Say that all is well."""
    return Check(name, Result.PASS, cause, "", detail)


def failed(name: str, cause: str, what_to_do: str, detail: str = "") -> Check:
    """Say what is wrong, and what to do."""
    return Check(name, Result.FAIL, cause, what_to_do, detail)


def skipped(names: Iterable[str], cause: str) -> list[Check]:
    """Say why these were not checked."""
    return [Check(name, Result.NOT_CHECKED, cause) for name in names]
