"""Checks of how the node stands in its network, by its own database: registered keys, outbox, alarms, version."""

from datetime import datetime
from importlib.metadata import version

from node import forms
from node.alarms import Name
from node.doctor.results import Check, failed, passed, skipped
from node.keyring import load_keys
from node.lock import is_served
from node.log_fold import RegistryHistory
from node.node import Node
from node.progress import Alarm
from node.restore_notice import restore_noticed
from node.settings import Settings
from node.settling import WAYS_OUT
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.client import HubClient, HubError
from wire.enrolment import Admission
from wire.nkeys import nkey_public
from wire.registry import Standing

OLD_SECONDS = 300  # an event that waits for longer needs somebody
SOFTWARE = "liaison-network"
HUB_SECONDS = 5.0
_OTHER = (
    N_("The network has another signing key for this organization."),
    N_("The network has another key for the bus for this organization."),
    N_("The network has another witness key for this organization."),
    N_("The network has another encryption key for this organization."),
)
_STANDING = {
    Standing.SUSPENDED: N_("The organization is suspended in this network."),
    Standing.RETIRED: N_("The organization is retired in this network."),
}
_REVOKED = N_("The roots have revoked the signing key of this organization: nothing that this node signs is accepted.")
_UNREAD = N_("This node has not read the registry of the network yet.")
_WAIT = N_("It reads the log while it is served; look again in a minute.")


def check_registered(node: Node, admission: Admission) -> Check:
    """Compare the keys here with those that the log says are valid now."""
    entries = node.log.registry()
    if not entries:
        return skipped(["registered"], f"{_UNREAD} {_WAIT}")[0]
    member = RegistryHistory(admission.trust, entries).now.members.get(admission.organization)
    at = f"read up to entry {node.log.position().size - 1} of the log"
    if member is None:
        what = N_("Have the hub admit DIR/enrolment.json, then join with the admission that it gives.")
        return failed("registered", N_("The registry does not name this organization."), what, at)
    if member.standing is not Standing.ACTIVE:
        what = N_("Ask the operators of the hub why, and what they need.")
        return failed("registered", _STANDING[member.standing], what, at)
    in_use = node.reading.in_use()
    ours = load_keys(node.settings.directory, in_use)
    valid = member.key_now
    same = (
        (valid == ours.signing.public or _rotating(node), _OTHER[0]),
        (member.bus == nkey_public(ours.bus_seed), _OTHER[1]),
        (member.witness in (None, ours.witness.public), _OTHER[2]),
        (member.encryption == ours.reading.public, _OTHER[3]),
    )
    other = [cause for is_same, cause in same if not is_same]
    if valid is None:
        # Other keys may be others' too, but without this one nothing else helps.
        return failed("registered", _REVOKED, WAYS_OUT[Name.KEY_REVOKED], at)
    detail = f"signing key valid in the registry: {valid.thumbprint}\n"
    detail += f"signing key here: {ours.signing.public.thumbprint}\n{at}"
    if other:
        what = N_(
            "If the roots have replaced the keys, join with their newest admission: liaison-node join DIR "
            "ADMISSION.json. If this directory is an old copy, stop it and go on with the newest one."
        )
        return failed("registered", " ".join(other), what, detail)
    return passed("registered", N_("The keys here are those that the network knows."), detail)


def _rotating(node: Node) -> bool:
    """A rotation that is not logged yet: the registry still has the key before."""
    return node.reading.in_use().rotated_at > node.outbox.relay().logged


def check_outbox(node: Node, now: datetime) -> Check:
    """See that what waits does not wait for long."""
    number, since = node.outbox.waiting()
    relay, served = node.outbox.relay(), is_served(node.settings.directory)
    if since is None:
        return passed("outbox", N_("Nothing waits: all that was published is proven to be in the log."))
    waits = sentence("Events that wait: {number}, the oldest since {since}.", number=number, since=since)
    detail = f"sent {relay.sent}, logged {relay.logged}, witnessed {relay.witnessed} of {node.outbox.head()[0]}"
    refused = next(iter(node.reading.judgements()), None)
    if refused is not None and refused.severity == "error":
        form = forms.judgement_form(refused)
        means = form["meaning"] or refused.reason
        said = sentence("The hub refuses event {n}: {means}.", n=refused.sequence, means=means)
        return failed("outbox", f"{waits} {said}", str(form["what_to_do"] or N_("See the page Outbox.")), detail)
    if not served:
        cause = N_("The node is not served, so nothing is sent.")
        return failed("outbox", f"{waits} {cause}", N_("Run: liaison-node serve DIR"), detail)
    if (now - datetime.fromisoformat(since)).total_seconds() > OLD_SECONDS:
        what = N_("If the checks above pass, ask the operators of the hub; the node goes on trying by itself.")
        return failed("outbox", f"{waits} {relay.trouble or ''}".strip(), what, detail)
    under_way = N_("They are on their way.")
    return passed("outbox", f"{waits} {under_way}", detail)


def check_alarms(node: Node) -> Check:
    """Name what stops signing or cosigning."""
    chain = node.reading.chain()
    noticed = restore_noticed(node.settings.directory, chain, node.log)  # what the next start will sound
    if noticed is not None:
        chain = chain._replace(alarm=Alarm.RESTORED, alarm_text=noticed)
    found = forms.standing_alarms(chain, node.log)
    if not found:
        return passed("alarms", N_("Nothing was found that needs somebody's decision."))
    return failed(
        "alarms", sentence("An alarm stands: {names}.", names=", ".join(str(each["name"]) for each in found)),
        " ".join(str(each["what_to_do"]) for each in found), "\n".join(str(each["text"]) for each in found),
    )  # fmt: skip


def check_version(settings: Settings) -> Check:
    """Compare the software with the hub's, where the settings name the hub's pages."""
    own = version(SOFTWARE)
    if not settings.hub:
        unnamed = N_("The settings name no address of the hub's pages (hub).")
        this = sentence("This is version {own}.", own=own)
        return skipped(["version"], f"{this} {unnamed}")[0]
    try:
        with HubClient(settings.hub, read_seconds=HUB_SECONDS) as client:
            found = str(client.get("/version")["version"])[:40]
    except (HubError, OSError, ValueError, KeyError, TypeError) as error:
        cause = sentence(
            "This is version {own}; the hub's pages do not tell theirs: {error}", own=own, error=str(error)[:200]
        )
        return skipped(["version"], cause)[0]
    both = sentence("This is version {own}, the hub has {theirs}.", own=own, theirs=found)
    if found.split(".")[:2] != own.split(".")[:2]:
        what = N_("Bring the older of the two up to date; docs/operations.md says how.")
        return failed("version", both, what)
    return passed("version", both)
