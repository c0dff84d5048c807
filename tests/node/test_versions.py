"""Tests of versions: what names one, and which headers name it."""

import pytest

from node.store import Kept
from node.versions import BadTags, entity_tag, read_tags, version_of

KEPT = Kept("contact", "a", "TLP:GREEN", b"{}", "current", spoken=True, sequence=2, changed="", source=None)


def test_what_is_said_is_named_by_its_statement_and_what_is_kept_here_by_its_content() -> None:
    assert version_of(KEPT, bytes(32)) == "A" * 43
    local = KEPT._replace(state="local")
    assert version_of(local, bytes(32)) == version_of(local, None) != "A" * 43
    assert version_of(local, None) != version_of(local._replace(content=b'{"a":1}'), None)
    assert version_of(local, None) != version_of(local._replace(recipients=("ke-nctc",)), None)


def test_a_tag_changes_with_the_answer_and_names_the_version_all_the_same() -> None:
    sealed, logged = entity_tag("V", {"progress": "sealed"}), entity_tag("V", {"progress": "logged"})
    assert sealed != logged
    assert read_tags(sealed).name("V")
    assert read_tags(logged).name("V")
    assert not read_tags(sealed).name("W")
    assert not read_tags(sealed).hold(logged)


@pytest.mark.parametrize(
    ("header", "named"),
    [('"V"', True), ('"X", "V.1"', True), ("*", True), ('W/"V"', False), ('"VV"', False), ('""', False)],
)
def test_only_strong_tags_of_the_version_name_it(header: str, named: bool) -> None:
    assert read_tags(header).name("V") is named
    assert not read_tags(header).name(None)


@pytest.mark.parametrize("header", ["", "V", '"V', '"a" "b"', '"a",', "**", '"a b"', '"' + "a" * 5000 + '"'])
def test_what_is_no_tag_is_refused(header: str) -> None:
    with pytest.raises(BadTags):
        read_tags(header)


def test_a_weak_tag_is_enough_to_know_an_answer() -> None:
    assert read_tags('W/"V.1"').hold('"V.1"')
