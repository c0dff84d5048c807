"""Organizations by their own records: an export names them as they name themselves."""

from typing import Any, Final

from hub.access import Role
from hub.queries import record_of
from hub.reading import Reading, visible
from schemas.facets import organization_name

MAX_KNOWN: Final = 10_000
KIND: Final = "organization"


class Publishers:
    """Looks an organization up once for a whole export; under the reader's own role, so that no name leaks."""

    def __init__(self, hub: Reading, role: Role) -> None:
        self._hub = hub
        self._role = role
        self._known: dict[str, dict[str, Any]] = {}

    def record(self, org: str) -> dict[str, Any]:
        """Give the fields of an organization's own record; empty if it has none that the reader may see."""
        if org not in self._known:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            with self._hub.connect() as connection:
                # Its own record bears its own id: the node publishes it so when it joins.
                found = record_of(connection, (KIND, org, org), visible(self._role), self._hub.now().date())
            shown = found is not None and found["status"] == "current"
            self._known[org] = found["record"] if found is not None and shown else {}
        return self._known[org]

    def names(self, ref: str | dict[str, str]) -> dict[str, str]:
        """Give the name of a referenced organization by language; none for one that is known by a reference only."""
        return dict(self.record(ref).get("name", {})) if isinstance(ref, str) else {}

    def name(self, ref: str | dict[str, str], language: str) -> str:
        """Give the name in a language, or what stands in its place."""
        names = self.names(ref)
        if not names:
            return organization_name(ref)
        return names.get(language) or names.get("en") or next(iter(names.values()))
