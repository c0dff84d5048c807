"""Tests of the API's imports: sent, mapped, checked, published; by two where two must agree; nothing is done twice."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from node.accounts.rules import Role
from node.api.application import create_api
from node.node import Node
from tests.node.api.test_application import is_problem
from tests.node.asking import asker
from tests.node.nodes import joined_node
from tests.node.pages.test_importing import ROWS, as_csv

OFFICER, REVIEWER = Role.OFFICER, Role.REVIEWER
IMPORTS, MAPPINGS = "/api/v1/imports", "/api/v1/mappings"
MAPPING = {
    "source": "offices", "kind": "contact", "marking": "TLP:GREEN", "format": "csv", "key": ["Code"],
    "fields": {"name.en": {"column": "Name"}, "unit": {"column": "Unit"}},
    "constants": {
        "confirmed_at": "2026-11-01", "organization": "xa-centre", "card_kind": "group", "roles": ["ct_focal_point"],
        "visibility": "members",
    },
}  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = joined_node(tmp_path / "node")
    yield made
    made.engine.dispose()


@pytest.fixture
def amina(node: Node) -> TestClient:
    return asker(create_api(node), node, "amina", OFFICER)


def seen(answer: Any) -> dict[str, str]:
    assert answer.is_success, answer.text
    return {"If-Match": answer.headers["etag"]}


def checked(client: TestClient, **named: Any) -> Any:
    """Send the file and map it; gives the answer, and what it would change."""
    sent = client.post(f"{IMPORTS}?name=Offices.csv", content=as_csv(ROWS))
    assert sent.status_code == 201, sent.text
    return client.put(f"{sent.headers['location']}/mapping", json=named or {"mapping": MAPPING}, headers=seen(sent))


def test_a_file_is_sent_mapped_checked_and_published(node: Node, amina: TestClient) -> None:
    sent = amina.post(f"{IMPORTS}?name=Offices.csv", content=as_csv(ROWS))
    assert (sent.status_code, sent.json()["state"], sent.json()["name"]) == (201, "mapping", "Offices.csv")
    assert [each["name"] for each in sent.json()["columns"]] == ["Code", "Name", "Unit"]
    address = sent.headers["location"]
    found = amina.put(f"{address}/mapping", json={"mapping": MAPPING}, headers=seen(sent))
    assert found.json()["counts"]["new"] == 2
    assert found.json()["report"]["bad"][0]["row"] == 4
    marked = amina.get(f"{address}/marked.xlsx")
    assert marked.content.startswith(b"PK")
    published = amina.post(f"{address}/publish", headers=seen(found))
    assert (published.json()["state"], published.json()["outcome"]) == ("done", {"outcomes": {"published": 2}})
    assert len(node.reading.page(("contact",)).items) == 2
    assert [each["state"] for each in amina.get(IMPORTS).json()["items"]] == ["done"]
    who = {(each.who, each.act) for each in node.acts.listed(act="import") + node.acts.listed(act="file")}
    assert who == {("Amina", "file.uploaded"), ("Amina", "import.publish")}


def test_a_file_whose_columns_cannot_be_read_says_so(amina: TestClient) -> None:
    sent = amina.post(f"{IMPORTS}?name=a.csv", content=b"Code,Name\r\n")
    shown = amina.get(sent.headers["location"])
    assert (shown.status_code, shown.json()["columns"]) == (200, [])
    assert "no rows below its header" in shown.json()["problem"]


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"PK\x03\x04rubbish", b"[[[[", b"\xd0\xcf\x11\xe0"])
def test_a_file_that_cannot_be_read_is_refused_and_not_kept(amina: TestClient, data: bytes) -> None:
    answer = amina.post(f"{IMPORTS}?name=../../etc/x", content=data)
    if answer.status_code != 201:
        assert "/" not in is_problem(answer, 422)["detail"].replace("and/or", "").split(":")[0]
        assert amina.get(IMPORTS).json()["items"] == []


def test_a_file_is_taken_once_for_a_key_and_under_another_name_is_another_request(amina: TestClient) -> None:
    key = {"Idempotency-Key": "file"}
    first = amina.post(f"{IMPORTS}?name=a.csv", content=as_csv(ROWS), headers=key)
    again = amina.post(f"{IMPORTS}?name=a.csv", content=as_csv(ROWS), headers=key)
    assert again.json() == first.json()
    is_problem(amina.post(f"{IMPORTS}?name=b.csv", content=as_csv(ROWS), headers=key), 422)
    assert len(amina.get(IMPORTS).json()["items"]) == 1


def test_nobody_publishes_what_was_changed_meanwhile(amina: TestClient) -> None:
    found = checked(amina)
    address = f"{IMPORTS}/{found.json()['number']}"
    assert amina.post(f"{address}/check", headers=seen(found)).status_code == 200
    for path in ("publish", "check", "resume"):
        assert is_problem(amina.post(f"{address}/{path}", headers=seen(found)), 412)["reason"] == "version-changed"
    is_problem(amina.post(f"{address}/publish"), 428)
    assert amina.delete(address, headers={"If-Match": "*"}).status_code == 204
    is_problem(amina.get(address), 404)


def test_where_two_must_agree_another_person_approves_the_import(node: Node) -> None:
    app = create_api(replace(node, settings=replace(node.settings, four_eyes=True)))
    author, second = asker(app, node, "bao", OFFICER, REVIEWER), asker(app, node, "birgit", REVIEWER)
    found = checked(author)
    address = f"{IMPORTS}/{found.json()['number']}"
    is_problem(second.get(address), 404)
    handed = author.post(f"{address}/publish", headers=seen(found))
    assert handed.json()["state"] == "review"
    is_problem(author.post(f"{address}/approve", headers=seen(handed)), 403)
    is_problem(second.post(f"{address}/publish", headers=seen(handed)), 403)
    back = second.post(f"{address}/return", json={"note": "Later."}, headers=seen(handed))
    assert (back.json()["state"], back.json()["note"]) == ("checked", "Later.")
    handed = author.post(f"{address}/publish", headers=seen(back))
    done = second.post(f"{address}/approve", headers=seen(second.get(address)))
    assert done.json()["state"] == "done", handed.text
    assert [each.who for each in node.acts.listed(act="import.approved")] == ["Birgit"]
