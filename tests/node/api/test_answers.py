"""Tests of what addresses of the API have in common."""

from pathlib import Path

import pytest

from node.api.answers import address_of, found
from node.refusal import Refusal
from tests.node.nodes import ORG, joined_node


@pytest.mark.parametrize(("kind", "record_id"), [("shoe", "a"), ("contact", "A"), ("contact", "a\0"), ("contact", "")])
def test_what_can_be_no_address_is_not_looked_for(kind: str, record_id: str) -> None:
    with pytest.raises(Refusal, match="is not a record"):
        address_of(kind, record_id)


def test_a_record_is_given_with_its_tag(tmp_path: Path) -> None:
    form, tag = found(joined_node(tmp_path / "node"), "organization", ORG)
    assert tag.startswith(f'"{form["statement"]}.')
