"""Notices that the database is older than what this node has cosigned, and stops it from signing."""

from pathlib import Path

from node.progress import Alarm
from node.store import LogStore, Outbox, Reading
from node.witness_file import BadWitnessFile, NewerWitnessFile, WitnessFile
from schemas.sentences import sentence
from wire.enrolment import open_admission


def notice_restore(directory: Path, reading: Reading, log: LogStore, outbox: Outbox) -> None:
    """Sound the alarm `restored` if DIR/witness.json is ahead of the database."""
    chain = reading.chain()
    if chain.admission is None or chain.alarm is not None:
        return
    try:
        # The file first: a service that cosigns meanwhile has written the database before it.
        trust = open_admission(chain.admission).trust
        outside = WitnessFile(directory, log.on(trust), log.lost(trust)).read()
    except NewerWitnessFile as error:
        outbox.sound_alarm(
            Alarm.RESTORED,
            sentence("{cause}. Restore a newer backup, or have the roots register new keys", cause=error),
        )
        return
    except BadWitnessFile:
        return  # the witness says so, and cosigns nothing
    kept = log.cosigned()
    if outside is None or (kept is not None and kept.size >= outside.size):
        return
    text = sentence(
        "this database is older than witness.json, by which this node has cosigned {size} entries"
        " of the log: it was restored from a backup. What was published since is in the log. Make"
        " sure that no other copy of this node runs, stop serve, then: liaison-node restore-chain"
        " {directory}",
        size=outside.size,
        directory=directory,
    )
    outbox.sound_alarm(Alarm.RESTORED, text)
