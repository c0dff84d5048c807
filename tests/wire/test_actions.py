"""Registry actions: enough roots, one place, one use, distinct keys, and what they do to the registry."""

from typing import Any

import orjson
import pytest

from tests.signed_network import HUB_KEY, ROOT, TRUST, admission_of, enrolled, key_of, trust_of
from wire import jws
from wire.actions import Admitted, BadAction, Reinstated, Retired, Suspended, apply, check, open_action, sign_action
from wire.canonical import canonical
from wire.encoding import b64url
from wire.registry import Registry, Standing
from wire.trust import Trust

HERE: dict[str, Any] = {"network": "exercise.example", "sequence": f"{7:012d}", "previous": b64url(bytes(32))}
SUSPENDED = Suspended(organization="ke-nctc", reason="Leaked key.", **HERE)


def opened(body: bytes, trust: Trust = TRUST, sequence: int = 7, previous: bytes = bytes(32)) -> Any:
    return open_action(body, Registry.begin(trust), sequence=sequence, previous=previous)


@pytest.fixture
def registry() -> Registry:
    """The hub, admitted at 0, and ke-nctc, admitted at 4."""
    found = Registry()
    apply(admission_of("hub", HERE, HUB_KEY), found, index=0, statement=bytes(32))
    apply(admission_of("ke-nctc", HERE), found, index=4, statement=b"4" * 32)
    return found


@pytest.mark.parametrize(
    "action",
    [
        admission_of("ke-nctc", HERE), SUSPENDED, Reinstated(organization="ke-nctc", reason="New key.", **HERE),
        Retired(organization="ke-nctc", reason="Merged.", **HERE),
    ],
)  # fmt: skip
def test_an_action_that_the_root_signed_is_opened_as_it_was(action: Any) -> None:
    assert opened(sign_action(action, [ROOT])) == action


def test_an_action_needs_as_many_roots_as_the_network_says() -> None:
    roots = [key_of(f"root {number}") for number in range(3)]
    trust = trust_of(*roots, threshold=2)
    assert opened(sign_action(SUSPENDED, roots[:2]), trust) == SUSPENDED
    assert opened(sign_action(SUSPENDED, roots[1:]), trust) == SUSPENDED
    assert opened(sign_action(SUSPENDED, roots), trust) == SUSPENDED
    for signers in ([], roots[:1], [roots[0], roots[0]], [roots[0], key_of("stranger")]):
        with pytest.raises(BadAction, match="needed: 2"):
            opened(sign_action(SUSPENDED, signers), trust)


def test_the_hub_cannot_act_in_the_place_of_the_roots() -> None:
    with pytest.raises(BadAction, match="0 of the network's roots"):
        opened(sign_action(SUSPENDED, [HUB_KEY]))


def test_an_action_replayed_at_another_place_or_in_another_network_is_refused() -> None:
    body = sign_action(SUSPENDED, [ROOT])
    with pytest.raises(BadAction, match="its place here"):
        opened(body, sequence=8)
    with pytest.raises(BadAction, match="its place here"):
        opened(body, previous=b"1" * 32)
    with pytest.raises(BadAction, match="its place here"):
        opened(body, Trust("other.example", TRUST.roots, 1, TRUST.log_key))


@pytest.mark.parametrize(
    "members",
    [
        {"extra": 1}, {"action": "organization.exploded"}, {"action": None}, {"organization": "X!"}, {"reason": ""},
        {"reason": None}, {"sequence": "7"}, {"previous": "A"}, {"organization": "ab"}, {"reason": 1},
    ],
)  # fmt: skip
def test_an_action_of_another_form_is_refused_though_the_root_signed_it(members: dict[str, Any]) -> None:
    said = {**SUSPENDED.model_dump(mode="json"), **members}
    payload = canonical({name: value for name, value in said.items() if value is not None})
    with pytest.raises(BadAction):
        opened(canonical(jws.sign_general(jws.ACTION, payload, [ROOT])))


