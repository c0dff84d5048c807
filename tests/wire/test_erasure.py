"""Orders to erase, and confirmations: their form by itself, and what the log says about the statements they name."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.signed_network import ROOT, key_of, message_of, nonce
from tests.signed_network import Organization as Author
from wire.canonical import canonical
from wire.encoding import b64url
from wire.erasure import (
    DONE,
    ORDERED,
    Order,
    done_members,
    done_name,
    form_fault,
    naming_fault,
    order_members,
    order_name,
    read_action,
    read_done,
    read_order,
)
from wire.examine import examine
from wire.jws import ACTION, sign_general
from wire.reasons import Reason

ONE, TWO, THREE = (bytes([number]) * 32 for number in (1, 2, 3))
RECORD = "need/ke-nctc/n1"


def body(**changes: Any) -> bytes:
    members = {"nonce": nonce(1), **order_members(RECORD, [TWO, ONE]), **changes}
    return canonical({name: value for name, value in members.items() if value is not None})


def fault(data: bytes, name: str = "erasure-7") -> str | None:
    found = form_fault(ORDERED, "ke-nctc", 7, name, data)
    return None if found is None else found.pointer


def test_an_order_is_read_as_it_was_made() -> None:
    assert fault(body()) is None
    assert read_order("ke-nctc", body()) == Order("ke-nctc", RECORD, (ONE, TWO))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"record": None}, ""),
        ({"reason": "Mr X asked"}, ""),
        ({"nonce": "short"}, "/nonce"),
        ({"record": "need/fr-office/n1"}, "/record"),
        ({"record": "control/ke-nctc/n1"}, "/record"),
        ({"record": "need/ke-nctc/N1"}, "/record"),
        ({"record": ["need", "ke-nctc", "n1"]}, "/record"),
        ({"statements": []}, "/statements"),
        ({"statements": "all"}, "/statements"),
        ({"statements": [b64url(bytes([n // 256, n % 256]) * 16) for n in range(1001)]}, "/statements"),
        ({"statements": [b64url(ONE), b64url(ONE)]}, "/statements/1"),
        ({"statements": [b64url(TWO), b64url(ONE)]}, "/statements/1"),
        ({"statements": [b64url(ONE)[:-1] + "F"]}, "/statements/0"),
        ({"statements": [b64url(ONE) + "="]}, "/statements/0"),
        ({"statements": [7]}, "/statements/0"),
    ],
)
def test_an_order_of_another_form_is_refused_with_a_pointer_to_what_is_wrong(
    changes: dict[str, Any], pointer: str
) -> None:
    assert fault(body(**changes)) == pointer


def test_an_order_stands_under_the_sequence_of_its_own_chain() -> None:
    assert fault(body(), order_name(6)) == "/subject"
    assert fault(orjson.dumps(orjson.loads(body()), option=orjson.OPT_INDENT_2)) == ""


def test_a_confirmation_names_the_order() -> None:
    said = canonical({"nonce": nonce(1), **done_members(ONE)})
    assert form_fault(DONE, "ke-nctc", 9, done_name(12), said) is None
    assert read_done(said) == ONE
    for name, data, pointer in (
        ("erased-012", said, "/subject"),
        ("erased-12", canonical({"nonce": nonce(1), "order": "this one"}), "/order"),
        ("erased-12", canonical({"nonce": nonce(1), "order": b64url(ONE), "also": 1}), ""),
    ):
        found = form_fault(DONE, "ke-nctc", 9, name, data)
        assert found is not None
        assert found.pointer == pointer


def test_other_types_have_no_form_here() -> None:
    assert form_fault("liaison.key.rotated", "ke-nctc", 7, "rotation-7", b"{}") is None


@given(
    st.binary(max_size=300) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(repr).map(str.encode)
)
def test_no_bytes_crash_the_reader_and_none_of_them_is_an_order(data: bytes) -> None:
    for event_type in (ORDERED, DONE):
        assert form_fault(event_type, "ke-nctc", 7, "erasure-7", data) is not None


@given(
    st.dictionaries(
        st.sampled_from(["nonce", "record", "statements", "order"]), st.none() | st.text() | st.integers(0, 2**40)
    )
)
def test_no_members_crash_the_reader_and_none_of_them_is_an_order(said: dict[str, Any]) -> None:
    assert form_fault(ORDERED, "ke-nctc", 7, "erasure-7", canonical(said)) is not None


def test_attack_an_order_names_what_is_not_the_author_s_to_erase() -> None:
    order = Order("ke-nctc", RECORD, (ONE, TWO))
    assert naming_fault(order, {ONE: RECORD, TWO: RECORD}) is None
    for other in ("need/fr-office/n1", "control/ke-nctc/erasure-3", "control/hub/excluded-3", "need/ke-nctc/n2"):
        found = naming_fault(order, {ONE: RECORD, TWO: other})
        assert found is not None, other
        assert found.pointer == "/statements/1"
    missing = naming_fault(order, {TWO: RECORD})
    assert missing is not None
    assert missing.pointer == "/statements/0"


def test_the_roots_order_may_be_about_any_records_of_one_organization() -> None:
    payload = {
        "organization": "ke-nctc",
        "statements": [b64url(TWO), b64url(ONE), b64url(TWO)],
        "action": "erasure.ordered",
    }
    order = read_action(canonical(sign_general(ACTION, canonical(payload), [ROOT])))
    assert order == Order("ke-nctc", None, (TWO, ONE))
    other = canonical({"organization": "ke-nctc", "action": "organization.suspended"})
    assert read_action(canonical(sign_general(ACTION, other, [ROOT]))) is None
    assert naming_fault(order, {ONE: RECORD, TWO: "contact/ke-nctc/c1"}) is None
    assert naming_fault(order, {ONE: RECORD, TWO: "contact/fr-office/c1"}) is not None


def test_an_order_in_a_message_is_judged_with_its_body() -> None:
    author = Author("ke-nctc", bytes(32), key_of("ke-nctc"))
    keys = {author.key.public.thumbprint: author.key.public}
    good = examine(message_of(author.order(RECORD, [ONE])), author.network, keys)
    assert good.exclusion is None
    assert good.signature
    bad = examine(message_of(author.order(RECORD, [])), author.network, keys)
    assert bad.exclusion is not None
    assert bad.exclusion.reason is Reason.SCHEMA_INVALID
    assert [problem.pointer for problem in bad.exclusion.problems] == ["/statements"]
