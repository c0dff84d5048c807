"""The API's questions: own records, who can read them, the inbox, erasures, and how far everything has come."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from node import forms
from node.accounts.rules import Role
from node.api.answers import address_of, found, json_answer, known_parameters, read_document
from node.api.asker import program_or, routes_by_token
from node.api.conditions import tags_of
from node.api.description import answers, body_of, headers_of
from node.audience import audience_of_entry, audience_of_record
from node.inbox import letter_form
from node.matching import interests_of, match_form, needs_at_hub, needs_in_inbox
from node.node import Node
from node.store.reading import CURRENT, LOCAL
from schemas.entry import parse_entry
from schemas.records import KINDS
from schemas.whole import DIGITS
from ui.routes import Routes, put

MAX_LIMIT = 500
MAX_AFTER = 2**53

Status = Literal["current", "local", "withdrawn", "erased"]
Kind = Annotated[str, Path(description="Kind of record.", json_schema_extra={"enum": list(KINDS)})]
RecordId = Annotated[
    str, Path(description="Its id.", json_schema_extra={"pattern": "^[a-z0-9][a-z0-9-]{0,63}$", "examples": ["duty"]})
]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="So many at most.")]


def record_routes(node: Node) -> Routes:
    """Give the addresses."""
    routes = Routes()
    put(_own(node), routes)
    put(_others(node), routes)
    put(_readers(node), routes)
    return routes


def _own(node: Node) -> Routes:
    routes = routes_by_token(node, "records")
    organization = node.settings.organization

    @routes.get(
        "/records", summary="Records in the order in which they first came", responses=answers("RecordPage", 400)
    )
    def listed(
        request: Request,
        kind: Annotated[list[str] | None, Query(json_schema_extra={"items": {"enum": list(KINDS)}})] = None,
        status: Annotated[list[Status] | None, Query()] = None,
        limit: Limit = 100,
        after: Annotated[int, Query(ge=0, le=MAX_AFTER, description="`next` of the page before."), DIGITS] = 0,
    ) -> Response:
        known_parameters(request.query_params, "kind", "status", "limit", "after", several=("kind", "status"))
        unknown = [each for each in kind or [] if each not in KINDS]
        if unknown:
            raise HTTPException(400, f"kind {unknown[0][:40]!r} is none; the kinds are {', '.join(KINDS)}")
        page = node.reading.page(kind or (), status or (CURRENT, LOCAL), after, limit)
        items = [forms.record_form(each, organization) for each in page.items]
        return json_answer({"items": items, "next": page.next, "as_of": forms.now_text()})

    @routes.get(
        "/records/{kind}/{record_id}", summary="One record, withdrawn, erased or not",
        responses=answers("Record", 304, 400, 404, tagged=True), openapi_extra=headers_of("If-None-Match"),
    )  # fmt: skip
    def one(request: Request, kind: Kind, record_id: RecordId) -> Response:
        form, tag = found(node, kind, record_id)
        headers = {"ETag": tag}
        asked = tags_of(request, "if-none-match")
        if asked is not None and asked.hold(tag):
            return Response(None, HTTPStatus.NOT_MODIFIED, headers)
        return json_answer(form, headers=headers)

    return routes


def _others(node: Node) -> Routes:
    routes = routes_by_token(node, "records")

    @routes.get(
        "/inbox", summary="What other organizations have written to this one, in the order of the log",
        responses=answers("LetterPage", 400), dependencies=[program_or(Role.OFFICER)],
    )  # fmt: skip
    def inbox(
        request: Request,
        older: Annotated[bool, Query(description="Earlier versions too.")] = False,
        state: Annotated[
            Literal["unread"] | None, Query(description="`unread`: what no person has opened yet.")
        ] = None,
        limit: Limit = 100,
        after: Annotated[int, Query(ge=-1, le=MAX_AFTER, description="`next` of the page before."), DIGITS] = -1,
    ) -> Response:
        known_parameters(request.query_params, "older", "state", "limit", "after")
        letters = node.letters.all(older=older, unread=state is not None, after=after, limit=limit + 1)
        following = letters[limit - 1].index if len(letters) > limit else None
        items = [letter_form(each) for each in letters[:limit]]
        return json_answer({"items": items, "next": following, "as_of": forms.now_text()})

    @routes.get(
        "/matches", summary="Open needs: all that were sent to this organization, and those in the network that match",
        responses=answers("Matches", 400), dependencies=[program_or(Role.OFFICER)],
    )  # fmt: skip
    def matches(request: Request) -> Response:
        known_parameters(request.query_params)
        own, interests = node.settings.organization, interests_of(node, datetime.now(UTC).date())
        sent, found = needs_in_inbox(node, interests.items), needs_at_hub(node, interests.items)
        document = {
            "items": [match_form(each, own) for each in (*sent, *found.items)],
            "hub_trouble": found.trouble or None, "more": interests.more or found.more, "as_of": forms.now_text(),
        }  # fmt: skip
        return json_answer(document)

    @routes.get(
        "/erasures", summary="Orders to erase, and who has obeyed as far as the hub has told",
        responses=answers("ErasurePage", 400),
    )  # fmt: skip
    def erasures(request: Request) -> Response:
        known_parameters(request.query_params)
        items = [forms.erasure_form(each) for each in node.orders.listed()]
        return json_answer({"items": items, "as_of": forms.now_text()})

    @routes.get("/status", summary="How far everything has come", responses=answers("Status", 400))
    def status(request: Request) -> Response:
        known_parameters(request.query_params)
        relay, orders = node.outbox.relay(), node.orders.listed()
        return json_answer(forms.status_form(node.reading, relay, node.log, orders, served=True))

    return routes


def _readers(node: Node) -> Routes:
    routes = routes_by_token(node, "records")

    @routes.get(
        "/records/{kind}/{record_id}/audience", summary="Who can read a record", responses=answers("Audience", 404)
    )
    def readers(kind: Kind, record_id: RecordId) -> Response:
        return json_answer(audience_of_record(node, *address_of(kind, record_id)).form())

    @routes.post(
        "/audience", summary="Who would be able to read a record that is not put yet; nothing is saved",
        responses=answers("Audience", 400, 409, 413, 422), openapi_extra=body_of("Entry"),
    )  # fmt: skip
    async def readers_before(request: Request) -> Response:
        entry = parse_entry(read_document(await request.body()))
        return json_answer((await run_in_threadpool(audience_of_entry, node, entry)).form())

    return routes
