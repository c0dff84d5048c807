"""Pages of who gets mail, by the link in that mail and without a log-in: confirm, look, end, take back."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import Response

from hub.pages.sentences import choice_of
from hub.problem_details import Refusal
from hub.subscriptions.derived import CONFIRM, MANAGE
from hub.subscriptions.recipients import Recipient, confirm, recipient, take_back, unsubscribe
from hub.subscriptions.states import State, reasons_of
from hub.subscriptions.store import is_beyond
from hub.subscriptions.subscribing import Subscribing
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

# The address is a secret: no search engine keeps it, no other site learns it, no cache holds the page.
_HEADERS: Final = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
_TOO_LATE: Final = N_("This link works no more: it was not used within its days, or what it was for has ended.")


def router(subscribing: Subscribing, pages: Pages) -> Routes:
    """Give these addresses."""
    routes = Routes(include_in_schema=False)
    page = RecipientPages(subscribing, pages)

    # A mail scanner that opens the link confirms nothing: only the button does.
    @routes.get("/subscriptions/confirm/{token}")
    def asked_to_confirm(request: Request, token: str) -> Response:
        return page.ask(request, token)

    @routes.post("/subscriptions/confirm/{token}")
    def confirmed(request: Request, token: str) -> Response:
        return page.confirm(request, token)

    @routes.get("/subscriptions/{token}")
    @routes.get("/unsubscribe/{token}")
    def manage(request: Request, token: str) -> Response:
        return page.show(request, token)

    # RFC 8058: a mail program posts this for its reader, without cookies and without a page of ours before it.
    @routes.post("/unsubscribe/{token}")
    def ended(request: Request, token: str) -> Response:
        return page.end(request, token)

    @routes.post("/subscriptions/{token}/undo")
    def taken_back(request: Request, token: str) -> Response:
        return page.take_back(request, token)

    return routes


class RecipientPages:
    """What the pages show and do."""

    def __init__(self, subscribing: Subscribing, pages: Pages) -> None:
        self._hub = subscribing.hub
        self._database = subscribing.database
        self._keys = subscribing.sending.keys
        self._unsubscribed = subscribing.sending.unsubscribed
        self._pages = pages
        self._log = subscribing.sending.log.name

    def ask(self, request: Request, token: str) -> Response:
        """Give the page with the button."""
        found = self._database.read_now(lambda connection: self._found(CONFIRM, token, connection))
        return _show(self._pages, request, "recipient_confirm.html", found, token=token)

    def confirm(self, request: Request, token: str) -> Response:
        """Begin to send."""

        def write(connection: Connection) -> Recipient:
            found = self._found(CONFIRM, token, connection)
            if not confirm(connection, found, self._hub.tail.size, self._hub.now(), self._log):
                raise _too_late()
            self._unsubscribed.again(found.target.id, self._hub.now())
            return found

        target = self._database.write_now(write).target.id
        return self.show(request, self._keys.token(MANAGE, target), "confirmed")

    def show(self, request: Request, token: str, did: str = "") -> Response:
        """Give a recipient's own page, with what was just done."""
        found = self._database.read_now(lambda connection: self._found(MANAGE, token, connection))
        return _show(self._pages, request, "recipient.html", found, token=token, did=did)

    def end(self, request: Request, token: str) -> Response:
        """Send nothing more."""

        def write(connection: Connection) -> None:
            found, now = self._found(MANAGE, token, connection), self._hub.now()
            unsubscribe(connection, found, now)
            self._unsubscribed.ended(found.target.id, now)  # before the commit: what is ended is on the list

        self._database.write_now(write)
        return self.show(request, token, "ended")

    def take_back(self, request: Request, token: str) -> Response:
        """Go on as if it had not been ended."""

        def write(connection: Connection) -> str:
            found, size = self._found(MANAGE, token, connection), self._hub.tail.size
            if not take_back(connection, found, size, self._hub.now(), self._log):
                raise _too_late()
            self._unsubscribed.again(found.target.id, self._hub.now())
            return "from-the-end" if is_beyond(found.target, size, self._log) else "taken-back"

        return self.show(request, token, self._database.write_now(write))

    def _found(self, purpose: str, token: str, connection: Connection) -> Recipient:
        target = self._keys.target_of(purpose, token)
        found = None if target is None else recipient(connection, target)
        if found is None:
            raise _too_late()
        return found


def _too_late() -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND, "no-such-link", _TOO_LATE)


def _show(pages: Pages, request: Request, template: str, found: Recipient, **context: Any) -> Response:
    target, subscription = found
    return pages.render(
        request, template, headers=_HEADERS, target=target, subscription=subscription,
        choice=choice_of(pages, request, subscription.filters), active=target.state == State.ACTIVE,
        reasons=reasons_of("mail"), **context,
    )  # fmt: skip
