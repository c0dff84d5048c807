"""Puts the addresses of a part into an application as they are."""

from fastapi import APIRouter, FastAPI


def put(part: APIRouter, into: APIRouter | FastAPI) -> None:
    """Put them behind those that are there already.

    `include_router` would build each a second time, at the first request, with a prefix and dependencies that it may
    be given: that takes as long as to build them, and slows down the look-up of every request.
    """
    into.routes.extend(part.routes)
