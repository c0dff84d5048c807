"""Tests of My desk: what is to be done today, with one click where one is enough."""

from pathlib import Path

import pytest

from node.edit import Put
from node.node import Node
from node.pages.desk import Role
from node.store import Judged, Promise
from schemas.entry import parse_entry
from tests.node.logs import Watched
from tests.node.nodes import joined_node
from tests.node.pages.asked import Reader
from tests.schemas.examples import EXAMPLES


@pytest.fixture
def fresh(tmp_path: Path) -> Node:
    return joined_node(tmp_path / "node")


def test_what_goes_stale_is_confirmed_by_one_click(fresh: Node) -> None:
    overdue = {**EXAMPLES["offer"], "id": "o1", "review_due": "2020-01-01"}
    fresh.editor.apply([Put(parse_entry(overdue))])
    reader = Reader(fresh, Role.OFFICER)
    assert "Still valid: Training of border officers" in reader.words("/en/desk")
    before = fresh.reading.chain().sequence
    reader.send("/en/desk/confirm", kind="offer", id="o1")
    assert reader.status == 200
    assert fresh.reading.chain().sequence == before + 1
    assert [(each.act, each.subject) for each in fresh.acts.listed()] == [("record.confirmed", "offer/o1")]


def test_what_the_hub_refused_is_said_plainly_with_a_way_to_fix_it(fresh: Node) -> None:
    done = fresh.editor.apply([Put(parse_entry({**EXAMPLES["offer"], "id": "o1"}))])[0]
    assert done.sequence is not None
    problems = '[{"pointer": "/record/title", "message": "The title is a joke.", "found": "x", "allowed": "y"}]'
    judged = Judged(done.sequence, "warning", "schema-invalid", "x", "y", problems, "2026-11-24T00:00:00.000Z")
    fresh.outbox.logged(Promise(done.sequence, 7, b""), [], [judged], {"logged": done.sequence})
    page = Reader(fresh, Role.OFFICER).read("/en/desk")
    assert "The title is a joke." in page.text_content()
    assert page.xpath("string(//section[@aria-labelledby='refused']//button)") == "Fix it: Training of border officers"
    [last] = page.xpath("//section[@aria-labelledby='last']//li[.//a[contains(@href, '/offer/o1')]]")
    assert "refused" in last.text_content(), "and it is not said to be on its way"


def test_a_desk_says_first_that_nothing_signed_here_is_accepted_any_more(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    assert "An alarm stands" not in Reader(watched.node, Role.OFFICER).words("/en/desk")
    watched.revoke()
    reader = Reader(watched.node, Role.OFFICER)
    assert "the roots have revoked the signing key of this organization" in reader.words("/en/desk")
    outbox = reader.words("/en/outbox")
    assert "nothing that this node signs is accepted" in outbox
    assert "liaison-node keys replace DIR" in outbox
    watched.close()


def test_an_empty_desk_says_what_to_do(node: Node) -> None:
    words = Reader(node, Role.OFFICER).words("/en/desk")
    assert "You have no drafts." in words
    assert "Enter something new" in words


def test_nobody_sees_the_desk_without_a_log_in(node: Node) -> None:
    answer = Reader(node).client.get("/en/desk", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/en/login?next=")