def test_an_action_that_is_not_in_canonical_form_is_refused() -> None:
    payload = orjson.dumps(SUSPENDED.model_dump(mode="json"), option=orjson.OPT_INDENT_2)
    with pytest.raises(BadAction, match="canonical"):
        opened(canonical(jws.sign_general(jws.ACTION, payload, [ROOT])))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"payload":"!","signatures":[]}', b"\xff"])
def test_bytes_that_are_no_action_are_refused(body: bytes) -> None:
    with pytest.raises(BadAction):
        opened(body)


def test_an_admitted_organization_may_speak_from_the_next_index_on(registry: Registry) -> None:
    member = registry.members["ke-nctc"]
    assert (member.admitted_at, member.admitted_by, member.standing) == (4, b"4" * 32, Standing.ACTIVE)
    period = member.period(key_of("ke-nctc").public.thumbprint)
    assert period is not None
    assert [period.valid_at(index) for index in (4, 5, 10**6)] == [False, True, True]


@pytest.mark.parametrize(
    ("before", "allowed"),
    [
        (Standing.ACTIVE, {Suspended, Retired}),
        (Standing.SUSPENDED, {Reinstated, Retired}),
        (Standing.RETIRED, set()),
    ],
)
@pytest.mark.parametrize(
    ("action", "after"),
    [(Suspended, Standing.SUSPENDED), (Reinstated, Standing.ACTIVE), (Retired, Standing.RETIRED)],
)
def test_standing_changes_only_as_it_may(
    registry: Registry, before: Standing, allowed: set[Any], action: Any, after: Standing
) -> None:
    registry.set_standing("ke-nctc", before)
    asked = action(organization="ke-nctc", reason="A reason.", **HERE)
    if action not in allowed:
        with pytest.raises(BadAction, match=f"ke-nctc is {before}"):
            check(asked, registry)
        return
    check(asked, registry)
    apply(asked, registry, index=9, statement=bytes(32))
    assert registry.members["ke-nctc"].standing is after


@pytest.mark.parametrize("standing", list(Standing))
def test_an_id_is_never_given_to_a_second_organization(registry: Registry, standing: Standing) -> None:
    registry.set_standing("ke-nctc", standing)
    with pytest.raises(BadAction, match="never reused"):
        check(admission_of("ke-nctc", HERE, key_of("other")), registry)


def test_nobody_is_admitted_under_the_name_of_the_registry(registry: Registry) -> None:
    with pytest.raises(BadAction, match="registry itself"):
        check(admission_of("registry", HERE), registry)


def test_who_is_not_in_the_registry_cannot_be_suspended(registry: Registry) -> None:
    with pytest.raises(BadAction, match="it has hub, ke-nctc"):
        check(Suspended(organization="fr-office", reason="A reason.", **HERE), registry)


def low_order() -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": b64url(bytes(32))}


@pytest.mark.parametrize(
    "change",
    [
        {"witness_key": key_of("fr-office").public.jwk},
        {"next_key": key_of("fr-office").public.thumbprint},
        {"next_key": key_of("fr-office witness").public.thumbprint},
        {"signing_key": low_order()},
        {"witness_key": low_order()},
        {"signing_key": key_of("ke-nctc").public.jwk},
        {"witness_key": key_of("ke-nctc").public.jwk},
        {"next_key": key_of("ke-nctc").public.thumbprint},
        {"encryption_key": {}},
        {"encryption_key": {"crv": "X25519", "kty": "OKP", "x": "AA"}},
        {"encryption_key": key_of("x").public.jwk},
    ],
)
def test_a_key_that_is_shared_worthless_or_of_another_kind_is_refused(registry: Registry, change: Any) -> None:
    members = enrolled("fr-office")
    check(Admitted(**{**HERE, **members}), registry)
    with pytest.raises(BadAction, match="fr-office"):
        check(Admitted(**{**HERE, **members, **change}), registry)


def test_two_organizations_never_share_an_account_on_the_bus(registry: Registry) -> None:
    members = {**enrolled("fr-office"), "bus": registry.members["ke-nctc"].bus}
    with pytest.raises(BadAction, match="the key for the bus of ke-nctc"):
        check(Admitted(**{**HERE, **members}), registry)
