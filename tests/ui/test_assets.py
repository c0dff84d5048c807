"""Tests of assets: what pages load is found by its plain name alone, and is all there."""

import re

import pytest

from ui import assets


@pytest.mark.parametrize("name", ["../pages.py", "..\\pages.py", ".hidden.css", "pages.py", "a/b.css", "", "none.css"])
def test_only_plain_names_of_known_types_are_found(name: str) -> None:
    assert assets.find(name) is None


def test_our_own_files_are_found_and_their_address_changes_with_them() -> None:
    assert assets.find("liaison.css") == assets.STATIC / "liaison.css"
    assert re.fullmatch("[0-9a-f]{12}", assets.release())


def test_what_npm_brings_is_there_with_its_licences() -> None:
    if not assets.VENDOR.is_dir():
        pytest.skip("npm was not there when the project was set up: apt install npm, then make assets")
    assert sorted(assets.VENDORED) == sorted(p.name for p in assets.VENDOR.iterdir() if not p.name.startswith("."))


def test_the_style_sheet_loads_nothing_from_elsewhere_and_nothing_that_is_not_there() -> None:
    named = re.findall(r'url\("([^"]+)"\)', (assets.STATIC / "liaison.css").read_text("utf-8"))
    assert named
    assert [name for name in named if name not in assets.VENDORED and assets.find(name) is None] == []


def test_our_styles_name_no_side_so_that_they_hold_in_both_directions() -> None:
    css = (assets.STATIC / "liaison.css").read_text("utf-8")
    assert re.findall(r"(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)|float:", css) == []
