"""The node's pages where people log in and out, and who is logged in by the session's cookie."""

from collections.abc import Callable

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from node.accounts.rules import roles_of
from node.node import Node
from node.pages.desk import Desk, Visitor
from node.pages.forms import form
from people import pages as people_pages
from people.cookies import Cookies
from people.pages import Door, Words
from people.rules import Person
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

WORDS = Words(
    N_("Name or password is not right. If you have forgotten it, ask an administrator of this node for a new code."),
    N_("This code is not good, or not any more. Ask an administrator of this node for a new one."),
)


def cookies_of(node: Node) -> Cookies:
    """Give the cookies of a node: nodes of several organizations may share a host."""
    return Cookies(f"liaison-{node.settings.organization}")


def by_session(node: Node) -> Callable[[Request], Visitor | None]:
    """Give what tells who is logged in, found once for a request."""
    cookies = cookies_of(node)

    def visitor(request: Request) -> Visitor | None:
        if not hasattr(request.state, "visitor"):
            session = cookies.session_of(request)
            person = node.people.log_ins.person(session) if session else None
            request.state.visitor = None if person is None else _visitor(person)
        found: Visitor | None = request.state.visitor
        return found

    return visitor


class FoundFirst:
    """ASGI middleware: who is logged in is found first, and beside the event loop, as the database is asked."""

    def __init__(self, app: ASGIApp, visitor: Callable[[Request], Visitor | None]) -> None:
        self._app = app
        self._visitor = visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out, and pass the request on."""
        if scope["type"] == "http" and any(name == b"cookie" for name, _ in scope["headers"]):
            await run_in_threadpool(self._visitor, Request(scope))
        await self._app(scope, receive, send)


def _visitor(person: Person) -> Visitor | None:
    return None if person.account is None else Visitor(person.account, person.name, roles_of(person.role))


def router(desk: Desk, pages: Pages) -> Routes:
    """Give these addresses."""

    def who(request: Request) -> int | None:
        visitor = desk.visitor(request)
        return None if visitor is None else visitor.number

    door = Door(desk.people.log_ins, cookies_of(desk.node), pages, form, who, WORDS, home="/desk")
    return people_pages.router(door)
