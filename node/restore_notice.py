"""Notices that the database may be older than what this node has published or cosigned, and stops it from signing."""

from pathlib import Path
from typing import Final

import orjson

from node.progress import Alarm
from node.store import Chain, LogStore, Outbox, Reading
from node.witness_file import BadWitnessFile, NewerWitnessFile, WitnessFile
from schemas.sentences import sentence
from wire.durable_file import replace_durably
from wire.enrolment import open_admission

# In the directory where a backup without its database was restored: the database, which comes by another way, cannot
# say that it is an older one.
RESTORED_FILE: Final = "restored"


def mark_restored(directory: Path, at: str) -> None:
    """Say that the backup of a time was restored: whichever database comes to it signs nothing until it is settled."""
    replace_durably(directory / RESTORED_FILE, orjson.dumps({"at": at}) + b"\n")


def unmark(directory: Path) -> None:
    """Say that the chain is whole again."""
    (directory / RESTORED_FILE).unlink(missing_ok=True)


def restored_from(at: str, directory: Path) -> str:
    """Say which backup was restored, and what to do before anything is signed."""
    return sentence(
        "this directory was restored from the backup of {at}. What was published since is in the "
        "log. Make sure that no other copy of this node runs, then: liaison-node restore-chain "
        "{directory}",
        at=at,
        directory=directory,
    )


def notice_restore(directory: Path, reading: Reading, log: LogStore, outbox: Outbox) -> None:
    """Sound the alarm `restored` if the database may be older than what was published or cosigned."""
    text = restore_noticed(directory, reading.chain(), log)
    if text is not None:
        outbox.sound_alarm(Alarm.RESTORED, text)


def restore_noticed(directory: Path, chain: Chain, log: LogStore) -> str | None:
    """Say that DIR/witness.json is ahead of the database, or that it may be, by DIR/restored; None once it is told."""
    if chain.admission is None or chain.alarm is not None:
        return None
    if (at := _restored_at(directory)) is not None:
        return restored_from(at, directory)
    try:
        # The file first: a service that cosigns meanwhile has written the database before it.
        trust = open_admission(chain.admission).trust
        outside = WitnessFile(directory, log.on(trust), log.lost(trust)).read()
    except NewerWitnessFile as error:
        return sentence("{cause}. Restore a newer backup, or have the roots register new keys", cause=error)
    except BadWitnessFile:
        return None  # the witness says so, and cosigns nothing
    kept = log.cosigned()
    if outside is None or (kept is not None and kept.size >= outside.size):
        return None
    return sentence(
        "this database is older than witness.json, by which this node has cosigned {size} entries"
        " of the log: it was restored from a backup. What was published since is in the log. Make"
        " sure that no other copy of this node runs, stop serve, then: liaison-node restore-chain"
        " {directory}",
        size=outside.size,
        directory=directory,
    )


def _restored_at(directory: Path) -> str | None:
    try:
        return str(orjson.loads((directory / RESTORED_FILE).read_bytes())["at"])
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "an unknown time"
