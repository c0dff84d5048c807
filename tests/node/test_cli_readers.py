"""The commands inbox, audience and commitment, as a person uses them."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from node.cli import app
from node.edit import Put
from node.node import Node
from node.store import Letter
from schemas.body import make_body
from schemas.entry import parse_entry
from tests.node.nodes import contact, joined_node, read_registry
from tests.node.test_commitments import ADDRESSES, finding
from tests.signed_network import need, nonce


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = joined_node(tmp_path / "node")
    read_registry(node, "fr-office", "ke-nctc")
    return node


def run(*arguments: object, status: int = 0) -> str:
    """What the command prints."""
    found = CliRunner().invoke(app, list(map(str, arguments)))
    assert found.exit_code == status, (found.output, found.exception)
    return found.stdout


def letter(index: int, **changes: Any) -> Letter:
    """Something that another organization has written."""
    body = make_body(need("The harbour"), nonce(index))
    given: dict[str, Any] = {
        "index": index, "org": "ke-nctc", "kind": "need", "id": f"n{index}", "action": "published",
        "marking": "TLP:AMBER", "time": "2026-11-23T12:00:00.000Z", "statement": bytes(32), "datahash": bytes(32),
        "body": body, "readers": ("ke-nctc", "xa-centre"), "reason": None, "problems": (), **changes,
    }  # fmt: skip
    return Letter(**given)


def test_the_inbox_lists_what_others_wrote_and_says_what_is_not_valid(node: Node, tmp_path: Path) -> None:
    assert orjson.loads(run("inbox", tmp_path / "node", "--json")) == []
    node.letters.keep(letter(7))
    node.letters.keep(letter(9, reason="schema-invalid"))
    text = run("inbox", tmp_path / "node")
    assert "need/ke-nctc/n7" in text
    assert "need/ke-nctc/n9  not valid: schema-invalid" in text
    first, second = orjson.loads(run("inbox", tmp_path / "node", "--json"))
    assert (first["record"], second["record"]) == (need("The harbour"), None)


def test_earlier_versions_are_listed_when_they_are_asked_for(node: Node, tmp_path: Path) -> None:
    node.letters.keep(letter(7, id="n1"))
    node.letters.keep(letter(9, id="n1", action="revised"))
    assert [each["index"] for each in orjson.loads(run("inbox", tmp_path / "node", "--json"))] == [9]
    both = orjson.loads(run("inbox", tmp_path / "node", "--older", "--json"))
    assert [(each["index"], each["status"]) for each in both] == [(7, "superseded"), (9, "current")]


def test_the_audience_of_a_file_is_told_before_it_is_put_and_nothing_is_saved(node: Node, tmp_path: Path) -> None:
    file = tmp_path / "contact.json"
    file.write_bytes(orjson.dumps(contact("c1", marking="TLP:AMBER", recipients=["ke-nctc"])))
    text = run("audience", tmp_path / "node", "--file", file)
    assert "Office ke-nctc (ke-nctc)" in text
    assert "The hub and its operator cannot read it." in text
    assert node.reading.record("contact", "c1") is None
    node.editor.apply([Put(parse_entry(orjson.loads(file.read_bytes())))])
    told = orjson.loads(run("audience", tmp_path / "node", "contact", "c1", "--json"))
    assert [each["org"] for each in told["organizations"]] == ["ke-nctc", "xa-centre"]


def test_an_audience_that_cannot_be_is_a_negative_finding(node: Node, tmp_path: Path) -> None:
    file = tmp_path / "contact.json"
    file.write_bytes(orjson.dumps(contact("c1", marking="TLP:AMBER", recipients=["xx-nobody"])))
    assert "would be refused" in run("audience", tmp_path / "node", "--file", file, status=1)
    run("audience", tmp_path / "node", status=2)
    run("audience", tmp_path / "node", "contact", status=2)
    run("audience", tmp_path / "node", "contact", "c1", "--file", file, status=2)


def test_the_sources_of_a_finding_are_printed_for_whoever_the_organization_trusts(node: Node, tmp_path: Path) -> None:
    node.editor.apply([Put(parse_entry(finding()))])
    sources = node.reading.sources("f1")
    assert sources is not None
    assert run("commitment", tmp_path / "node", "f1").encode() == sources.document()
    assert orjson.loads(sources.document())["addresses"] == ADDRESSES
    run("commitment", tmp_path / "node", "f2", status=1)
