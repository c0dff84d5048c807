"""Whom this node can write to: the organizations of its network, as far as it has read the registry."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from node.refusal import Refusal
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.registry import Standing

UNKNOWN_REGISTRY = "registry-unknown"
MARKING_VIOLATED = "marking-violated"


class Known(NamedTuple):
    """One organization; `encryption` is its X25519 key (32 bytes), empty if it has none."""

    organization: str
    name: str
    standing: Standing
    encryption: bytes

    @property
    def can_read(self) -> bool:
        """Whether something can be encrypted to it."""
        return self.standing is not Standing.RETIRED and len(self.encryption) == 32


class Directory(Protocol):
    """The organizations of the network. Whoever reads the log fills it; empty before anything was read."""

    def members(self) -> Mapping[str, Known]:
        """Give all of them by id."""


def keys_of(
    recipients: Iterable[str], own: str, members: Mapping[str, Known], *, about: str, lenient: bool = False
) -> dict[str, bytes]:
    """Give the keys to encrypt to: those of the recipients, and always our own.

    Refusal names who cannot read it. `lenient`: whoever has retired since is left out, as where a record ends.
    """
    if own not in members:
        raise Refusal(
            UNKNOWN_REGISTRY,
            sentence(
                "{about} is for named organizations, and this node has not yet read from the "
                "network's log who they are and what their keys are. Let it run in the network "
                "(liaison-node serve), then do this again",
                about=about,
            ),
        )
    readers = {own: members[own].encryption}
    for name in recipients:
        known = members.get(name)
        if name == own:
            raise Refusal(
                MARKING_VIOLATED,
                sentence(
                    "{about} names {own} as a recipient, its own author, who reads it anyway; leave it out",
                    about=about,
                    own=own,
                ),
            )
        if known is not None and known.can_read:
            readers[name] = known.encryption
        elif not (known is not None and lenient):
            stands = N_("is no organization of this network") if known is None else N_("has retired")
            if known is not None and known.standing is not Standing.RETIRED:
                stands = N_("has no key for encryption in the registry")
            raise Refusal(
                MARKING_VIOLATED,
                sentence(
                    "{about} names {name} as a recipient, which {means}; those that can read are {names}",
                    about=about,
                    name=name,
                    means=stands,
                    names=", ".join(sorted(each for each, known in members.items() if known.can_read and each != own)),
                ),
            )
    return readers
