"""The hub's own voice: statements about what it decided, signed with its key, in its own chain and the registry's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from hub.keyring import Keyring, signing_key
from hub.log_state import LogState
from schemas.sentences import sentence
from wire.actions import BadAction
from wire.keys import SigningKey
from wire.registry import HUB, REGISTRY
from wire.seal import Sealed, control_body, control_subject, seal

JOSE = "application/jose+json"
Find = Callable[[str], SigningKey | None]  # thumbprint → key, if it is there


def _nowhere(_thumbprint: str) -> None:
    return None


@dataclass
class Author:
    """Seals for the hub. The signature on the registry's statements adds no authority: the roots' does, in the body.

    `key` signs until the registry names another one, which `find` then gives.
    """

    key: SigningKey
    find: Find = _nowhere
    _known: dict[str, SigningKey] = field(default_factory=dict)

    def key_at(self, log: LogState) -> SigningKey:
        """Give the key that signs the next statement; BadAction if the registry names one that is not here."""
        hub = log.registry.members.get(HUB)
        if hub is None:
            return self.key
        valid = hub.key_at(log.size)
        if valid is None:
            raise BadAction("this would leave the hub without a valid key, and nothing could be logged any more")
        return self.key if valid == self.key.public else self._found(valid.thumbprint)

    def _found(self, thumbprint: str) -> SigningKey:
        found = self._known.get(thumbprint) or self.find(thumbprint)
        if found is None:
            raise BadAction(
                sentence(
                    "the hub does not hold the key {thumbprint}: new keys are made in its own directory (liaison-hub "
                    "keys replace), lost ones restored from a backup",
                    thumbprint=thumbprint,
                )
            )
        self._known[thumbprint] = found
        return found

    def state(self, log: LogState, event_type: str, name: str, members: dict[str, Any]) -> Sealed:
        """Say something in the hub's own chain."""
        subject = control_subject(HUB, name)
        body = control_body(members)
        return seal(
            log.next_place(HUB), self.key_at(log), subject=subject, event_type=event_type, marking="TLP:CLEAR",
            body=body,
        )  # fmt: skip

    def register(self, log: LogState, action: str, name: str, body: bytes) -> Sealed:
        """Carry an action of the roots into the registry's chain."""
        return seal(
            log.next_place(REGISTRY),
            self.key_at(log),
            subject=control_subject(REGISTRY, name),
            event_type=f"liaison.{action}",
            marking="TLP:CLEAR",
            body=body,
            content_type=JOSE,
        )


def author_in(directory: Path, keyring: Keyring) -> Author:
    """Give the voice of the hub whose keys lie in a directory; new ones are found there once the roots name them."""
    return Author(keyring.signing, partial(signing_key, directory))
