"""A dry run says what is new, changed, unchanged and gone; what has been published is not published again."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from node.importing.build import build
from node.importing.difference import Difference, FieldChange, Known, difference
from node.importing.report import counts
from tests.node.importing.making import ACCESSION, SCORES, make_id, mapping, rows, score, state

Store = dict[tuple[str, str], Known]


def _dry_run(store: Store, *lines: dict[str, Any], by: Any = None) -> Difference:
    by = by or mapping(ACCESSION)
    return difference(build(rows(*lines), by, make_id), by.kind, store, set(store))


def _publish(store: Store, found: Difference) -> None:
    for each in found.to_put():
        store[each.kind, each.id] = Known(each.marking, each.record)
    for address in found.gone:
        del store[address]


def _published(*lines: dict[str, Any]) -> Store:
    store: Store = {}
    _publish(store, _dry_run(store, *lines))
    return store


def test_a_second_import_of_the_same_file_publishes_nothing() -> None:
    store = _published(state("KEN"), state("NOR"))
    second = _dry_run(store, state("KEN"), state("NOR"))
    assert second.is_empty()
    assert len(second.unchanged) == 2


def test_new_changed_unchanged_and_gone_are_told_apart() -> None:
    store = _published(state("KEN"), state("NOR"), state("FJI"))
    found = _dry_run(store, state("KEN"), state("NOR", "r"), state("PER"))
    assert counts(found) == {
        "new": 1,
        "changed": 1,
        "unchanged": 1,
        "gone": 1,
        "held": 0,
        "bad_rows": 0,
        "left_out_rows": 0,
    }
    assert found.changed[0].fields == (FieldChange("action", "accession", "ratification"),)
    assert found.gone == [("accession", make_id("FJI"))]


def test_a_changed_marking_is_a_change() -> None:
    store = _published(state("KEN"))
    found = _dry_run(store, state("KEN"), by=mapping(ACCESSION, marking="TLP:GREEN"))
    assert found.changed[0].fields == (FieldChange("marking", "TLP:CLEAR", "TLP:GREEN"),)


def test_records_that_this_source_never_imported_are_not_gone() -> None:
    store = _published(state("KEN"))
    other = ("accession", "typed-in-by-hand")
    found = difference([], "accession", {**store, other: Known("TLP:CLEAR", {})}, set(store))
    assert found.gone == [("accession", make_id("KEN"))]


def test_a_record_withdrawn_before_is_not_gone_again() -> None:
    assert difference([], "accession", {}, {("accession", make_id("KEN"))}).is_empty()


def test_a_record_whose_row_has_become_bad_stays() -> None:
    store = _published(state("KEN"), state("NOR"))
    found = _dry_run(store, state("KEN", "x"), state("NOR"))
    assert found.is_empty()
    assert [bad.column for bad in found.bad] == ["Act"]


def test_nothing_is_gone_while_a_row_has_no_readable_key() -> None:
    store = _published(state("KEN"), state("NOR"))
    found = _dry_run(store, state(""), state("NOR"))
    assert found.gone == []
    assert found.held == [("accession", make_id("KEN"))]


LINES = st.dictionaries(
    st.tuples(st.sampled_from(["KEN", "NOR", "FJI", "??"]), st.sampled_from(["P.1.1", "P.1.2"])),
    st.sampled_from(["1", "2", "N/A", "9"]),
)


@given(st.lists(LINES, min_size=1, max_size=5))
def test_after_any_imports_a_repeated_one_publishes_nothing(files: list[dict[tuple[str, str], str]]) -> None:
    store: Store = {}
    by = mapping(SCORES)
    for lines in files:
        given_rows = [score(country, indicator, value) for (country, indicator), value in lines.items()]
        _publish(store, _dry_run(store, *given_rows, by=by))
        assert _dry_run(store, *given_rows, by=by).is_empty()
