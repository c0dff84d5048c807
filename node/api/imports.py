"""The API's imports: a file is sent, mapped, checked, published as one batch, or approved; as in the import wizard."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Query, Request
from starlette.responses import Response

from node.accounts.rules import Role
from node.api.answers import Body, Json, Number, json_answer, known_parameters, read_as
from node.api.asker import asker_of, routes_by_token
from node.api.bodies import FileMapping, Returned
from node.api.conditions import check_version
from node.api.description import answers, body_of, file_answers, file_body, headers_of
from node.api.once import once
from node.importing.mapping_text import document_of
from node.importing.rows import ImportFileError
from node.pages.desk import Desk, Visitor
from node.pages.downloads import XLSX, marked_file
from node.pages.import_mapping import columns_found, read_by, read_mapping, remembered_as, said, to_map
from node.pages.import_steps import batch_of, do, take_in
from node.refusal import Refusal
from node.store.batches import IMPORT, MAPPING, Batch
from node.store.drafts import TooMany
from ui.routes import Routes

SHOWN: Final = 500
OFFICER, REVIEWER = Role.OFFICER, Role.REVIEWER


def import_routes(desk: Desk) -> Routes:
    """Give the addresses."""
    routes = routes_by_token(desk.node, "import")
    _begin(routes, desk)
    _one(routes, desk)
    _steps(routes, desk)
    return routes


def _begin(routes: Routes, desk: Desk) -> None:
    @routes.get("/imports", summary="Your uploads, the newest first", responses=answers("ImportList"))
    def listed(request: Request) -> Response:
        visitor = asker_of(request, OFFICER)
        mine = [each for each in desk.node.batches.of(visitor.number) if each.sort == IMPORT]
        return json_answer({"items": [_line(desk, visitor, each) for each in mine], "as_of": desk.now_text()})

    @routes.post(
        "/imports", status_code=201, summary="Send a file (csv, xlsx, json, jsonl) that is to be imported",
        responses=answers("Import", 400, 409, 413, 422, 429, status=201, tagged=True, replayed=True, created=True),
        openapi_extra={**file_body(), **headers_of("Idempotency-Key")},
    )  # fmt: skip
    def upload(
        request: Request, body: Body,
        name: Annotated[str, Query(max_length=200, description="The file's name, by which it is shown.")] = "file",
    ) -> Response:  # fmt: skip
        known_parameters(request.query_params, "name")
        visitor = asker_of(request, OFFICER)

        def work() -> list[Any]:
            with _refused():
                return [take_in(desk, visitor, name, io.BytesIO(body))]

        made = once(desk.node, request, body, work)
        batch = batch_of(desk.node, visitor, made.done[0])
        headers = {"Location": f"/api/v1/imports/{batch.number}", **made.headers}
        return _answer(desk, visitor, batch, HTTPStatus.CREATED, headers)


def _one(routes: Routes, desk: Desk) -> None:
    @routes.get(
        "/imports/{number}", summary="One upload: its columns; or what it would change, and what is wrong with it",
        responses=answers("Import", 400, 404, tagged=True),
    )  # fmt: skip
    def one(request: Request, number: Number) -> Response:
        visitor = asker_of(request, OFFICER, REVIEWER)
        return _answer(desk, visitor, batch_of(desk.node, visitor, number))

    @routes.put(
        "/imports/{number}/mapping", summary="Say how the columns are read; the file is checked by it",
        responses=answers("Import", 400, 404, 409, 412, 413, 422, 428, tagged=True),
        openapi_extra={**body_of("FileMapping"), **headers_of("If-Match", needed=True)},
    )  # fmt: skip
    def mapped(request: Request, number: Number, body: Body) -> Response:
        visitor, asked = asker_of(request, OFFICER), read_as(FileMapping, body)
        batch = _as_seen(request, to_map(desk, visitor, number))
        with _refused():
            names = [column.name for column in columns_found(desk, batch)]
            if asked.name is not None:
                document = document_of(read_mapping(remembered_as(desk, asked.name).toml))
            else:
                document = asked.mapping or {}
            read_by(desk, visitor, batch, document, names)
        return _answer(desk, visitor, batch_of(desk.node, visitor, number))

    @routes.get(
        "/imports/{number}/marked.xlsx", summary="The file with its bad cells marked, and why",
        responses=file_answers(XLSX, 400, 404, 422),
    )  # fmt: skip
    def marked(request: Request, number: Number) -> Response:
        visitor = asker_of(request, OFFICER, REVIEWER)
        return marked_file(desk, batch_of(desk.node, visitor, number))

    @routes.delete(
        "/imports/{number}", status_code=204, summary="Delete an upload; what was published stays",
        responses=answers(None, 400, 404, 409, 412, 428, status=204), openapi_extra=headers_of("If-Match", needed=True),
    )  # fmt: skip
    def delete(request: Request, number: Number) -> Response:
        visitor = asker_of(request, OFFICER)
        do(desk, visitor, _as_seen(request, batch_of(desk.node, visitor, number)), {"do": "delete"})
        return Response(None, HTTPStatus.NO_CONTENT)


def _steps(routes: Routes, desk: Desk) -> None:
    def step(path: str, summary: str, **beside: Json) -> Callable[..., Any]:
        return routes.post(
            f"/imports/{{number}}/{path}", summary=summary,
            responses=answers("Import", 400, 404, 409, 412, 413, 422, 428, tagged=True), name=f"import {path}",
            openapi_extra={**headers_of("If-Match", needed=True), **beside},
        )  # fmt: skip

    def plain(path: str, summary: str, act: str, role: Role) -> None:
        @step(path, summary)
        def taken(request: Request, number: Number) -> Response:
            visitor = asker_of(request, role)
            batch = _as_seen(request, batch_of(desk.node, visitor, number))
            do(desk, visitor, batch, {"do": act, "digest": batch.digest or ""})
            return _after(desk, visitor, batch)

    plain("check", "Compare the file anew with what stands", "check", OFFICER)
    plain("publish", "Publish what differs; where two must agree, hand it in for review", "publish", OFFICER)
    plain("resume", "Go on with what was interrupted", "resume", OFFICER)
    plain("approve", "Approve another's import, and publish it", "approve", REVIEWER)

    @step("return", "Give another's import back, with what is to be changed", **body_of("Returned"))
    def give_back(request: Request, number: Number, body: Body) -> Response:
        visitor, asked = asker_of(request, REVIEWER), read_as(Returned, body)
        batch = _as_seen(request, batch_of(desk.node, visitor, number))
        do(desk, visitor, batch, {"do": "back", "note": asked.note})
        return _after(desk, visitor, batch)


@contextmanager
def _refused() -> Iterator[None]:
    """Make a Refusal of what cannot be done with a file or a mapping."""
    try:
        yield
    except TooMany as error:
        raise Refusal("too-large", str(error)) from None
    except Refusal:
        raise
    except (ImportFileError, ValueError) as error:
        raise Refusal("schema-invalid", said(error)) from None


def _as_seen(request: Request, batch: Batch) -> Batch:
    check_version(request, str(batch.version), needed=True)
    return batch


def _after(desk: Desk, visitor: Visitor, before: Batch) -> Response:
    """Answer with the batch as it stands, also to a reviewer from whom it has gone on."""
    return _answer(desk, visitor, desk.node.batches.one(before.number) or before)


def _answer(
    desk: Desk, visitor: Visitor, batch: Batch, status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    form = {**_line(desk, visitor, batch), **_inside(desk, batch)}
    return json_answer(form, status, {"ETag": f'"{batch.version}"', **(headers or {})})


def _line(desk: Desk, visitor: Visitor, batch: Batch) -> Json:
    return {
        "number": batch.number, "name": batch.work.get("name"), "owner": batch.owner_name,
        "own": batch.owner == visitor.number, "state": batch.state, "running": desk.publishing.is_running(batch.number),
        "done": batch.done, "total": batch.total, "outcome": batch.outcome, "note": batch.note, "began": batch.began,
        "expires": batch.expires,
    }  # fmt: skip


def _inside(desk: Desk, batch: Batch) -> Json:
    columns, fitting, problem = list[Json](), list[str](), None
    if batch.state == MAPPING:
        try:
            columns = [each._asdict() for each in columns_found(desk, batch)]
        except ImportFileError as error:
            problem = str(error)
        names = [each["name"] for each in columns]
        fitting = [each.name for each in desk.node.batches.remembered() if each.columns == names]
    report = desk.node.uploads.report(batch.number) or {}
    cut = {name: value[:SHOWN] for name, value in report.items() if isinstance(value, list)}
    mapping = batch.work.get("mapping")
    return {
        "columns": columns, "fitting": fitting, "problem": problem, "mapping": mapping,
        "counts": report.get("counts", {}), "report": cut,
    }  # fmt: skip
