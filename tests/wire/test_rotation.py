"""Rotation: only the owner of the committed next key can go over to it, once, at one place, by log index."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.signed_network import NOON, Organization, key_of, message_of, need
from tests.wire.hearing import Hearing, network
from wire import jws
from wire.canonical import canonical
from wire.encoding import b64url
from wire.examine import Message
from wire.keys import SigningKey
from wire.reasons import Reason
from wire.registry import Standing
from wire.rotation import ROTATED, BadRotation, prove_rotation, read_rotation
from wire.seal import Place, Sealed, control_body, seal

NEXT = key_of("ke-nctc next")
AFTER = key_of("ke-nctc after").public.thumbprint


def with_body(author: Organization, body: bytes, key: SigningKey | None = None) -> Sealed:
    """A rotation at the author's next place with any body; the author itself does not go on."""
    return seal(
        author.place(), key or author.key, subject=f"control/{author.id}/rotation-1", event_type=ROTATED,
        marking="TLP:CLEAR", body=body, now=NOON,
    )  # fmt: skip


def proven(place: Place, following: SigningKey = NEXT, after: str = AFTER) -> bytes:
    return control_body({"proof": prove_rotation(*place, (following, after))})


def test_after_a_rotation_the_new_key_speaks_and_the_old_one_is_not_valid_any_more() -> None:
    hearing, ours = network()
    old, thief = ours.key, ours.twin()
    assert hearing.reason(message_of(ours.rotate())) == "accepted"
    thief.head, thief.sequence = ours.head, ours.sequence
    assert hearing.reason(message_of(thief.say(key=old))) == Reason.KEY_NOT_VALID
    assert hearing.reason(message_of(ours.say())) == "accepted"


def test_keys_are_valid_by_log_index_through_the_rotation_and_from_the_next_index_on() -> None:
    hearing, ours = network()
    at = hearing.size
    hearing.judge(message_of(ours.rotate()))
    old, new = hearing.registry.members["ke-nctc"].keys
    assert [old.valid_at(index) for index in (at, at + 1)] == [True, False]
    assert [new.valid_at(index) for index in (at, at + 1)] == [False, True]


def test_rotations_follow_each_other_along_the_commitments() -> None:
    hearing, ours = network()
    for number in range(3):
        following = key_of("ke-nctc next" if not number else f"next {number}")
        after = key_of(f"next {number + 1}").public.thumbprint
        assert hearing.reason(message_of(ours.rotate(following, after))) == "accepted"
    assert hearing.registry.members["ke-nctc"].next_key == key_of("next 3").public.thumbprint


def rotated_to_nothing(hearing: Hearing, sealed: Sealed) -> None:
    """The statement is logged, as its author signed it, but changes nothing."""
    before = hearing.registry.members["ke-nctc"]
    assert hearing.reason(message_of(sealed)) == Reason.SCHEMA_INVALID
    assert hearing.registry.members["ke-nctc"] == before


def test_a_thief_with_the_signing_key_cannot_rotate() -> None:
    hearing, ours = network()
    rotated_to_nothing(hearing, with_body(ours, proven(ours.place(), key_of("thief"))))


def test_the_holder_of_the_next_key_alone_cannot_rotate() -> None:
    hearing, ours = network()
    sealed = with_body(ours, proven(ours.place()), NEXT)
    assert hearing.reason(message_of(sealed)) == Reason.UNKNOWN_KEY


def test_a_rotation_replayed_at_a_later_place_changes_nothing() -> None:
    hearing, ours = network()
    body = proven(ours.place())
    hearing.judge(message_of(ours.say()))
    rotated_to_nothing(hearing, with_body(ours, body))


def test_a_rotation_of_another_organization_changes_nothing() -> None:
    hearing, ours = network()
    rotated_to_nothing(hearing, with_body(ours, proven(ours.place()._replace(organization="fr-office"))))


def test_a_proof_made_for_another_network_changes_nothing() -> None:
    hearing, ours = network()
    rotated_to_nothing(hearing, with_body(ours, proven(ours.place()._replace(network="other.example"))))


@pytest.mark.parametrize(
    "taken", ["ke-nctc", "fr-office", "fr-office next", "root", "log", "hub"], ids=lambda name: f"a key of {name}"
)
def test_a_next_key_that_is_registered_in_any_role_is_refused(taken: str) -> None:
    hearing, ours = network()
    rotated_to_nothing(hearing, with_body(ours, proven(ours.place(), after=key_of(taken).public.thumbprint)))


def test_a_next_key_that_commits_to_itself_is_refused() -> None:
    hearing, ours = network()
    rotated_to_nothing(hearing, with_body(ours, proven(ours.place(), after=NEXT.public.thumbprint)))


LOW_ORDER = {"crv": "Ed25519", "kty": "OKP", "x": b64url(b"\x01" + bytes(31))}


