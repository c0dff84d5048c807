"""The fold of the log: its tree, who witnesses at which size, and what stands in our name, found by bytes alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.log_fold import BadEntries, LogFold, RegistryHistory
from tests.node.nodes import NETWORK, ORG, HubEnd
from tests.signed_network import enrolled, key_of
from wire import jws
from wire.canonical import canonical
from wire.encoding import b64url
from wire.keys import SigningKey
from wire.merkle import Frontier
from wire.seal import Place, Sealed, control_body, seal

END = HubEnd()


def fold() -> LogFold:
    return LogFold(END.trust, ORG, Frontier(), RegistryHistory(END.trust))


def said(organization: str, *, kind: str = "contact", action: str = "published", body: bytes = b"{}") -> Sealed:
    event_type = "liaison.key.rotated" if kind == "control" else f"liaison.{kind}.{action}"
    return seal(
        Place(NETWORK, organization, 1, bytes(32)), key_of(organization), subject=f"{kind}/{organization}/a",
        event_type=event_type, marking="TLP:CLEAR", body=body,
    )  # fmt: skip


def test_ours_are_found_and_those_of_others_are_not() -> None:
    ours, others = said(ORG), [said("xb-other"), said(f"{ORG}-too"), said("x" + ORG)]
    found = fold().take([others[0].token, ours.token, *(each.token for each in others[1:])], {})
    assert [(each.index, each.sequence, each.hash) for each in found.own] == [(1, 1, ours.hash)]


@given(st.text(), st.text())
def test_no_text_of_another_s_statement_can_look_like_our_name(before: str, after: str) -> None:
    try:
        text = canonical({"id": f'{before}"source":"https://{NETWORK}/orgs/{ORG}"{after}', "source": "x"})
    except ValueError:
        return  # a text that no statement can have
    token = jws.sign(jws.EVENT, text, key_of("xb-other")).encode()
    assert fold().take([token], {}).own == []


@given(st.lists(st.binary(max_size=80), max_size=30))
def test_whatever_stands_in_the_log_is_hashed_and_passed_over(entries: list[bytes]) -> None:
    found = fold()
    assert found.take(entries, {})[:4] == ([], [], [], [])
    assert found.frontier.size == len(entries)


def test_batches_of_any_size_give_the_same_tree() -> None:
    tokens = [f"e{number}".encode() for number in range(100)]
    whole, parts = fold(), fold()
    whole.take(tokens, {})
    for start in range(0, 100, 7):
        parts.take(tokens[start : start + 7], {})
    assert parts.frontier.root() == whole.frontier.root()


def test_the_witnesses_of_a_size_are_those_admitted_below_it() -> None:
    end = HubEnd()
    members = [end._register(enrolled(name, SigningKey.generate())) for name in ("xaa-office", "xab-office")]
    found = LogFold(end.trust, ORG, Frontier(), RegistryHistory(end.trust))
    entries = [end.own, *members]
    found.take([each.token for each in entries], {index: each.body for index, each in enumerate(entries)})
    by_size = [found.registry.witnesses_at(size) for size in range(4)]
    assert [(set(each.keys), each.quorum) for each in by_size] == [
        (set(), 0), (set(), 0), ({"xaa-office"}, 1), ({"xaa-office", "xab-office"}, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [None, b"{}"])
def test_an_admission_without_its_body_stops_reading_before_anything_has_changed(body: bytes | None) -> None:
    found = fold()
    with pytest.raises(BadEntries, match="registry's statement at index 0"):
        found.take([END.own.token], {} if body is None else {0: body})
    assert found.frontier.size == 0
    assert found.registry.witnesses_at(0).keys == {}


def test_a_rotation_without_its_body_stops_nobody() -> None:
    """Any organization can have one logged so: it must not keep all witnesses from reading on."""
    rotation = said("xb-other", kind="control", body=control_body({"proof": b64url(b"none")}))
    found = fold()
    found.take([rotation.token, rotation.token], {1: rotation.body})
    assert found.frontier.size == 2


def test_an_action_that_no_root_signed_admits_nobody() -> None:
    end = HubEnd()
    forged = HubEnd(key=end.key)
    forged.trust = end.trust
    forged._sequence, forged._previous = 0, end.trust.digest
    member = forged._register(enrolled("xaa-office", SigningKey.generate()))
    found = LogFold(end.trust, ORG, Frontier(), RegistryHistory(end.trust))
    found.take([member.token], {0: member.body})
    assert found.registry.witnesses_at(1).keys == {}
