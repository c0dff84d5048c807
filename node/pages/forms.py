"""Gives the node's pages the form that was sent; what is no form is refused as everything is."""

from fastapi import Request

from node.refusal import Refusal
from ui.forms import MAX_BYTES, MAX_FIELDS, NoForm, go_to, place_here, read_form


async def form(request: Request) -> dict[str, str]:
    """Give the fields of a form; of one that comes twice, the last."""
    return dict(await fields(request))


async def fields(request: Request, max_bytes: int = MAX_BYTES, max_fields: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """Give the fields of a form in their order, a name as often as it was sent."""
    try:
        return await read_form(request, max_bytes, max_fields)
    except NoForm as error:
        raise Refusal(error.reason, str(error)) from None


__all__ = ["fields", "form", "go_to", "place_here"]
