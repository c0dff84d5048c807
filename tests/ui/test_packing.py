"""Tests of packing: pages are packed for whoever can unpack them and is nobody in particular."""

import gzip

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.responses import HTMLResponse, Response

from tests.on_the_line import on_the_line
from ui.packing import packed

LONG = "<p>Who does what, who needs what, and whom to call.</p>" * 100


def sent(encodings: str, text: str = LONG, **headers: str) -> tuple[bytes, str | None]:
    """Give what goes over the line for a page, and how it is packed."""
    app = FastAPI()

    @app.get("/")
    def page(request: Request) -> Response:
        return packed(request, HTMLResponse(text))

    raw, told = on_the_line(TestClient(app), "/", encodings, **headers)
    assert int(told["content-length"]) == len(raw)
    return raw, told.get("content-encoding")


def test_a_page_is_packed_for_a_reader_who_can_unpack_it() -> None:
    raw, encoding = sent("gzip, deflate")
    assert (gzip.decompress(raw).decode(), encoding) == (LONG, "gzip")
    assert len(raw) < len(LONG) / 5


def test_a_reader_who_cannot_unpack_gets_the_page_as_it_is() -> None:
    assert sent("identity") == (LONG.encode(), None)


def test_what_fits_into_one_packet_is_not_packed() -> None:
    assert sent("gzip", "<p>Yes.</p>") == (b"<p>Yes.</p>", None)


@pytest.mark.parametrize("known_by", ["Cookie", "Authorization"])
def test_the_length_of_a_page_tells_nothing_about_what_somebody_logged_in_reads(known_by: str) -> None:
    assert sent("gzip", **{known_by: "x"}) == (LONG.encode(), None)
