"""A history is replayed in its order: each record's versions as they once were, and nothing that changed nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.importing.build import build
from node.importing.history import Batch, Put, Withdraw, replay
from node.importing.rows import BadRow, ImportFileError, Row
from tests.node.importing.making import SCORES, make_id, mapping, score, sorted_out

HISTORY = {"batch": "commit", "reason": "The source no longer lists it.", "stamp": {"confirmed_at": "at"}}
BY = mapping(SCORES, format="jsonl", history=HISTORY)


def _change(op: str, key: str, commit: str, after: dict[str, Any] | None = None) -> dict[str, Any]:
    change: dict[str, Any] = {"op": op, "key": key, "commit": commit, "at": f"2026-01-{int(commit):02}T10:00:00Z"}
    return {**change, "after": after} if after is not None else change


def _replay(*changes: dict[str, Any], after: int = 0, by: Any = BY) -> list[Batch]:
    return list(replay([Row(number, each) for number, each in enumerate(changes, start=1)], by, make_id, after=after))


def _said(batches: list[Batch]) -> list[str]:
    """Return the steps in short: the record's key and its scores, or a cross where it was withdrawn."""
    return [
        f"{step.key} " + ",".join(rating["score"] for rating in step.record["ratings"])
        if isinstance(step, Put)
        else f"{step.key} ✗"
        for batch in batches
        for step in batch.steps
    ]


ONE = score("KEN", "P.1.1", "1")
TWO = score("KEN", "P.1.2", "2")


def test_changes_of_one_batch_to_one_record_are_one_event() -> None:
    (batch,) = _replay(_change("create", "a", "1", ONE), _change("create", "b", "1", TWO))
    assert _said([batch]) == ["KEN 1,2"]
    assert batch.steps[0].rows == (1, 2)
    assert (batch.name, batch.first_row, batch.last_row) == ("1", 1, 2)


def test_an_update_that_changes_nothing_in_the_record_is_no_event() -> None:
    batches = _replay(_change("create", "a", "1", ONE), _change("update", "a", "2", {**ONE, "Header": "new"}))
    assert _said(batches) == ["KEN 1"]
    assert [batch.name for batch in batches] == ["1", "2"]


def test_the_day_of_the_change_is_stamped_only_on_what_changed() -> None:
    first, second = _replay(_change("create", "a", "1", ONE), _change("update", "a", "2", {**ONE, "Score": "3"}))
    stamps = [step.record["confirmed_at"] for batch in (first, second) for step in batch.steps if isinstance(step, Put)]
    assert stamps == ["2026-01-01", "2026-01-02"]


def test_deleting_some_rows_revises_and_deleting_the_last_withdraws_and_creating_again_puts() -> None:
    batches = _replay(
        _change("create", "a", "1", ONE),
        _change("create", "b", "1", TWO),
        _change("delete", "a", "2"),
        _change("delete", "b", "3"),
        _change("create", "a", "4", ONE),
    )
    assert _said(batches) == ["KEN 1,2", "KEN 2", "KEN ✗", "KEN 1"]
    assert batches[2].steps == (Withdraw("assessment", make_id("KEN"), HISTORY["reason"], (4,), "KEN"),)  # type: ignore[arg-type]


def test_a_row_deleted_and_created_under_another_key_in_one_batch_leaves_the_record() -> None:
    batches = _replay(_change("create", "a", "1", ONE), _change("delete", "a", "2"), _change("create", "b", "2", ONE))
    assert _said(batches) == ["KEN 1"]


def test_a_row_that_moves_to_another_record_touches_both() -> None:
    moved = score("NOR", "P.1.1", "1")
    batches = _replay(_change("create", "a", "1", ONE), _change("update", "a", "2", moved))
    assert _said(batches) == ["KEN 1", "KEN ✗", "NOR 1"]


