"""The hub's own voice: statements about what it decided, signed with its key, in its own chain and the registry's."""

from dataclasses import dataclass
from typing import Any

from hub.log_state import LogState
from wire.keys import SigningKey
from wire.registry import HUB, REGISTRY
from wire.seal import Sealed, control_body, control_subject, seal

JOSE = "application/jose+json"


@dataclass(frozen=True)
class Author:
    """Seals for the hub. The signature on the registry's statements adds no authority: the roots' does, in the body."""

    key: SigningKey

    def state(self, log: LogState, event_type: str, name: str, members: dict[str, Any]) -> Sealed:
        """Say something in the hub's own chain."""
        subject = control_subject(HUB, name)
        body = control_body(members)
        return seal(
            log.next_place(HUB), self.key, subject=subject, event_type=event_type, marking="TLP:CLEAR", body=body
        )

    def register(self, log: LogState, action: str, name: str, body: bytes) -> Sealed:
        """Carry an action of the roots into the registry's chain."""
        return seal(
            log.next_place(REGISTRY),
            self.key,
            subject=control_subject(REGISTRY, name),
            event_type=f"liaison.{action}",
            marking="TLP:CLEAR",
            body=body,
            content_type=JOSE,
        )
