"""Reads a form that a page has sent: small, of one sort, each field once; and where to go on afterwards."""

from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.responses import RedirectResponse

from hub.problem_details import Refusal
from ui.pages import link

MAX_BYTES: Final = 65_536
MAX_FIELDS: Final = 100
_TYPE: Final = "application/x-www-form-urlencoded"


async def form(request: Request) -> dict[str, str]:
    """Give the fields of a form; of one that comes twice, the last."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        detail = f"A form of a page was expected, as {_TYPE}."
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "no-form", detail)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            detail = f"The form has more than {MAX_BYTES} bytes. Write less."
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Refusal(HTTPStatus.BAD_REQUEST, "no-form", "The form cannot be read.") from None
    return {name: value.replace("\x00", "") for name, value in pairs}


def go_to(request: Request, address: str, **query: object) -> RedirectResponse:
    """Send the browser to another page of ours, in its language, with GET."""
    target = link(request.state.language_prefix, address, **query)
    return RedirectResponse(target, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


def place_here(address: str) -> str:
    """Give an address if it is a page of this site, else the first page: no form sends anybody elsewhere."""
    plain = address.isascii() and address.isprintable() and "\\" not in address and len(address) <= 2000
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"
