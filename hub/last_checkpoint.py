"""The newest checkpoint that the hub has signed, kept outside its database: a restored database cannot forget it."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from hub.log_checks import LogDamaged
from hub.tree import tree_in
from wire.checkpoint import Checkpoint, open_checkpoint
from wire.durable_file import replace_durably
from wire.merkle import tree_root
from wire.notes import BadNote, VerifierKey
from wire.registry import Registry
from wire.trust import Trust

FILE = "last-checkpoint"


class LastCheckpoint:
    """One file beside the database, replaced as a whole and on the disk before anybody hears of what it says."""

    def __init__(self, directory: Path, trust: Trust, former: Sequence[VerifierKey] = ()) -> None:
        """`former` are logs in whose place this one is: a checkpoint of theirs says nothing about this one."""
        self._file = directory / FILE
        self._trust = trust
        self._former = former

    def write(self, note: bytes) -> None:
        """Keep a newer checkpoint."""
        replace_durably(self._file, note)

    def check(self, connection: Connection, size: int) -> None:
        """LogDamaged if a log of `size` entries is not the one that the newest signed checkpoint is of."""
        signed = self.read()
        if signed is None:
            return
        if signed.size > size:
            raise LogDamaged(
                f"the database is older than what this hub has signed: it has {size} entries, and its last checkpoint "
                f"says {signed.size}. Nothing may be logged in place of those that are missing: restore a newer backup "
                "or, where there is none, let a next log go on from what the nodes know: liaison-hub replace-log",
                checkpoint=signed.text.encode(), log_size=size,
            )  # fmt: skip
        root = tree_root(signed.size, tree_in(connection, signed.size))
        if root != signed.root:
            raise LogDamaged(
                f"the log's first {signed.size} entries are not those of the last checkpoint that this hub has signed; "
                "restore the database that belongs to it",
                checkpoint=signed.text.encode(), root_found=root, log_size=size,
            )  # fmt: skip

    def note(self) -> bytes:
        """Give the signed note as it lies there, empty before the first."""
        try:
            return self._file.read_bytes()
        except FileNotFoundError:
            return b""

    def read(self) -> Checkpoint | None:
        """Give it, None before the first; LogDamaged if the file is not a checkpoint of this log any more."""
        note = self.note()
        if not note or any(is_of(note, log) for log in self._former):
            return None
        try:
            return open_checkpoint(note, self._trust.log_verifier).checkpoint
        except BadNote as error:
            found = f"{self._file} is no checkpoint of this log ({error}); restore it from a backup"
            raise LogDamaged(found, checkpoint=note) from None


def last_checkpoint_of(directory: Path, trust: Trust, registry: Registry) -> LastCheckpoint:
    """Give it for the log that the registry says is in force."""
    return LastCheckpoint(directory, trust.following(registry.log), registry.former_logs)


def is_of(note: bytes, log: VerifierKey) -> bool:
    """Whether a log signed this checkpoint."""
    try:
        open_checkpoint(note, log)
    except BadNote:
        return False
    return True
