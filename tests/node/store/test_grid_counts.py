"""Tests of the counts beside facets, on both databases: each is what the grid finds when its choice is made."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from node.edit import Put, Withdraw
from node.node import Node
from node.store import Judged, Promise
from node.store.grid import FRESHNESS, MAX_FACETED, PROGRESS, STATES, Asked
from node.store.grid_counts import FACETS, Group, facet_counts
from schemas.entry import parse_entry
from schemas.release import MARKINGS
from tests.node.nodes import joined_node, put
from tests.postgres import empty_database
from tests.schemas.examples import EXAMPLES

TODAY = date(2026, 11, 26)
CHOICES = {
    "kind": ("contact", "need", "organization"), "state": STATES, "marking": MARKINGS, "fresh": FRESHNESS,
    "progress": PROGRESS,
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    database = "" if request.param == "sqlite" else str(request.getfixturevalue("counted_url"))
    made = joined_node(tmp_path_factory.mktemp("counted") / "node", database)
    need = parse_entry({**EXAMPLES["need"], "id": "n1", "marking": "TLP:GREEN"})
    made.editor.apply([
        Put(need), put("a", review_due="2026-12-01"), put("b", review_due="2026-01-01"), put("c"), put("d"),
        put("clear", marking="TLP:CLEAR", visibility="public"), put("local", marking="TLP:RED"), put("gone"),
    ])  # fmt: skip
    made.editor.apply([Withdraw("contact", "gone", "Closed.")])
    judged = [Judged(n, "warning", "schema-invalid", "x", "y", "[]", "2026-11-24T00:00:00.000Z") for n in (3, 5)]
    made.outbox.logged(Promise(5, 7, b""), [], judged, {"logged": 5, "witnessed": 3})
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def counted_url(postgres_server: str) -> Iterator[str]:
    with empty_database(postgres_server) as url:
        yield url


@pytest.mark.parametrize(
    "asked",
    [
        Asked(), Asked(kind=("contact",)), Asked(kind=("contact",), fresh=("overdue", "due")), Asked(q="duty"),
        Asked(progress=("logged", "refused")), Asked(state=STATES, marking=("TLP:GREEN",), progress=("delivered",)),
        Asked(theme="theme_1373:2.10", progress=("sealed",)), Asked(q="nothing"),
    ],
    ids=["all", "kind", "fresh", "words", "progress", "state", "theme", "nothing"],
)  # fmt: skip
def test_a_count_is_what_its_choice_would_find(node: Node, asked: Asked) -> None:
    counts = node.grid.page(asked, TODAY).counts
    for facet in FACETS:
        for choice in CHOICES[facet]:
            found = node.grid.page(replace(asked, **{facet: (choice,)}), TODAY).total  # type: ignore[arg-type]
            assert counts[facet].get(choice, 0) == found, f"{facet}: {choice}"


def test_what_was_refused_counts_as_refused_and_where_it_has_come_to_but_not_as_delivered() -> None:
    groups = [Group("need", "current", "TLP:CLEAR", "due", place, True, 1) for place in ("delivered", "logged")]
    counts = facet_counts(groups, dict.fromkeys(FACETS, ()))
    assert counts["progress"] == {"refused": 2, "logged": 1}


def test_of_more_than_are_counted_figures_are_the_least(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not node.grid.page(Asked(q="duty"), TODAY).at_least
    monkeypatch.setattr("node.store.grid.MAX_NEAR", 1)
    monkeypatch.setattr("node.store.grid.MAX_FACETED", 2)
    found = node.grid.page(Asked(q="duty"), TODAY)
    assert (found.at_least, sum(found.counts["kind"].values())) == (True, 2)
    assert not node.grid.page(Asked(), TODAY).at_least  # an index counts all
    assert MAX_FACETED > 1000
