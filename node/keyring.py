"""The node's secrets, each in a file of mode 0600 under DIR/keys, and DIR/secret, from which import ids are derived."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.store.keys import InUse
from wire.key_sets import key_set, key_sets, make_key_set
from wire.keys import BadKey, SigningKey, read_secret, write_secret
from wire.x25519 import DecryptionKey

_SECRET_BYTES = 32
_FIRST = InUse()


@dataclass(frozen=True)
class Keyring:
    """What the node works with every day.

    Whoever has `signing` can speak in the organization's name; whoever has `reading` can read all that others ever
    encrypted to it.
    """

    signing: SigningKey
    witness: SigningKey
    bus_seed: bytes
    import_secret: bytes
    reading: DecryptionKey

    def __repr__(self) -> str:
        return f"Keyring({self.signing!r})"


def create_keys(directory: Path) -> tuple[SigningKey, dict[str, Any]]:
    """Make all keys of a new node; gives the signing key, and the public parts that the enrolment names."""
    made = make_key_set(directory / "keys")
    write_secret(directory / "secret", secrets.token_bytes(_SECRET_BYTES))
    return made


def newest_keys(directory: Path) -> Keyring:
    """Read the set that was made last, as a node does that joins with it: those before may be lost."""
    return load_keys(directory, InUse(key_sets(directory)[-1]))


def signing_file(place: Path, thumbprint: str) -> Path:
    """Name the file of a signing key that a rotation made."""
    return place / f"signing-{thumbprint}.pem"


def load_signing(place: Path, thumbprint: str | None, name: str = "signing") -> SigningKey:
    """Read a signing key of a set by its thumbprint; without one, or where it is that one, the first of this name."""
    for path in [place / f"{first}.pem" for first in ([name] if thumbprint is None else ["signing", "next"])]:
        if path.exists() or thumbprint is None:
            found = SigningKey.load(path)
            if thumbprint in {None, found.public.thumbprint}:
                return found
    return SigningKey.load(signing_file(place, thumbprint or name))


def load_keys(directory: Path, in_use: InUse = _FIRST) -> Keyring:
    """Read those that are in use; BadKey when one is missing, damaged or readable by others."""
    place = key_set(directory, in_use.key_set)
    try:
        signing = load_signing(place, in_use.signing)
        witness = SigningKey.load(place / "witness.pem")
        bus, imports = read_secret(place / "bus.nk"), read_secret(directory / "secret")
        return Keyring(signing, witness, bus, imports, DecryptionKey.load(place / "encryption.pem"))
    except OSError as error:
        what = (
            "restore it from a backup"
            if isinstance(error, FileNotFoundError)
            else "see whose it is and who may read it"
        )
        raise BadKey(f"{error.filename}: {error.strerror}; the node cannot work without it, {what}") from None
    except ValueError as error:
        if isinstance(error, BadKey):
            raise
        raise BadKey(f"a key under {place} is damaged: {error}; restore it from a backup") from None
