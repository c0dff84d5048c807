"""Makes all checks of a node, beside the running service or without it, within a bounded time."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from node import forms
from node.doctor.line import check_line
from node.doctor.place import DATABASE_SECONDS, PLACE, examine_place
from node.doctor.results import CHECKS, NOT_JOINED, TITLES, Check, Examination, Result, failed, passed, skipped
from node.doctor.standing import check_alarms, check_outbox, check_registered, check_version
from node.doctor.talk import TALK, talk
from node.node import Node
from node.settings import Settings
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.enrolment import Admission
from wire.key_sets import key_set
from wire.keys import BadKey, read_secret
from wire.patience import within

TALK_SECONDS = 45.0  # more than all its own waits together
_BUS = ("name", "reached", *TALK)


def _clock() -> datetime:
    return datetime.now(UTC)


def examine(directory: Path, now: Callable[[], datetime] = _clock) -> Examination:
    """Make all checks but the test event; nothing is changed, signed or published."""
    place = examine_place(directory)
    if place.node is None:
        return _put_together(directory.name, now, [*place.checks, *_without_node(place.settings)])
    try:
        checks = [*place.checks, *_in_network(place.node, now)]
    finally:
        place.node.engine.dispose()
    return _put_together(place.node.settings.organization, now, checks)


def _without_node(settings: Settings | None) -> list[Check]:
    """What needs the settings only; the rest cannot be checked."""
    possible = [] if settings is None else [_guarded("version", lambda: check_version(settings))]
    if settings is not None and settings.bus:
        possible += check_line(settings.bus)
    made = {*PLACE, "test-event", *(each.name for each in possible)}
    return [*possible, *skipped([name for name in TITLES if name not in made], N_("The node cannot be put together."))]


def _put_together(organization: str, now: Callable[[], datetime], checks: Iterable[Check]) -> Examination:
    return Examination(organization, forms.now_text(now()), CHECKS.in_order(checks))


def _in_network(node: Node, now: Callable[[], datetime]) -> list[Check]:
    admission = node.admission()
    here = [_guarded("outbox", lambda: check_outbox(node, now())), _guarded("alarms", lambda: check_alarms(node))]
    version = _guarded("version", lambda: check_version(node.settings))
    if admission is None:
        what = N_("Have the hub admit DIR/enrolment.json, then: liaison-node join DIR ADMISSION.json")
        waits = N_("What is entered is kept and published once the node has joined.")
        apart = skipped((*_BUS, "registered"), NOT_JOINED)
        return [failed("joined", f"{NOT_JOINED} {waits}", what), *apart, version, *here]
    cause = sentence("The network is {network}.", network=admission.trust.network)
    joined = passed("joined", cause, f"trust {admission.trust.digest.hex()}")
    registered = _guarded("registered", lambda: check_registered(node, admission))
    return [joined, *_on_the_bus(node, admission, now), registered, version, *here]


def _guarded(name: str, work: Callable[[], Check]) -> Check:
    """A check that cannot be made is a failed one; the others go on."""
    try:
        return within(DATABASE_SECONDS, work)
    except (SQLAlchemyError, OSError, BadKey) as error:
        what = N_("Look at the database and at the files first.")
        return failed(name, N_("This could not be checked."), what, type(error).__name__)


def _on_the_bus(node: Node, admission: Admission, now: Callable[[], datetime]) -> list[Check]:
    url = node.settings.bus or admission.bus_url
    line = check_line(url)
    if any(each.result is not Result.PASS for each in line):
        return [*line, *skipped(TALK, N_("The bus is not reached."))]
    try:
        seed = read_secret(key_set(node.settings.directory, node.reading.in_use().key_set) / "bus.nk")
        talked = within(TALK_SECONDS, lambda: asyncio.run(talk(node, admission, url, seed, now)))
    except (OSError, BadKey) as error:  # TimeoutError too
        what = N_("Try again; if it stays so, look at the bus's own log.")
        return [*line, failed("log-in", N_("The bus did not answer to the end."), what, str(error)),
                *skipped(TALK[1:], N_("There is no connection to the bus."))]  # fmt: skip
    return [*line, *talked]
