"""Who will be able to read a record, said before it is published."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.audience import audience_of_entry, audience_of_record
from node.edit import Put, Withdraw
from node.node import Node
from node.refusal import Refusal
from schemas.entry import parse_entry
from tests.node.nodes import ORG, contact, joined_node, read_registry
from tests.schemas.examples import EXAMPLES
from tests.signed_network import reading_key_of
from wire.encryption import NotForUs, decrypt


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    read_registry(node, "fr-office", "ke-nctc", "hub", retired=("old-office",))
    yield node
    node.engine.dispose()


def readers(node: Node, **changes: Any) -> dict[str, Any]:
    """Who would read this contact."""
    return audience_of_entry(node, parse_entry(contact("c1", **changes))).form()


def names(form: dict[str, Any]) -> list[str]:
    return [each["org"] for each in form["organizations"]]


def test_what_is_clear_is_for_everybody(node: Node) -> None:
    form = readers(node, marking="TLP:CLEAR", visibility="public")
    assert (form["reads"], form["hub_reads"], form["refused"]) == ("everybody", True, None)
    assert form["text"].startswith("Everybody")


def test_what_is_green_is_for_the_members_by_name_and_the_hub_reads_it_too(node: Node) -> None:
    form = readers(node, marking="TLP:GREEN", visibility="members")
    assert (form["reads"], form["hub_reads"]) == ("members", True)
    assert names(form) == ["fr-office", "hub", "ke-nctc", ORG]
    assert "Office fr-office (fr-office)" in form["text"]
    assert "operator read it too" in form["text"]


@pytest.mark.parametrize("marking", ["TLP:AMBER", "TLP:AMBER+STRICT"])
def test_what_is_amber_is_for_those_who_are_named_and_the_hub_cannot_read_it(node: Node, marking: str) -> None:
    form = readers(node, marking=marking, recipients=["ke-nctc"])
    assert (form["reads"], form["hub_reads"], names(form)) == ("named", False, ["ke-nctc", ORG])
    assert "The hub and its operator cannot read it." in form["text"]
    assert readers(node, marking=marking, recipients=["hub"])["hub_reads"] is True


def test_what_is_red_or_a_draft_is_for_nobody_outside(node: Node) -> None:
    assert readers(node, marking="TLP:RED")["reads"] == "nobody"
    draft = {**EXAMPLES["need"], "need_status": "draft", "history": None}
    assert audience_of_entry(node, parse_entry(draft)).form()["text"].startswith("Nobody outside this node: it is a dr")


def test_what_would_be_refused_says_so_and_why(node: Node) -> None:
    private = readers(node, marking="TLP:CLEAR", visibility="private")
    assert private["refused"]["reason"] == "marking-violated"
    retired = readers(node, marking="TLP:AMBER", recipients=["old-office"])
    assert "has retired" in retired["refused"]["text"]


def test_what_is_said_before_publishing_is_true_afterwards(node: Node) -> None:
    entry = parse_entry(contact("c1", marking="TLP:AMBER", recipients=["ke-nctc"]))
    told = names(audience_of_entry(node, entry).form())
    node.editor.apply([Put(entry)])
    assert names(audience_of_record(node, "contact", "c1").form()) == told
    body = node.outbox.after(0, 100, 10**9)[-1].body
    assert body is not None
    for name in ("fr-office", "ke-nctc", "hub"):
        opened = True
        try:
            decrypt(body, reading_key_of(name))
        except NotForUs:
            opened = False
        assert opened is (name in told)


def test_who_could_read_earlier_versions_is_not_forgotten(node: Node) -> None:
    node.editor.apply([Put(parse_entry(contact("c1")))])
    node.editor.apply([Put(parse_entry(contact("c1", marking="TLP:AMBER", recipients=["fr-office"])))])
    node.editor.apply([Put(parse_entry(contact("c1", marking="TLP:AMBER", recipients=["ke-nctc"])))])
    form = audience_of_record(node, "contact", "c1").form()
    assert names(form) == ["ke-nctc", ORG]
    assert form["earlier"] == ["members", "fr-office", ORG], "what it says now is no earlier version"
    assert "stay with the members of the network, and with: fr-office" in form["text"]
    node.editor.apply([Withdraw("contact", "c1", "It ended.")])
    assert audience_of_record(node, "contact", "c1").form()["reads"] == "named"


def test_of_a_record_that_is_not_there_nothing_is_said(node: Node) -> None:
    with pytest.raises(Refusal, match="not a record of this node"):
        audience_of_record(node, "contact", "nowhere")


def test_before_the_registry_was_read_members_are_not_named_and_amber_is_refused(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "new")
    form = readers(node, marking="TLP:GREEN", visibility="members")
    assert (form["organizations"], form["refused"]) == ([], None)
    assert "has not read the registry" in form["text"]
    amber = readers(node, marking="TLP:AMBER", recipients=["fr-office"])
    assert amber["refused"]["reason"] == "registry-unknown"
    node.engine.dispose()
