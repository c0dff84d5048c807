"""The page of accession: for a State each instrument with what is missing; for an instrument each State."""

from typing import Any, NamedTuple

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from hub.filters import Asked, PlaceFilter, places_of
from hub.pages.asking import ask
from hub.pages.listing import read_records
from hub.reading import Reading
from schemas.codelists import countries, instruments, regions
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

MOST = 5_000  # records behind one answer: all 19 instruments of every State
NO_INSTRUMENT = N_("There is no such instrument; choose one from the list.")
PARTY, SIGNED, LEFT, UNKNOWN = "party", "signed", "left", "unknown"


class Question(Asked):
    """What the page can be asked: places (a region asks for its States) and one instrument."""

    place: PlaceFilter = Field([], description="States or regions.")
    instrument: str | None = Field(None, max_length=40, description="Code of an instrument.")


class Status(NamedTuple):
    """Where a State stands with an instrument: party, signed, left or unknown, and the records that say so."""

    state: str
    instrument: str
    standing: str
    records: list[dict[str, Any]]


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/accessions")
    def accessions(request: Request) -> Response:
        role = hub.role(request)
        asked, said = ask(request, Question)
        problems = list(said.problems)
        chosen = asked.instrument if asked.instrument in instruments() else None
        if asked.instrument and chosen is None:
            message = pages.gettext(request, NO_INSTRUMENT)
            problems.append({"field": "instrument", "message": message})
        statuses: list[Status] = []
        if (asked.place or chosen) and not problems:
            with hub.connect() as connection:
                words = {"q": chosen} if chosen and not asked.place else {}
                items = read_records(
                    hub, connection, role, 20_000, kind=["accession"], place=asked.place, **words
                ).items
            statuses = stand([item for item in items if chosen in {None, item["record"]["instrument"]}], asked, chosen)
        return pages.render(
            request, "accessions.html", 422 if problems else 200,
            asked=asked, chosen=chosen, problems=problems, statuses=statuses, instruments=instruments(),
            as_of=hub.as_of(),
        )  # fmt: skip

    return routes


def stand(items: list[dict[str, Any]], asked: Question, chosen: str | None) -> list[Status]:
    """Give where each State stands with each instrument, those of which nobody says anything included."""
    said: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for item in items:
        said.setdefault((item["record"]["state"], item["record"]["instrument"]), []).append(item)
    if asked.place:
        states = {code for code in places_of(asked.place) if code not in regions()}
        if any(place in regions() for place in asked.place):
            states = {code for code in states if code not in countries() or countries()[code].state}
    else:
        states = {code for code, each in countries().items() if each.state} | {state for state, _ in said}
    named = [chosen] if chosen else list(instruments())
    return [
        Status(state, instrument, standing(said.get((state, instrument), [])), said.get((state, instrument), []))
        for state in sorted(states)
        for instrument in named
    ]


def standing(records: list[dict[str, Any]]) -> str:
    """Give where a State stands by the newest of what is said; silence is not a no."""
    if not records:
        return UNKNOWN
    newest = max(
        (each["record"] for each in records), key=lambda record: (record["as_of"], record.get("action_date", ""))
    )
    if newest.get("withdrawn_on"):
        return LEFT
    if newest.get("action"):
        return PARTY
    return SIGNED if newest.get("signature_date") else UNKNOWN
