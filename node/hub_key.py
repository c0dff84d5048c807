"""Whose receipts count: the hub's key, as the roots have decided last, as far as this node has read the log."""

from typing import Self

from node.log_fold import RegistryHistory
from node.store.log import LogStore
from wire.enrolment import Admission
from wire.keys import PublicKey
from wire.registry import HUB, Registry


class HubKey:
    """Begins with the key that the admission names, and follows the registry from where that one stands in it."""

    def __init__(self, key: PublicKey) -> None:
        self._now = key

    @classmethod
    def of(cls, admission: Admission, log: LogStore) -> Self:
        """Give the key after all that was read."""
        found = cls(admission.hub_key)
        found.follow(RegistryHistory(admission.trust, log.registry()).now)
        return found

    def now(self) -> PublicKey:
        """Give the key that signs receipts now."""
        return self._now

    def follow(self, registry: Registry) -> None:
        """Go over to the newest key of a registry that knows this one; one that does not is not as far yet."""
        hub = registry.members.get(HUB)
        if hub is not None and hub.key_now is not None and hub.period(self._now.thumbprint) is not None:
            self._now = hub.key_now
