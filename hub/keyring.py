"""The hub's secrets in its state directory, each in a file of mode 0600, and trust.json beside them."""

from dataclasses import dataclass, replace
from pathlib import Path

from wire.actions import Admitted
from wire.encoding import b64url
from wire.keys import BadKey, SigningKey, read_secret, save_encryption_key, write_secret
from wire.nkeys import generate_nkey
from wire.notes import VerifierKey
from wire.registry import HUB
from wire.trust import Trust, read_trust

TRUST_FILE = "trust.json"


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
    keys = directory / "keys"
    deciding = [SigningKey.generate() for _ in range(roots)]
    log_key, signing, following, witness = (SigningKey.generate() for _ in range(4))
    seed, bus_public = generate_nkey()
    for number, root in enumerate(deciding, start=1):
        root.save(directory / "root" / f"root-{number}.pem")
    for name, key in (("log", log_key), ("signing", signing), ("next", following), ("witness", witness)):
        key.save(keys / f"{name}.pem")
    encryption_key = save_encryption_key(keys / "encryption.pem")
    write_secret(keys / "bus.nk", seed)
    trust = Trust(network, tuple(root.public for root in deciding), threshold, log_key.public)
    (directory / TRUST_FILE).write_bytes(trust.to_bytes())
    return trust, Admitted(
        network=network,
        sequence=f"{1:012d}",
        previous=b64url(trust.digest),
        organization=HUB,
        name=f"Hub of {network}",
        signing_key=signing.public.jwk,
        next_key=following.public.thumbprint,
        witness_key=witness.public.jwk,
        encryption_key=encryption_key,
        bus=bus_public,
    )


def load_keys(directory: Path) -> Keyring:
    """Read what the running hub needs."""
    keys = directory / "keys"
    return Keyring(
        read_trust(directory / TRUST_FILE),
        SigningKey.load(keys / "signing.pem"),
        SigningKey.load(keys / "log.pem"),
        read_secret(keys / "bus.nk"),
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


def on_log(directory: Path, keyring: Keyring, log: VerifierKey | None) -> Keyring:
    """Give the keyring for the log that the roots have decided on last; BadKey if its key is not there."""
    if log is None or log == keyring.trust.first_log:
        return keyring
    number = log.name.rpartition("/")[2]
    key = SigningKey.load(log_key_file(directory, int(number) if number.isdecimal() else 0))
    if key.public != log.key:
        raise BadKey(f"{log_key_file(directory, int(number))} is not the key of the log {log.name}; put it back")
    return replace(keyring, trust=keyring.trust.following(log), log=key)


def load_roots(directory: Path) -> list[SigningKey]:
    """Read the root keys that lie in DIR/root: all of them, which is enough to act where they reach the threshold."""
    return [SigningKey.load(path) for path in sorted((directory / "root").glob("*.pem"))]
