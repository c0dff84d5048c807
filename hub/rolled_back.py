"""A hub restored without its newest checkpoint does not know what it has signed since: it stops until somebody does.

If anything was signed after the backup, to go on would be to sign a second history (equivocation). The file `restored`
says that it may be so; a database that knows of checkpoints, beside no `last-checkpoint`, says so too. At a first start
there is neither. A log without any entry is no hub's: its database was emptied, or is another one.
"""

import json
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, select

from hub import checkpoints, tables
from hub.access import Reader, Role
from hub.last_checkpoint import FILE as CHECKPOINT_FILE
from hub.last_checkpoint import LastCheckpoint
from hub.operating import acts
from hub.operating.acts import DONE, Act
from hub.operating.deeds import MAX_REASON
from hub.schema import NO_HUB
from wire.checkpoint import Checkpoint
from wire.database import reading, writing
from wire.durable_file import replace_durably
from wire.notes import BadNote, parse_note

RESTORED_FILE: Final = "restored"
ACT: Final = "accept-rollback"
_WHO: Final = Reader(Role.OPERATOR, "liaison-hub serve")


class RolledBack(ValueError):
    """The hub may have signed more than is here; the message says what to do."""


def mark_restored(directory: Path, at: str) -> None:
    """Say that a backup of a time was restored where the newest checkpoint was not."""
    said = {"at": at, "size": _size_in(directory / CHECKPOINT_FILE)}
    replace_durably(directory / RESTORED_FILE, json.dumps(said).encode() + b"\n")


def unmark(directory: Path) -> None:
    """Say that it is settled."""
    (directory / RESTORED_FILE).unlink(missing_ok=True)


def why_stopped(directory: Path, connection: Connection, last: LastCheckpoint) -> str | None:
    """Say why nothing may be logged or signed here now, and what to do; None if the newest checkpoint is known."""
    signed = last.read()
    if signed is None and connection.execute(select(tables.log.c.index).limit(1)).first() is None:
        return NO_HUB
    found = _found(directory, connection, signed)
    if found is None:
        return None
    return (
        f"{found}: it could sign a second history. Put the newest {CHECKPOINT_FILE} of the lost hub into {directory}, "
        "or restore a newer backup; where there is none, let a next log go on from what the nodes know (liaison-hub "
        "replace-log). Only if you know that nothing was signed since: liaison-hub serve DIR --accept-rollback REASON"
    )


def _found(directory: Path, connection: Connection, signed: Checkpoint | None) -> str | None:
    if (at := _restored_at(directory, -1 if signed is None else signed.size)) is not None:
        return f"this hub was restored from the backup of {at}, and what it has signed since is not known"
    if signed is None and (known := checkpoints.newest(connection, quorum=False)) is not None:
        return f"{CHECKPOINT_FILE} is not here, and this hub has signed a checkpoint of {known.size} entries at least"
    return None


def stop_if_rolled_back(directory: Path, engine: Engine, last: LastCheckpoint) -> None:
    """RolledBack unless the newest checkpoint is known."""
    with reading(engine).connect() as connection:
        why = why_stopped(directory, connection, last)
    if why is not None:
        raise RolledBack(why)


def accept_rollback(directory: Path, engine: Engine, last: LastCheckpoint, reason: str, now: datetime) -> bool:
    """Keep in the trail why somebody is sure that nothing was signed since; false if nothing stands in the way.

    RolledBack without a reason.
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= MAX_REASON:
        raise RolledBack(f"say why nothing was signed since, in a sentence of at most {MAX_REASON} characters")
    with writing(engine).begin() as connection:
        signed = last.read()
        found = _found(directory, connection, signed)
        if found is None:
            return False
        number = acts.begin(connection, Act(ACT, None, None, reason, secrets.token_urlsafe(16)), _WHO, now)
        acts.finish(connection, number or 0, DONE, f"{found[0].upper()}{found[1:]}.")
        known = checkpoints.newest(connection, quorum=False)
    if signed is None and known is not None:
        last.write(known.note)
    unmark(directory)
    return True


def _restored_at(directory: Path, size: int) -> str | None:
    """Give the time of the backup, unless a newer checkpoint than it had has been put here since."""
    try:
        document = json.loads((directory / RESTORED_FILE).read_bytes())
        at, had = str(document["at"]), int(document["size"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return "an unknown time"
    return at if size <= had else None


def _size_in(note: Path) -> int:
    try:
        text, _ = parse_note(note.read_bytes())
        return int(text.split("\n")[1])
    except (OSError, BadNote, ValueError, IndexError):
        return -1
