"""Tests of assets: what pages load is found by its plain name alone, and is all there."""

import re
from pathlib import Path

import pytest

from ui import assets


@pytest.mark.parametrize("name", ["../pages.py", "..\\pages.py", ".hidden.css", "pages.py", "a/b.css", "", "none.css"])
def test_only_plain_names_of_known_types_are_found(name: str) -> None:
    assert assets.find(name) is None


def test_our_own_files_are_found_and_their_address_changes_with_them() -> None:
    assert assets.find("liaison.css") == assets.STATIC / "liaison.css"
    assert re.fullmatch("[0-9a-f]{12}", assets.release())


@pytest.mark.usefixtures("npm_assets")
def test_what_npm_brings_is_there_with_its_licences() -> None:
    assert sorted(assets.VENDORED) == sorted(p.name for p in assets.VENDOR.iterdir() if not p.name.startswith("."))


@pytest.mark.usefixtures("npm_assets")
def test_pages_load_a_small_part_of_the_style_sheets_that_npm_brings() -> None:
    for name, source in assets.VENDORED.items():
        if name.endswith(".css"):
            worn, whole = (assets.VENDOR / name).read_text("utf-8"), (assets.MODULES / source).read_text("utf-8")
            assert len(worn) * 5 < len(whole)
            assert "Licensed under MIT" in worn
            # Keyboard users find their place by it in high contrast, and no element is named in it.
            assert ":focus-visible{outline:2px solid Highlight" in worn


def test_what_npm_did_not_bring_is_named_and_nothing_is_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets, "MODULES", tmp_path)
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    with pytest.raises(assets.AssetsError, match=r"npm has not brought tabler\.min\.css, .*purgecss$"):
        assets.vendor()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("npm_assets")
def test_a_style_sheet_that_is_none_is_said_and_pages_keep_what_they_had(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(path.name for path in assets.FOLDER.rglob("vendor*/*"))
    monkeypatch.setattr(assets, "VENDORED", {"tabler.min.css": "../static/feed.js"})
    with pytest.raises(assets.AssetsError, match=r"could not be made smaller: CssSyntaxError: .*tabler\.min\.css:1:4"):
        assets.vendor()
    assert sorted(path.name for path in assets.FOLDER.rglob("vendor*/*")) == before


def test_the_style_sheet_loads_nothing_from_elsewhere_and_nothing_that_is_not_there() -> None:
    named = re.findall(r'url\("([^"]+)"\)', (assets.STATIC / "liaison.css").read_text("utf-8"))
    assert named
    assert [name for name in named if name not in assets.VENDORED and assets.find(name) is None] == []


def test_our_styles_name_no_side_so_that_they_hold_in_both_directions() -> None:
    css = (assets.STATIC / "liaison.css").read_text("utf-8")
    assert re.findall(r"(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)|float:", css) == []
