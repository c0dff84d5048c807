"""The log explorer: entries by organization, key and day, one entry as it was signed, and a feed to watch them."""

from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from hub import checkpoints
from hub.filters import Asked
from hub.log_queries import Entry, Span, day_span, entry_at, key_spans, list_entries
from hub.outside import place_of
from hub.pages.asking import ask
from hub.pages.audit_keys import witnesses
from hub.problem_details import Refusal
from hub.reading import Reading
from schemas.sentences import sentence
from schemas.whole import DIGITS
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes
from wire import jws

SHOWN = 50
NO_KEY = N_("No organization of this network ever registered this key.")
NO_DAY = N_("No checkpoint of this day was kept.")


class Question(Asked):
    """What the log explorer can be asked; `before` is an index, entries before it are shown, newest first."""

    org: str | None = Field(None, max_length=40, description="Organization that spoke.")
    key: str | None = Field(None, max_length=60, description="Thumbprint of the key that signed.")
    day: str | None = Field(
        None, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="Day on which it was covered by a checkpoint."
    )
    before: Annotated[int, Field(ge=0, le=2**53), DIGITS] | None = Field(None, description="Entries before this index.")


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the pages' addresses."""
    routes = Routes(include_in_schema=False)

    @routes.get("/audit")
    def explorer(request: Request) -> Response:
        asked, said = ask(request, Question)
        problems = list(said.problems)
        with hub.connect() as connection:
            entries, fault = explored(hub, connection, asked)
            newest = checkpoints.newest(connection, quorum=True)
            last = checkpoints.newest(connection, quorum=False)
        if fault:
            problems.append({"field": "key" if fault == NO_KEY else "day", "message": pages.gettext(request, fault)})
        shown = entries[:SHOWN]
        return pages.render(
            request, "audit.html", 422 if problems else 200,
            asked=asked, problems=problems, entries=shown, size=hub.tail.size, newest=newest, last=last,
            cosigners=checkpoints.cosigners(newest.note) if newest else [], witnesses=witnesses(hub),
            before=shown[-1].index if len(entries) > SHOWN else None, as_of=hub.as_of(),
        )  # fmt: skip

    @routes.get("/audit.atom")
    def watch(request: Request) -> Response:
        asked, said = ask(request, Question)
        with hub.connect() as connection:
            entries, fault = explored(hub, connection, asked)
        if said.problems or fault:
            detail = said.problems[0]["message"] if said.problems else pages.gettext(request, fault)
            raise Refusal(HTTPStatus.BAD_REQUEST, "invalid-parameters", detail)
        feed = pages.environment(request.state.language).get_template("audit.atom")
        text = feed.render(
            entries=entries[:SHOWN], asked=asked, base=place_of(request, hub.address).root, as_of=hub.as_of()
        )
        return Response(text, media_type="application/atom+xml", headers={"Cache-Control": "no-cache"})

    @routes.get("/audit/log/{index}")
    def entry(request: Request, index: int) -> Response:
        with hub.connect() as connection:
            found = entry_at(connection, index) if 0 <= index <= 2**53 else None
        if found is None:
            detail = sentence(
                "The log has {size} entries, from 0; there is no entry {index}.", size=hub.tail.size, index=index
            )
            raise Refusal(HTTPStatus.NOT_FOUND, "not-there", detail)
        payload = orjson.loads(jws.take_apart(found.token, jws.EVENT).payload)
        return pages.render(
            request, "log_entry.html", entry=found, statement=payload, size=hub.tail.size, as_of=hub.as_of()
        )

    return routes


def explored(hub: Reading, connection: Connection, asked: Question) -> tuple[list[Entry], str]:
    """Give one entry more than is shown, and a fault to be translated where a key or day is not known."""
    organization, spans = asked.org, list[Span]()
    if asked.key:
        found = key_spans(hub.registry(), asked.key)
        if found is None:
            return [], NO_KEY
        organization, spans = found
        if asked.org not in {None, organization}:
            return [], ""
    if asked.day:
        day = day_span(connection, asked.day)
        if day is None:
            return [], NO_DAY
        spans = _both(spans, day) if spans else [day]
        if not spans:
            return [], ""
    return list_entries(connection, organization, spans, asked.before, SHOWN + 1), ""


def _both(spans: list[Span], day: Span) -> list[Span]:
    assert day.end is not None  # noqa: S101 - a day always ends
    cut = (Span(max(start, day.start), min(day.end if end is None else end, day.end)) for start, end in spans)
    return [each for each in cut if each.end is not None and each.start < each.end]
