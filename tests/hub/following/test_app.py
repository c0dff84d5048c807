"""What a regional hub serves: the first one's log and view, what it holds, and how it stands."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import html

from hub.access import create_token
from hub.api.application import create_api
from hub.following.choice import Choice
from tests.hub.following.regional import ADDRESS, Regional, shown_by
from tests.hub.published import Published, example
from tests.hub.serving import api_of
from tests.signed_network import TRUST
from tests.wire.audited_log import AuditedLog
from wire.database import reading
from wire.log_source import DirectoryLog


def client(regional: Regional, peer: str = "testclient") -> TestClient:
    """Its API as anybody sees it."""
    hub = regional.hub
    registry = lambda: hub.writer.state.registry  # noqa: E731
    api = create_api(
        reading(hub.engine), TRUST.network, TRUST.to_bytes(), registry, hub.tail, following=hub.state.document
    )
    return TestClient(api, client=(peer, 50_000))


@pytest.fixture
def chosen(first: Published, regional: Regional, tmp_path: Path) -> Regional:
    """One that holds only what concerns Kenya."""
    first.publish("need", {**example("need"), "beneficiary": {"country": "KEN"}}, org="xa-centre", id="here")
    elsewhere = {**example("need"), "beneficiary": {"country": "FRA"}, "title": {"en": "Zeppelin"}}
    first.publish("need", elsewhere, org="xb-office", id="there")
    regional.choice = Choice(places=("KEN",))
    assert regional.again(shown_by(first, tmp_path / "log")).word == "following"
    return regional


def test_lists_show_what_is_held_and_the_rest_by_its_own_word(chosen: Regional) -> None:
    api = client(chosen)
    assert [item["id"] for item in api.get("/api/v1/records").json()["items"]] == ["here"]
    [item] = api.get("/api/v1/records?status=elsewhere").json()["items"]
    assert item == {
        "kind": "need", "org": "xb-office", "id": "there", "marking": "TLP:CLEAR", "statement": item["statement"],
        "index": item["index"], "sequence": 1, "published": item["published"], "status": "elsewhere",
    }  # fmt: skip
    assert api.get("/api/v1/records/need/xb-office/there").json()["status"] == "elsewhere"
    for address in (
        "/api/v1/records?q=zeppelin",
        "/api/v1/records.jsonl",
        "/api/v1/matrix",
        "/api/v1/records?status=current",
    ):
        found = api.get(f"/api/v1/{address}").text
        assert "Zeppelin" not in found
        assert "xb-office" not in found


def test_figures_say_whose_they_are_and_as_of_when(chosen: Regional) -> None:
    stats = client(chosen).get("/api/v1/stats").json()
    assert stats["records"] == {"need": 1}
    assert stats["following"]["hub"] == ADDRESS
    assert stats["following"]["holds"] == {"place": ["KEN"], "kind": [], "org": []}
    assert stats["following"]["log_size"] == stats["log_size"] == stats["checkpoint"]["size"]
    assert stats["checkpoint"]["state"] == "witnessed"


def test_nodes_are_not_called_silent_by_a_hub_that_cannot_hear_them(chosen: Regional) -> None:
    items = client(chosen).get("/api/v1/nodes").json()["items"]
    assert {item["state"] for item in items} == {"unknown"}
    assert "the hub that it follows" in items[0]["reason"]


def test_the_digest_the_log_and_the_evidence_are_the_first_one_s(chosen: Regional, first: Published) -> None:
    ours, theirs = client(chosen), TestClient(api_of(first))
    size = chosen.size()
    for address in (
        "/api/v1/view/state",
        f"/log/tile/entries/000.p/{size}",
        f"/log/tile/0/000.p/{size}",
        "/trust.json",
    ):
        ours_now, theirs_now = ours.get(address), theirs.get(address)
        if address == "/api/v1/view/state":
            assert {**ours_now.json(), "as_of": ""} == {**theirs_now.json(), "as_of": ""}
        else:
            assert ours_now.content == theirs_now.content
    assert ours.get("/api/v1/evidence/xb-office/1").status_code == 200
    assert ours.get("/log/checkpoint").text.split("\n")[1] == str(size)


def test_members_are_its_own(chosen: Regional, first: Published) -> None:
    token = create_token(chosen.engine, "member", "A reader")
    assert client(chosen).get("/api/v1/records", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    strange = create_token(first.engine, "member", "A reader")
    assert client(chosen).get("/api/v1/records", headers={"Authorization": f"Bearer {strange}"}).status_code == 401


def test_readiness_says_how_it_stands_and_serves_on_after_a_refusal(chosen: Regional, tmp_path: Path) -> None:
    ready = client(chosen).get("/readyz").json()
    assert (ready["status"], ready["checks"]["following"]) == ("pass", "pass")
    shorter = AuditedLog().begin("xa-centre")
    shorter.sign()
    chosen.refused(DirectoryLog(shorter.write(tmp_path / "shorter")))
    answer = client(chosen).get("/readyz")
    ready = answer.json()
    assert (answer.status_code, ready["status"], ready["checks"]["following"]) == (200, "warn", "fail")
    assert ready["following"]["state"] == "refused"
    assert client(chosen).get("/api/v1/records").json()["items"] != []


def test_every_page_says_whom_it_follows_and_as_of_when(chosen: Regional, first: Published) -> None:
    page = html.fromstring(client(chosen).get("/resources", headers={"Accept": "text/html"}).text)
    [notice] = page.xpath("//aside[contains(@class, 'li-following')]")
    words = " ".join(notice.text_content().split())
    assert f"it follows {ADDRESS} and has verified {chosen.size()} entries" in words
    assert "following" in words
    assert "count only what is held here" in words
    assert notice.xpath(".//time/@datetime")
    assert "li-following" not in TestClient(api_of(first)).get("/resources", headers={"Accept": "text/html"}).text


def test_its_metrics_say_how_it_stands(chosen: Regional) -> None:
    lines = client(chosen, "127.0.0.1").get("/metrics").text.splitlines()
    told = [line for line in lines if line.startswith("liaison_hub_following{")]
    assert {line.split('"')[1] for line in told if float(line.split()[-1])} == {"following"}
    assert len(told) == 4


@pytest.mark.parametrize("form", ["", ".jsonl", ".csv", ".xlsx", ".atom", ".feed.json", ".vcf", ".iati.xml"])
def test_every_form_of_a_list_can_do_without_the_bodies(chosen: Regional, form: str) -> None:
    api = client(chosen)
    for status in ("", "?status=elsewhere", "?status=elsewhere&status=current"):
        answer = api.get(f"/api/v1/records{form}{status}")
        assert answer.status_code == (404 if form == ".iati.xml" else 200), answer.text  # no activity is among them
        assert b"Zeppelin" not in answer.content
