"""The addresses of a part of an application, and how they are put into it as they are."""

import threading
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, FastAPI  # noqa: TID251 - here it is made late
from fastapi.routing import APIRoute
from starlette.routing import compile_path

_one_at_a_time = threading.Lock()


class Routes(APIRouter):
    """FastAPI's router, whose addresses are built when they are first asked for, or described.

    To build one (its function is read, its parameters and answers become models) takes most of a millisecond, and a
    service that starts has a hundred and fifty.
    """

    def __init__(self, **declared: Any) -> None:
        super().__init__(route_class=_LateRoute, **declared)


class _LateRoute(APIRoute):
    """Knows which requests are its own; all else that FastAPI keeps of a route is made when it is first missing."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:
        self._declared = declared
        self.path, self.endpoint = path, endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        methods = declared.get("methods")
        self.methods = {method.upper() for method in (("GET",) if methods is None else methods)}

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            with _one_at_a_time:
                declared = vars(self).get("_declared")
                if declared is not None:  # made once, and what was set meanwhile stays
                    made = APIRoute(self.path, self.endpoint, **declared)
                    vars(self).update(vars(made) | vars(self))
                    del self._declared
        return super().__getattribute__(name)


def put(part: APIRouter, into: APIRouter | FastAPI) -> None:
    """Put them behind those that are there already.

    `include_router` would build each a second time, at the first request, with a prefix and dependencies that it may
    be given: that takes as long as to build them, and slows down the look-up of every request.
    """
    into.routes.extend(part.routes)
