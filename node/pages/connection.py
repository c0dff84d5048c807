"""The page Connection: the checks of `liaison-node doctor` in words, and a signed test event on demand."""

from typing import Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from node.doctor import Check, examine, there_and_back
from node.doctor.turns import Turns
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import go_to
from ui.pages import Pages
from ui.routes import Routes
from ui.states import CHECKS

EVENT_SECONDS: Final = 20.0


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the page's address, and that of the test event."""
    routes = Routes(include_in_schema=False)
    directory, turns = desk.node.settings.directory, Turns()
    sent: list[tuple[str, Check]] = []  # the last test event of this process, and when

    @routes.get("/connection")
    def connection(request: Request) -> Response:
        visitor = visitor_of(desk, request)
        with turns:
            found = examine(directory, desk.now)
        may_send = visitor.may(Role.OFFICER) or visitor.may(Role.ADMINISTRATOR)
        return pages.render(
            request, "connection.html",
            found=found, shown=CHECKS, tested=sent[-1] if sent else None, may_send=may_send,
            technical=visitor.may(Role.ADMINISTRATOR),
        )  # fmt: skip

    @routes.post("/connection/test")
    async def test(request: Request) -> Response:
        visitor = await run_in_threadpool(visitor_of, desk, request, Role.OFFICER, Role.ADMINISTRATOR)
        check = await run_in_threadpool(_sent, desk, turns, visitor)
        sent[:] = [(desk.now_text(), check)]
        return go_to(request, "/connection")

    return routes


def _sent(desk: Desk, turns: Turns, visitor: Visitor) -> Check:
    with turns, desk.acts.noting(visitor, "event.tested"):
        return there_and_back(desk.node, EVENT_SECONDS, desk.edited)
