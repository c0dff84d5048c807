"""Errors as programs and people read them: RFC 9457 problem details with a pointer to each field."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from node.refusal import Refusal
from schemas.entry import InvalidEntry
from schemas.problems import Problem

MEDIA_TYPE = "application/problem+json"
# What is refused because of how the node stands, not because of what was sent.
_CONFLICTS = ("diverged", "behind-hub", "restored", "wrong-network", "not-joined", "registry-unknown")


def answer_with_problems(app: FastAPI) -> None:
    """Make every error of the application a problem document."""

    async def refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)  # noqa: S101 - registered for nothing else
        status = {"not-found": HTTPStatus.NOT_FOUND, "too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE}.get(
            error.reason, HTTPStatus.CONFLICT if error.reason in _CONFLICTS else HTTPStatus.UNPROCESSABLE_ENTITY
        )
        return problem_response(status, str(error), error.reason, error.problems)

    async def invalid_entry(_request: Request, error: Exception) -> Response:
        assert isinstance(error, InvalidEntry)  # noqa: S101 - registered for nothing else
        return problem_response(
            HTTPStatus.UNPROCESSABLE_ENTITY, "The record is not valid; nothing was saved.", "schema-invalid",
            error.problems,
        )  # fmt: skip

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
        detail = "; ".join(f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors())
        return problem_response(HTTPStatus.BAD_REQUEST, detail, "invalid-parameters")

    async def raised(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        status = HTTPStatus(error.status_code)
        return problem_response(status, str(error.detail), None, headers=dict(error.headers or {}))

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(InvalidEntry, invalid_entry)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, raised)


def problem_response(
    status: HTTPStatus,
    detail: str,
    reason: str | None = None,
    problems: Sequence[Problem] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Write a problem document; `reason` is a word of the contract."""
    document: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    if reason is not None:
        document["reason"] = str(reason)
    if problems:
        document["errors"] = [
            {"pointer": problem.pointer, "detail": problem.message, "found": problem.found, "allowed": problem.allowed}
            for problem in problems
        ]
    return Response(orjson.dumps(document), status, headers, MEDIA_TYPE)
