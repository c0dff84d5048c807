"""Tests of log-in by a provider: the whole way with a real one on loopback, and every way in which it may lie."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey

from node.accounts.openid_settings import OpenId
from node.api.application import create_api
from node.node import Node
from tests.node.nodes import joined_node
from tests.node.openid_provider import CLIENT, SECRET, LocalProvider, provider
from tests.node.pages.asked import BROWSER

HERE = "http://127.0.0.1:8310"
AN_HOUR_AGO, IN_AN_HOUR = -3600, 3600
"""Seconds from now: a test's name holds them, and must be the same in each process that collects it."""
ROLES = {"ct-desk": "officer reviewer", "it": "administrator"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node without a provider."""
    made = joined_node(tmp_path_factory.mktemp("openid") / "node")
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def running() -> Iterator[LocalProvider]:
    """A provider."""
    with provider() as made:
        yield made


@pytest.fixture
def local(running: LocalProvider) -> LocalProvider:
    """The provider, honest until the test changes it."""
    fresh = LocalProvider()
    for name in ("person", "claims", "signing", "refuses", "unsigned", "published_issuer", "key"):
        setattr(running, name, getattr(fresh, name))
    running.asked.clear()
    return running


@pytest.fixture
def node(place: Node, local: LocalProvider) -> Node:
    """A node whose people a provider identifies."""
    openid = OpenId(local.address, CLIENT, SECRET, HERE, "The ministry's log-in", "groups", ROLES)
    return replace(place, settings=replace(place.settings, openid=openid))


@pytest.fixture
def browser(node: Node) -> TestClient:
    """A browser before the node."""
    return TestClient(create_api(node), base_url=HERE, headers=BROWSER, follow_redirects=False)


def to_provider(browser: TestClient, target: str = "/account") -> str:
    """Go to the provider, and let it send the browser back; gives the address that it sends it to."""
    there = browser.get("/login/openid", params={"next": target}).headers["location"]
    return str(httpx2.get(there, trust_env=False, timeout=60).headers["location"])


def log_in(browser: TestClient, target: str = "/account") -> Any:
    return browser.get(to_provider(browser, target))


def test_a_person_comes_in_by_the_provider_with_the_roles_that_its_claims_give(
    browser: TestClient, node: Node, local: LocalProvider
) -> None:
    assert "The ministry&#39;s log-in" in browser.get("/login").text
    back = log_in(browser)
    assert (back.status_code, back.headers["location"]) == (303, "/account")
    account = browser.get("/account")
    assert "Amina W." in account.text
    assert "desk officer, reviewer" in account.text
    [listed] = [each for each in node.people.listed() if each["name"].startswith("openid-")]
    assert listed["roles"] == ["officer", "reviewer"]
    local.person = local.person | {"groups": "it"}
    log_in(browser)
    assert browser.get("/people").status_code == 200, "the claims of this moment count"
    acts = [each.act for each in reversed(node.acts.listed(subject="openid-"))]
    assert acts == ["person.added", "person.roles"]
    assert node.people.attempts(1)[0]["outcome"] == "by provider"


def test_two_people_of_the_provider_are_two_accounts(browser: TestClient, node: Node, local: LocalProvider) -> None:
    local.person = local.person | {"sub": "u2", "name": "Bruno B."}
    log_in(browser)
    assert "Bruno B." in browser.get("/account").text


def test_who_has_no_role_or_is_disabled_stays_out(browser: TestClient, node: Node, local: LocalProvider) -> None:
    local.person = {"sub": "u3", "name": "Carla", "groups": ["others"]}
    assert "no role at this node" in log_in(browser).text
    local.person["groups"] = ["ct-desk"]
    log_in(browser)
    [name] = [each["name"] for each in node.people.listed() if each["person"] == "Carla"]
    node.people.add("test", "root-of-all", ["administrator"])
    node.people.disable("test", name)
    assert log_in(browser).status_code == 401
    assert browser.get("/account").status_code == 303


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": None}, {"iss": "https://evil.example"},
        {"exp": AN_HOUR_AGO}, {"exp": None}, {"iat": IN_AN_HOUR}, {"sub": ""}, {"sub": None}, {"azp": "another"},
        {"exp": "later"},
    ],
    ids=str,
)  # fmt: skip
def test_an_id_token_that_is_not_for_this_log_in_lets_nobody_in(
    browser: TestClient, local: LocalProvider, lie: dict[str, Any]
) -> None:
    local.claims = {name: int(time.time()) + value if isinstance(value, int) else value for name, value in lie.items()}
    refused = log_in(browser)
    assert (refused.status_code, "not for this log-in" in refused.text) == (401, True)
    assert browser.get("/account").status_code == 303


def test_an_id_token_signed_by_nobody_or_another_lets_nobody_in(browser: TestClient, local: LocalProvider) -> None:
    local.signing = ECKey.generate_key("P-256", {"kid": "1"})
    assert "not signed" in log_in(browser).text
    local.unsigned = True
    assert "not signed" in log_in(browser).text


def test_a_log_in_that_was_not_begun_in_this_browser_lets_nobody_in(browser: TestClient, node: Node) -> None:
    """Or an attacker could log somebody in under the attacker's account."""
    others = TestClient(browser.app, base_url=HERE, headers=BROWSER, follow_redirects=False)
    planted = to_provider(others)
    assert browser.get(planted).status_code == 401
    to_provider(browser)
    assert browser.get(planted).status_code == 401, "nor with another log-in on its way"
    assert others.get(planted).status_code == 303


@pytest.mark.parametrize("change", [("state=", "state=x"), ("code=", "code=x"), ("iss=http", "iss=https")])
def test_an_answer_that_was_changed_lets_nobody_in(browser: TestClient, change: tuple[str, str]) -> None:
    assert browser.get(to_provider(browser).replace(*change)).status_code == 401


def test_an_answer_is_good_once(browser: TestClient) -> None:
    came = to_provider(browser)
    assert browser.get(came).status_code == 303
    assert browser.get(came).status_code == 401


def test_what_the_provider_refuses_is_said(browser: TestClient, local: LocalProvider) -> None:
    local.refuses = "access_denied"
    assert "access_denied" in log_in(browser).text


def test_a_provider_of_another_name_or_out_of_reach_is_not_believed(
    node: Node, local: LocalProvider, browser: TestClient
) -> None:
    local.published_issuer = "https://evil.example"
    assert "calls itself otherwise" in browser.get("/login/openid").text
    openid = node.settings.openid
    assert openid is not None
    away = replace(node, settings=replace(node.settings, openid=replace(openid, issuer="http://127.0.0.1:1")))
    client = TestClient(create_api(away), headers=BROWSER)
    assert "cannot be reached" in client.get("/login/openid").text


def test_new_keys_of_the_provider_are_asked_for_when_they_are_needed(
    browser: TestClient, local: LocalProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.accounts.openid._FRESH_SECONDS", 0)
    log_in(browser)
    local.key = ECKey.generate_key("P-256", {"kid": "1", "use": "sig"})
    assert log_in(browser).status_code == 303
    assert local.asked == ["configuration", "keys", "keys"]


def test_nobody_is_sent_elsewhere_and_without_a_provider_there_is_no_such_page(
    browser: TestClient, place: Node
) -> None:
    assert log_in(browser, "https://evil.example/").headers["location"] == "/"
    plain = TestClient(create_api(place), headers=BROWSER)
    assert plain.get("/login/openid").status_code == 404
    assert "/login/openid" not in plain.get("/login").text


def test_the_secret_is_shown_nowhere(node: Node, tmp_path: Path) -> None:
    assert SECRET not in repr(node.settings.openid)
