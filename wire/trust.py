"""trust.json, with which a network begins: its name, its root keys and threshold, and the key of its log."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from schemas.statement import NETWORK_PATTERN
from wire.canonical import canonical
from wire.keys import PublicKey
from wire.notes import VerifierKey


class BadTrust(ValueError):
    """A trust.json that cannot be used; the message says which member and why."""


@dataclass(frozen=True)
class Trust:
    """What a verifier starts from. `network` is a host name such as exercise.example; m = `threshold` of `roots`.

    The log's key is written as a C2SP verifier key, so that standard tools take it as it stands. Where that log was
    lost, `next_log` is the one that the roots have put in its place since (`log.replaced`); it is not in the file.
    """

    network: str
    roots: tuple[PublicKey, ...]
    threshold: int
    log_key: PublicKey
    next_log: VerifierKey | None = None
    root_keys: dict[str, PublicKey] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "root_keys", {key.thumbprint: key for key in self.roots})
        if not 1 <= self.threshold <= len(self.root_keys):
            raise BadTrust(
                f"threshold is {self.threshold}; it must be between 1 and the {len(self.root_keys)} root keys"
            )

    @property
    def origin(self) -> str:
        """Name of the network's log in checkpoints (C2SP tlog-checkpoint)."""
        return self.log_verifier.name

    @property
    def log_verifier(self) -> VerifierKey:
        """The log's key under its name, as checkpoints are verified with it."""
        return self.next_log or self.first_log

    @property
    def first_log(self) -> VerifierKey:
        """The log that the network began with."""
        return VerifierKey(f"{self.network}/log", self.log_key)

    def following(self, log: VerifierKey | None) -> "Trust":
        """Give the same trust for the log that is in the place of the first one; None: it is the first one still."""
        return replace(self, next_log=None if log == self.first_log else log)

    def to_bytes(self) -> bytes:
        """Give the one canonical form, whose hash begins the registry's chain."""
        return canonical(
            {
                "log": {"origin": self.first_log.name, "vkey": str(self.first_log)},
                "network": self.network,
                "roots": [key.jwk for key in self.roots],
                "threshold": self.threshold,
            }
        )

    @property
    def digest(self) -> bytes:
        """SHA-256 of trust.json: `previous` of entry 0."""
        return hashlib.sha256(self.to_bytes()).digest()


def read_trust(path: Path) -> Trust:
    """Read trust.json from a file."""
    return parse_trust(path.read_bytes())


def parse_trust(data: bytes) -> Trust:
    """Parse trust.json; BadTrust if any member is missing, unknown or unusable."""
    try:
        document: Any = orjson.loads(data)
        if set(document) != {"log", "network", "roots", "threshold"} or set(document["log"]) != {"origin", "vkey"}:
            raise BadTrust("trust.json has the members log (origin, vkey), network, roots and threshold, and no others")
        if not all(isinstance(each, str) for each in (document["network"], *document["log"].values())):
            raise BadTrust("trust.json has a network, an origin or a vkey that is not text")
        if type(document["threshold"]) is not int:
            raise BadTrust("trust.json has a threshold that is no whole number")
        if not re.fullmatch(NETWORK_PATTERN, document["network"]):
            raise BadTrust(f"network is {document['network'][:100]!r}; the name of a host was expected")
        trust = Trust(
            network=document["network"],
            roots=tuple(PublicKey.from_jwk(jwk) for jwk in document["roots"]),
            threshold=document["threshold"],
            log_key=VerifierKey.parse(document["log"]["vkey"]).key,
        )
    except (orjson.JSONDecodeError, TypeError, KeyError, ValueError) as error:
        if isinstance(error, BadTrust):
            raise
        raise BadTrust(f"trust.json cannot be used: {str(error)[:300]}") from None
    if document["log"]["vkey"] != str(trust.log_verifier):
        raise BadTrust(
            f"the log's vkey is {document['log']['vkey'][:100]!r}; it must be an Ed25519 one of {trust.origin}"
        )
    if document["log"]["origin"] != trust.origin:
        raise BadTrust(f"the log's origin is {document['log']['origin'][:100]!r}; {trust.origin!r} was expected")
    if orjson.dumps(document, option=orjson.OPT_SORT_KEYS) != trust.to_bytes():
        raise BadTrust("trust.json has a member of another type than it must be")
    return trust
