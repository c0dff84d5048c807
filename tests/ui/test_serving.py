"""Tests of serving: assets are kept for ever under the address of this release, and nothing else is given out."""

from fastapi import FastAPI
from fastapi.testclient import TestClient

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


def test_nothing_but_assets_is_given_out() -> None:
    for address in (
        "/static/x/none.css",
        "/static/x/..%2fpages.py",
        "/static/x/%2e%2e%2fpages.py",
        "/static/x/.fetched",
    ):
        assert ask().get(address).status_code == 404, address
