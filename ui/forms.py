"""Reads a form that a page has sent: bounded, of one sort; and says where a browser may go on afterwards."""

from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse

from ui.languages import gettext_noop as N_
from ui.pages import link

MAX_BYTES: Final = 65_536
MAX_FIELDS: Final = 100
_TYPE: Final = "application/x-www-form-urlencoded"


class NoForm(ValueError):
    """What was sent is no form that can be read; `status` is the answer's, `reason` a stable word."""

    def __init__(self, status: HTTPStatus, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


async def read_form(
    request: Request, max_bytes: int = MAX_BYTES, max_fields: int = MAX_FIELDS
) -> list[tuple[str, str]]:  # fmt: skip
    """Give the fields of a form in their order, a name as often as it was sent; NoForm if it cannot be read."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise NoForm(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "no-form", N_("A form of a page was expected."))
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > max_bytes:
            detail = N_("The form has more than {most} bytes. Write less.").replace("{most}", str(max_bytes))
            raise NoForm(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=max_fields)
    except ValueError:
        raise NoForm(HTTPStatus.BAD_REQUEST, "no-form", N_("The form cannot be read.")) from None
    return [(name, value.replace("\x00", "")) for name, value in pairs]


def go_to(request: Request, address: str, **query: object) -> RedirectResponse:
    """Send the browser to another page of ours, in its language, with GET."""
    target = link(request.state.language_prefix, address, **query)
    return RedirectResponse(target, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


def place_here(address: str) -> str:
    """Give an address if it is a page of this site, else the first page: no form sends anybody elsewhere."""
    plain = address.isascii() and address.isprintable() and "\\" not in address and len(address) <= 2000
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"