def test_bad_changes_are_reported_once_and_block_nothing() -> None:
    batches = _replay(
        _change("create", "a", "1", {**ONE, "Score": "9"}),
        _change("create", "b", "1", TWO),
        _change("rename", "b", "2"),
        _change("delete", "z", "2"),
        _change("create", "c", "2"),
        _change("create", "d", "2", score("KEN", "D.1.1", "4")),
    )
    assert _said(batches) == ["KEN 2", "KEN 4,2"]
    assert [(bad.row, bad.column) for batch in batches for bad in batch.bad] == [
        (1, "Score"),
        (3, "op"),
        (4, "key"),
        (5, "after"),
    ]


def test_a_bad_row_can_be_deleted_and_put_right() -> None:
    bad = {**ONE, "State": "??"}
    batches = _replay(
        _change("create", "a", "1", bad),
        _change("update", "a", "2", ONE),
        _change("create", "b", "2", {}),
        _change("delete", "b", "3"),
    )
    assert _said(batches) == ["KEN 1"]
    assert [each.row for batch in batches for each in batch.bad] == [1, 3]


def test_an_unreadable_change_is_reported_in_the_batch_it_stands_in() -> None:
    changes: list[Row | BadRow] = [
        Row(1, _change("create", "a", "1", ONE)),
        BadRow(2, "", "{", "is no valid JSON"),
        Row(3, _change("create", "b", "1", TWO)),
    ]
    (batch,) = replay(changes, BY, make_id)
    assert _said([batch]) == ["KEN 1,2"]
    assert [bad.row for bad in batch.bad] == [2]


def test_a_mapping_without_a_history_cannot_be_replayed() -> None:
    with pytest.raises(ImportFileError, match=r"has no \[history\]"):
        list(replay([], mapping(SCORES), make_id))


def test_a_replay_goes_on_after_the_row_it_had_reached() -> None:
    changes = (_change("create", "a", "1", ONE), _change("create", "b", "2", TWO), _change("delete", "a", "3"))
    assert _said(_replay(*changes, after=1)) == ["KEN 1,2", "KEN 2"]
    assert _replay(*changes, after=3) == []


def test_what_a_quiet_batch_shifts_and_another_shifts_back_is_no_event() -> None:
    by = mapping(SCORES, format="jsonl", history={**HISTORY, "quiet": ["2", "3"]})
    shifted = {**ONE, "Score": "5"}
    changes = (_change("create", "a", "1", ONE), _change("update", "a", "2", shifted))
    assert _said(_replay(*changes, _change("update", "a", "3", ONE), by=by)) == ["KEN 1"]
    assert _said(_replay(*changes, by=by)) == ["KEN 1", "KEN 5"]
    assert _said(_replay(*changes, _change("create", "b", "4", TWO), by=by)) == ["KEN 1", "KEN 5,2"]


CHANGES = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["KEN", "NOR"]),
        st.sampled_from(["1", "2", "9", ""]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)
INDICATORS = {"a": "P.1.1", "b": "P.1.2", "c": "D.1.1", "d": "D.1.2"}


@given(CHANGES)
def test_a_replay_ends_where_an_import_of_the_last_state_would(steps: list[tuple[str, str, str, bool, bool]]) -> None:
    source: dict[str, dict[str, Any]] = {}
    changes: list[dict[str, Any]] = []
    commit = 1
    for key, country, value, delete, next_batch in steps:
        commit += next_batch
        if delete and key in source:
            del source[key]
            changes.append(_change("delete", key, str(commit)))
        elif not delete:
            op = "update" if key in source else "create"
            source[key] = score(country, INDICATORS[key], value)
            changes.append(_change(op, key, str(commit), source[key]))
    standing: dict[str, Any] = {}
    for batch in _replay(*changes):
        for step in batch.steps:
            standing.pop(step.id, None)
            if isinstance(step, Put):
                standing[step.id] = step.record["ratings"]
    good, bad = sorted_out(build([Row(1, row) for row in source.values()], BY, make_id))
    kept = {each.id for each in bad} - {each.id for each in good}
    assert {key: value for key, value in standing.items() if key not in kept} == {
        each.id: each.record["ratings"] for each in good
    }
