"""Errors as programs and people read them: RFC 9457 problem details with a pointer to each field."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.problems import Problem, problem_of_parameter
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from ui.answer_headers import with_headers

MEDIA_TYPE: Final = "application/problem+json"
FAILED: Final = N_("Something went wrong in the hub; its log says what. Tell its operator if it stays so.")


class Refusal(Exception):
    """An answer that is no: `name` is stable and ends the address that is the problem's type."""

    def __init__(
        self,
        status: HTTPStatus,
        name: str,
        detail: str,
        problems: Sequence[Problem] = (),
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.name = name
        self.detail = detail
        self.problems = problems
        self.headers = headers
        self.members = members


def answer_with_problems(
    app: Starlette,
    network: str,
    as_page: Callable[[Request, Refusal], Response | None] = lambda _request, _refusal: None,
) -> None:
    """Make every error of an application a problem document of this network, or the page that `as_page` gives."""
    # A refusal is known to what commands import, too, and they serve nothing.
    from fastapi.exceptions import RequestValidationError  # noqa: PLC0415

    def answer(request: Request, refusal: Refusal) -> Response:
        return as_page(request, refusal) or problem_response(network, refusal)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)  # noqa: S101 - registered for nothing else
        return answer(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
        found = [problem_of_parameter(detail) for detail in error.errors()]
        detail = (
            found[0].message if len(found) == 1 else sentence("{count} parameters cannot be used.", count=len(found))
        )
        refusal = Refusal(HTTPStatus.BAD_REQUEST, "invalid-parameters", detail, found)
        return answer(request, refusal)

    async def raised(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        status = HTTPStatus(error.status_code)
        name = status.phrase.lower().replace(" ", "-")
        headers = dict(error.headers) if error.headers else None
        return answer(request, Refusal(status, name, f"{error.detail}.", headers=headers))

    async def failed(request: Request, _error: Exception) -> Response:
        # The server's log has the error itself; it may hold what is nobody's business.
        refusal = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-server-error", FAILED)
        try:
            return with_headers(await run_in_threadpool(answer, request, refusal))
        except Exception:  # noqa: BLE001 - whatever is broken may be what a page is made of, and the first error is told
            return with_headers(problem_response(network, refusal))

    app.add_exception_handler(Exception, failed)
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, raised)


def problem_response(network: str, refusal: Refusal) -> Response:
    """Write a problem document."""
    document: dict[str, Any] = {
        "type": f"https://{network}/problems/{refusal.name}",
        "title": refusal.status.phrase,
        "status": refusal.status.value,
        "detail": refusal.detail,
        **refusal.members,
    }
    if refusal.problems:
        document["errors"] = [
            {"pointer": problem.pointer, "detail": problem.message, "found": problem.found, "allowed": problem.allowed}
            for problem in refusal.problems
        ]
    return Response(orjson.dumps(document), refusal.status, refusal.headers, MEDIA_TYPE)
