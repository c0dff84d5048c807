"""docs/statements.md has every member of a statement, decision, receipt and head, and every type; and no other."""

import re
from typing import get_args

import pytest
from pydantic import BaseModel

from schemas.statement import CONTROL_TYPES, RECORD_ACTIONS, Statement
from tests.docs.project import text
from wire import jws
from wire.action_forms import Action
from wire.receipts import MAX_ENTRIES, MAX_JUDGEMENTS, Head, Judgement, Receipt

PAGE = text("docs/statements.md")
PLACE = {"network", "sequence", "previous", "action"}


def section(heading: str) -> str:
    return PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def rows(heading: str) -> dict[str, str]:
    """Give each name in code of the first column of a section's table, with the last column."""
    found = re.findall(r"^\| (`.*?) \|(?:.*\|)? (.*) \|$", section(heading), re.MULTILINE)
    return {name: last for first, last in found for name in re.findall(r"`([^`]+)`", first)}


def test_every_member_of_a_statement_stands_in_the_table_in_its_order() -> None:
    assert list(rows("The statement")) == list(Statement.model_fields)
    example = re.findall(r'"(\w+)":', PAGE.partition("statement  ")[2].partition("token ")[0])
    assert example == sorted(Statement.model_fields)


def test_every_type_stands_in_the_table() -> None:
    assert set(rows("Types")) == {f"liaison.<kind>.{action}" for action in RECORD_ACTIONS} | set(CONTROL_TYPES)


@pytest.mark.parametrize("action", get_args(Action), ids=lambda each: each.__name__)
def test_every_decision_stands_in_the_table_with_its_members(action: type[BaseModel]) -> None:
    named = rows("Decisions of the roots")[action.model_fields["action"].default]
    assert set(re.findall(r"`(\w+)`", named)) == set(action.model_fields) - PLACE


def test_every_member_of_a_receipt_and_of_a_head_is_named() -> None:
    receipt, _, head = section("Receipts and heads").partition("**Head**")
    assert set(rows("Receipts and heads")) == set(Receipt.model_fields)
    assert {
        name for name in Judgement.model_fields if f"`{name}`" not in rows("Receipts and heads")["judgements"]
    } == set()
    assert {name for name in Head.model_fields if f"`{name}`" not in head} == set()
    assert f"{MAX_ENTRIES:,}" in receipt
    assert f"newest {MAX_JUDGEMENTS} at most" in receipt


def test_the_words_that_keep_signatures_apart_are_named() -> None:
    assert [typ for typ in (jws.EVENT, jws.ACTION, jws.RECEIPT, jws.HEAD) if typ not in PAGE] == []
