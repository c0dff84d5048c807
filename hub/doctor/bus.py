"""Checks of the bus as the hub uses it: reached with its key, its streams and consumer, how the intake keeps up."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from hub.doctor.results import failed, passed, skipped, warned
from hub.intake import DURABLE
from hub.registrar import is_served
from hub.settings import Settings
from hub.streams import STREAMS
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire import subjects
from wire.bus import Bus, BusError, BusRefused
from wire.examination import Check
from wire.keys import BadKey, read_secret
from wire.patience import within

TALK: Final = ("bus", "streams", "intake")
CONNECT_SECONDS: Final = 8.0
TALK_SECONDS: Final = 40.0  # more than all its own waits together
STANDS_AFTER: Final = timedelta(seconds=60)
FULL: Final = 0.9  # of what a stream may hold


def check_bus(directory: Path, settings: Settings) -> list[Check]:
    """Connect as the hub does, and ask JetStream; nothing is changed, and no message is taken."""
    url = settings.bus or _embedded(directory)
    if not settings.bus and not is_served(directory):
        return skipped(TALK, N_("The embedded bus runs with the hub, and the hub does not run."))
    if url is None:
        what = N_("Start the hub again: it chooses the ports of its bus at its first start.")
        return [failed("bus", N_("bus.json does not say where the embedded bus is."), what),
                *skipped(TALK[1:], N_("The bus is not reached."))]  # fmt: skip
    try:
        seed = read_secret(directory / "keys" / "bus.nk")
        return within(TALK_SECONDS, lambda: asyncio.run(_talk(url, seed)))
    except (OSError, BadKey) as error:  # TimeoutError too
        what = N_("Try again; if it stays so, look at the bus's own log (bus/nats-server.log).")
        return [failed("bus", N_("The bus did not answer to the end."), what, str(error)),
                *skipped(TALK[1:], N_("The bus is not reached."))]  # fmt: skip


def _embedded(directory: Path) -> str | None:
    try:
        return f"nats://127.0.0.1:{int(json.loads((directory / 'bus.json').read_bytes())['port'])}"
    except (OSError, ValueError, KeyError, TypeError):
        return None


async def _talk(url: str, seed: bytes) -> list[Check]:
    reasons: list[str] = []

    def note(_connected: bool, reason: str) -> None:
        reasons.append(reason)

    bus = await Bus.connect(url, name="liaison-hub doctor", seed=seed, on_state=note, wait=None)
    try:
        if not await bus.wait_let_in(CONNECT_SECONDS):
            detail = "\n".join([url, *dict.fromkeys(each[:300] for each in reasons[-5:] if each)])
            return [_refused(detail) if bus.refused else _away(detail),
                    *skipped(TALK[1:], N_("The bus is not reached."))]  # fmt: skip
        try:
            return [passed("bus", sentence("The bus answers at {url}.", url=url)), *await _asked(bus)]
        except BusError as error:
            what = N_("See that JetStream is on, and the bus's own log: its disk may be full.")
            return [passed("bus", sentence("The bus answers at {url}.", url=url)),
                    failed("streams", N_("The bus keeps nothing now: JetStream does not answer."), what, str(error)),
                    *skipped(TALK[2:], N_("JetStream does not answer."))]  # fmt: skip
    finally:
        await bus.close()


def _refused(detail: str) -> Check:
    what = N_(
        "An outside bus must be told the hub's key (liaison-hub keys show), and anew after it was replaced: "
        "deploy/nats/README.md. With an embedded bus, start the hub again."
    )
    return failed("bus", N_("The bus does not accept the hub's key."), what, detail)


def _away(detail: str) -> Check:
    what = N_(
        "See that the bus runs and that its port is the one named; an embedded one is started again by the hub: see "
        "bus/nats-server.log."
    )
    return failed("bus", N_("The bus is not reached."), what, detail)


async def _asked(bus: Bus) -> list[Check]:
    missing, full, lines = [], [], []
    for plan in STREAMS:
        info = await _info(bus, f"STREAM.INFO.{plan.name}")
        if info is None:
            missing.append(f"stream {plan.name}")
            continue
        state = info["state"]
        lines.append(f"{plan.name}: {state['messages']} messages, {state['bytes'] / 1024**2:.1f} MiB")
        # What comes in is refused when its stream is full; of the log's stream the oldest goes, which is meant so.
        if plan.discard == "new" and 0 < plan.max_bytes * FULL < state["bytes"]:
            full.append(plan.name)
    consumer = await _info(bus, f"CONSUMER.INFO.{subjects.EVENTS_STREAM}.{DURABLE}")
    if consumer is None:
        missing.append(f"consumer {DURABLE}")
    detail = "\n".join(lines)
    if missing:
        what = N_("Start the hub again: it makes them at its start. What a lost stream held the nodes send again.")
        said = sentence("The bus does not have: {names}.", names=", ".join(missing))
        return [failed("streams", said, what, detail),
                *skipped(TALK[2:], N_("There is no consumer."))]  # fmt: skip
    streams = passed("streams", N_("All streams and the consumer are there."), detail)
    if full:
        what = N_("See why the intake does not empty it; until then the nodes keep what they say.")
        streams = warned("streams", sentence("{full} is nearly full.", full=", ".join(full)), what, detail)
    assert consumer is not None  # noqa: S101 - it would be among the missing
    return [streams, judged_intake(consumer)]


async def _info(bus: Bus, what: str) -> dict[str, Any] | None:
    try:
        return await bus.api(what, {})
    except BusRefused:
        return None


def judged_intake(consumer: dict[str, Any]) -> Check:
    """Judge what JetStream says of the intake's consumer: what waits, and when it last took something."""
    waiting = int(consumer["num_pending"]) + int(consumer["num_ack_pending"])
    floor = consumer["ack_floor"]
    detail = f"place {floor['stream_seq']}, {consumer['num_pending']} not fetched, "
    detail += f"{consumer['num_ack_pending']} being judged, as of {consumer.get('ts', 'now')}"
    if not waiting:
        return passed("intake", N_("Nothing waits: all that the nodes have sent is judged."), detail)
    last, now = _moment(floor.get("last_active")), _moment(consumer.get("ts"))
    if last is None or now is None or now - last > STANDS_AFTER:
        what = N_("See the hub's log for what it waits for: the database, the disk, or a lock.")
        said = sentence("Messages that wait: {waiting}; none was taken.", waiting=waiting)
        if last is not None:
            at = f"{last:%Y-%m-%d %H:%M:%S} UTC"
            said = sentence("Messages that wait: {waiting}; none was taken since {at}.", waiting=waiting, at=at)
        return failed("intake", said, what, detail)
    return passed("intake", sentence("Messages that wait: {waiting}; they are being taken.", waiting=waiting), detail)


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
