"""Tests of reading what the grid is asked for: what is known is taken, what is not is left out and told."""

import pytest
from starlette.datastructures import QueryParams

from node.pages.grid_asked import read_asked


def test_what_is_known_is_taken() -> None:
    asked, problems = read_asked(
        QueryParams("q=a&kind=need&kind=offer&kind=need&theme=fatf:R.5&place=KEN&fresh=due&progress=refused&sort=due")
    )
    assert problems == []
    assert (asked.q, asked.kind, asked.theme, asked.place) == ("a", ("need", "offer"), "fatf:R.5", "KEN")
    assert (asked.fresh, asked.progress, asked.sort, asked.state) == (("due",), ("refused",), "due", ())


@pytest.mark.parametrize(
    "query", ["kind=x", "theme=x", "theme=country:x", "place=x", "sort=x", "marking=x", "progress=x"]
)
def test_what_is_not_known_is_left_out_and_told(query: str) -> None:
    asked, problems = read_asked(QueryParams(query))
    assert len(problems) == 1
    assert asked == read_asked(QueryParams(""))[0]


def test_long_questions_are_cut_and_empty_ones_are_none() -> None:
    asked, problems = read_asked(
        QueryParams({"q": "x" * 900, "theme": "", "place": "", "kind": "", "after": "y" * 900})
    )
    assert (len(asked.q), len(asked.after), asked.kind, problems) == (200, 600, (), [])
