"""The pages hold together: links lead somewhere, named files and tests exist, every page can be reached."""

import re
from pathlib import Path

import pytest

from tests.docs.project import DOCS, ROOT, files, short, text

PAGES = files(".md")
LINK = re.compile(r"\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"`((?:schemas|wire|ui|node|hub|deploy|docs|tests)/[\w./-]*)(?:::(\w+))?`")
LONGEST_DECISION = 40


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_links_lead_to_a_file_and_a_heading_of_it(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), f"{short(page)} links to {target}"
        assert not anchor or anchor in anchors(there), f"{short(page)} links to {target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_files_and_tests_that_a_page_names_exist(page: Path) -> None:
    for name, test in CODE.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), f"{short(page)} names {name}"
        assert not test or re.search(rf"\bdef {test}\b", text(name)), f"{short(page)} names {name}::{test}"


def test_every_invariant_is_shown_by_a_test_and_there_are_at_most_ten() -> None:
    rows = [line for line in text("docs/invariants.md").splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row.split("|")[1]) for row in rows] == list(range(1, len(rows) + 1))
    assert 1 <= len(rows) <= 10
    assert [row for row in rows if "`tests/" not in row] == []


def test_decisions_are_numbered_without_gaps_short_and_listed() -> None:
    decisions = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    assert [path.name for path in decisions if len(path.read_text().splitlines()) > LONGEST_DECISION] == []
    assert [path.name for path in decisions if f"({path.name})" not in text("docs/adr/README.md")] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, new = set[Path](), {ROOT / "README.md"}
    while new:
        seen |= new
        targets = {(page.parent / target).resolve() for page in new for target, _ in LINK.findall(page.read_text())}
        new = {target for target in targets if target.suffix == ".md" and target.exists()} - seen
    assert [short(page) for page in files(".md") if page not in seen] == []


def test_the_licence_is_apache_2_0_and_the_changelog_has_this_version() -> None:
    assert "Apache License" in text("LICENSE")
    assert "Version 2.0, January 2004" in text("LICENSE")
    assert "END OF TERMS AND CONDITIONS" in text("LICENSE")
    assert "0.1.0" in text("CHANGELOG.md")
