"""Tests of hub/matrix_since.py: the matrix of a checkpoint, judged from the versions of that time."""

from typing import Any

import pytest
from sqlalchemy import insert

from hub import matrix_since, search, tables
from hub.access import VISIBLE, Role
from hub.finding.kept_cells import KeptCells
from hub.matrix_since import TOO_EARLY, TOO_MANY, Before, before
from hub.matrix_table import MatrixAsked, matrix
from tests.hub.published import Published
from tests.hub.test_matrix_table import activity
from tests.signed_network import need
from wire.database import reading

BORDERS = [{"scheme": "theme_1373", "code": "2.10"}]
DAY = "2026-11-20"


def sign(network: Published, at: str = "2026-11-19T12:00:00.000Z") -> None:
    """Have a checkpoint of what was logged until now."""
    values = {"size": network.tail.size, "root": bytes(32), "note": b"", "quorum": True, "at": at}
    with network.engine.begin() as connection:
        connection.execute(insert(tables.checkpoints).values(values))


def difference(network: Published, **asked: Any) -> tuple[Before, list[tuple[str, str, str]]]:
    question, markings, cells = MatrixAsked.model_validate({"since": DAY, **asked}), VISIBLE[Role.PUBLIC], KeptCells()
    search.judge(reading(network.engine), network.tail.size, question.scheme, question.places, question.codes)
    with reading(network.engine).connect() as connection:
        earlier = before(connection, question, markings, cells)
        table = matrix(connection, question, markings, {}, cells, earlier.cells) if earlier.cells else {"cells": []}
    return earlier, [(cell["row"], cell["was"], cell["state"]) for cell in table["cells"]]


def test_cells_tell_what_they_were_and_what_they_are(network: Published) -> None:
    network.publish("need", need(themes=BORDERS), id="n1")
    network.publish("need", need(themes=BORDERS, beneficiary={"country": "UGA"}), id="n2")
    network.publish("need", need(themes=BORDERS, beneficiary={"country": "FRA"}), id="n3")
    network.publish("activity", activity("XAA", "donor-one"), id="a1")
    sign(network)
    size = network.tail.size
    network.publish("activity", activity("KEN", "donor-one"), id="a2")  # KEN: gap, now covered
    network.publish(
        "need", need(themes=BORDERS, need_status="met", beneficiary={"country": "UGA"}), id="n2", action="revised"
    )
    network.withdraw("activity", id="a1")  # XAA: unrequested, now nothing
    network.publish("need", need(themes=BORDERS, beneficiary={"country": "MLI"}), id="n4")  # MLI: nothing, now a gap
    earlier, cells = difference(network)
    assert (earlier.size, earlier.at) == (size, "2026-11-19T12:00:00.000Z")
    assert cells == [
        ("KEN", "gap", "covered"), ("MLI", "none", "gap"), ("UGA", "gap", "none"), ("XAA", "unrequested", "none"),
    ]  # fmt: skip
    assert difference(network, place=["KEN"])[1] == [("KEN", "gap", "covered")]
    assert difference(network, state=["gap"])[1] == [("MLI", "none", "gap")]
    assert difference(network, rows="region")[1] == [
        ("001", "unrequested", "none"), ("002", "gap", "partly"),
    ]  # fmt: skip


def test_an_answer_that_came_since_then_covers_a_need_that_was_there(network: Published) -> None:
    network.publish("need", need(themes=BORDERS), id="n1")
    sign(network)
    laws = [{"scheme": "theme_1373", "code": "1.1"}]
    answers = activity("XAA", "donor-one", themes=laws, answers_needs=["need/xa-centre/n1"])
    network.publish("activity", answers, id="a1", org="donor-one")
    assert difference(network)[1] == [("KEN", "gap", "covered"), ("XAA", "none", "unrequested")]


def test_what_the_reader_may_not_see_changed_nothing(network: Published) -> None:
    network.publish("need", need(themes=BORDERS), id="n1")
    sign(network)
    network.publish("activity", activity("KEN", "donor-one"), id="a1", marking="TLP:GREEN")
    assert difference(network)[1] == []


def test_without_a_checkpoint_so_early_or_with_too_much_changed_it_says_so(
    small_network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_network.publish("need", need(themes=BORDERS), id="n1")
    assert difference(small_network)[0].problem == TOO_EARLY
    sign(small_network)
    for number in range(3):
        small_network.publish("need", need(themes=BORDERS), id=f"m{number}")
    monkeypatch.setattr(matrix_since, "MOST", 2)
    assert difference(small_network)[0].problem == TOO_MANY
