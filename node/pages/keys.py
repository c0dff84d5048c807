"""The page Keys: which keys speak, going over to the next one, and what to do about lost or stolen ones."""

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from node.keys_told import keys_form
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import go_to
from node.refusal import Refusal
from node.rotating import Rotated, rotate
from schemas.sentences import sentence
from ui.pages import Pages
from ui.routes import Routes
from wire.keys import BadKey


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the page's address, and those of a rotation."""
    routes = Routes(include_in_schema=False)

    @routes.get("/keys")
    def keys(request: Request) -> Response:
        visitor_of(desk, request, Role.ADMINISTRATOR)
        return pages.render(
            request, "keys.html",
            keys=keys_form(desk.node), directory=str(desk.node.settings.directory), as_of=desk.now_text(),
            joined=desk.node.reading.chain().admission is not None, rotated="rotated" in request.query_params,
        )  # fmt: skip

    @routes.get("/keys/rotate")
    def ask(request: Request) -> Response:
        visitor_of(desk, request, Role.ADMINISTRATOR)
        return pages.render(request, "keys_rotate.html", keys=keys_form(desk.node))

    @routes.post("/keys/rotate")
    async def go_over(request: Request) -> Response:
        visitor = await run_in_threadpool(visitor_of, desk, request, Role.ADMINISTRATOR)
        await run_in_threadpool(rotated, desk, visitor)
        return go_to(request, "/keys", rotated=1)

    return routes


def rotated(desk: Desk, visitor: Visitor) -> Rotated:
    """Go over to the next key; Refusal says why it cannot be done now."""
    try:
        with desk.acts.noting(visitor, "key.rotated") as act:
            done = rotate(desk.node, desk.now(), act.note)
    except BadKey as error:
        raise Refusal("unknown-key", sentence("{cause}. Then rotate again.", cause=error)) from None
    desk.edited()
    return done
