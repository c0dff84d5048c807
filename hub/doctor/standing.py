"""Checks by the hub's own database: its log and what was signed of it, its keys in the registry, witnesses, clock."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from hub import checkpoints, tables
from hub.doctor.results import failed, passed, skipped, warned
from hub.history import load_state
from hub.keyring import TRUST_FILE, as_registered, load_keys
from hub.last_checkpoint import last_checkpoint_of
from hub.log_checks import LogDamaged
from hub.log_state import LogState
from hub.node_states import moment
from hub.operating.health import CHECKPOINT_AFTER, clock_is_alone, skews
from hub.rolled_back import why_stopped
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.examination import Check
from wire.keys import BadKey
from wire.nkeys import nkey_public
from wire.registry import HUB, Registry
from wire.trust import BadTrust, Trust, read_trust

AHEAD: Final = timedelta(seconds=60)
_RESTORE: Final = N_("Put the file back, or restore the directory from a backup (liaison-hub restore).")


def check_keys(directory: Path) -> tuple[Trust | None, Check]:
    """Read trust.json and every key that the running hub needs."""
    try:
        trust = read_trust(directory / TRUST_FILE)
        load_keys(directory)
    except (BadKey, BadTrust, OSError) as error:
        return None, failed(
            "keys", N_("A key or trust.json is missing, damaged, or others can read it."), _RESTORE, f"{error}"
        )
    return trust, passed("keys", sentence("All keys of the hub of {network} are there.", network=trust.network),
                         str(directory / "keys"))  # fmt: skip


def check_log(
    directory: Path, connection: Connection, trust: Trust, *, regional: bool
) -> tuple[LogState | None, Check]:
    """Put the log's state together as at a start, and compare it with the newest checkpoint that was signed."""
    try:
        state = load_state(connection, trust)
        last = last_checkpoint_of(directory, trust, state.registry)
        last.check(connection, state.size)
        signed = last.read()
        stopped = None if regional else why_stopped(directory, connection, last)
    except LogDamaged as error:
        what = N_("Do not serve it before a person has decided what is true: docs/operations.md, after a loss.")
        return None, failed("log", N_("The log is not what was signed, or not whole."), what, str(error))
    log = state.registry.log or trust.first_log
    detail = f"{log.name}, {state.size} entries, last checkpoint of {'none' if signed is None else signed.size}"
    if regional:
        return state, passed(
            "log", sentence("The mirrored log is whole. Its entries: {size}.", size=state.size), log.name
        )
    if stopped is not None:
        what = N_("The hub does not start like this; the detail says what to do.")
        return state, failed("log", N_("What this hub has signed last is not known."), what, stopped)
    return state, passed("log", sentence("All entries are those that were signed: {size}.", size=state.size), detail)


def check_registered(directory: Path, registry: Registry) -> Check:
    """Compare the keys here with those that the log says are valid now."""
    try:
        keyring = as_registered(directory, load_keys(directory), registry)
    except (BadKey, BadTrust, OSError, ValueError) as error:
        return failed("registered", N_("A key that the network knows for the hub is not here."), _RESTORE, str(error))
    member = registry.members.get(HUB)
    valid = None if member is None else member.key_now
    pairs = {
        N_("signing key"): valid == keyring.signing.public,
        N_("key for the bus"): member is not None and member.bus == nkey_public(keyring.bus_seed),
    }
    other = [name for name, same in pairs.items() if not same]
    kid = "none" if valid is None else valid.thumbprint
    detail = f"signing key valid in the registry: {kid}\nsigning key here: {keyring.signing.public.thumbprint}"
    if other:
        said = " ".join(sentence("The network has another {found} for the hub.", found=name) for name in other)
        what = N_("Put the directory's own keys back: nothing that these sign is accepted by anybody.")
        return failed("registered", said, what, detail)
    return passed("registered", N_("The keys here are those that the network knows."), detail)


def check_witnesses(connection: Connection, state: LogState, network: str, now: datetime) -> Check:
    """See whether enough witnesses have cosigned what is logged."""
    of = state.registry.witnesses(network)
    newest = checkpoints.newest(connection, quorum=True)
    if not of.keys:
        what = N_("Admit organizations: each node that joins is a witness.")
        return warned(
            "witnesses", N_("Nobody witnesses the log: that it is the same for everybody, no one else has seen."), what
        )
    at = None if newest is None else moment(newest.at)
    by = [] if newest is None else checkpoints.cosigners(newest.note)
    missing = sorted(set(of.keys) - set(by))
    detail = f"cosigned by {', '.join(by) or 'nobody'}\nmissing {', '.join(missing) or 'nobody'}\n"
    detail += f"needed: {of.quorum} of {len(of.keys)}"
    if newest is None or at is None or (newest.size < state.size and now - at > CHECKPOINT_AFTER):
        said = N_("Too few witnesses have cosigned the log yet.")
        if newest is not None:
            said = sentence("Too few witnesses have cosigned the log since {at}.", at=newest.at)
        what = N_(
            "See which nodes are silent (page Network), and ask them: nothing counts as delivered until they answer."
        )
        return failed("witnesses", said, what, detail)
    said = sentence(
        "Witnesses that have cosigned: {count} of {keys}; needed: {quorum}; entries: {size}.",
        count=len(by),
        keys=len(of.keys),
        size=newest.size,
        quorum=of.quorum,
    )
    if missing:
        return warned(
            "witnesses",
            said,
            sentence("See what is with {organizations} (page Network).", organizations=", ".join(missing[:5])),
            detail,
        )
    return passed("witnesses", said, detail)


def check_clock(connection: Connection, now: datetime) -> Check:
    """Compare this machine's clock with what it wrote down itself, and with the nodes' clocks."""
    written = moment(connection.scalar(select(func.max(tables.organizations.c.last_at))))
    what = N_("Let this machine set its clock over the network (NTP).")
    if written is not None and written - now > AHEAD:
        return failed(
            "clock",
            sentence(
                "The last event was logged at {written}, which is to come.", written=f"{written:%Y-%m-%d %H:%M:%S}"
            ),
            what,
        )
    found = skews(connection, now)
    detail = f"{len(found)} nodes have told their time within five minutes"
    if clock_is_alone(found):
        return failed("clock", N_("Most nodes have another time than this machine."), what, detail)
    if not found:
        return skipped(["clock"], N_("No node has told its time lately, so that there is nothing to compare with."))[0]
    return passed("clock", N_("This machine and the nodes have the same time."), detail)
