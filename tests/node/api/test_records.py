"""Tests of the API's questions about records: an answer that is known already is not sent again."""

from pathlib import Path

from starlette.testclient import TestClient

from node.edit import Put
from node.store import Promise
from schemas.entry import parse_entry
from tests.node.api.test_conditions import client_of
from tests.node.nodes import ORG, joined_node
from tests.node.test_cli_readers import letter
from tests.node.test_matching import OFFER


def test_a_record_that_is_known_is_not_sent_again_until_something_of_it_changes(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    member: TestClient = client_of(node, "tests")
    address = f"/api/v1/records/organization/{ORG}"
    tag = member.get(address).headers["etag"]
    for header in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        same = member.get(address, headers={"If-None-Match": header})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    node.outbox.logged(Promise(1, 7, b""), [], [], {"logged": 1})
    changed = member.get(address, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["progress"]) == (200, "logged")
    # Of the same version: who read it before may still change it.
    assert member.post(f"{address}/confirm", headers={"If-Match": tag}).status_code == 200


def test_needs_that_match_are_given_with_what_they_match(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    node.editor.apply([Put(parse_entry(OFFER))])
    node.letters.keep(letter(7))
    answer = client_of(node, "tests").get("/api/v1/matches").json()
    [need] = answer["items"]
    assert (need["org"], need["id"], need["letter"]) == ("ke-nctc", "n7", 7)
    assert need["matches"] == [f"offer/{ORG}/o1"]
    assert answer["hub_trouble"] == "not-asked"


def test_letters_that_no_person_has_opened_can_be_asked_for(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    for index in (7, 9):
        node.letters.keep(letter(index))
    node.letters.opened(7, "Amina", "2026-11-26T10:00:00.000Z")
    member = client_of(node, "tests")
    read = {each["index"]: each["read"] for each in member.get("/api/v1/inbox").json()["items"]}
    assert read == {7: {"at": "2026-11-26T10:00:00.000Z", "by": "Amina"}, 9: None}
    assert [each["index"] for each in member.get("/api/v1/inbox?state=unread").json()["items"]] == [9]
    assert member.get("/api/v1/inbox?state=read").status_code == 400
    assert len(node.letters.all(unread=True)) == 1  # a program that asks is no person who reads
