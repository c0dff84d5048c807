"""Checks of how the node stands in its network, by its own database: registered keys, outbox, alarms, version."""

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from node import forms
from node.doctor.results import Check, failed, passed, skipped
from node.keyring import load_keys
from node.lock import is_served
from node.log_fold import RegistryHistory
from node.node import Node
from wire.client import HubClient, HubError
from wire.enrolment import Admission
from wire.nkeys import nkey_public
from wire.registry import Standing

OLD_SECONDS = 300  # an event that waits for longer needs somebody
SOFTWARE = "liaison-network"
HUB_SECONDS = 5.0
_WAIT = "It reads the log while it is served; look again in a minute."


def check_registered(node: Node, admission: Admission) -> Check:
    """Compare the keys here with those that the log says are valid now."""
    entries = node.log.registry()
    if not entries:
        return skipped(["registered"], f"This node has not read the network's registry yet. {_WAIT}")[0]
    member = RegistryHistory(admission.trust, entries).now.members.get(admission.organization)
    at = f"read up to entry {node.log.position().size - 1} of the log"
    if member is None:
        what = "Have the hub admit DIR/enrolment.json, then join with the admission that it gives."
        return failed("registered", "The registry does not name this organization.", what, at)
    if member.standing is not Standing.ACTIVE:
        what = "Ask the operators of the hub why, and what they need."
        return failed("registered", f"The organization is {member.standing.value} in this network.", what, at)
    in_use = node.reading.in_use()
    ours = load_keys(node.settings.directory, in_use)
    valid = next((period.key for period in reversed(member.keys) if period.end is None), None)
    pairs = {
        "signing key": valid == ours.signing.public or _rotating(node),
        "key for the bus": member.bus == nkey_public(ours.bus_seed),
        "witness key": member.witness in (None, ours.witness.public),
        "encryption key": member.encryption == ours.reading.public,
    }
    other = [name for name, same in pairs.items() if not same]
    kid = "none" if valid is None else valid.thumbprint
    detail = f"signing key valid in the registry: {kid}\nsigning key here: {ours.signing.public.thumbprint}\n{at}"
    if other:
        what = (
            "If the roots have replaced the keys, join with their newest admission: liaison-node join DIR "
            "ADMISSION.json. If this directory is an old copy, stop it and go on with the newest one."
        )
        return failed("registered", f"The network has another {', '.join(other)} for this organization.", what, detail)
    return passed("registered", "The keys here are those that the network knows.", detail)


def _rotating(node: Node) -> bool:
    """A rotation that is not logged yet: the registry still has the key before."""
    return node.reading.in_use().rotated_at > node.outbox.relay().logged


def check_outbox(node: Node, now: datetime) -> Check:
    """See that what waits does not wait for long."""
    number, since = node.outbox.waiting()
    relay, served = node.outbox.relay(), is_served(node.settings.directory)
    if since is None:
        return passed("outbox", "Nothing waits: all that was published is proven to be in the log.")
    waits = f"{number} events wait, the oldest since {since}."
    detail = f"sent {relay.sent}, logged {relay.logged}, witnessed {relay.witnessed} of {node.outbox.head()[0]}"
    refused = next(iter(node.reading.judgements()), None)
    if refused is not None and refused.severity == "error":
        form = forms.judgement_form(refused)
        said = f"{waits} The hub refuses event {refused.sequence}: {form['meaning'] or refused.reason}"
        return failed("outbox", said, str(form["what_to_do"] or "See the page Outbox."), detail)
    if not served:
        return failed(
            "outbox", f"{waits} The node is not served, so nothing is sent.", "liaison-node serve DIR", detail
        )
    if (now - datetime.fromisoformat(since)).total_seconds() > OLD_SECONDS:
        what = "If the checks above pass, ask the operators of the hub; the node goes on trying by itself."
        return failed("outbox", f"{waits} {relay.trouble or ''}".strip(), what, detail)
    return passed("outbox", f"{waits} They are on their way.", detail)


def check_alarms(node: Node) -> Check:
    """Name what stops signing or cosigning."""
    found = [each for each in forms.alarms_form(node.reading.chain(), node.log) if _stands(each)]
    if not found:
        return passed("alarms", "Nothing was found that needs somebody's decision.")
    return failed(
        "alarms", f"An alarm stands: {', '.join(str(each['name']) for each in found)}.",
        " ".join(str(each["what_to_do"]) for each in found), "\n".join(str(each["text"]) for each in found),
    )  # fmt: skip


def _stands(alarm: Mapping[str, Any]) -> bool:
    return bool(alarm["stops"]) and alarm["settled"] is None


def check_version(node: Node) -> Check:
    """Compare the software with the hub's, where the settings name the hub's pages."""
    own = version(SOFTWARE)
    if not node.settings.hub:
        return skipped(["version"], f"This is version {own}. The settings name no address of the hub's pages (hub).")[0]
    try:
        with HubClient(node.settings.hub, read_seconds=HUB_SECONDS) as client:
            found = str(client.get("/version")["version"])[:40]
    except (HubError, OSError, ValueError, KeyError, TypeError) as error:
        cause = f"This is version {own}; the hub's pages do not tell theirs: {str(error)[:200]}"
        return skipped(["version"], cause)[0]
    if found.split(".")[:2] != own.split(".")[:2]:
        what = "Bring the older of the two up to date; docs/operations.md says how."
        return failed("version", f"This is version {own}, the hub has {found}.", what)
    return passed("version", f"This is version {own}, the hub has {found}.")
