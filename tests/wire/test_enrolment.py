"""Enrolment and admission: what was changed on the way is found, and nobody is let into a network of somebody else."""

from typing import Any

import orjson
import pytest

from tests.signed_network import (
    HUB_KEY,
    NETWORK,
    ROOT,
    TRUST,
    Roots,
    admission_of,
    enrolled,
    key_of,
    replacement_of,
    trust_of,
)
from wire import jws
from wire.actions import Suspended, sign_action
from wire.canonical import canonical
from wire.enrolment import BadEnrolment, make_admission, make_enrolment, open_admission, open_enrolment
from wire.keys import SigningKey
from wire.seal import Place, Sealed, control_subject, seal

KEY = key_of("ke-nctc")
URL = "nats://127.0.0.1:4222"


def enrolment(key: SigningKey = KEY, **changes: Any) -> bytes:
    return make_enrolment({**enrolled("ke-nctc", KEY), **changes}, key)


def registered(action: Any, roots: Roots, key: SigningKey = HUB_KEY) -> Sealed:
    """The registry's statement that carries an action, signed by the hub."""
    previous = roots.head or roots.trust.digest
    sealed = seal(
        Place(NETWORK, "registry", roots.sequence + 1, previous), key,
        subject=control_subject("registry", action.organization), event_type=f"liaison.{action.action}",
        marking="TLP:CLEAR", body=sign_action(action, [ROOT]), content_type="application/jose+json",
    )  # fmt: skip
    roots.done(sealed.hash)
    return sealed


def admitted() -> tuple[Sealed, Sealed]:
    """The statements that admit the hub and ke-nctc."""
    roots = Roots()
    hub = registered(admission_of("hub", roots.place(), HUB_KEY), roots)
    return hub, registered(admission_of("ke-nctc", roots.place()), roots)


HUB, MEMBER = admitted()
ADMISSION = make_admission(TRUST, (HUB.token, HUB.body), (MEMBER.token, MEMBER.body), URL)


def test_an_enrolment_is_opened_as_the_node_wrote_it() -> None:
    members = enrolled("ke-nctc", KEY)
    assert open_enrolment(make_enrolment(members, KEY)) == members


@pytest.mark.parametrize("name", sorted(enrolled("ke-nctc")))
def test_an_enrolment_of_which_any_member_was_changed_or_taken_away_is_refused(name: str) -> None:
    document = orjson.loads(enrolment())
    other = enrolled("fr-office")[name]
    with pytest.raises(BadEnrolment):
        open_enrolment(orjson.dumps({**document, name: other}))
    del document[name]
    with pytest.raises(BadEnrolment, match="exactly the members"):
        open_enrolment(orjson.dumps(document))


def test_an_enrolment_with_a_key_that_the_asker_does_not_hold_is_refused() -> None:
    with pytest.raises(BadEnrolment, match="proof fails"):
        open_enrolment(enrolment(key_of("stranger")))


@pytest.mark.parametrize(
    "changes",
    [{"organization": "X!"}, {"organization": 1}, {"name": ""}, {"name": "x" * 201}, {"bus": "SU" + "A" * 54},
     {"next_key": "A"}, {"encryption_key": {"x": 1}}, {"organization": "../../etc"}],
)  # fmt: skip
def test_an_enrolment_that_cannot_be_used_is_refused_though_validly_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(BadEnrolment):
        open_enrolment(enrolment(**changes))


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"null", b"\xff", b'{"proof":1}', enrolment()[:-20],
     orjson.dumps({**orjson.loads(enrolment()), "proof": "\x00é"}),
     orjson.dumps({**orjson.loads(enrolment()), "name": 1.5}),
     orjson.dumps({**orjson.loads(enrolment()), "signing_key": 1})],
)  # fmt: skip
def test_bytes_that_are_no_enrolment_are_refused(data: bytes) -> None:
    with pytest.raises(BadEnrolment):
        open_enrolment(data)


def test_an_admission_tells_a_node_whom_to_trust_and_where_its_chain_begins() -> None:
    admission = open_admission(ADMISSION)
    assert admission.trust == TRUST
    assert admission.organization == "ke-nctc"
    assert admission.previous == MEMBER.hash
    assert admission.hub_key == HUB_KEY.public
    assert admission.signing_key == KEY.public
    assert admission.bus_url == URL


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for name, member in value.items() for leaf in leaves(member, (*path, name))]
    if isinstance(value, list):
        return [leaf for place, member in enumerate(value) for leaf in leaves(member, (*path, place))]
    return [path]


