"""Checks on a connection of their own: log-in, publishing, asking the hub, its clock, and how it sees this node."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from node.bus_key import NOT_ACCEPTED, WHAT_TO_DO
from node.doctor.results import Check, Result, failed, passed, skipped
from node.hub_key import HubKey
from node.lock import is_served
from node.node import Node
from node.progress import STANDING_STILL
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire import jws, subjects
from wire.bus import Bus, BusError, BusRefused, NoResponder
from wire.encoding import from_b64url
from wire.enrolment import Admission
from wire.receipts import Receipt, open_receipt

CONNECT_SECONDS, ANSWER_SECONDS, HEAD_SECONDS = 8.0, 5.0, 8.0
MAX_SKEW_SECONDS = 60.0  # as the hub's alert
TALK = ("log-in", "publish", "ask", "clock", "seen")
# JetStream keeps nothing of a message for a stream of another name, and says so: nothing is stored by this check.
_NOWHERE = {"Nats-Expected-Stream": "LIAISON-DOCTOR"}
_OTHER_STREAM = 10060
_OPERATOR = N_("Ask the operators of the hub.")
_NO_CONNECTION = N_("There is no connection to the bus.")
_SILENT = N_("The hub does not answer.")
_TRY_AGAIN = N_("Try again in a minute.")
# In the words of people; the hub's own reason is told beside it.
_MEANS = {
    "live": N_("It hears this node and has all of it."),
    "quiet": N_("It hears this node, which has published nothing for unusually long."),
    "behind": N_("It hears this node and does not have all of it yet."),
    "silent": N_("It does not hear this node now."),
    "refused": N_("It refuses what this node sends."),
    "forked": N_("It has two different statements with one number from this node."),
    "maintenance": N_("Its operators know that this node is away."),
    "suspended": N_("It takes nothing from this organization for now."),
    "retired": N_("The organization has left the network."),
}


async def talk(node: Node, admission: Admission, url: str, seed: bytes, now: Callable[[], datetime]) -> list[Check]:
    """Make the checks of TALK; those after a failure that they need are not made."""
    reasons: list[str] = []

    def note(connected: bool, reason: str) -> None:
        if not connected:
            reasons.append(reason)

    name = f"liaison-node {admission.organization} doctor"
    bus = await Bus.connect(url, name=name, seed=seed, on_state=note, wait=None)
    try:
        if not await bus.wait_let_in(CONNECT_SECONDS):
            return [_not_let_in(reasons, refused=bus.refused), *skipped(TALK[1:], _NO_CONNECTION)]
        login = passed("log-in", sentence("The bus accepts the key of {org}.", org=admission.organization))
        publish = await _publish(bus, admission.organization)
        ask, clock = await _ping(bus, admission, now)
        if ask.result is not Result.PASS:
            return [login, publish, ask, clock, *skipped(["seen"], _SILENT)]
        return [login, publish, ask, clock, await _seen(bus, node, admission)]
    finally:
        await bus.close()


def _not_let_in(reasons: list[str], *, refused: bool) -> Check:
    detail = "\n".join(dict.fromkeys(each[:300] for each in reasons[-5:]))
    if refused:
        return failed("log-in", NOT_ACCEPTED, WHAT_TO_DO, detail)
    what = N_("Look at the detail, and at the hub's bus: it may be full, or at its limit of connections.")
    return failed("log-in", N_("The bus let nobody in within the time."), what, detail)


async def _publish(bus: Bus, organization: str) -> Check:
    subject = subjects.events(organization, "doctor")
    try:
        answer: Any = orjson.loads(await bus.request(subject, headers=_NOWHERE, timeout=ANSWER_SECONDS))
        code = answer.get("error", {}).get("err_code") if isinstance(answer, dict) else None
    except NoResponder:
        what = sentence("The bus has no stream that takes {subject}: the hub makes it at its start.", subject=subject)
        cause = N_("The bus takes nothing: nobody keeps what is published.")
        return failed("publish", cause, f"{what} {_OPERATOR}")
    except (BusError, ValueError) as error:
        detail = "\n".join(filter(None, [str(error), bus.complaint]))
        what = N_("See the rights of this organization on the bus (docs/bus.md).")
        cause = sentence("Publishing to {subject} gets no answer.", subject=subject)
        return failed("publish", cause, f"{what} {_OPERATOR}", detail)
    if code != _OTHER_STREAM:
        return failed("publish", N_("The bus refuses to keep what is published."), _OPERATOR, str(answer)[:500])
    return passed("publish", N_("Events of this organization are taken and kept."), f"{subject} reaches JetStream")


async def _ping(bus: Bus, admission: Admission, now: Callable[[], datetime]) -> tuple[Check, Check]:
    subject = subjects.ask(admission.organization, "ping")
    unknown = skipped(["clock"], N_("The hub told no time."))[0]
    before = now()
    try:
        answer: Any = orjson.loads(await bus.request(subject, timeout=ANSWER_SECONDS))
        network, told = str(answer["network"]), datetime.fromisoformat(str(answer["pong"])).astimezone(UTC)
    except BusRefused as error:
        return failed("ask", N_("The hub cannot answer now."), _TRY_AGAIN, str(error)), unknown
    except BusError as error:
        what = N_("The bus runs and the hub does not answer on it: it may be starting, or stopped.")
        detail = "\n".join(filter(None, [f"{subject}: {error}", bus.complaint]))
        return failed("ask", _SILENT, f"{what} {_OPERATOR}", detail), unknown
    except (ValueError, KeyError, TypeError) as error:
        cause = N_("What answers speaks another language than a hub.")
        return failed("ask", cause, _OPERATOR, str(error)[:200]), unknown
    if network != admission.trust.network:
        what = sentence("See bus in node.toml: this node has joined {network}.", network=admission.trust.network)
        cause = sentence("This is the hub of {network}, another network.", network=network[:100])
        return failed("ask", cause, what), unknown
    middle = before + (now() - before) / 2
    answers = sentence("The hub of {network} answers.", network=network)
    return passed("ask", answers), _clock((middle - told).total_seconds())


def _clock(skew: float) -> Check:
    detail = f"this machine's clock minus the hub's: {skew:+.1f} s"
    if abs(skew) > MAX_SKEW_SECONDS:
        what = N_("Let this machine set its clock over the network (NTP), or ask the hub's operators about theirs.")
        seconds = f"{abs(skew):.0f}"
        if skew > 0:
            cause = sentence("This machine's clock is {seconds} s ahead of the hub's.", seconds=seconds)
        else:
            cause = sentence("This machine's clock is {seconds} s behind the hub's.", seconds=seconds)
        return failed("clock", cause, what, detail)
    return passed("clock", N_("This machine and the hub have the same time."), detail)


async def _seen(bus: Bus, node: Node, admission: Admission) -> Check:
    try:
        answer = await bus.request(subjects.ask(admission.organization, "head"), timeout=HEAD_SECONDS)
        key = (await asyncio.to_thread(HubKey.of, admission, node.log)).now()
        receipt = open_receipt(answer, key, admission.trust.network, admission.organization)
    except BusError as error:
        return _as_told_last(node, str(error))
    except jws.Malformed as error:
        what = N_("Do not rely on this hub until it is explained.")
        return failed("seen", N_("The hub's receipt does not verify."), f"{what} {_OPERATOR}", str(error))
    return judged(node, receipt)


def judged(node: Node, receipt: Receipt) -> Check:
    """Compare a receipt with the chain here."""
    sequence, ours = receipt.logged.sequence, node.outbox.head()[0]
    detail = f"receipt of {receipt.at}: state {receipt.state}, logged {sequence} of {ours}, missing {receipt.missing}"
    if sequence > ours:
        what = N_("This directory is older than what was published. Run: liaison-node restore-chain DIR")
        message = sentence(
            "Statements of this node that the hub has: {n}; those that are here: {ours}.", n=sequence, ours=ours
        )
        return failed("seen", message, what, detail)
    if sequence and node.outbox.hash_at(sequence) != from_b64url(receipt.logged.hash):
        what = N_("Stop this copy; docs/operations.md says how a fork ends (alarm diverged).")
        message = sentence("The hub has another statement {n} than this node.", n=sequence)
        return failed("seen", message, what, detail)
    means = f"{_MEANS.get(receipt.state, '')} {receipt.reason[:300]}".strip()
    cause = f"{receipt.state[:40]}: {means or receipt.state[:40]}"
    gone = receipt.state == "silent" and is_served(node.settings.directory)
    if receipt.state in (*STANDING_STILL, "refused") or gone:
        what = N_("See the page Outbox or liaison-node status for the reason.")
        return failed("seen", cause, what if receipt.state == "refused" else _OPERATOR, detail)
    return passed("seen", cause, detail)


def _as_told_last(node: Node, why: str) -> Check:
    relay = node.outbox.relay()
    unsaid = N_("The hub did not say now how it sees this node.")
    last = N_("It has never said it.")
    if relay.receipt_at:
        last = sentence("Its last word, of {at}: {state}.", at=relay.receipt_at, state=relay.hub_state)
    return skipped(["seen"], f"{unsaid} {last}", why)[0]
