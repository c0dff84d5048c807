"""The page on which anybody subscribes: one sentence, what it would have sent, and all the ways to get it."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from pydantic import ValidationError
from starlette.responses import Response

from hub.access import Role
from hub.filters import Filters
from hub.pages.asking import ask
from hub.pages.forms import form
from hub.pages.sentences import choice_of, theme_text
from hub.pages.ways import ways_of
from hub.problem_details import Refusal
from hub.subscriptions.forms import NewSubscription
from hub.subscriptions.owners import Owner, owner_of
from hub.subscriptions.subscribing import Subscribing
from schemas.codelists import codes, countries, regions
from schemas.fields import KIND_NAMES
from schemas.problems import problems_from
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

MAX_PUBLIC_RECIPIENTS: Final = 1
ONE_ADDRESS: Final = N_("Without a log-in, one mail address can be subscribed at a time.")
LIST: Final = "theme_1373"  # the themes to choose from; an address may name those of any list


def router(subscribing: Subscribing, pages: Pages) -> Routes:
    """Give these addresses."""
    routes = Routes(include_in_schema=False)
    page = SubscribePage(subscribing, pages)

    def who(request: Request) -> Owner:
        return owner_of(subscribing.hub, request)

    mine = Depends(who)

    @routes.get("/subscribe")
    async def look(request: Request, owner: Annotated[Owner, mine]) -> Response:
        asked, said = ask(request, Filters)
        return await page.show(request, owner, asked, said.problems, {})

    @routes.post("/subscribe")
    async def subscribe(
        request: Request, given: Annotated[dict[str, str], Depends(form)], owner: Annotated[Owner, mine]
    ) -> Response:
        asked, said = ask(request, Filters)
        if said.problems:
            return await page.show(request, owner, asked, said.problems, given)
        return await page.subscribe(request, owner, asked, given)

    return routes


class SubscribePage:
    """What the page shows and does."""

    def __init__(self, subscribing: Subscribing, pages: Pages) -> None:
        self._subscribing = subscribing
        self._pages = pages

    async def show(
        self, request: Request, owner: Owner, asked: Filters, problems: list[dict[str, str]], given: dict[str, str],
        refusal: Refusal | None = None,
    ) -> Response:  # fmt: skip
        """Give the page as the address asks for it, with what was typed and what was wrong with it."""
        hub = self._subscribing.hub
        words: dict[str, Any] = dict(self._pages.environment(request.state.language).globals)
        found = await self._subscribing.preview(asked, owner)
        often = refusal is not None and refusal.status is HTTPStatus.TOO_MANY_REQUESTS
        return self._pages.render(
            request, "subscribe.html", 429 if often else 422 if problems else 200,
            None if refusal is None else refusal.headers,
            asked=asked, problems=problems, given=given, preview=found, as_of=hub.as_of(),
            choice=choice_of(self._pages, request, asked),
            kind_choices=[(kind, words["kind_name"](kind), None) for kind in KIND_NAMES],
            chosen_places=[(each, words["place_text"](each), None) for each in asked.place],
            place_choices=_sorted((code, words["place_text"](code)) for code in (*countries(), *regions())),
            chosen_themes=[(each, theme_text(words["label_text"], each), None) for each in asked.theme],
            theme_choices=[(f"{LIST}:{code}", words["label_text"](LIST, code)) for code in codes(LIST)],
            hours=[(str(hour), f"{hour:02}:00") for hour in range(24)],
            member=owner.role is not Role.PUBLIC, mails=self._subscribing.sending.mailer is not None,
            ways=ways_of(request, self._subscribing.sending.address, asked),
        )  # fmt: skip

    async def subscribe(self, request: Request, owner: Owner, asked: Filters, given: dict[str, str]) -> Response:
        """Make the subscription; a webhook's secret is shown this once."""
        public = owner.role is Role.PUBLIC
        try:
            wanted = _form(request, asked, given)
            if public and (wanted.channel != "mail" or len(wanted.recipients) > MAX_PUBLIC_RECIPIENTS):
                message = self._pages.gettext(request, ONE_ADDRESS)
                return await self.show(request, owner, asked, [{"field": "recipients", "message": message}], given)
            made = await (
                self._subscribing.sign_up(wanted, request.client.host if request.client else "") if public
                else self._subscribing.create(wanted, owner)
            )  # fmt: skip
        except ValidationError as error:
            problems = [
                {"field": each.pointer.strip("/").partition("/")[0], "message": each.message}
                for each in problems_from(error)
            ]
            return await self.show(request, owner, asked, problems, given)
        except Refusal as refusal:
            named = [
                {"field": each.pointer.strip("/").partition("/")[0], "message": each.message}
                for each in refusal.problems
            ]
            problems = named or [{"field": "", "message": refusal.detail}]
            return await self.show(request, owner, asked, problems, given, refusal)
        return self._pages.render(
            request, "subscribed.html", 201, {"Cache-Control": "no-store"},
            made=made, member=not public, choice=choice_of(self._pages, request, asked),
        )  # fmt: skip


def _form(request: Request, asked: Filters, given: dict[str, str]) -> NewSubscription:
    channel = given.get("channel", "mail")
    said: dict[str, Any] = {
        "name": given.get("name", "").strip(), "filters": asked.model_dump(exclude_defaults=True), "channel": channel,
        "language": request.state.language,
    }  # fmt: skip
    if channel == "webhook":
        said |= {"url": given.get("url", "").strip(), "notify": given.get("notify", "").strip() or None}
    else:
        recipients = given.get("recipients", "").replace(",", " ").split()
        said |= {"recipients": recipients, "rhythm": given.get("rhythm", "daily")}
        said |= {"hour": int(given["hour"])} if given.get("hour", "").isdecimal() and len(given["hour"]) < 3 else {}
    return NewSubscription.model_validate(said)


def _sorted(choices: Any) -> list[tuple[str, str]]:
    return sorted(choices, key=lambda choice: (choice[1].casefold(), choice[0]))
