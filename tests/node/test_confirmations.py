"""Asking the hub who has obeyed: what it answers is shown, what it should not answer changes nothing."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from node import cli_text, forms
from node.confirmations import Confirmations
from node.node import Node
from node.store import Promise
from tests.bus_fixture import running_bus
from tests.node.nodes import ORG, joined_node, noon, put
from wire.encoding import b64url


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node with an order that is in the log, and one that is not."""
    node = joined_node(tmp_path / "node")
    for name in ("duty", "other"):
        node.editor.apply([put(name)])
        node.eraser.erase("contact", name)
    node.outbox.logged(Promise(3, 3, b""), [(3, 70)], [], {"trouble": None})
    return node


async def told(node: Node, tmp_path: Path, *answers: Any) -> list[Any]:
    """Ask a hub's end that gives these answers; gives what it was asked."""
    asked: list[Any] = []
    waiting = [each if isinstance(each, bytes) else orjson.dumps(each) for each in answers]

    async def answer(_subject: str, payload: bytes, _headers: Any) -> bytes:
        asked.append(orjson.loads(payload))
        return waiting.pop(0)

    async with running_bus(tmp_path / "bus", ORG) as net:
        hub, bus = await net.connect("hub"), await net.connect(ORG)
        await hub.answer("ask.*.erasures", answer)
        assert await hub.confirm(60)
        await Confirmations(ORG, node.orders, bus, noon).ask()
    return asked


def shown(node: Node) -> list[dict[str, Any]]:
    return [forms.erasure_form(each) for each in node.orders.listed()]


async def test_what_the_hub_answers_is_shown(node: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = node.orders.listed()[0]
    item = {"order": b64url(order.hash), "confirmed": [{"org": "hub", "index": 71}], "missing": ["fr-office"]}
    asked = await told(
        node, tmp_path, {"erasures": [], "next": 75}, {"erasures": [{**item, "index": 70}], "next": None}
    )
    assert asked == [{"start": 70}, {"start": 75}]
    first, second = shown(node)
    assert (first["confirmed"], first["missing"]) == ([{"org": "hub", "index": 71}], ["fr-office"])
    assert first["as_of"] == "2026-11-24T12:00:00.000Z"
    assert (second["index"], second["missing"]) == (None, None)
    document = forms.status_form(node.reading, node.outbox.relay(), node.log, node.orders.listed(), served=True)
    cli_text.print_status(document)
    said = capsys.readouterr().out
    assert "contact/duty, event 3: destroyed by hub; missing: fr-office" in said
    assert "the order is not in the log yet" in said
    assert "2 erased" in said


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"[]", b"nonsense", {"error": "this hub does not answer 'erasures'"}, {"erasures": [{}], "next": None},
        {"erasures": {}, "next": 7}, {"erasures": [{"order": "x", "confirmed": [], "missing": []}], "next": None},
        {"erasures": [], "next": 70}, {"erasures": [], "next": "on"},
        {"erasures": [{"order": b64url(bytes(32)), "confirmed": [], "missing": []}], "next": None},
    ],
)  # fmt: skip
async def test_an_answer_that_is_none_changes_nothing_and_ends(node: Node, tmp_path: Path, answer: Any) -> None:
    before = shown(node)
    async with asyncio.timeout(120):
        await told(node, tmp_path, answer)
    assert shown(node) == before


async def test_nothing_is_asked_once_everybody_has_obeyed(node: Node, tmp_path: Path) -> None:
    order = node.orders.listed()[0]
    item = {"order": b64url(order.hash), "index": 70, "confirmed": [{"org": "hub", "index": 71}], "missing": []}
    assert len(await told(node, tmp_path, {"erasures": [item], "next": None})) == 1
    assert await told(node, tmp_path) == []
