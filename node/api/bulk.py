"""The API's acts on many records: planned, done as planned, or approved by a second person; as in the grid."""

from typing import Any

from fastapi import Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from node.accounts.rules import Role
from node.api.answers import Body, Json, Number, json_answer, known_parameters, read_as
from node.api.asker import asker_of, routes_by_token
from node.api.bodies import Approved, BulkWork
from node.api.description import answers, body_of, headers_of
from node.api.once import once
from node.api.search import read_question
from node.bulk import Plan, Work, pairs, plan, work_of
from node.pages.bulk import carried_out, decide, found_by, may_approve, problems_of, waiting, waits
from node.pages.desk import Desk, Visitor
from node.refusal import Refusal
from node.store.batches import BULK, REVIEW, Batch
from ui.routes import Routes

OFFICER, REVIEWER = Role.OFFICER, Role.REVIEWER


def bulk_routes(desk: Desk) -> Routes:
    """Give the addresses."""
    routes = routes_by_token(desk.node, "records")
    _asked(routes, desk)
    _waiting(routes, desk)
    return routes


def _asked(routes: Routes, desk: Desk) -> None:
    @routes.post(
        "/bulk/plan", summary="What an act on many records would do; nothing is changed",
        responses=answers("Plan", 400, 413, 422), openapi_extra=body_of("BulkWork"),
    )  # fmt: skip
    def planned(request: Request, body: Body) -> Response:
        asker_of(request, OFFICER)
        work = _work(desk, read_as(BulkWork, body))
        return json_answer(_plan(desk, work, plan(desk.node, work)))

    @routes.post(
        "/bulk", summary="Do what was planned with this `digest`; where two must agree, hand it in for review",
        responses=answers("BulkDone", 400, 409, 413, 422, 429, replayed=True),
        openapi_extra={**body_of("BulkWork"), **headers_of("Idempotency-Key")},
    )  # fmt: skip
    def do(request: Request, body: Body) -> Response:
        visitor, asked = asker_of(request, OFFICER), read_as(BulkWork, body)

        def once_only() -> list[Any]:
            work = _work(desk, asked)
            found = plan(desk.node, work)
            if asked.digest != found.digest:
                raise Refusal("changed-meanwhile", "This is not what would be done now. Ask POST /api/v1/bulk/plan.")
            return list(carried_out(desk, visitor, work, found))

        made = once(desk.node, request, body, once_only)
        records, batch = made.done
        state = "done" if batch is None else "submitted"
        return json_answer({"state": state, "records": records, "batch": batch}, headers=made.headers)


def _waiting(routes: Routes, desk: Desk) -> None:
    @routes.get(
        "/bulk", summary="Acts that wait for a second person: yours, and for reviewers those of others",
        responses=answers("BatchList", 400),
    )  # fmt: skip
    def listed(request: Request) -> Response:
        known_parameters(request.query_params)
        visitor = asker_of(request)
        batches = desk.node.batches
        others = batches.to_review(visitor.number) if visitor.may(REVIEWER) else []
        found = [each for each in (*batches.of(visitor.number), *others) if (each.sort, each.state) == (BULK, REVIEW)]
        return json_answer({"items": [_form(desk, visitor, each) for each in found], "as_of": desk.now_text()})

    @routes.get("/bulk/{number}", summary="One of them", responses=answers("Batch", 400, 404))
    def one(request: Request, number: Number) -> Response:
        visitor = asker_of(request)
        return json_answer(_form(desk, visitor, waiting(desk, visitor, number)))

    @routes.post(
        "/bulk/{number}/approve", summary="Approve another's act as it was shown, and do it",
        responses=answers("BulkDone", 400, 404, 409, 413, 422), openapi_extra=body_of("Approved"),
    )  # fmt: skip
    def approve(request: Request, number: Number, body: Body) -> Response:
        visitor, asked = asker_of(request, REVIEWER), read_as(Approved, body)
        batch = waiting(desk, visitor, number)
        decide(desk, visitor, batch, asked.digest)
        return json_answer({"state": "done", "records": len(work_of(batch.work).addresses), "batch": None})

    @routes.delete(
        "/bulk/{number}", status_code=204, summary="Take an act back that waits: one's own, or as its reviewer",
        responses=answers(None, 400, 404, status=204),
    )  # fmt: skip
    def take_back(request: Request, number: Number) -> Response:
        visitor = asker_of(request, OFFICER, REVIEWER)
        decide(desk, visitor, waiting(desk, visitor, number), None)
        return Response(None, 204)


def _work(desk: Desk, asked: BulkWork) -> Work:
    if asked.query is not None:
        read_question(QueryParams(asked.query))  # what is left out of a question would be done to more records
    addresses = tuple(pairs(asked.addresses)) if asked.query is None else found_by(desk, asked.query)
    recipients = tuple(sorted(set(asked.recipients)))
    work = Work(asked.act, asked.value.strip(), recipients, addresses)
    problems = problems_of(work)
    if problems:
        raise Refusal("schema-invalid", problems[0])
    if not addresses:
        raise Refusal("schema-invalid", "No record was chosen: name some in `addresses`, or a `query` that finds some.")
    return work


def _plan(desk: Desk, work: Work, planned: Plan) -> Json:
    return {
        "act": work.act, "value": work.value, "recipients": work.recipients,
        "items": [{"kind": each.kind, "id": each.id, "title": each.title} for each in planned.items],
        "left_out": [each._asdict() for each in planned.left_out], "digest": planned.digest,
        "four_eyes": waits(desk, work),
    }  # fmt: skip


def _form(desk: Desk, visitor: Visitor, batch: Batch) -> Json:
    work = work_of(batch.work)
    return {
        "number": batch.number, "owner": batch.owner_name, "own": batch.owner == visitor.number, "began": batch.began,
        "expires": batch.expires, "may_approve": may_approve(visitor, batch),
        "plan": _plan(desk, work, plan(desk.node, work)),
    }  # fmt: skip
