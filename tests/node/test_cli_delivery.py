"""The command delivery: each step of a record's way with its time, or what is to be said in its place."""

from pathlib import Path

import orjson

from node.store import Promise
from node.store.delivery_times import Span
from tests.node.nodes import joined_node, put
from tests.node.test_cli_readers import run

SENT, LOGGED = "2026-11-24T12:01:00.000Z", "2026-11-24T12:02:00.000Z"


def test_each_step_is_told_with_its_time(tmp_path: Path) -> None:
    directory = tmp_path / "node"
    node = joined_node(directory)
    node.editor.apply([put("duty")])
    signed = node.reading.history("contact", "duty")[0].time
    lines = run("delivery", directory, "contact", "duty").splitlines()
    assert [line[21:] for line in lines] == [signed, signed, *["not yet"] * 4]
    node.outbox.logged(
        Promise(2, 7, b""), [(2, 7)], [], {"logged": 2, "sent": 2, "witnessed": 1}, at=LOGGED, sent=[Span(2, 2, SENT)]
    )
    lines = run("delivery", directory, "contact", "duty").splitlines()
    assert [(line[:21].strip(), line[21:]) for line in lines[2:]] == [
        ("handed to the bus", SENT), ("logged as #7", LOGGED), ("witnessed", "not yet"), ("in the view", LOGGED),
    ]  # fmt: skip
    node.log.deliver(2)
    assert run("delivery", directory, "contact", "duty").splitlines()[4].endswith("time not kept")
    told = orjson.loads(run("delivery", directory, "contact", "duty", "--json"))
    assert (told["delivery"]["index"], told["delivery"]["times"]["logged"]) == (7, LOGGED)


def test_what_is_erased_or_never_was_is_said(tmp_path: Path) -> None:
    directory = tmp_path / "node"
    node = joined_node(directory)
    node.editor.apply([put("duty")])
    node.eraser.erase("contact", "duty")
    run("delivery", directory, "contact", "duty", status=1)
    assert orjson.loads(run("delivery", directory, "contact", "duty", "--json"))["delivery"] is None
    run("delivery", directory, "contact", "none", status=1)
