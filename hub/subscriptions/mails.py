"""The mails of subscriptions: digest and confirmation, as text and HTML, with headers that nothing can get into."""

import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row

import schemas
from hub.pages import labels
from hub.subscriptions.addresses import host_of
from hub.subscriptions.derived import CONFIRM, MANAGE, DerivedSecrets
from hub.subscriptions.digests import Digest
from hub.subscriptions.lanes import Lane
from hub.subscriptions.recipients import CONFIRM_WITHIN, Recipient
from hub.subscriptions.states import NOTICES, REASONS, State
from ui.languages import gettext_noop as N_
from ui.pages import Pages

MAX_SUBJECT: Final = 150
PATH: Final = "/subscriptions"
UNSUBSCRIBE: Final = "/unsubscribe"
HUB: Final = Path(__file__).parents[1]
ACTIONS: Final = {
    "published": N_("published"),
    "revised": N_("revised"),
    "confirmed": N_("confirmed"),
    "withdrawn": N_("withdrawn"),
}


class Mails:
    """Writes mails of one hub; `address` is where its pages are reached, `sender` what stands in From."""

    def __init__(self, keys: DerivedSecrets, network: str, address: str, sender: str, log: int = 1) -> None:
        """`log` is the number of the network's log: an index of the next one is another event, another mail."""
        catalogues = [HUB / "locale", Path(schemas.__file__).parent / "locale"]
        self._pages = Pages("Liaison", network, [HUB / "templates"], catalogues, (), labels.words)
        self._keys = keys
        self._network = network
        self._address = address.rstrip("/")
        self._sender = sender
        self._of = "" if log == 1 else f".{log}"

    def digest(self, lane: Lane, digest: Digest, now: datetime) -> EmailMessage:
        """Tell a recipient what has happened."""
        token = self._keys.token(MANAGE, lane.target)
        manage, unsubscribe = f"{self._address}{PATH}/{token}", f"{self._address}{UNSUBSCRIBE}/{token}"
        message = self._message(
            "digest", lane.language, lane.address, now, digest=digest, name=lane.name, rhythm=lane.rhythm,
            manage=manage, unsubscribe=unsubscribe, member=lane.owner != "public", begun_anew=lane.former is not None,
        )  # fmt: skip
        # After a crash between sending and writing it down it comes again, and mail programs see that it is the same.
        message["Message-ID"] = f"<{lane.target}{self._of}.{digest.last}@{self._network}>"
        message["List-Id"] = f"<{lane.subscription}.{self._network}>"
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return message

    def confirmation(self, found: Recipient, now: datetime) -> EmailMessage:
        """Ask an address whether it wants what somebody has asked for in its name."""
        target, subscription = found
        confirm = f"{self._address}{PATH}/confirm/{self._keys.token(CONFIRM, target.id)}"
        message = self._message(
            "confirmation", subscription.language, target.address, now, confirm=confirm, days=CONFIRM_WITHIN.days,
            member=subscription.owner != "public", rhythm=subscription.rhythm, notices=target.role == NOTICES,
            # What a stranger may write into a mail to anybody: nothing.
            name=subscription.name if subscription.owner != "public" else "",
        )  # fmt: skip
        message["Message-ID"] = f"<{target.id}.confirm.{int(now.timestamp())}@{self._network}>"
        return message

    def notice(self, found: Recipient, hook: Row[Any], now: datetime) -> EmailMessage:
        """Tell whom a webhook's owner has named that it does not go on; `hook` is the row of its target."""
        target, subscription = found
        token = self._keys.token(MANAGE, target.id)
        manage, unsubscribe = f"{self._address}{PATH}/{token}", f"{self._address}{UNSUBSCRIBE}/{token}"
        message = self._message(
            "notice", subscription.language, target.address, now, name=subscription.name,
            host=host_of("webhook", hook.address),
            paused=subscription.state == State.PAUSED, reason=REASONS[subscription.reason], since=hook.failing_since,
            error=self._pages.sentences(subscription.language).plain(hook.last_error or ""), manage=manage,
            unsubscribe=unsubscribe, page=f"{self._address}{PATH}/own/{subscription.id}",
        )  # fmt: skip
        message["Message-ID"] = f"<{target.id}.notice.{int(now.timestamp())}@{self._network}>"
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return message

    def _message(self, template: str, language: str, to: str, now: datetime, **context: Any) -> EmailMessage:
        templates = self._pages.environment(language)
        context |= {"address": self._address, "action_names": ACTIONS}
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        local, _, domain = to.rpartition("@")
        message["To"] = Address(username=local, domain=domain)
        message["Subject"] = one_line(templates.get_template(f"mail/{template}.subject.txt").render(context))
        message["Date"] = format_datetime(now)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(templates.get_template(f"mail/{template}.txt").render(context))
        message.add_alternative(templates.get_template(f"mail/{template}.html").render(context), subtype="html")
        message["Content-Language"] = language  # last: the contents take what was said of them before
        return message


def one_line(text: str) -> str:
    """Give text for a header: one line without control or direction characters, not too long."""
    plain = "".join(" " if unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"} else each for each in text)
    line = " ".join(plain.split())
    return line if len(line) <= MAX_SUBJECT else line[: MAX_SUBJECT - 1] + "…"
