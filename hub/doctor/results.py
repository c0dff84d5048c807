"""What the checks of a hub are called, in which order they are made, and what they say together."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ui.languages import gettext_noop as N_
from wire.examination import Check, Checks, Result, forms, worst

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "settings": N_("Settings can be read"),
        "files": N_("Directory and secrets are closed to others"),
        "database": N_("Database answers and is up to date"),
        "keys": N_("Keys can be read"),
        "log": N_("The log is the one that was signed"),
        "registered": N_("The network knows this hub's keys"),
        "served": N_("The hub runs"),
        "port": N_("Pages and API answer"),
        "tls": N_("The certificate of the pages is valid"),
        "bus": N_("The bus is reached"),
        "streams": N_("The bus has the hub's streams and its consumer"),
        "intake": N_("The intake keeps up"),
        "witnesses": N_("Enough witnesses answer"),
        "clock": N_("The clock is right"),
        "disk": N_("There is room on the disk"),
        "backup": N_("There is a recent backup"),
    }
)
CHECKS: Final = Checks(TITLES)
passed, warned, failed, skipped = CHECKS.passed, CHECKS.warned, CHECKS.failed, CHECKS.skipped


class Examination(NamedTuple):
    """All checks of one hub at one time (RFC 3339)."""

    network: str
    at: str
    checks: tuple[Check, ...]

    @property
    def worst(self) -> Result:
        """The gravest result of all: fail, warning, else pass."""
        return worst(self.checks)

    def form(self) -> dict[str, Any]:
        """Give it as the API and the command write it."""
        return {"network": self.network, "as_of": self.at, "worst": self.worst.value, "checks": forms(self.checks)}
