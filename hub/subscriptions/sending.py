"""What sending needs, put together once: the way out to webhooks, secrets, and mail if there is a mail server."""

from dataclasses import dataclass, field

from hub.settings import Settings, SmtpSettings
from hub.subscriptions.derived import DerivedSecrets
from hub.subscriptions.egress import Egress
from hub.subscriptions.figures import Figures
from hub.subscriptions.mails import Mails
from hub.subscriptions.smtp import Mailer
from hub.subscriptions.unsubscribed import UNSUBSCRIBED_FILE, UnsubscribedList
from hub.this_log import NAMELESS, ThisLog


@dataclass
class Sending:
    """`network` is its name; `address` is where people reach the hub's pages, empty if nobody said."""

    network: str
    address: str
    egress: Egress
    keys: DerivedSecrets
    smtp: SmtpSettings | None = None
    log: ThisLog = NAMELESS  # of which the indices are that go out
    figures: Figures = field(default_factory=Figures)
    unsubscribed: UnsubscribedList = field(default_factory=UnsubscribedList)

    @property
    def mailer(self) -> Mailer | None:
        """Give what sends mail; None if this hub sends none."""
        return Mailer(self.smtp) if self.smtp is not None and self.address else None

    def mails(self) -> Mails:
        """Give what writes mails."""
        sender = self.smtp.sender if self.smtp is not None else ""
        return Mails(self.keys, self.network, self.address, sender, self.log.number)


def sending_of(settings: Settings, network: str, log: ThisLog) -> Sending:
    """Give what a running hub has; the key of its secrets is made if there is none. LogDamaged."""
    keys = DerivedSecrets.of_directory(settings.directory)
    unsubscribed = UnsubscribedList(settings.directory / UNSUBSCRIBED_FILE)
    egress = Egress(settings.webhook_private_hosts)
    return Sending(network, settings.address, egress, keys, settings.smtp, log, unsubscribed=unsubscribed)


def sending_nothing(network: str) -> Sending:
    """Give what an application has that only reads: no mail, and secrets that end with it."""
    return Sending(network, "", Egress(), DerivedSecrets.passing())
