"""Tests of the first page: it says what this is to anybody, and nothing that is the organization's own."""

from pathlib import Path

from node.node import Node, begin, build
from node.pages.desk import Role
from tests.node.pages.asked import Reader


def test_anybody_is_told_what_this_is_and_where_to_log_in(node: Node) -> None:
    page = Reader(node).read("/")
    assert [h1.text_content() for h1 in page.xpath("//h1")] == ["Centre of Xandia"]
    assert "/login" in page.xpath("//main//a/@href")


def test_whoever_is_logged_in_goes_to_the_desk(node: Node) -> None:
    links = Reader(node, Role.OFFICER).read("/").xpath("//main//a/@href")
    assert "/desk" in links
    assert "/login" not in links


def test_a_name_is_shown_as_text(tmp_path: Path) -> None:
    begin(tmp_path / "n", organization="xb-it", name="<script>x</script>", org_type="10", database="")
    page = Reader(build(tmp_path / "n")).read("/")
    assert page.xpath("//script[not(@src)]") == []
    assert page.xpath("//h1")[0].text_content() == "<script>x</script>"
