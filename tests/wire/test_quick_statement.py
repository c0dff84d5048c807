"""The pattern takes every ordinary statement, and agrees with the strict parse on whatever it takes."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.fields import KIND_NAMES
from schemas.release import MARKINGS
from schemas.statement import RECORD_ACTIONS, Statement, parse_statement
from tests.schemas.test_statement import HASH, STATEMENT
from wire.canonical import canonical
from wire.encoding import from_b64url
from wire.quick_statement import Fields, quick_statement

NETWORK = "exercise.example"
ZEROES = "A" * 43

# Of each part what is good, and then what is near to it.
PARTS: dict[str, tuple[str | None, ...]] = {
    "host": (NETWORK, "other.example", "exercise-example", "exercise.example.org", "Exercise.example", "é"),
    "org": ("ke-nctc", "a1b", "a" * 40, "ab", "a" * 41, "a--b", "-ab", "ab-", "a_b", "hub", "registry"),
    "kind": ("need", "contact", "control", "thing", "nee"),
    "number": ("000000000397", "000000000001", "999999999999", "000000000000", "00000000001", "0000000000011"),
    "datahash": (HASH, ZEROES, "B" * 43, HASH[:-1], HASH + "A", "+" + HASH[1:], HASH[:-1] + "="),
    "previous": (ZEROES, HASH, "B" * 43, HASH[:-1], "é" * 43),
    "seen": (f"700:{HASH}", None, f"0:{ZEROES}", f"07:{HASH}", f"{10**15}:{HASH}", f":{HASH}", "", "1"),
    "version": ("1", "2", "01", "1000000"),
    "content": ("application/json", "application/jose+json", "text/plain", "application/joseejson"),
    "marking": (*MARKINGS, "TLP:BLUE", "TLP:AMBERRSTRICT"),
    "id": ("r1", "a" * 64, "0-", "a" * 65, "-", "R", "a/b", "a\n"),
    "time": (
        "2026-11-23T18:00:00.000Z", "2024-02-29T23:59:59.999Z", "2026-02-29T00:00:00.000Z", "2026-11-23T24:00:00.000Z",
        "2026-11-23T18:00:60.000Z", "0000-01-01T00:00:00.000Z", "2026-11-23T18:00:00Z", "2026-11-23 18:00:00.000Z",
    ),
    "action": (*RECORD_ACTIONS, "erased", "publishedd"),
}  # fmt: skip


def payload(statement: dict[str, Any]) -> bytes:
    return canonical({name: value for name, value in statement.items() if value is not None})


def as_said(statement: Statement) -> Fields:
    """What `quick_statement` must give where it gives anything."""
    return (
        statement.organization, statement.sequence_number, from_b64url(statement.previous), statement.kind,
        statement.record_id, statement.action, statement.marking, statement.time, from_b64url(statement.datahash),
        statement.type, statement.seen or "",
    )  # fmt: skip


def check(data: bytes) -> None:
    """Whatever the pattern takes is good in every respect, and says the same to the strict parse."""
    quick = quick_statement(data, NETWORK)
    if quick is None:
        return
    statement = parse_statement(data)
    assert quick == as_said(statement)
    assert data == payload(statement.model_dump())
    assert (statement.network, statement.organization) == (NETWORK, statement.subject_organization)
    assert statement.dataschema == f"https://{NETWORK}/schemas/{statement.kind}/1"
    assert statement.type in {f"liaison.{statement.kind}.{action}" for action in RECORD_ACTIONS}


@pytest.mark.parametrize("kind", KIND_NAMES)
@pytest.mark.parametrize("action", RECORD_ACTIONS)
@pytest.mark.parametrize("seen", [None, STATEMENT["seen"]])
def test_every_ordinary_statement_is_taken(kind: str, action: str, seen: str | None) -> None:
    for marking in MARKINGS:
        said = STATEMENT | {"marking": marking, "seen": seen, "type": f"liaison.{kind}.{action}"}
        said |= {"subject": f"{kind}/ke-nctc/r1", "dataschema": f"https://{NETWORK}/schemas/{kind}/1"}
        data = payload(said)
        assert quick_statement(data, NETWORK) == as_said(parse_statement(data))


@st.composite
def statements(draw: st.DrawFn) -> bytes:
    """A statement of which up to three parts are unusual, and perhaps one member something else altogether."""
    unusual = draw(st.sets(st.sampled_from(sorted(PARTS)), max_size=3))
    part = {name: draw(st.sampled_from(values)) if name in unusual else values[0] for name, values in PARTS.items()}
    said: dict[str, Any] = {
        "datacontenttype": part["content"],
        "datahash": part["datahash"],
        "dataschema": f"https://{part['host']}/schemas/{part['kind']}/{part['version']}",
        "id": f"{part['org']}:{part['number']}",
        "marking": part["marking"],
        "previous": part["previous"],
        "seen": part["seen"],
        "sequence": part["number"],
        "source": f"https://{part['host']}/orgs/{part['org']}",
        "specversion": "1.0",
        "subject": f"{part['kind']}/{part['org']}/{part['id']}",
        "time": part["time"],
        "type": f"liaison.{part['kind']}.{part['action']}",
    }
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(sorted(said)))
        said[name] = draw(st.sampled_from((STATEMENT[name], None, 1, "", "x", [], said["subject"], said["id"])))
    return payload(said)


@given(statements())
def test_a_statement_that_is_taken_is_good(data: bytes) -> None:
    check(data)


@given(st.data())
def test_a_statement_with_bytes_changed_is_taken_only_if_it_is_still_good(data: st.DataObject) -> None:
    good = payload(STATEMENT)
    start = data.draw(st.integers(0, len(good)))
    stop = data.draw(st.integers(start, min(start + 3, len(good))))
    put = data.draw(
        st.binary(max_size=2) | st.sampled_from((b"0", b"a", b'"', b" ", b"-", b"\n", good[start:stop] * 2))
    )
    check(good[:start] + put + good[stop:])


@given(st.permutations(sorted(STATEMENT)))
@example(sorted(STATEMENT)[::-1])
def test_members_in_another_order_are_not_taken(order: list[str]) -> None:
    data = b"{" + b",".join(canonical({name: STATEMENT[name]})[1:-1] for name in order) + b"}"
    assert (quick_statement(data, NETWORK) is not None) == (order == sorted(STATEMENT))


@pytest.mark.parametrize("network", ["exercise.exampl.", "exercise|example", "", ".*", "a" * 300, "[a-z.]+"])
def test_a_network_is_a_name_and_no_pattern(network: str) -> None:
    assert quick_statement(payload(STATEMENT), network) is None


def test_another_networks_statement_is_not_taken() -> None:
    assert quick_statement(payload(STATEMENT), "exerciseXexample") is None
    assert quick_statement(payload(STATEMENT), "other.example") is None
