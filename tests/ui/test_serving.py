"""Tests of serving: assets are kept for ever under the address of this release, and nothing else is given out."""

import gzip

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.on_the_line import on_the_line
from ui import assets, serving


def ask() -> TestClient:
    app = FastAPI()
    app.include_router(serving.router())
    return TestClient(app)


def test_an_asset_is_kept_under_the_address_of_this_release_and_asked_for_again_under_another() -> None:
    kept = ask().get(f"/static/{assets.release()}/liaison.css")
    assert kept.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in kept.headers["cache-control"]
    assert "immutable" not in ask().get("/static/old/liaison.css").headers["cache-control"]


def sent(name: str, encodings: str) -> tuple[bytes, str | None]:
    """Give what goes over the line for an asset, and how it is packed."""
    raw, headers = on_the_line(ask(), f"/static/{assets.release()}/{name}", encodings, Cookie="a=b")
    assert headers["vary"] == "Accept-Encoding"
    return raw, headers.get("content-encoding")


def test_style_sheets_and_scripts_are_packed_for_whoever_can_unpack_them() -> None:
    plain = (assets.STATIC / "liaison.css").read_bytes()
    raw, encoding = sent("liaison.css", "gzip, br")
    assert (gzip.decompress(raw), encoding) == (plain, "gzip")
    assert sent("liaison.css", "identity") == (plain, None)


@pytest.mark.usefixtures("npm_assets")
def test_a_font_is_sent_as_it_is() -> None:
    name = "noto-sans-latin.woff2"
    assert sent(name, "gzip") == ((assets.VENDOR / name).read_bytes(), None)


def test_nothing_but_assets_is_given_out() -> None:
    for address in (
        "/static/x/none.css",
        "/static/x/..%2fpages.py",
        "/static/x/%2e%2e%2fpages.py",
        "/static/x/.fetched",
    ):
        assert ask().get(address).status_code == 404, address
