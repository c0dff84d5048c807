"""What holds for the parameters of every address of the API: none is ignored, and none is taken for another."""

from collections import Counter
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import Query
from pydantic import Field
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.filters import DEFAULT_LIMIT, MAX_LIMIT, Asked, several_in
from hub.problem_details import Refusal, problem_response
from schemas.problems import Problem
from schemas.sentences import gettext_noop as N_
from schemas.whole import DIGITS

_API: Final = "/api/"
_MAX_PAIRS: Final = 1_000


def no_question(asked: Annotated[Asked, Query()]) -> None:
    """Take no parameter: one that is not known is an error, never ignored."""


class AllAtOnce(Asked):
    """A question about a list that comes whole."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT), DIGITS] = Field(
        DEFAULT_LIMIT, description="Without effect: all come at once. Readers of lists send it."
    )


class OneValue:
    """ASGI middleware that refuses a parameter given twice, unless it takes several values: one would be ignored."""

    def __init__(self, app: ASGIApp, network: str) -> None:
        self._app = app
        self._network = network
        self._several = frozenset(_several_in_all(Asked))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        twice = self._twice(scope["query_string"]) if scope["type"] == "http" and _is_api(scope) else []
        if not twice:
            await self._app(scope, receive, send)
            return
        problems = [
            Problem(f"/{name[:60]}", N_("has several values and takes one"), str(count), N_("one value"))
            for name, count in twice
        ]
        refusal = Refusal(HTTPStatus.BAD_REQUEST, "invalid-parameters", problems[0].message, problems)
        await problem_response(self._network, refusal)(scope, receive, send)

    def _twice(self, query: bytes) -> list[tuple[str, int]]:
        if b"&" not in query:
            return []
        try:
            given = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MAX_PAIRS)
        except ValueError:
            return [("&", _MAX_PAIRS + 1)]
        counts = Counter(name for name, _ in given if name not in self._several)
        return [(name, count) for name, count in counts.items() if count > 1]


def _is_api(scope: Scope) -> bool:
    return str(scope["path"]).startswith(_API)


def _several_in_all(model: type[Asked]) -> set[str]:
    """Give them of a question and of all that are built on it."""
    return several_in(model).union(*(_several_in_all(each) for each in model.__subclasses__()))
