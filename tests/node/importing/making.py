"""Makes mappings and rows for tests in few words; the States and offices are invented."""

from collections.abc import Iterable
from typing import Any

from node.importing.build import Candidate, Outcome, build
from node.importing.identity import derive_id
from node.importing.mapping import Mapping
from node.importing.rows import BadRow, Row

SECRET = b"a secret of one test node, 32 b!"

ACCESSION: dict[str, Any] = {
    "source": "test-treaty",
    "format": "csv",
    "kind": "accession",
    "marking": "TLP:CLEAR",
    "key": ["State"],
    "constants": {"instrument": "FINANCING1999", "as_of": "2026-01-31", "source.name": "Exercise"},
    "fields": {
        "state": {"column": "State", "as": "country"},
        "action": {"column": "Act", "translate": {"r": "ratification", "a": "accession"}},
        "action_date": {"column": "Day", "as": "date", "format": "%d %b %Y"},
    },
}

SCORES: dict[str, Any] = {
    "source": "test-scores",
    "format": "csv",
    "kind": "assessment",
    "marking": "TLP:CLEAR",
    "key": ["State"],
    "grouped": True,
    "constants": {
        "framework": "who-jee-1",
        "assessment_type": "external",
        "assessor": {"scheme": "exercise", "id": "assessors"},
        "consent": "full_release",
    },
    "fields": {"subject.country": {"column": "State", "as": "country"}},
    "list": [
        {
            "target": "ratings",
            "key": ["criterion.code"],
            "constants": {"criterion.scheme": "who_jee"},
            "fields": {"criterion.code": "Indicator", "score": {"column": "Score", "required": True}},
        }
    ],
}


def mapping(basis: dict[str, Any], **changes: Any) -> Mapping:
    """Return a mapping with some keys set anew."""
    return Mapping.model_validate({**basis, **changes})


def make_id(key: str) -> str:
    """Derive ids as a node does."""
    return derive_id(SECRET, "test", key)


def rows(*values: dict[str, Any], first: int = 2) -> list[Row]:
    """Return rows numbered as a csv's are."""
    return [Row(number, row) for number, row in enumerate(values, start=first)]


def state(code: str, act: str = "a", day: str = "24 Sep 2003") -> dict[str, Any]:
    """Return a row that ACCESSION reads."""
    return {"State": code, "Act": act, "Day": day}


def score(code: str, indicator: str, value: str) -> dict[str, Any]:
    """Return a row that SCORES reads."""
    return {"State": code, "Indicator": indicator, "Score": value}


def sorted_out(outcomes: Iterable[Outcome]) -> tuple[list[Candidate], list[BadRow]]:
    """Return the candidates and the bad rows."""
    found = list(outcomes)
    return [x for x in found if isinstance(x, Candidate)], [x for x in found if isinstance(x, BadRow)]


def built(given: Iterable[Row | BadRow], by: Mapping) -> tuple[list[Candidate], list[BadRow]]:
    """Return what rows give."""
    return sorted_out(build(given, by, make_id))
