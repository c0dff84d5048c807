"""What the roots may do to whom, and what it changes: keys, revocations, witnesses, roots, erasures, the log."""

from typing import Any

import pytest

from tests.signed_network import HUB_KEY, ROOT, TRUST, admission_of, enrolled, key_of, trust_of
from wire.actions import (
    Action,
    BadAction,
    ErasureOrdered,
    KeyReplaced,
    KeyRevoked,
    LogReplaced,
    Retired,
    RootsChanged,
    Suspended,
    WitnessesChanged,
    apply,
    check,
    open_action,
    sign_action,
)
from wire.checkpoint import Checkpoint, cosign, sign_checkpoint
from wire.encoding import b64url
from wire.nkeys import generate_nkey
from wire.notes import VerifierKey, b64, sign_text, write_note
from wire.registry import HUB, Registry, Standing

HERE: dict[str, Any] = {"network": "exercise.example", "sequence": f"{7:012d}", "previous": b64url(bytes(32))}
WHY: dict[str, Any] = {**HERE, "reason": "A reason."}
ORGS = ("ke-nctc", "fr-office", "xa-centre")


@pytest.fixture
def registry() -> Registry:
    """The hub and three organizations."""
    found = Registry.begin(TRUST)
    for index, name in enumerate((HUB, *ORGS)):
        done(admission_of(name, HERE, HUB_KEY if name == HUB else None), found, index)
    return found


def done(action: Action, registry: Registry, index: int = 9) -> None:
    check(action, registry)
    apply(action, registry, index=index, statement=bytes([index]) * 32)


def replacement(organization: str = "ke-nctc", **changes: Any) -> KeyReplaced:
    members = {**enrolled(f"{organization}-2"), "organization": organization, **changes}
    del members["name"]
    return KeyReplaced(**{**WHY, **members})


def test_replaced_keys_speak_from_the_next_index_on_and_the_lost_ones_no_more(registry: Registry) -> None:
    done(replacement(), registry, 9)
    member = registry.members["ke-nctc"]
    old, new = member.keys
    assert (old.end, new.start, new.key) == (10, 10, key_of("ke-nctc-2").public)
    assert member.next_key == key_of("ke-nctc-2 next").public.thumbprint
    assert member.witness == key_of("ke-nctc-2 witness").public
    assert b64url(member.encryption) == enrolled("ke-nctc-2")["encryption_key"]["x"]
    assert (member.admitted_at, member.standing) == (1, Standing.ACTIVE), "it is the same organization still"
    assert registry.witnesses("exercise.example").keys["ke-nctc"] == member.witness


@pytest.mark.parametrize("role", ["signing_key", "witness_key", "encryption_key", "next_key", "bus"])
def test_not_one_old_key_comes_back_with_the_new_ones(registry: Registry, role: str) -> None:
    member = registry.members["ke-nctc"]
    old: Any = {**enrolled("ke-nctc"), "bus": member.bus}[role]
    changes: dict[str, Any] = {role: old}
    with pytest.raises(BadAction, match=r"registered already: it is the .* of ke-nctc"):
        check(replacement(**changes), registry)


@pytest.mark.parametrize("role", ["signing_key", "witness_key"])
@pytest.mark.parametrize("taken", ["root", "log", "fr-office", "fr-office witness", "fr-office next"])
def test_a_key_of_another_role_or_organization_is_not_registered_again(
    registry: Registry, role: str, taken: str
) -> None:
    changes: dict[str, Any] = {role: key_of(taken).public.jwk}
    with pytest.raises(BadAction, match="registered already"):
        check(replacement(**changes), registry)


def test_a_key_is_one_key_however_it_is_written_down(registry: Registry) -> None:
    low = next(
        key for key in (key_of(f"twin {n}").public for n in range(99)) if key.raw[31] < 0x7F
    )  # canonical in both
    twin = {"crv": "X25519", "kty": "OKP", "x": b64url(low.raw)}
    with pytest.raises(BadAction, match="distinct"):
        check(replacement(signing_key=low.jwk, encryption_key=twin), registry)


