"""Tests of hub/pages/forms.py: where a form may send its reader; the rest is tested through the log-in page."""

import pytest

from hub.pages.forms import place_here


@pytest.mark.parametrize("address", ["/", "/needs?place=KEN&q=%C3%A9", "/sync/xa-centre#notes", "/login/first"])
def test_a_page_of_ours_is_where_one_may_go(address: str) -> None:
    assert place_here(address) == address


@pytest.mark.parametrize("address", ["//x", "/\\x", "https://x", "x", "/" + "x" * 3000, "/\n/x", "/\x00", "/é"])
def test_anything_else_is_the_first_page(address: str) -> None:
    assert place_here(address) == "/"
