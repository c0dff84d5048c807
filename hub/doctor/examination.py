"""Makes all checks of a hub, beside the running service or without it, within a bounded time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hub.clock import utc_now
from hub.doctor.bus import TALK, check_bus
from hub.doctor.pages import check_port, check_served, check_tls
from hub.doctor.place import DATABASE_SECONDS, check_backup, check_database, check_files, check_settings
from hub.doctor.results import CHECKS, TITLES, Examination, failed, skipped
from hub.doctor.standing import check_clock, check_keys, check_log, check_registered, check_witnesses
from hub.following.choice import is_regional
from hub.keyring import TRUST_FILE
from hub.settings import Settings
from schemas.sentences import gettext_noop as N_
from wire.database import reading, sqlite_file
from wire.disk_check import check_disk
from wire.examination import Check
from wire.keys import BadKey
from wire.patience import within
from wire.seal import timestamp
from wire.trust import BadTrust, Trust, read_trust

_OF_LOG: Final = ("log", "registered", "witnesses", "clock")
_FULL: Final = N_("Make room, or give the hub a larger disk: when it is full, the hub stops.")
_REGIONAL: Final = N_(
    "A regional hub signs nothing, hears no node and has no bus: this is checked at the hub it follows."
)


def examine(directory: Path, now: Callable[[], datetime] = utc_now) -> Examination:
    """Make all checks; nothing is changed, signed, brought up to date or taken from the bus."""
    at = timestamp(now())
    settings, first = check_settings(directory)
    if settings is None:
        rest = [name for name in TITLES if name != "settings"]
        return Examination(directory.name, at, (first, *skipped(rest, N_("The settings cannot be read."))))
    regional = is_regional(directory)
    trust, keys = _regional_trust(directory) if regional else check_keys(directory)
    checks = [
        first, keys,
        _guarded("files", lambda: check_files(directory, settings)),
        check_served(directory),
        _guarded("port", lambda: check_port(directory, trust)),
        _guarded("tls", lambda: check_tls(settings.address, now(), mails=settings.smtp is not None)),
        _guarded("disk", lambda: check_disk(CHECKS, directory, _FULL)),
        check_backup(directory, now(), postgresql=sqlite_file(settings.database) is None),
        *_by_database(directory, settings, trust, now, regional=regional),
        *(skipped(TALK, _REGIONAL) if regional else check_bus(directory, settings)),
    ]  # fmt: skip
    return Examination(directory.name if trust is None else trust.network, at, CHECKS.in_order(checks))


def _regional_trust(directory: Path) -> tuple[Trust | None, Check]:
    try:
        return read_trust(directory / TRUST_FILE), skipped(["keys"], _REGIONAL)[0]
    except (BadTrust, OSError) as error:
        what = N_("Put the trust.json of the network back; get it from somebody whom you trust.")
        return None, failed("keys", N_("trust.json cannot be used."), what, str(error))


def _by_database(
    directory: Path, settings: Settings, trust: Trust | None, now: Callable[[], datetime], *, regional: bool
) -> list[Check]:
    engine, database = check_database(settings)
    if engine is None or trust is None:
        why = N_("The database cannot be asked.") if engine is None else N_("trust.json says what the log must be.")
        return [database, *skipped(_OF_LOG, why)]
    try:
        return [database, *within(DATABASE_SECONDS, lambda: _of_log(directory, engine, trust, now, regional=regional))]
    except (SQLAlchemyError, OSError, BadKey, BadTrust) as error:  # TimeoutError too
        what = N_("Look at the database and at the files first.")
        return [
            database,
            *(failed(name, N_("This could not be checked."), what, type(error).__name__) for name in _OF_LOG),
        ]
    finally:
        engine.dispose()


def _of_log(
    directory: Path, engine: Engine, trust: Trust, now: Callable[[], datetime], *, regional: bool
) -> Sequence[Check]:
    with reading(engine).connect() as connection:
        state, log = check_log(directory, connection, trust, regional=regional)
        if regional:
            return [log, *skipped(_OF_LOG[1:], _REGIONAL)]
        clock = check_clock(connection, now())
        if state is None:
            return [log, *skipped(_OF_LOG[1:3], N_("The log is to be put right first.")), clock]
        witnesses = check_witnesses(connection, state, trust.network, now())
        return [log, check_registered(directory, state.registry), witnesses, clock]


def _guarded(name: str, work: Callable[[], Check]) -> Check:
    """A check that cannot be made is a failed one; the others go on."""
    try:
        return work()
    except OSError as error:
        return failed(name, N_("This could not be checked."), N_("Look at the files first."), str(error))