def test_a_key_of_small_order_as_next_key_is_refused_though_any_signature_fits_it() -> None:
    """Its commitment was only a thumbprint: when it shows itself, it is turned away."""
    hearing, ours = network()
    place = ours.place()
    said = {**orjson.loads(jws.take_apart(prove_rotation(*place, (NEXT, AFTER)).encode(), jws.ROTATION).payload)}
    said["signing_key"] = LOW_ORDER
    kid = "A" * 43
    signed = f"{jws.header(jws.ROTATION, kid)}.{b64url(canonical(said))}"
    proof = f"{signed}.{b64url((1).to_bytes(32, 'little') + bytes(32))}"
    rotated_to_nothing(hearing, with_body(ours, control_body({"proof": proof})))


def test_a_suspended_organization_may_rotate_and_say_nothing_else() -> None:
    hearing, ours = network()
    hearing.registry.set_standing("ke-nctc", Standing.SUSPENDED)
    assert hearing.reason(message_of(ours.twin().say())) == Reason.SUSPENDED
    assert hearing.reason(message_of(ours.rotate())) == "accepted"
    assert hearing.reason(message_of(ours.say())) == Reason.SUSPENDED


def test_a_suspended_organization_may_order_erasures() -> None:
    hearing, ours = network()
    hearing.registry.set_standing("ke-nctc", Standing.SUSPENDED)
    order = ours.order("need/ke-nctc/n1", [bytes(32)])
    assert hearing.reason(message_of(order)) == "accepted"


def test_a_retired_organization_may_not_rotate() -> None:
    hearing, ours = network()
    hearing.registry.set_standing("ke-nctc", Standing.RETIRED)
    assert hearing.reason(message_of(ours.rotate())) == Reason.RETIRED


def forked() -> tuple[Hearing, Organization]:
    """A chain that forked after its first statement; the organization that owns the next key goes on from there."""
    hearing, ours = network()
    copy = ours.twin()
    hearing.judge(message_of(ours.say()))
    assert hearing.reason(message_of(copy.say(need("Something else")))) == Reason.FORKED
    chain = hearing.chains["ke-nctc"]
    hearing.chains["ke-nctc"] = type(chain)(chain.sequence, chain.head, forked=True)
    return hearing, ours


def test_a_rotation_at_the_next_logged_sequence_resolves_a_fork() -> None:
    hearing, ours = forked()
    assert hearing.reason(message_of(ours.twin().say())) == Reason.FORKED
    assert hearing.reason(message_of(ours.rotate())) == "accepted"
    assert hearing.reason(message_of(ours.say())) == "accepted"


def test_a_rotation_after_the_branch_that_was_not_logged_does_not_resolve_a_fork() -> None:
    hearing, ours = forked()
    ours.head = bytes(32)
    assert hearing.reason(message_of(ours.rotate())) == Reason.FORKED


def test_a_rotation_that_proves_nothing_does_not_resolve_a_fork() -> None:
    hearing, ours = forked()
    assert hearing.reason(message_of(with_body(ours, proven(ours.place(), key_of("thief"))))) == Reason.FORKED
    assert hearing.reason(message_of(with_body(ours, b"{}"))) == Reason.FORKED


@pytest.mark.parametrize(
    "changes",
    [
        {"network": 1}, {"sequence": 1}, {"sequence": "1"}, {"sequence": "٠" * 12}, {"previous": "A"}, {"next_key": ""},
        {"next_key": None}, {"signing_key": "x"}, {"signing_key": None}, {"more": "x"}, {"organization": {}},
    ],
)  # fmt: skip
def test_a_proof_of_another_form_is_refused_though_the_next_key_signed_it(changes: dict[str, Any]) -> None:
    place = network()[1].place()
    payload = jws.take_apart(prove_rotation(*place, (NEXT, AFTER)).encode(), jws.ROTATION).payload
    said = {name: value for name, value in {**orjson.loads(payload), **changes}.items() if value is not None}
    body = control_body({"proof": jws.sign(jws.ROTATION, canonical(said), NEXT)})
    with pytest.raises(BadRotation):
        read_rotation(body)


def test_a_proof_that_is_another_kind_of_signature_is_refused() -> None:
    place = network()[1].place()
    payload = jws.take_apart(prove_rotation(*place, (NEXT, AFTER)).encode(), jws.ROTATION).payload
    with pytest.raises(BadRotation, match="rotation"):
        read_rotation(control_body({"proof": jws.sign(jws.ENROLMENT, payload, NEXT)}))


def test_a_proof_whose_signature_was_changed_is_refused() -> None:
    proof = prove_rotation(*network()[1].place(), (NEXT, AFTER)).rsplit(".", 1)[0]
    with pytest.raises(BadRotation, match="does not verify"):
        read_rotation(control_body({"proof": f"{proof}.{b64url(bytes(64))}"}))


@given(
    st.binary(max_size=200)
    | st.dictionaries(st.sampled_from(["nonce", "proof"]), st.text() | st.integers(0, 9)).map(orjson.dumps)
)
def test_no_bytes_in_place_of_a_rotation_make_the_reader_stumble(body: bytes) -> None:
    with pytest.raises(BadRotation):
        read_rotation(body)


def test_a_body_that_does_not_belong_to_its_rotation_has_no_effect() -> None:
    hearing, ours = network()
    message = message_of(ours.twin().rotate())
    assert hearing.reason(Message(*message[:3], proven(ours.place()))) == Reason.BODY_MISMATCH
    assert hearing.registry.members["ke-nctc"].key_at(hearing.size) == ours.key.public
