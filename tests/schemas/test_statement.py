"""The statement: exactly its members, each in its form, and what is said twice said alike."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.problems import problems_from
from schemas.statement import (
    CONTROL_TYPES,
    RECORD_TYPES,
    RESERVED_ORGS,
    Statement,
    ValidationError,
    is_org,
    is_record_id,
    known_type,
    parse_statement,
)

HASH = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
STATEMENT = {
    "datacontenttype": "application/json",
    "datahash": HASH,
    "dataschema": "https://exercise.example/schemas/need/1",
    "id": "ke-nctc:000000000397",
    "marking": "TLP:GREEN",
    "previous": HASH,
    "seen": f"700:{HASH}",
    "sequence": "000000000397",
    "source": "https://exercise.example/orgs/ke-nctc",
    "specversion": "1.0",
    "subject": "need/ke-nctc/0193a1c2",
    "time": "2026-11-23T18:00:00.000Z",
    "type": "liaison.need.revised",
}


def parsed(**changes: Any) -> Statement:
    return parse_statement(orjson.dumps({k: v for k, v in (STATEMENT | changes).items() if v is not ...}))


def test_the_example_of_the_contract_is_read() -> None:
    statement = parsed()
    assert (statement.network, statement.organization, statement.sequence_number) == (
        "exercise.example",
        "ke-nctc",
        397,
    )
    assert (statement.kind, statement.action, statement.record_id) == ("need", "revised", "0193a1c2")
    assert (statement.subject_organization, statement.seen_size) == ("ke-nctc", 700)


def test_only_seen_may_be_absent() -> None:
    assert parsed(seen=...).seen is None
    assert parsed(seen=...).seen_size is None
    for member in set(STATEMENT) - {"seen"}:
        with pytest.raises(ValidationError):
            parsed(**{member: ...})


def test_a_statement_has_no_other_members() -> None:
    with pytest.raises(ValidationError):
        parsed(data={})


@pytest.mark.parametrize("member", STATEMENT)
@pytest.mark.parametrize("wrong", [None, 1, 1.5, True, "", [], {}, "x", "\u0000"])
def test_every_member_has_its_form(member: str, wrong: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        parsed(**{member: wrong})
    assert f"/{member}" in {problem.pointer for problem in problems_from(caught.value)}


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("datahash", HASH[:-1]),
        ("datahash", HASH + "="),
        ("datahash", HASH[:-1] + "V"),  # bits beyond the hash
        ("previous", HASH.replace("-", "+")),
        ("seen", f"0700:{HASH}"),
        ("seen", f"700:{HASH}\n"),
        ("sequence", "397"),
        ("sequence", "000000000000"),
        ("id", "ke-nctc:000000000398"),
        ("id", "other:000000000397"),
        ("source", "http://exercise.example/orgs/ke-nctc"),
        ("source", "https://Exercise.example/orgs/ke-nctc"),
        ("source", "https://exercise.example/orgs/ke--nctc"),
        ("source", "https://exercise.example/orgs/ke-nctc/"),
        ("source", "https://exercise.example:443/orgs/ke-nctc"),
        ("dataschema", "https://other.example/schemas/need/1"),
        ("dataschema", "https://exercise.example/schemas/offer/1"),
        ("subject", "need/ke-nctc/"),
        ("subject", "need/ke-nctc/UPPER"),
        ("subject", "offer/ke-nctc/0193a1c2"),
        ("time", "2026-11-23T18:00:00Z"),
        ("time", "2026-02-30T18:00:00.000Z"),
        ("time", "2026-11-23T18:00:60.000Z"),
        ("time", "2026-11-23T18:00:00.000+00:00"),
        ("type", "liaison.need"),
        ("type", "org.need.revised"),
        ("marking", "TLP:WHITE"),
        ("specversion", "1.0.1"),
        ("datacontenttype", "text/plain"),
    ],
)
def test_a_member_slightly_off_its_form_is_refused(member: str, value: str) -> None:
    with pytest.raises(ValidationError):
        parsed(**{member: value})


@pytest.mark.parametrize(("length", "good"), [(2, False), (3, True), (40, True), (41, False)])
def test_an_organization_has_three_to_forty_characters(length: int, good: bool) -> None:
    org = "a" * length
    changes = {
        "source": f"https://exercise.example/orgs/{org}",
        "id": f"{org}:000000000397",
        "subject": f"need/{org}/0193a1c2",
    }
    assert is_org(org) == good
    if good:
        assert parsed(**changes).organization == org
    else:
        with pytest.raises(ValidationError):
            parsed(**changes)


def test_speaking_in_anothers_name_is_well_formed_so_that_the_verdict_can_name_it() -> None:
    statement = parsed(subject="need/other-org/0193a1c2")
    assert (statement.organization, statement.subject_organization) == ("ke-nctc", "other-org")


@pytest.mark.parametrize("name", sorted(CONTROL_TYPES))
def test_an_event_about_no_record_is_of_kind_control(name: str) -> None:
    schema = "https://exercise.example/schemas/control/1"
    statement = parsed(type=name, subject="control/ke-nctc/1", dataschema=schema)
    assert statement.kind == "control"
    assert f"liaison.{statement.action}" == name
    with pytest.raises(ValidationError):
        parsed(type=name)


def test_organization_is_a_kind_of_record_too() -> None:
    schema = "https://exercise.example/schemas/organization/1"
    subject = "organization/ke-nctc/own"
    assert parsed(type="liaison.organization.published", subject=subject, dataschema=schema).kind == "organization"
    with pytest.raises(ValidationError):
        parsed(type="liaison.organization.admitted", subject=subject, dataschema=schema)


def test_an_unknown_type_is_well_formed_and_known_to_be_unknown() -> None:
    schema = "https://exercise.example/schemas/treaty/2"
    statement = parsed(type="liaison.treaty.signed", subject="treaty/ke-nctc/1", dataschema=schema)
    assert statement.kind == "treaty"
    assert not known_type(statement.type)


def test_the_known_types_are_four_for_each_kind_and_fifteen_others() -> None:
    assert (len(RECORD_TYPES), len(CONTROL_TYPES)) == (48, 15)
    assert set() == RECORD_TYPES & CONTROL_TYPES
    assert all(known_type(name) for name in RECORD_TYPES | CONTROL_TYPES)
    assert {"registry", "hub"} == RESERVED_ORGS


@pytest.mark.parametrize(
    ("text", "good"),
    [("0193a1c2", True), ("a" * 64, True), ("a" * 65, False), ("-a", False), ("A", False), ("a\n", False)],
)
def test_a_record_id_is_short_and_small(text: str, good: bool) -> None:
    assert is_record_id(text) == good


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers(-(2**53), 2**53) | st.text(), st.lists).map(orjson.dumps)
)
def test_no_bytes_do_more_than_fail(data: bytes) -> None:
    with pytest.raises(ValidationError):
        parse_statement(data)
