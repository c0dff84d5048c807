"""Tests of hub/api/records.py: pages, single records with their tags, histories."""

import pytest
from fastapi.testclient import TestClient

from hub import search
from hub.access import create_token
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.signed_network import contact, need

RECORDS = "/api/v1/records"


@pytest.fixture
def client(small_network: Published) -> TestClient:
    for number in range(5):
        small_network.publish("need", need(f"Need {number}"), id=f"n{number}")
    small_network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    return TestClient(api_of(small_network))


def bearer(network: Published, role: str = "member") -> dict[str, str]:
    return {"Authorization": f"Bearer {create_token(network.engine, role, 'reader')}"}


def test_a_list_has_items_a_cursor_and_the_time_of_its_figures(client: TestClient) -> None:
    answer = client.get(RECORDS, params={"limit": 2})
    page = answer.json()
    assert list(page) == ["items", "next", "as_of"]
    assert [item["id"] for item in page["items"]] == ["n0", "n1"]
    assert page["next"] == page["items"][-1]["index"]
    assert page["as_of"].endswith("Z")


def test_following_the_links_gives_everything_once(client: TestClient) -> None:
    seen: list[str] = []
    address = f"{RECORDS}?limit=2&kind=need&kind=contact"
    while True:
        answer = client.get(address)
        seen += [item["id"] for item in answer.json()["items"]]
        if "next" not in answer.links:
            break
        address = answer.links["next"]["url"]
    assert seen == ["n0", "n1", "n2", "n3", "n4"]


def test_members_see_more_and_caches_between_keep_nothing(client: TestClient, small_network: Published) -> None:
    answer = client.get(RECORDS, params={"kind": "contact"}, headers=bearer(small_network))
    assert [item["id"] for item in answer.json()["items"]] == ["c1"]
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "Authorization, Cookie"
    assert client.get(RECORDS, params={"kind": "contact"}).json()["items"] == []


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic eDp5", "nonsense"])
def test_a_token_that_is_not_known_is_refused_rather_than_ignored(client: TestClient, header: str) -> None:
    answer = client.get(RECORDS, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"].endswith("/unknown-token")


def test_words_find_what_was_logged_a_moment_ago(client: TestClient, small_network: Published) -> None:
    search.catch_up(small_network.engine, small_network.tail.size)
    small_network.publish("need", need("Helicopters"), id="late")
    found = client.get(RECORDS, params={"q": "helicopter"}).json()["items"]
    assert [item["id"] for item in found] == ["late"]


def test_a_cursor_beyond_the_log_is_refused(client: TestClient, small_network: Published) -> None:
    last = small_network.tail.size - 1
    assert client.get(RECORDS, params={"after": last}).json()["items"] == []
    answer = client.get(RECORDS, params={"after": last + 1})
    assert answer.status_code == 409
    assert answer.json()["log_size"] == last + 1


def test_a_record_that_did_not_change_is_not_sent_again(client: TestClient, small_network: Published) -> None:
    address = f"{RECORDS}/need/xa-centre/n1"
    tag = client.get(address).headers["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}"):
        again = client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    small_network.publish("need", need("Changed"), id="n1", action="revised")
    changed = client.get(address, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_what_may_not_be_seen_answers_like_what_does_not_exist(client: TestClient) -> None:
    for suffix in ("", "/history"):
        hidden = client.get(f"{RECORDS}/contact/xa-centre/c1{suffix}")
        absent = client.get(f"{RECORDS}/contact/xa-centre/c9{suffix}")
        assert hidden.status_code == absent.status_code == 404
        assert hidden.text.replace("c1", "c9") == absent.text


def test_a_history_is_a_list_too(client: TestClient, small_network: Published) -> None:
    small_network.publish("need", need("Changed"), id="n1", action="revised")
    page = client.get(f"{RECORDS}/need/xa-centre/n1/history", params={"limit": 1}).json()
    assert page["items"][0]["record"]["title"] == {"en": "Need 1"}
    rest = client.get(f"{RECORDS}/need/xa-centre/n1/history", params={"after": page["next"]}).json()
    assert [item["record"]["title"]["en"] for item in rest["items"]] == ["Changed"]
    assert rest["next"] is None