@pytest.mark.parametrize("path", leaves(orjson.loads(ADMISSION)), ids=lambda path: ".".join(map(str, path)))
def test_an_admission_of_which_any_member_was_changed_is_refused(path: tuple[Any, ...]) -> None:
    """All but the bus's address, which is a matter of the network the node is in: what comes from there is signed."""
    document = orjson.loads(ADMISSION)
    place = document
    for step in path[:-1]:
        place = place[step]
    old = place[path[-1]]
    place[path[-1]] = old + 1 if isinstance(old, int) else old[:-2] + ("AA" if old[-2:] != "AA" else "BB")
    if path == ("bus", "url"):
        assert open_admission(orjson.dumps(document)).bus_url != URL
        return
    with pytest.raises(BadEnrolment):
        open_admission(orjson.dumps(document))


def test_a_member_cannot_hand_out_admissions_in_the_hubs_place() -> None:
    """Its own admission is signed by the roots too; it would be the one whose receipts the newcomer believes."""
    roots = Roots()
    registered(admission_of("hub", roots.place(), HUB_KEY), roots)
    evil = registered(admission_of("fr-office", roots.place()), roots, key_of("fr-office"))
    member = registered(admission_of("ke-nctc", roots.place()), roots, key_of("fr-office"))
    with pytest.raises(BadEnrolment, match="fr-office"):
        open_admission(make_admission(TRUST, (evil.token, evil.body), (member.token, member.body), URL))


def test_an_admission_by_other_roots_is_refused() -> None:
    other = trust_of(key_of("another root"))
    with pytest.raises(BadEnrolment, match="roots"):
        open_admission(make_admission(other, (HUB.token, HUB.body), (MEMBER.token, MEMBER.body), URL))


def after_other_keys(by: SigningKey = HUB_KEY, organization: str = "hub") -> bytes:
    """An admission of a network whose hub has gone over to other keys, which are said to be `organization`'s."""
    roots, new = Roots(), key_of("hub again")
    hub = registered(admission_of("hub", roots.place(), HUB_KEY), roots)
    other = registered(replacement_of(organization, roots.place(), new), roots, by)
    member = registered(admission_of("ke-nctc", roots.place()), roots, new)
    return make_admission(
        TRUST, (hub.token, hub.body), (member.token, member.body), URL, hub_keys=[(other.token, other.body)]
    )


def test_after_the_hub_has_gone_over_to_other_keys_its_newest_one_counts() -> None:
    assert open_admission(after_other_keys()).hub_key == key_of("hub again").public


def test_the_hubs_other_key_must_be_the_roots_decision_about_the_hub() -> None:
    with pytest.raises(BadEnrolment, match=r"key\.replaced for hub was expected"):
        open_admission(after_other_keys(organization="fr-office"))
    with pytest.raises(BadEnrolment, match="not expected here"):
        open_admission(after_other_keys(by=key_of("thief")))
    document = orjson.loads(after_other_keys())
    document["hub_keys"][0]["action"]["signatures"][0]["signature"] = "A" * 86
    with pytest.raises(BadEnrolment):
        open_admission(orjson.dumps(document))
    del document["hub_keys"]
    with pytest.raises(BadEnrolment, match="not expected here"):
        open_admission(orjson.dumps(document))


def test_another_action_in_the_place_of_the_admission_is_refused() -> None:
    roots = Roots()
    registered(admission_of("hub", roots.place(), HUB_KEY), roots)
    other = registered(Suspended(organization="ke-nctc", reason="A reason.", **roots.place()), roots)  # type: ignore[arg-type]
    with pytest.raises(BadEnrolment, match=r"organization\.admitted was expected"):
        open_admission(make_admission(TRUST, (HUB.token, HUB.body), (other.token, other.body), URL))


@pytest.mark.parametrize("name", ["trust", "hub", "member", "bus"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}])
def test_an_admission_that_lacks_a_part_is_refused(name: str, value: Any) -> None:
    with pytest.raises(BadEnrolment):
        open_admission(orjson.dumps({**orjson.loads(ADMISSION), name: value}))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"\xff", ADMISSION[:-9]])
def test_bytes_that_are_no_admission_are_refused(data: bytes) -> None:
    with pytest.raises(BadEnrolment):
        open_admission(data)


def test_the_hub_must_have_signed_the_registrys_statement() -> None:
    payload = jws.take_apart(MEMBER.token, jws.EVENT).payload
    forged = jws.sign(jws.EVENT, payload, KEY).encode()
    with pytest.raises(BadEnrolment, match="not expected here"):
        open_admission(make_admission(TRUST, (HUB.token, HUB.body), (forged, MEMBER.body), URL))
    assert canonical(orjson.loads(payload)) == payload
