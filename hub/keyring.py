"""The hub's secrets in its state directory, each in a file of mode 0600, and trust.json beside them."""

from dataclasses import dataclass, replace
from pathlib import Path

from wire.actions import Admitted
from wire.encoding import b64url
from wire.key_sets import key_set, key_sets, make_key_set
from wire.keys import BadKey, SigningKey, read_secret
from wire.notes import VerifierKey
from wire.registry import HUB, Registry
from wire.trust import Trust, read_trust

TRUST_FILE = "trust.json"
_SIGNING = "signing.pem"


@dataclass(frozen=True)
class Keyring:
    """What the running hub signs with: `log` signs checkpoints and nothing else. The roots are not among it."""

    trust: Trust
    signing: SigningKey
    log: SigningKey
    bus_seed: bytes


def create_keys(directory: Path, network: str, *, roots: int = 1, threshold: int = 1) -> tuple[Trust, Admitted]:
    """Make all keys of a new hub and its roots; gives the trust and the action that admits the hub.

    All roots are made in DIR/root, from where each is taken to whoever decides with it.
    """
    deciding = [SigningKey.generate() for _ in range(roots)]
    for number, root in enumerate(deciding, start=1):
        root.save(directory / "root" / f"root-{number}.pem")
    log_key = make_log_key(directory, 1)
    members = make_key_set(key_set(directory, 1))[1]
    trust = Trust(network, tuple(root.public for root in deciding), threshold, log_key.public)
    (directory / TRUST_FILE).write_bytes(trust.to_bytes())
    return trust, Admitted(
        network=network,
        sequence=f"{1:012d}",
        previous=b64url(trust.digest),
        organization=HUB,
        name=name_of(network),
        **members,
    )


def name_of(network: str) -> str:
    """Give the name under which the hub of a network is registered."""
    return f"Hub of {network}"


def load_keys(directory: Path) -> Keyring:
    """Read what the hub began with; `as_registered` goes on from there to what it needs now.

    Once its keys were replaced, the files of the old ones may be destroyed: then the oldest that are there are read.
    """
    places = [key_set(directory, number) for number in key_sets(directory)]
    place = next((each for each in places if (each / _SIGNING).exists()), places[0])
    return Keyring(
        read_trust(directory / TRUST_FILE),
        SigningKey.load(place / _SIGNING),
        SigningKey.load(log_key_file(directory, 1)),
        read_secret(place / "bus.nk"),
    )


def log_key_file(directory: Path, number: int) -> Path:
    """Name the file with the key of the network's log of this number; the first one's has none in its name."""
    return directory / "keys" / ("log.pem" if number == 1 else f"log-{number}.pem")


def make_log_key(directory: Path, number: int) -> SigningKey:
    """Give the key of a next log, made where it is not there: whoever was interrupted goes on with the same."""
    path = log_key_file(directory, number)
    if not path.exists():
        SigningKey.generate().save(path)
    return SigningKey.load(path)


def as_registered(directory: Path, keyring: Keyring, registry: Registry) -> Keyring:
    """Give the keyring as the roots have decided last, on the hub's own keys and on its log; BadKey without them."""
    return _on_log(directory, with_own_keys(directory, keyring, registry), registry.log)


def with_own_keys(directory: Path, keyring: Keyring, registry: Registry) -> Keyring:
    """Give the keyring with the set of keys that the registry names for the hub; BadKey if it is not there."""
    place = key_set(directory, set_in_use(directory, keyring, registry))
    return replace(keyring, signing=SigningKey.load(place / _SIGNING), bus_seed=read_secret(place / "bus.nk"))


def set_in_use(directory: Path, keyring: Keyring, registry: Registry) -> int:
    """Give the number of the set of keys that the registry names for the hub; BadKey if it is not there."""
    hub = registry.members.get(HUB)
    valid = keyring.signing.public if hub is None or hub.key_now is None else hub.key_now
    number = set_of(directory, valid.thumbprint)
    if number is None:
        raise BadKey(
            f"the key {valid.thumbprint}, with which the hub signs since the roots replaced its keys, is not in "
            f"{directory / 'keys'}; put it back, or restore it from a backup"
        )
    return number


def set_of(directory: Path, thumbprint: str) -> int | None:
    """Give the number of the set of keys to which this signing key belongs; None if it is not here."""
    for number in reversed(key_sets(directory)):
        file = key_set(directory, number) / _SIGNING
        if file.exists() and SigningKey.load(file).public.thumbprint == thumbprint:
            return number
    return None


def signing_key(directory: Path, thumbprint: str) -> SigningKey | None:
    """Give a signing key of the hub by its thumbprint; None if it is not here."""
    number = set_of(directory, thumbprint)
    return None if number is None else SigningKey.load(key_set(directory, number) / _SIGNING)


def _on_log(directory: Path, keyring: Keyring, log: VerifierKey | None) -> Keyring:
    """Give the keyring for the log that the roots have decided on last; BadKey if its key is not there."""
    first = keyring.trust.first_log
    log = log or first
    place = log.name.rpartition("/")[2]
    path = log_key_file(directory, 1 if log == first else int(place) if place.isdecimal() else 0)
    key = SigningKey.load(path)
    if key.public != log.key:
        # It would sign a checkpoint that no log has, in the place of the last one.
        raise BadKey(f"{path} is not the key of the log {log.name}; put it back")
    return replace(keyring, trust=keyring.trust.following(log), log=key)


def load_roots(directory: Path) -> list[SigningKey]:
    """Read the root keys that lie in DIR/root: all of them, which is enough to act where they reach the threshold."""
    return [SigningKey.load(path) for path in sorted((directory / "root").glob("*.pem"))]
