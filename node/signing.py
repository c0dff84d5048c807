"""Which key speaks now: what the database says in each transaction, its file read once."""

from pathlib import Path

from node.keyring import load_signing
from node.sealing import Sealer
from node.store import InUse, Writing
from wire.key_sets import key_set
from wire.keys import BadKey, SigningKey


class SigningKeys:
    """Follows rotations and replacements by other processes: nothing is remembered but the keys themselves."""

    def __init__(self, directory: Path, organization: str) -> None:
        self._directory = directory
        self._organization = organization
        self._loaded: dict[tuple[int, str | None, str], SigningKey] = {}
        self._sealers: dict[str, Sealer] = {}

    def sealer(self, writing: Writing) -> Sealer:
        """Give the sealer of the key that speaks in this transaction."""
        key = self.current(writing.in_use())
        name = key.public.thumbprint
        if name not in self._sealers:
            self._sealers[name] = Sealer(self._organization, key)
        return self._sealers[name]

    def current(self, in_use: InUse) -> SigningKey:
        """Give the key that signs statements."""
        return self._load(in_use.key_set, in_use.signing, "signing")

    def following(self, in_use: InUse) -> SigningKey:
        """Give the next key, which may lie elsewhere until it is needed; BadKey then says where it must be."""
        return self._load(in_use.key_set, in_use.following, "next")

    def announcing(self, in_use: InUse, logged: int) -> SigningKey:
        """Give the key for heads: until the hub has logged the last rotation it knows the key before it only."""
        waits = in_use.rotated_at > logged
        return self._load(in_use.key_set, in_use.before if waits else in_use.signing, "signing")

    def _load(self, number: int, thumbprint: str | None, name: str) -> SigningKey:
        known = (number, thumbprint, name)
        if known not in self._loaded:
            try:
                self._loaded[known] = load_signing(key_set(self._directory, number), thumbprint, name)
            except OSError as error:
                raise BadKey(f"{error.filename}: {error.strerror}; put the key back there, from its backup") from None
        return self._loaded[known]