@pytest.mark.parametrize(
    "point",
    [bytes(32), (1).to_bytes(32, "little"), (2**255 - 20).to_bytes(32, "little"), (2**255 - 18).to_bytes(32, "little"),
     bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")],
    ids=["zero", "one", "minus one", "one, not canonical", "order 8"],
)  # fmt: skip
def test_an_encryption_key_of_small_order_or_not_canonical_is_refused(registry: Registry, point: bytes) -> None:
    with pytest.raises(BadAction, match=r"small order|canonical"):
        check(replacement(encryption_key={"crv": "X25519", "kty": "OKP", "x": b64url(point)}), registry)


def test_a_key_for_the_bus_that_was_not_copied_whole_is_refused(registry: Registry) -> None:
    bus = generate_nkey()[1]
    with pytest.raises(BadAction, match="checksum"):
        check(replacement(bus=bus[:-1] + ("A" if bus[-1] != "A" else "B")), registry)


def test_a_retired_organization_gets_no_new_keys(registry: Registry) -> None:
    registry.set_standing("ke-nctc", Standing.RETIRED)
    with pytest.raises(BadAction, match="retired"):
        check(replacement(), registry)


def revocation(last: int = 3, key: str = "ke-nctc", organization: str = "ke-nctc") -> KeyRevoked:
    return KeyRevoked(
        organization=organization, key=key_of(key).public.thumbprint, last_good_sequence=last, **WHY
    )  # fmt: skip


def test_a_revoked_key_is_valid_no_more_until_the_roots_replace_it(registry: Registry) -> None:
    done(revocation(), registry, 9)
    assert registry.members["ke-nctc"].key_at(9) is None
    done(replacement(), registry, 10)
    assert registry.members["ke-nctc"].key_at(11) == key_of("ke-nctc-2").public
    assert registry.members["ke-nctc"].keys[0].end == 9


def test_a_key_is_revoked_again_only_from_an_earlier_sequence_on(registry: Registry) -> None:
    done(revocation(3), registry)
    for last in (3, 4):
        with pytest.raises(BadAction, match="revoked already"):
            check(revocation(last), registry)
    check(revocation(2), registry)


def test_only_a_signing_key_of_that_organization_can_be_revoked(registry: Registry) -> None:
    for key in ("fr-office", "ke-nctc witness", "stranger"):
        with pytest.raises(BadAction, match="no signing key of ke-nctc"):
            check(revocation(key=key), registry)


@pytest.mark.parametrize(
    "action",
    [
        Suspended(organization=HUB, **WHY), Retired(organization=HUB, **WHY), revocation(0, "hub", HUB),
        ErasureOrdered(organization=HUB, statements=[b64url(bytes(32))], **WHY),
    ],
    ids=lambda action: action.action,
)  # fmt: skip
def test_the_hub_is_not_left_without_a_voice_and_its_statements_are_permanent(
    registry: Registry, action: Action
) -> None:
    with pytest.raises(BadAction):
        check(action, registry)


def witnesses(*names: str, quorum: int = 0, new: str = "") -> WitnessesChanged:
    """These organizations with the keys they have, and ke-nctc with a `new` one, if there is one."""
    keys = {name: key_of(f"{name} witness").public.jwk for name in names}
    if new:
        keys["ke-nctc"] = key_of(new).public.jwk
    return WitnessesChanged(witnesses=keys, quorum=quorum, **WHY)


def test_the_quorum_follows_the_formula_until_the_roots_fix_it_and_again_after(registry: Registry) -> None:
    assert (set(registry.witnesses("n").keys), registry.witnesses("n").quorum) == ({*ORGS}, 3)
    done(witnesses("ke-nctc", "fr-office", quorum=1), registry)
    assert (set(registry.witnesses("n").keys), registry.witnesses("n").quorum) == ({"ke-nctc", "fr-office"}, 1)
    done(admission_of("zz-new", HERE), registry, 10)
    assert (len(registry.witnesses("n").keys), registry.witnesses("n").quorum) == (3, 1), "k was fixed"
    done(witnesses(*ORGS, "zz-new"), registry)
    assert (len(registry.witnesses("n").keys), registry.witnesses("n").quorum) == (4, 3)


def test_a_witness_key_can_be_changed_but_not_to_one_that_is_taken(registry: Registry) -> None:
    done(witnesses("fr-office", new="fresh"), registry)
    assert registry.witnesses("n").keys["ke-nctc"] == key_of("fresh").public
    for taken in ("fr-office witness", "ke-nctc witness", "ke-nctc", "root"):
        with pytest.raises(BadAction, match=r"registered already|two witnesses"):
            check(witnesses("fr-office", new=taken), registry)


@pytest.mark.parametrize(
    "action",
    [
        witnesses("ke-nctc", quorum=2), witnesses(quorum=1), witnesses("zz-unknown"), witnesses(HUB),
        witnesses("xa-centre"),
    ],
    ids=["more than there are", "none of them", "a stranger", "the hub", "a retired one"],
)  # fmt: skip
def test_a_quorum_that_could_never_be_reached_is_refused(registry: Registry, action: Action) -> None:
    registry.set_standing("xa-centre", Standing.RETIRED)
    with pytest.raises(BadAction):
        check(action, registry)


def test_nobody_retires_without_whom_the_fixed_quorum_cannot_be_reached(registry: Registry) -> None:
    done(witnesses(*ORGS, quorum=3), registry)
    with pytest.raises(BadAction, match="change the witnesses first"):
        check(Retired(organization="ke-nctc", **WHY), registry)


def test_a_retired_witness_leaves_and_a_suspended_one_stays(registry: Registry) -> None:
    done(Retired(organization="ke-nctc", **WHY), registry)
    done(Suspended(organization="fr-office", **WHY), registry)
    assert set(registry.witnesses("n").keys) == {"fr-office", "xa-centre"}


def roots_changed(*names: str, threshold: int = 1) -> RootsChanged:
    return RootsChanged(roots=[key_of(name).public.jwk for name in names], threshold=threshold, **WHY)


def opened(body: bytes, registry: Registry) -> Any:
    return open_action(body, registry, sequence=7, previous=bytes(32))


def test_a_change_of_roots_needs_the_threshold_of_the_old_and_of_the_new_set() -> None:
    old, new = [key_of(f"root {n}") for n in range(3)], [key_of(f"new {n}") for n in range(2)]
    registry = Registry.begin(trust_of(*old, threshold=2))
    change = roots_changed("new 0", "new 1", threshold=2)
    assert opened(sign_action(change, old[:2] + new), registry) == change
    for signers in (old, old[:1] + new, old[:2] + new[:1], new):
        with pytest.raises(BadAction, match="needed: 2"):
            opened(sign_action(change, signers), registry)


def test_after_a_change_of_roots_only_the_new_ones_decide(registry: Registry) -> None:
    done(roots_changed("new 0", "new 1", threshold=2), registry)
    action = Suspended(organization="ke-nctc", **WHY)
    with pytest.raises(BadAction, match="needed: 2"):
        opened(sign_action(action, [ROOT, key_of("new 0")]), registry)
    assert opened(sign_action(action, [key_of("new 0"), key_of("new 1")]), registry) == action


def test_a_root_that_has_left_or_has_another_role_does_not_become_one(registry: Registry) -> None:
    done(roots_changed("new 0"), registry)
    for taken in ("root", "ke-nctc", "log", "fr-office witness"):
        with pytest.raises(BadAction, match="registered already"):
            check(roots_changed("new 0", taken), registry)
    check(roots_changed("new 0", "new 1"), registry)


def test_roots_that_could_never_reach_their_threshold_are_refused(registry: Registry) -> None:
    for action in (roots_changed("new 0", threshold=2), roots_changed("new 0", "new 0", threshold=2)):
        with pytest.raises(BadAction):
            check(action, registry)


def test_an_order_to_erase_names_each_statement_once(registry: Registry) -> None:
    one = b64url(bytes(32))
    before = {name: registry.members[name] for name in registry.members}
    done(ErasureOrdered(organization="ke-nctc", statements=[one], **WHY), registry)
    assert registry.members == before
    with pytest.raises(BadAction, match="twice"):
        check(ErasureOrdered(organization="ke-nctc", statements=[one, one], **WHY), registry)


def log_replaced(registry: Registry, cosigners: int = 3, origin: str = "exercise.example/log-2") -> LogReplaced:
    last = Checkpoint(TRUST.origin, 5, bytes(32))
    signatures = [sign_text(last.text, last.origin, key_of("log"))]
    signatures += [cosign(last, registry.network, name, key_of(f"{name} witness"), 1) for name in ORGS[:cosigners]]
    note = write_note(last.text, signatures)
    assert note.startswith(sign_checkpoint(last, key_of("log")))
    key = VerifierKey(origin, key_of("log 2").public)
    return LogReplaced(origin=origin, vkey=str(key), checkpoint=note.decode(), covered=1, ends={}, **WHY)


def test_another_log_goes_on_from_a_checkpoint_with_a_quorum(registry: Registry) -> None:
    check(log_replaced(registry), registry)
    with pytest.raises(BadAction, match="witnesses that cosigned the checkpoint: 2; needed: 3"):
        check(log_replaced(registry, 2), registry)


def test_another_log_has_an_origin_and_a_key_of_its_own(registry: Registry) -> None:
    for origin in (TRUST.origin, "other.example/log"):
        with pytest.raises(BadAction, match="origin"):
            check(log_replaced(registry, origin=origin), registry)
    with pytest.raises(BadAction, match="registered already"):
        check(
            log_replaced(registry).model_copy(
                update={"vkey": str(VerifierKey("exercise.example/log-2", key_of("log").public))}
            ),
            registry,
        )
    broken = log_replaced(registry).model_copy(update={"checkpoint": f"{TRUST.origin}\n5\n{b64(bytes(32))}\n\n"})
    with pytest.raises(BadAction, match="cannot be used"):
        check(broken, registry)
