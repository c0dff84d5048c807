"""Hands a mail to the mail server that the hub's settings name, and tells a refusal for good from one for now."""

import ssl
import time
from email.message import EmailMessage
from http import HTTPStatus
from typing import Final, NamedTuple

import aiosmtplib

from hub.settings import SmtpSettings
from hub.subscriptions.states import Outcome

TIMEOUT_SECONDS: Final = 30.0


class Handed(NamedTuple):
    """What the mail server said."""

    outcome: Outcome
    status: int | None
    text: str
    milliseconds: int


class Mailer:
    """Sends one mail at a time over a connection of its own."""

    def __init__(self, settings: SmtpSettings, context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._context = context

    @property
    def sender(self) -> str:
        """Give what stands in From."""
        return self._settings.sender

    async def send(self, message: EmailMessage) -> Handed:
        """Send; what goes wrong is in the answer."""
        started = time.monotonic()

        def handed(outcome: Outcome, status: int | None, text: str) -> Handed:
            return Handed(outcome, status, text, int((time.monotonic() - started) * 1000))

        settings = self._settings
        try:
            password = settings.password_file.read_text("utf-8").strip() if settings.password_file else None
            _, said = await aiosmtplib.send(
                message, hostname=settings.host, port=settings.port, username=settings.user or None,
                password=password, use_tls=settings.security == "tls", start_tls=settings.security == "starttls",
                timeout=TIMEOUT_SECONDS, tls_context=self._context,
            )  # fmt: skip
        except aiosmtplib.SMTPRecipientsRefused as error:
            code, text = (error.recipients[0].code, error.recipients[0].message) if error.recipients else (0, "")
            return handed(_outcome(code), code, text)
        except aiosmtplib.SMTPResponseException as error:
            return handed(Outcome.FAILED, error.code, error.message)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return handed(Outcome.FAILED, None, f"{type(error).__name__}: {error}")
        return handed(Outcome.DELIVERED, 250, said)


def _outcome(code: int) -> Outcome:
    return Outcome.REFUSED if code >= HTTPStatus.INTERNAL_SERVER_ERROR else Outcome.FAILED
