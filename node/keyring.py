"""The node's secrets, each in a file of mode 0600 under DIR/keys, and DIR/secret, from which import ids are derived."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wire.keys import BadKey, SigningKey, read_secret, save_encryption_key, write_secret
from wire.nkeys import generate_nkey

_SECRET_BYTES = 32


@dataclass(frozen=True)
class Keyring:
    """What the node works with every day. Whoever has `signing` can speak in the organization's name."""

    signing: SigningKey
    bus_seed: bytes
    import_secret: bytes

    def __repr__(self) -> str:
        return f"Keyring({self.signing!r})"


def create_keys(directory: Path) -> tuple[SigningKey, dict[str, Any]]:
    """Make all keys of a new node; gives the signing key, and the public parts that the enrolment names."""
    keys = directory / "keys"
    signing, following, witness = (SigningKey.generate() for _ in range(3))
    seed, bus_public = generate_nkey()
    for name, key in (("signing", signing), ("next", following), ("witness", witness)):
        key.save(keys / f"{name}.pem")
    encryption_key = save_encryption_key(keys / "encryption.pem")
    write_secret(keys / "bus.nk", seed)
    write_secret(directory / "secret", secrets.token_bytes(_SECRET_BYTES))
    return signing, {
        "signing_key": signing.public.jwk,
        "next_key": following.public.thumbprint,
        "witness_key": witness.public.jwk,
        "encryption_key": encryption_key,
        "bus": bus_public,
    }


def load_keys(directory: Path) -> Keyring:
    """Read them; BadKey when one is missing, damaged or readable by others."""
    try:
        signing = SigningKey.load(directory / "keys" / "signing.pem")
        return Keyring(signing, read_secret(directory / "keys" / "bus.nk"), read_secret(directory / "secret"))
    except OSError as error:
        raise BadKey(
            f"{error.filename}: {error.strerror}; the node cannot work without it, restore it from a backup"
        ) from None
    except ValueError as error:
        if isinstance(error, BadKey):
            raise
        raise BadKey(f"a key under {directory / 'keys'} is damaged: {error}; restore it from a backup") from None
