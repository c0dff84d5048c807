"""Checks on a connection of their own: log-in, publishing, asking the hub, its clock, and how it sees this node."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from node.doctor.results import Check, Result, failed, passed, skipped
from node.lock import is_served
from node.node import Node
from node.progress import STANDING_STILL
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
_OPERATOR = "Ask the operators of the hub."
# In the words of people; the hub's own reason is told beside it.
_MEANS = {
    "live": "It hears this node and has all of it.",
    "quiet": "It hears this node, which has published nothing for unusually long.",
    "behind": "It hears this node and does not have all of it yet.",
    "silent": "It does not hear this node now.",
    "refused": "It refuses what this node sends.",
    "forked": "It has two different statements with one number from this node.",
    "maintenance": "Its operators know that this node is away.",
    "suspended": "It takes nothing from this organization for now.",
    "retired": "The organization has left the network.",
}


async def talk(node: Node, admission: Admission, url: str, seed: bytes, now: Callable[[], datetime]) -> list[Check]:
    """Make the checks of TALK; those after a failure that they need are not made."""
    reasons: list[str] = []
    heard = asyncio.Event()

    def note(connected: bool, reason: str) -> None:
        if not connected:
            reasons.append(reason)
        heard.set()

    name = f"liaison-node {admission.organization} doctor"
    bus = await Bus.connect(url, name=name, seed=seed, on_state=note, wait=None)
    try:
        await _let_in(bus, reasons, heard)
        if not bus.connected:
            return [_not_let_in(reasons), *skipped(TALK[1:], "There is no connection to the bus.")]
        login = passed("log-in", f"The bus accepts the key of {admission.organization}.")
        publish = await _publish(bus, admission.organization)
        ask, clock = await _ping(bus, admission, now)
        if ask.result is not Result.PASS:
            return [login, publish, ask, clock, *skipped(["seen"], "The hub does not answer.")]
        return [login, publish, ask, clock, await _seen(bus, node, admission)]
    finally:
        await bus.close()


async def _let_in(bus: Bus, reasons: list[str], heard: asyncio.Event) -> None:
    """Wait for the connection, and no longer once the server has refused the key."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            while not bus.connected and not any(map(_refuses, reasons)):
                await heard.wait()
                heard.clear()
    except TimeoutError:
        return


def _refuses(reason: str) -> bool:
    return "authorization" in reason.lower() or "authentication" in reason.lower()


def _not_let_in(reasons: list[str]) -> Check:
    detail = "\n".join(dict.fromkeys(each[:300] for each in reasons[-5:]))
    if any(map(_refuses, reasons)):
        what = (
            "See that the organization was admitted and has not retired, and that DIR/keys is that of the newest "
            "admission: after new keys, liaison-node join DIR ADMISSION.json."
        )
        return failed("log-in", "The bus does not accept this node's key.", what, detail)
    what = "Look at the detail, and at the hub's bus: it may be full, or at its limit of connections."
    return failed("log-in", "The bus let nobody in within the time.", what, detail)


async def _publish(bus: Bus, organization: str) -> Check:
    subject = subjects.events(organization, "doctor")
    try:
        answer: Any = orjson.loads(await bus.request(subject, headers=_NOWHERE, timeout=ANSWER_SECONDS))
        code = answer.get("error", {}).get("err_code") if isinstance(answer, dict) else None
    except NoResponder:
        what = f"The bus has no stream that takes {subject}: the hub makes it at its start. {_OPERATOR}"
        return failed("publish", "The bus takes nothing: nobody keeps what is published.", what)
    except (BusError, ValueError) as error:
        detail = "\n".join(filter(None, [str(error), bus.complaint]))
        what = f"See the rights of this organization on the bus (docs/bus.md). {_OPERATOR}"
        return failed("publish", f"Publishing to {subject} gets no answer.", what, detail)
    if code != _OTHER_STREAM:
        return failed("publish", "The bus refuses to keep what is published.", _OPERATOR, str(answer)[:500])
    return passed("publish", "Events of this organization are taken and kept.", f"{subject} reaches JetStream")


