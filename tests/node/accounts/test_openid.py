"""Tests of node/accounts/openid.py: what is sent to a provider, and providers whose answers cannot be used."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from node.accounts.openid import MAX_ANSWER, NotLoggedIn, Provider, begin
from node.accounts.openid_settings import OpenId
from tests.node.openid_provider import CLIENT, SECRET, provider
from tests.node.serving import served

HERE = "https://node.example"


def settings(issuer: str) -> OpenId:
    return OpenId(issuer, CLIENT, SECRET, HERE, "", "groups", {"it": "administrator"})


def test_every_log_in_has_secrets_of_its_own_and_the_verifier_stays_here() -> None:
    with provider() as made:
        begun, other = begin(), begin()
        assert len({*begun, *other}) == 6
        asked = parse_qs(urlsplit(Provider(settings(made.address)).address(begun)).query)
    assert asked["redirect_uri"] == [f"{HERE}/login/openid/callback"]
    assert (asked["state"], asked["nonce"]) == ([begun.state], [begun.nonce])
    assert asked["code_challenge_method"] == ["S256"]
    assert begun.verifier not in str(asked)
    assert SECRET not in str(asked)


ANSWERS: dict[str, Callable[[str], Response]] = {
    "no document": lambda _issuer: Response("x"),
    "a list": lambda _issuer: JSONResponse([]),
    "too long": lambda _issuer: Response(b" " * (MAX_ANSWER + 1)),
    "an error": lambda _issuer: Response(status_code=500),
    "elsewhere": lambda _issuer: Response(status_code=302, headers={"Location": "http://127.0.0.1:1/"}),
    "no addresses": lambda issuer: JSONResponse({"issuer": issuer}),
    "no https": lambda issuer: JSONResponse({"issuer": issuer, "authorization_endpoint": "http://evil.example/"}),
}


@pytest.fixture(params=list(ANSWERS))
def issuer(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a provider that answers so."""
    app, places = FastAPI(), [""]

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Response:
        return ANSWERS[request.param](places[0])

    with served(app) as address:
        places[0] = address
        yield address


def test_a_provider_whose_answer_cannot_be_used_is_told_in_a_sentence(issuer: str) -> None:
    with pytest.raises(NotLoggedIn, match="provider"):
        Provider(settings(issuer)).address(begin())
