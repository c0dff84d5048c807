"""Tests of bodies: they hold what they name and nothing else, and no text that a database or a line cannot hold."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from node.api.bodies import BODIES, Answer, BulkWork, FileMapping, NewPerson, Reason, Returned


@pytest.mark.parametrize("model", BODIES, ids=[each.__name__ for each in BODIES])
def test_no_body_has_members_that_are_not_its_own(model: type[BaseModel]) -> None:
    with pytest.raises(ValidationError) as wrong:
        model.model_validate({"colour": "red"})
    assert ("colour",) in [each["loc"] for each in wrong.value.errors()]


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (FileMapping, {}), (FileMapping, {"name": "a", "mapping": {}}), (Reason, {"reason": "two\nlines"}),
        (Returned, {"note": "\x00"}), (NewPerson, {"name": "a", "roles": ["officer"], "person": "a\x00"}),
        (BulkWork, {"act": "confirm", "query": "", "addresses": ["need/a"]}),
        (NewPerson, {"name": "a", "roles": []}), (NewPerson, {"name": 5, "roles": ["officer"]}),
        (Answer, {"kind": "offer", "index": "7"}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(model: type[BaseModel], body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(body)
