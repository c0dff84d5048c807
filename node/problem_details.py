"""Errors as programs and people read them: RFC 9457 problem details with a pointer to each field."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from node.refusal import Refusal
from schemas.entry import InvalidEntry
from schemas.problems import Problem, problem_of_parameter
from schemas.sentences import gettext_noop as N_
from ui.answer_headers import with_headers

MEDIA_TYPE = "application/problem+json"
UNUSABLE = "invalid-parameters"
# What is refused because of how the node stands, not because of what was sent.
_CONFLICTS = (
    "changed-meanwhile", "draft-changed", "diverged", "behind-hub", "restored", "wrong-network", "not-joined",
    "registry-unknown", "key-under-way",
)  # fmt: skip
_STATUS: Final[Mapping[str, HTTPStatus]] = MappingProxyType(
    {
        "busy": HTTPStatus.SERVICE_UNAVAILABLE,
        "from-elsewhere": HTTPStatus.FORBIDDEN,
        "log-in-needed": HTTPStatus.UNAUTHORIZED,
        "no-form": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "not-allowed": HTTPStatus.FORBIDDEN,
        "not-found": HTTPStatus.NOT_FOUND,
        "too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "bad-header": HTTPStatus.BAD_REQUEST,
        UNUSABLE: HTTPStatus.BAD_REQUEST,
        "version-needed": HTTPStatus.PRECONDITION_REQUIRED,
        "version-changed": HTTPStatus.PRECONDITION_FAILED,
        "hub-away": HTTPStatus.SERVICE_UNAVAILABLE,
        "too-many-keys": HTTPStatus.TOO_MANY_REQUESTS,
        **dict.fromkeys(_CONFLICTS, HTTPStatus.CONFLICT),
    }
)


class Wrong(NamedTuple):
    """What an error is answered with; `reason` is a word of the contract, or of this node."""

    status: HTTPStatus
    detail: str
    reason: str | None = None
    problems: Sequence[Problem] = ()
    headers: Mapping[str, str] | None = None


def refused_with(refusal: Refusal) -> Wrong:
    """Say what a refusal is answered with."""
    status = _STATUS.get(refusal.reason, HTTPStatus.UNPROCESSABLE_ENTITY)
    return Wrong(status, str(refusal), refusal.reason, refusal.problems)


def answer_with_problems(
    app: FastAPI, as_page: Callable[[Request, Wrong], Response | None] = lambda _request, _wrong: None
) -> None:
    """Make every error of the application a problem document, or the page that `as_page` gives."""

    def answer(request: Request, wrong: Wrong) -> Response:
        return as_page(request, wrong) or problem_response(*wrong)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)  # noqa: S101 - registered for nothing else
        return answer(request, refused_with(error))

    async def invalid_entry(request: Request, error: Exception) -> Response:
        assert isinstance(error, InvalidEntry)  # noqa: S101 - registered for nothing else
        detail = N_("The record is not valid; nothing was saved.")
        return answer(request, Wrong(HTTPStatus.UNPROCESSABLE_ENTITY, detail, "schema-invalid", error.problems))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
        if all(each["loc"][0] == "path" for each in error.errors()):
            page = as_page(request, Wrong(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase))
            if page is not None:
                return page
        problems = [problem_of_parameter(detail) for detail in error.errors()]
        detail = "; ".join(f"{each.pointer[1:]}: {each.message}" for each in problems)
        return answer(request, Wrong(HTTPStatus.BAD_REQUEST, detail, UNUSABLE, problems))

    async def raised(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        return answer(request, Wrong(HTTPStatus(error.status_code), str(error.detail), headers=error.headers))

    async def failed(request: Request, _error: Exception) -> Response:
        # The server's log has the error itself; it may hold what is nobody's business.
        detail = N_("Something went wrong in the node; its log says what. Look how things stand before you try again.")
        wrong = Wrong(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
        try:
            return with_headers(await run_in_threadpool(answer, request, wrong))
        except Exception:  # noqa: BLE001 - whatever is broken may be what a page is made of, and the first error is told
            return with_headers(problem_response(*wrong))

    app.add_exception_handler(Exception, failed)
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(InvalidEntry, invalid_entry)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, raised)


def problem_response(
    status: HTTPStatus,
    detail: str,
    reason: str | None = None,
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write a problem document; `reason` is a word of the contract."""
    document: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    if reason is not None:
        document["reason"] = str(reason)
    if problems:
        document["errors"] = problem_forms(problems)
    return Response(orjson.dumps(document), status, headers, MEDIA_TYPE)


def problem_forms(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Give problems as a document has them."""
    return [
        {"pointer": problem.pointer, "detail": problem.message, "found": problem.found, "allowed": problem.allowed}
        for problem in problems
    ]
