"""The needs with their clock, and one need with who answers it and who could."""

from datetime import date
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from hub.finding.facet_counts import count_facets
from hub.finding.providing import answering, possible_providers
from hub.finding.terms import ORG, PLACE, STATUS, THEME
from hub.pages.asking import ask
from hub.pages.faceted import ListAsked, choices, countries_in, exported
from hub.problem_details import Refusal
from hub.queries import list_records, record_of
from hub.reading import Reading, visible
from schemas.need_life import OPEN
from schemas.sentences import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

NEED: Final = "need"


class NeedsAsked(ListAsked):
    """Filters of a list, with a word for all statuses in which somebody waits."""

    unmet: bool = Field(default=False, description="Only needs for which somebody waits.")


class Clock(NamedTuple):
    """How long a need has been open, in days, and what is late; `asked_on` and the others are days or None."""

    is_open: bool
    asked_on: date
    days_open: int
    needed_by: date | None
    is_late: bool
    follow_up_due: date | None
    follow_up_late: bool


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the pages' addresses."""
    routes = Routes(include_in_schema=False)

    @routes.get("/needs")
    def needs(request: Request) -> Response:
        markings, today = visible(hub.role(request)), hub.now().date()
        asked, said = ask(request, NeedsAsked, kind=[NEED])
        if asked.unmet:
            asked = asked.model_copy(update={"status": sorted({*asked.status, *OPEN})})
        hub.ready_for_counts()
        with hub.connect() as connection:
            found = list_records(connection, asked, markings, today)
            counted = count_facets(connection, asked, markings)
            answers = answering(connection, [f"need/{item['org']}/{item['id']}" for item in found.items], markings)
        facets = {
            "place": choices(counted, PLACE, asked.place, kept=countries_in(counted, PLACE)),
            "theme": choices(counted, THEME, asked.theme),
            "status": choices(counted, STATUS, [] if asked.unmet else asked.status),
            "org": choices(counted, ORG, asked.org),
        }
        return pages.render(
            request, "needs.html", said.status,
            found=found, asked=asked, problems=said.problems, counted=counted, facets=facets, answers=answers,
            clocks={item["index"]: clock(item, today) for item in found.items},
            exports=exported(asked, "csv", "xlsx", "jsonl"), as_of=hub.as_of(),
        )  # fmt: skip

    @routes.get("/needs/{org}/{id}")
    def need(request: Request, org: str, id: str) -> Response:  # noqa: A002
        markings, today = visible(hub.role(request)), hub.now().date()
        hub.ready_for_counts()
        with hub.connect() as connection:
            item = record_of(connection, (NEED, org, id), markings, today)
            if item is None or "record" not in item:
                detail = N_("There is no such need, or it may not be seen with the access you have.")
                raise Refusal(HTTPStatus.NOT_FOUND, "no-such-record", detail)
            address = f"{NEED}/{org}/{id}"
            answers = answering(connection, [address], markings).get(address, [])
            possible = possible_providers(connection, item["record"], markings)
        return pages.render(
            request, "need.html", item=item, clock=clock(item, today), answers=answers, possible=possible,
            as_of=hub.as_of(),
        )  # fmt: skip

    return routes


def clock(item: dict[str, Any], today: date) -> Clock:
    """Give a need's clock: from the day it was submitted, or published where its history does not say."""
    record = item["record"]
    history = record.get("history", ())
    asked_on = next((step["at"] for step in history if step["status"] == "submitted"), item["published"])
    started = date.fromisoformat(asked_on[:10])
    is_open = record.get("need_status") in OPEN
    last = date.fromisoformat((history[-1]["at"] if history else item["published"])[:10])
    days = max(0, ((today if is_open else last) - started).days)
    needed_by, follow_up = (_day(record.get(name)) for name in ("needed_by", "follow_up_due"))
    return Clock(
        is_open, started, days,
        needed_by, is_open and needed_by is not None and needed_by < today,
        follow_up, is_open and follow_up is not None and follow_up < today,
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
