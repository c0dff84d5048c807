"""Tests of the grid page: words of any script, facets, order, pages, and addresses that ask for what is not there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.edit import Put, Withdraw
from node.node import Node
from node.pages.desk import Role
from schemas.entry import parse_entry
from tests.node.nodes import joined_node, put
from tests.node.pages.asked import Reader
from tests.schemas.examples import EXAMPLES
from tests.signed_network import NEVER_DUE

TITLES = "//tbody//th//text()"
NAMES = {"en": "Harbour office", "ar": "مكتب الوثائق", "zh": "边境哨所", "ru": "Пограничный пост", "fr": "Frontière"}


def office(record_id: str, **changes: Any) -> Put:
    return put(record_id, review_due=NEVER_DUE, **changes)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    made = joined_node(tmp_path_factory.mktemp("grid") / "node")
    need = parse_entry({**EXAMPLES["need"], "id": "n1", "marking": "TLP:GREEN"})
    made.editor.apply([Put(need), office("named", name=NAMES), office("gone"), put("old", review_due="2026-01-01")])
    made.editor.apply([Withdraw("contact", "gone", "Closed.")])
    made.editor.apply(
        [office(f"c{n:03}", name={"en": f"Office {n:03}"}, marking="TLP:CLEAR", visibility="public") for n in range(60)]
    )
    yield made
    made.engine.dispose()


def titles(node: Node, query: str) -> list[str]:
    page = Reader(node, Role.OFFICER).read(f"/records?{query}")
    return [" ".join(each.text_content().split()) for each in page.xpath("//tbody//th")]


@pytest.mark.parametrize("words", ["harbour", "FRONTIERE", "وثائق", "边境", "пограничный", "named"])
def test_words_of_any_script_find_a_record(node: Node, words: str) -> None:
    assert titles(node, f"q={words}&kind=contact") == ["Harbour office"]


def test_facets_are_any_within_and_all_between(node: Node) -> None:
    assert titles(node, "kind=need&kind=organization&marking=TLP:GREEN") == ["Border posts without document readers"]
    assert titles(node, "state=withdrawn") == ["Duty office"]
    assert titles(node, "fresh=overdue") == ["Duty office"]
    assert len(titles(node, "progress=sealed&marking=TLP:CLEAR&kind=contact")) == 50
    assert titles(node, "progress=delivered") == []
    assert "Border posts without document readers" in titles(node, "theme=theme_1373:2.10&kind=need")
    assert titles(node, "place=KEN&kind=contact&q=harbour") == []


@pytest.mark.parametrize("sort", ["title", "changed", "kind", "due"])
def test_pages_follow_one_another_without_gap_or_double(node: Node, sort: str) -> None:
    reader, address, seen = Reader(node, Role.OFFICER), f"/records?sort={sort}", []
    while address:
        page = reader.read(address)
        seen += page.xpath("//input[@name='chosen']/@value")
        address = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert len(seen) == len(set(seen)) == 64
    if sort == "title":
        assert [each for each in seen if "/c0" in each] == [f"contact/c{n:03}" for n in range(60)]


@pytest.mark.parametrize(
    "query", ["kind=x", "sort=x", "theme=x:y", "place=QQQ", "after=%00", "after=W10", "state=erased"]
)
def test_what_an_address_cannot_mean_is_said(node: Node, query: str) -> None:
    reader = Reader(node, Role.OFFICER)
    page = reader.read(f"/records?{query}")
    assert reader.status == 422
    assert "There is a problem" in page.get_element_by_id("errors").text_content()


def test_only_officers_find_boxes_and_nobody_else_the_page(node: Node) -> None:
    assert Reader(node, Role.REVIEWER).read("/records").xpath("//input[@name='chosen']") == []
    reader = Reader(node)
    reader.client.follow_redirects = False
    reader.read("/en/login")
    assert reader.client.get("/records").status_code == 303


def test_a_title_is_text(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "n")
    node.editor.apply([put("x", name={"en": "<script>alert(1)</script>"})])
    page = Reader(node, Role.OFFICER).read("/records?q=alert")
    assert page.xpath("//main//script") == []
    node.engine.dispose()


def test_facets_show_what_each_choice_has_under_the_other_filters(node: Node) -> None:
    page = Reader(node, Role.OFFICER).read("/records?kind=contact&marking=TLP:GREEN")
    shown = {
        each.getprevious().get("value"): each.xpath("string(span[@class='li-count'])")
        for each in page.xpath("//fieldset[@class='li-facet']//span[@class='form-check-label']")
    }
    assert (shown["contact"], shown["need"], shown["TLP:CLEAR"], shown["TLP:GREEN"]) == ("2", "1", "60", "2")
    assert (shown["overdue"], shown["sealed"], shown["delivered"], shown["withdrawn"]) == ("1", "2", "0", "1")
