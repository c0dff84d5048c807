"""The pages of who has subscribed and is logged in: the list, one of them with its deliveries, and what can be done."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Request
from pydantic import ValidationError
from starlette.responses import Response

from hub.access import Role
from hub.pages.forms import form, go_to
from hub.pages.sentences import choice_of
from hub.problem_details import Refusal
from hub.subscriptions.forms import Change, Resend
from hub.subscriptions.owners import Owner, owner_of
from hub.subscriptions.recording import Attempt
from hub.subscriptions.states import reasons_of
from hub.subscriptions.subscribing import Subscribing
from schemas.problems import problems_from
from schemas.sentences import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

SHOWN: Final = 100
Form = Annotated[dict[str, str], Depends(form)]


def router(subscribing: Subscribing, pages: Pages) -> Routes:
    """Give these addresses."""
    routes = Routes(include_in_schema=False)
    page = OwnPages(subscribing, pages)

    def who(request: Request) -> Owner | None:
        return page.owner(request)

    mine = Depends(who)

    @routes.get("/subscriptions")
    async def listed(request: Request, owner: Annotated[Owner | None, mine]) -> Response:
        if owner is None:
            return go_to(request, "/login", next="/subscriptions")
        return await page.list(request, owner)

    @routes.get("/subscriptions/own/{id}")
    async def one(request: Request, id: str, owner: Annotated[Owner | None, mine]) -> Response:  # noqa: A002
        if owner is None:
            return go_to(request, "/login", next=f"/subscriptions/own/{id}")
        return await page.one(request, id, owner)

    @routes.post("/subscriptions/own/{id}")
    async def act(
        request: Request,
        id: str,  # noqa: A002 - the name in the address
        given: Form,
        owner: Annotated[Owner | None, mine],
    ) -> Response:
        if owner is None:
            return go_to(request, "/login", next=f"/subscriptions/own/{id}")
        return await page.act(request, id, given, owner)

    return routes


class OwnPages:
    """What the pages show and do."""

    def __init__(self, subscribing: Subscribing, pages: Pages) -> None:
        self._subscribing = subscribing
        self._pages = pages
        self._acts: Mapping[str, Callable[[str, dict[str, str], Owner], Any]] = {
            "pause": lambda made, _given, owner: self._turn(made, "paused", owner),
            "resume": lambda made, _given, owner: self._turn(made, "active", owner),
            "test": lambda made, _given, owner: subscribing.test(made, owner),
            "again": lambda made, given, owner: subscribing.resend(made, _resend(given), owner),
            "secret": lambda made, _given, owner: subscribing.rotate(made, owner),
            "notify": lambda made, given, owner: subscribing.change(
                made, Change(notify=given.get("notify", "").strip()), owner
            ),
        }

    def owner(self, request: Request) -> Owner | None:
        """Give who is logged in."""
        owner = owner_of(self._subscribing.hub, request)
        return None if owner.role is Role.PUBLIC else owner

    async def list(self, request: Request, owner: Owner) -> Response:
        """Give all of an owner's."""
        found = await self._subscribing.own(owner)
        return self._pages.render(
            request, "subscriptions.html", as_of=self._subscribing.hub.as_of(), reasons_of=reasons_of,
            found=[{**each, "choice": self._choice(request, each)} for each in found],
        )  # fmt: skip

    async def one(
        self, request: Request, made: str, owner: Owner, status: int = HTTPStatus.OK, **done: Any
    ) -> Response:  # fmt: skip
        """Give one with its delivery log, and what was just done."""
        found = await self._subscribing.show(made, owner)
        log = await self._subscribing.deliveries(made, owner, None, SHOWN)
        said: dict[str, Any] = {"problems": [], "attempt": None, "secret": None, **done}
        return self._pages.render(
            request, "subscription.html", status, {"Cache-Control": "no-store"}, one=found, log=log,
            reasons=reasons_of(found["channel"]), choice=self._choice(request, found),
            as_of=self._subscribing.hub.as_of(), mails=self._subscribing.sending.mailer is not None, **said,
        )  # fmt: skip

    async def act(self, request: Request, made: str, given: dict[str, str], owner: Owner) -> Response:
        """Do what a button says; what gives something to read is shown, all else goes back to the page."""
        what = given.get("do", "")
        if what == "end":
            await self._subscribing.remove(made, owner)
            return go_to(request, "/subscriptions")
        if what not in self._acts:
            raise Refusal(HTTPStatus.BAD_REQUEST, "no-such-act", N_("The form does not say what is to be done."))
        try:
            result = await self._acts[what](made, given, owner)
        except (Refusal, ValidationError) as error:
            message = error.detail if isinstance(error, Refusal) else _expected(what, error)
            if isinstance(error, Refusal) and error.name == "no-such-subscription":
                raise
            problems = [{"field": {"again": "after", "notify": "notify"}.get(what, ""), "message": message}]
            return await self.one(request, made, owner, HTTPStatus.UNPROCESSABLE_ENTITY, problems=problems)
        if what == "secret":
            return await self.one(request, made, owner, secret=result)
        if isinstance(result, Attempt):
            return await self.one(request, made, owner, attempt=result)
        return go_to(request, f"/subscriptions/own/{made}")

    async def _turn(self, made: str, state: str, owner: Owner) -> None:
        await self._subscribing.change(made, Change.model_validate({"state": state}), owner)

    def _choice(self, request: Request, found: Mapping[str, Any]) -> dict[str, Any]:
        return choice_of(self._pages, request, orjson.dumps(found["filters"]).decode())


def _expected(what: str, error: ValidationError) -> str:
    if what == "notify":
        return problems_from(error)[0].message
    return N_("An index of the log was expected, as 120.")


def _resend(given: dict[str, str]) -> Resend:
    name = "index" if given.get("index") else "after"
    return Resend.model_validate({name: given.get(name, "").strip()})
