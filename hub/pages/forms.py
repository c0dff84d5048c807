"""Gives the hub's pages the form that was sent, each field once; what is no form is refused as everything is."""

from fastapi import Request

from hub.problem_details import Refusal
from ui.forms import NoForm, go_to, place_here, read_form


async def form(request: Request) -> dict[str, str]:
    """Give the fields of a form; of one that comes twice, the last."""
    try:
        return dict(await read_form(request))
    except NoForm as error:
        raise Refusal(error.status, error.reason, str(error)) from None


__all__ = ["form", "go_to", "place_here"]
