"""What holds for every page of the hub at once: nothing above the reader's marking is on it, not even in a count."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.hub.test_markings import ADDRESSES, GREEN, bearer, networks, told

__all__ = ["networks"]

# Names of States and themes stand in the choices of every form; these words stand in secret records alone.
SECRET = ("zanzibar", "kilwa", "mafia island", "pemba")
VALUES = {
    "act": ["note", "suspend"],
    "cause": ["unknown-key"],
    "code": ["SWZ", "LSO", "KEN", "001"],
    "id": ["n1", "n2", "n4", "c1", "a1"],
    "index": [str(number) for number in range(14)],
    "kind": sorted({kind for kind, _ in ADDRESSES}),
    "name": ["none.css"],
    "number": ["1", "2"],
    "org": ["xa-centre", "fr-office"],
    "release": ["x"],
    "token": ["none"],
}
QUERIES: list[dict[str, Any]] = [
    {}, {"place": "SWZ"}, {"place": "001"}, {"theme": "2.12"}, {"org": "xa-centre"}, {"status": "withdrawn"},
    {"kind": "need"}, {"since": "2020-01-01"}, {"scheme": "theme_1373"},
]  # fmt: skip
# The clock of a page, places of entries in the log, and numbers and hashes of statements, which are public.
PUBLIC = re.compile(
    r"<time.*?</time>|(?:#|index=|sequence=|before=|after=|version=|log/)\d+|(?:data-index|data-after|id)=\"e?\d+\""
    r"|<dd class=\"li-(?:hash|sequence)\".*?</dd>",
    re.DOTALL,
)
# About the log, the network and the reader's own account: what the public statements say is open to all.
NOT_OF_RECORDS = ("/audit", "/verify", "/sync", "/quarantine", "/static", "/organizations")


def routes_of(routes: list[Any]) -> Iterator[APIRoute]:
    """Every route of an application that is a page."""
    for route in routes:
        if isinstance(route, APIRoute):
            if "GET" in route.methods and not route.include_in_schema:
                yield route
        else:
            inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
            yield from routes_of(inner or [])


def addresses(client: TestClient) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every page with every value that leads to a secret, and every question that it may take."""
    for route in routes_of(client.app.routes):  # type: ignore[attr-defined]
        names = re.findall(r"{(\w+)(?::\w+)?}", route.path)
        plain = re.sub(r":\w+}", "}", route.path)
        for chosen in itertools.product(*(VALUES[name] for name in names)):
            for query in QUERIES if not names else QUERIES[:1]:
                if "stream" not in plain:
                    yield plain.format(**dict(zip(names, chosen, strict=True))), query


def test_the_pages_are_all_there(small_network: Published) -> None:
    found = {path for path, _ in addresses(TestClient(api_of(small_network)))}
    assert {"/records", "/places/SWZ", "/organizations/xa-centre", "/audit/log/3", "/verify"} <= found


@pytest.mark.parametrize("role", ["public", "member", "operator"])
def test_no_page_has_a_word_of_what_its_reader_may_not_see(networks: dict[bool, Published], role: str) -> None:
    network = networks[True]
    client = TestClient(api_of(network), raise_server_exceptions=False)
    headers = bearer(network.engine, role) | {"Accept": "text/html"}
    forbidden = SECRET + (GREEN if role == "public" else ())
    for path, query in addresses(client):
        answer = client.get(path, params=query, headers=headers, follow_redirects=False)
        assert answer.status_code < 500, (path, query)
        assert told(answer.content, forbidden) == [], (path, query)


@pytest.mark.parametrize("role", ["public", "member"])
def test_no_page_about_records_changes_with_what_its_reader_may_not_see(
    networks: dict[bool, Published], role: str
) -> None:
    answers: dict[bool, dict[str, str]] = {True: {}, False: {}}
    networks[False].tell("fr-office", id="n4", action="revised")  # of n4 it is public that it is not public any more
    for secrets, network in networks.items():
        client = TestClient(api_of(network), raise_server_exceptions=False)
        headers = bearer(network.engine, role) | {"Accept": "text/html"}
        for path, query in addresses(client):
            if not path.startswith(NOT_OF_RECORDS):
                text = client.get(path, params=query, headers=headers).text
                text = PUBLIC.sub("", text)
                answers[secrets][f"{path} {query}"] = text
    different = [each for each, text in answers[True].items() if text != answers[False].get(each)]
    assert different == []
