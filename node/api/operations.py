"""The API's operations: the outbox and its alarms, the trail, backups; as on the administrator's pages."""

from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from node.accounts.rules import Role
from node.api.answers import Body, Json, Number, json_answer, known_parameters, read_as
from node.api.asker import asker_of, routes_by_token
from node.api.bodies import SettleReason
from node.api.description import answers, body_of, file_answers, headers_of
from node.api.once import once
from node.backup import last_backup
from node.pages import acts as trail
from node.pages import backup, outbox
from node.pages.desk import Desk
from schemas.whole import DIGITS
from ui.routes import Routes

ADMINISTRATOR = Role.ADMINISTRATOR
Asked = Annotated[trail.Asked, Query()]


def operation_routes(desk: Desk) -> Routes:
    """Give the addresses."""
    routes = routes_by_token(desk.node, "operations")
    _outbox(routes, desk)
    _trail(routes, desk)
    _backup(routes, desk)
    return routes


def _outbox(routes: Routes, desk: Desk) -> None:
    @routes.get("/outbox", summary="What waits to be proven in the log, and alarms", responses=answers("Outbox", 400))
    def waiting(
        request: Request,
        after: Annotated[int, Query(ge=0, lt=outbox.MAX_SEQUENCE, description="`next` before."), DIGITS] = 0,
    ) -> Response:
        known_parameters(request.query_params, "after")
        asker_of(request)
        found = outbox.found(desk, after)
        items = [{**each, "judgement": found["judgements"].get(each["sequence"])} for each in found["items"]]
        alarms = [*found["standing"], *found["past"]]
        return json_answer({
            "waiting": found["waiting"], "oldest": found["oldest"], "items": items, "next": found["following"],
            "relay": found["relay"]._asdict(), "served": found["served"], "alarms": alarms, "as_of": desk.now_text(),
        })  # fmt: skip

    @routes.post(
        "/alarms/{number}/settle", summary="Settle an alarm with a reason, once it is explained",
        responses=answers("Outbox", 400, 413, 422), openapi_extra=body_of("SettleReason"),
    )  # fmt: skip
    def settle(request: Request, number: Number, body: Body) -> Response:
        visitor, asked = asker_of(request, ADMINISTRATOR), read_as(SettleReason, body)
        outbox.settled(desk, visitor, str(number), asked.reason)
        return waiting(request, 0)


def _trail(routes: Routes, desk: Desk) -> None:
    @routes.get("/acts", summary="Who did what, when, and what became of it", responses=answers("ActList", 400))
    def acts(request: Request, asked: Asked) -> Response:
        asker_of(request, ADMINISTRATOR)
        found = trail.found(desk, asked, trail.SHOWN + 1)
        following = found[trail.SHOWN - 1].number if len(found) > trail.SHOWN else None
        items = [each._asdict() for each in found[: trail.SHOWN]]
        return json_answer({"items": items, "next": following, "as_of": desk.now_text()})

    @routes.get("/acts.csv", summary="The same as csv, 100,000 at most", responses=file_answers("text/csv", 400))
    def as_csv(request: Request, asked: Asked) -> Response:
        return trail.csv_file(desk, asker_of(request, ADMINISTRATOR), asked)


def _backup(routes: Routes, desk: Desk) -> None:
    directory = desk.node.settings.directory

    @routes.get("/backup", summary="The last backup", responses=answers("Backup"))
    def last(request: Request) -> Response:
        asker_of(request, ADMINISTRATOR)
        return json_answer(_form(desk, directory))

    @routes.post(
        "/backup", status_code=201, summary="Make a backup on the node's machine, in the place of the one before",
        responses=answers("Backup", 400, 409, 413, 422, 429, status=201, replayed=True),
        openapi_extra=headers_of("Idempotency-Key"),
    )  # fmt: skip
    def make(request: Request, body: Body) -> Response:
        visitor = asker_of(request, ADMINISTRATOR)

        def work() -> list[Any]:
            backup.make(desk, visitor)
            return []

        made = once(desk.node, request, body, work)
        return json_answer(_form(desk, directory), HTTPStatus.CREATED, made.headers)

    @routes.post("/backup/test", summary="Open the last backup, and read it", responses=answers("Tested", 413, 422))
    def test(request: Request) -> Response:
        content = backup.test_last(desk, asker_of(request, ADMINISTRATOR))
        return json_answer({"content": content._asdict(), "as_of": desk.now_text()})


def _form(desk: Desk, directory: Path) -> Json:
    last, here = last_backup(directory), backup.newest(directory)
    return {
        "last": None if last is None else last._asdict(),
        "file": None if here is None else {"name": here.name, "size": here.stat().st_size},
        "as_of": desk.now_text(),
    }