async def _ping(bus: Bus, admission: Admission, now: Callable[[], datetime]) -> tuple[Check, Check]:
    subject = subjects.ask(admission.organization, "ping")
    unknown = skipped(["clock"], "The hub told no time.")[0]
    before = now()
    try:
        answer: Any = orjson.loads(await bus.request(subject, timeout=ANSWER_SECONDS))
        network, told = str(answer["network"]), datetime.fromisoformat(str(answer["pong"])).astimezone(UTC)
    except BusRefused as error:
        return failed("ask", "The hub cannot answer now.", "Try again in a minute.", str(error)), unknown
    except BusError as error:
        what = f"The bus runs and the hub does not answer on it: it may be starting, or stopped. {_OPERATOR}"
        detail = "\n".join(filter(None, [f"{subject}: {error}", bus.complaint]))
        return failed("ask", "The hub does not answer.", what, detail), unknown
    except (ValueError, KeyError, TypeError) as error:
        return failed("ask", "What answers speaks another language than a hub.", _OPERATOR, str(error)[:200]), unknown
    if network != admission.trust.network:
        what = f"See bus in node.toml: this node has joined {admission.trust.network}."
        return failed("ask", f"This is the hub of {network[:100]}, another network.", what), unknown
    middle = before + (now() - before) / 2
    return passed("ask", f"The hub of {network} answers."), _clock((middle - told).total_seconds())


def _clock(skew: float) -> Check:
    detail = f"this machine's clock minus the hub's: {skew:+.1f} s"
    if abs(skew) > MAX_SKEW_SECONDS:
        what = "Let this machine set its clock over the network (NTP), or ask the hub's operators about theirs."
        ahead = "ahead of" if skew > 0 else "behind"
        return failed("clock", f"This machine's clock is {abs(skew):.0f} s {ahead} the hub's.", what, detail)
    return passed("clock", "This machine and the hub have the same time.", detail)


async def _seen(bus: Bus, node: Node, admission: Admission) -> Check:
    try:
        answer = await bus.request(subjects.ask(admission.organization, "head"), timeout=HEAD_SECONDS)
        receipt = open_receipt(answer, admission.hub_key, admission.trust.network, admission.organization)
    except BusError as error:
        return _as_told_last(node, str(error))
    except jws.Malformed as error:
        what = f"Do not rely on this hub until it is explained. {_OPERATOR}"
        return failed("seen", "The hub's receipt does not verify.", what, str(error))
    return judged(node, receipt)


def judged(node: Node, receipt: Receipt) -> Check:
    """Compare a receipt with the chain here."""
    sequence, ours = receipt.logged.sequence, node.outbox.head()[0]
    detail = f"receipt of {receipt.at}: state {receipt.state}, logged {sequence} of {ours}, missing {receipt.missing}"
    if sequence > ours:
        what = "This directory is older than what was published. liaison-node restore-chain DIR"
        return failed("seen", f"The hub has {sequence} statements of this node, which has {ours}.", what, detail)
    if sequence and node.outbox.hash_at(sequence) != from_b64url(receipt.logged.hash):
        what = "Stop this copy; docs/operations.md says how a fork ends (alarm diverged)."
        return failed("seen", f"The hub has another statement {sequence} than this node.", what, detail)
    means = f"{_MEANS.get(receipt.state, receipt.state[:40])} {receipt.reason[:300]}".strip()
    gone = receipt.state == "silent" and is_served(node.settings.directory)
    if receipt.state in (*STANDING_STILL, "refused") or gone:
        what = "See the page Outbox or liaison-node status for the reason." if receipt.state == "refused" else _OPERATOR
        return failed("seen", f"{receipt.state[:40]}: {means}", what, detail)
    return passed("seen", f"{receipt.state[:40]}: {means}", detail)


def _as_told_last(node: Node, why: str) -> Check:
    relay = node.outbox.relay()
    last = f"Its last word, of {relay.receipt_at}: {relay.hub_state}." if relay.receipt_at else "It has never said it."
    return skipped(["seen"], f"The hub did not say now how it sees this node. {last}", why)[0]
