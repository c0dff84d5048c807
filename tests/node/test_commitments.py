"""A finding's commitment: made here, checked with openssl by whoever is given the sources, guessed by nobody."""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from node.commitments import Sources, committed
from node.edit import Put
from node.node import Node
from node.refusal import Refusal
from schemas.entry import InvalidEntry, parse_entry
from tests.node.nodes import joined_node
from tests.schemas.examples import EXAMPLES

ADDRESSES = [f"assessment/xa-centre/a{number}" for number in range(6)]


def finding(**changes: Any) -> dict[str, Any]:
    """A finding for members, drawn from six assessments."""
    plain = {name: value for name, value in EXAMPLES["finding"].items() if name != "derived_from_commitment"}
    return {**plain, "id": "f1", "n_assessments": 6, "n_states": 4, "derived_from": ADDRESSES[::-1], **changes}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


def put(node: Node, **changes: Any) -> dict[str, Any]:
    """The record as it was published."""
    node.editor.apply([Put(parse_entry(finding(**changes)))])
    body = node.outbox.after(0, 100, 10**9)[-1].body
    assert body is not None
    record: dict[str, Any] = orjson.loads(body)["record"]
    return record


def test_the_sources_stay_here_and_the_record_carries_the_commitment_to_them(node: Node) -> None:
    record = put(node)
    sources = node.reading.sources("f1")
    assert sources is not None
    assert sources.addresses == tuple(ADDRESSES)
    assert record["derived_from_commitment"] == sources.commitment
    sent = b"".join(each.token + (each.body or b"") for each in node.outbox.after(0, 100, 10**9))
    assert b'derived_from"' not in sent
    assert all(address.encode() not in sent for address in ADDRESSES)
    assert base64.urlsafe_b64encode(sources.salt).rstrip(b"=") not in sent


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl: install it")
def test_an_auditor_who_is_given_the_sources_checks_them_with_openssl(node: Node, tmp_path: Path) -> None:
    record = put(node)
    sources = node.reading.sources("f1")
    assert sources is not None
    (tmp_path / "sources.json").write_bytes(sources.document())
    digest = subprocess.run(
        ["openssl", "dgst", "-sha256", "-binary", tmp_path / "sources.json"], capture_output=True, check=True
    ).stdout
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == record["derived_from_commitment"]
    assert orjson.loads(sources.document())["addresses"] == ADDRESSES


def test_the_same_sources_have_another_commitment_elsewhere_so_that_nobody_can_guess_them(
    node: Node, tmp_path: Path
) -> None:
    other = joined_node(tmp_path / "other")
    assert put(node)["derived_from_commitment"] != put(other)["derived_from_commitment"]
    assert put(node, id="f2")["derived_from_commitment"] != put(node, id="f3")["derived_from_commitment"]
    other.engine.dispose()


def test_a_finding_put_again_is_unchanged_and_other_sources_are_a_revision(node: Node) -> None:
    first = put(node)
    assert node.editor.apply([Put(parse_entry(finding()))])[0].outcome == "unchanged"
    without = {**finding(), "derived_from_commitment": first["derived_from_commitment"]}
    del without["derived_from"]
    assert node.editor.apply([Put(parse_entry(without))])[0].outcome == "unchanged"
    revised = put(node, derived_from=[*ADDRESSES[1:], "assessment/fr-office/b1"])
    assert revised["derived_from_commitment"] != first["derived_from_commitment"]


def test_the_number_of_assessments_is_that_of_the_sources(node: Node) -> None:
    with pytest.raises(InvalidEntry, match="number of assessments"):
        put(node, n_assessments=7)
    record = put(node)
    more = {**finding(n_assessments=12), "derived_from_commitment": record["derived_from_commitment"]}
    del more["derived_from"]
    with pytest.raises(Refusal, match="must be 6"):
        node.editor.apply([Put(parse_entry(more))])


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"derived_from": ADDRESSES[:4], "n_assessments": 4}, "/derived_from"),
        ({"derived_from": [*ADDRESSES[:5], ADDRESSES[0]]}, "/derived_from"),
        ({"derived_from": [*ADDRESSES[:5], "need/xa-centre/n1"]}, "/derived_from/5"),
        ({"derived_from": [*ADDRESSES[:5], "a6"]}, "/derived_from/5"),
        ({"derived_from": [*ADDRESSES[:5], ADDRESSES[5] + "\n"]}, "/derived_from/5"),
        ({"derived_from": "assessment/xa-centre/a1"}, "/derived_from"),
        ({"derived_from": None}, "/derived_from_commitment"),
        ({"derived_from_commitment": "A" * 43}, "/derived_from_commitment"),
        ({"subject_scope": "KEN"}, "/subject_scope"),
        ({"n_states": 1}, "/n_states"),
        ({"places": [{"country": "KEN"}]}, "/places/0"),
    ],
)
def test_a_finding_from_too_little_or_about_one_state_is_refused_and_nothing_is_kept(
    node: Node, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidEntry) as refused:
        put(node, **changes)
    assert pointer in [problem.pointer[: len(pointer)] for problem in refused.value.problems]
    assert node.reading.sources("f1") is None


def test_sources_are_named_for_findings_only() -> None:
    with pytest.raises(InvalidEntry, match="only a finding"):
        parse_entry({**EXAMPLES["need"], "derived_from": ADDRESSES})


def test_a_finding_that_is_refused_leaves_no_sources(node: Node) -> None:
    with pytest.raises(Refusal, match="not yet read"):
        put(node, marking="TLP:AMBER", recipients=["fr-office"])
    assert node.reading.sources("f1") is None


def test_a_record_of_another_kind_is_left_as_it_is() -> None:
    entry = parse_entry(EXAMPLES["need"])
    assert committed(entry, None) == (entry, None)
    assert Sources(tuple(ADDRESSES), bytes(32)).commitment == Sources(tuple(ADDRESSES), bytes(32)).commitment
