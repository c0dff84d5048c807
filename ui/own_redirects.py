"""Redirects within a site name path and query only: which host was asked is a proxy's word, or anybody's."""

from typing import Final
from urllib.parse import quote

from starlette.datastructures import URL, MutableHeaders
from starlette.types import Message, Scope

_KEPT: Final = ":/%#?=@[]!$&'()*+,;"  # as Starlette keeps them in the address that it redirects to


def stay_here(message: Message, scope: Scope) -> None:
    """Take the host off a redirect to where the request was sent, in the start of its answer, whatever made it."""
    headers = MutableHeaders(scope=message)
    place = headers.get("location")
    if place is None:
        return
    asked = URL(scope=scope)
    here = quote(f"{asked.scheme}://{asked.netloc}", safe=_KEPT)
    rest = place.removeprefix(here)
    if rest != place and rest[:1] in {"", "/", "?"}:
        headers["location"] = "/" + rest.lstrip("/")  # two of them would begin with a host again
