"""The registry: every validity is a range of log indices, whatever the clock says."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.signed_network import NETWORK, TRUST, enrolled, key_of
from wire.actions import (
    Action,
    Admitted,
    BadAction,
    KeyReplaced,
    KeyRevoked,
    Reinstated,
    Retired,
    Suspended,
    apply,
    check,
)
from wire.disputes import disputed_by
from wire.registry import KeyPeriod, Member, Registry, Standing
from wire.rotation import Rotation, apply_rotation, check_rotation


def registry() -> Registry:
    found = Registry()
    periods = (KeyPeriod(key_of("k0").public, 5),)
    found.admit(Member("ke-nctc", "Office", Standing.ACTIVE, 4, bytes(32), periods, "UA"))
    return found


def test_only_members_with_an_account_that_have_not_retired_stand() -> None:
    found = registry()
    found.admit(Member("no-bus", "Office", Standing.ACTIVE, 6, bytes(32), ()))
    for standing, stands in ((Standing.ACTIVE, True), (Standing.SUSPENDED, True), (Standing.RETIRED, False)):
        found.set_standing("ke-nctc", standing)
        assert [member.organization for member in found.standing_members()] == ["ke-nctc"] * stands


@given(st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_after_any_replacements_exactly_one_key_is_valid_at_each_index(steps: list[int]) -> None:
    found, index = registry(), 5
    for number, step in enumerate(steps, start=1):
        index += step
        found.replace_key("ke-nctc", key_of(f"k{number}").public, index)
    member = found.members["ke-nctc"]
    for at in range(index + 20):
        valid = [period for period in member.keys if period.valid_at(at)]
        assert len(valid) == (1 if at >= 5 else 0)
    newest = member.period(key_of(f"k{len(steps)}").public.thumbprint)
    assert newest is not None
    assert (newest.start, newest.end) == (index, None)
    assert len(found.keys) == len(steps) + 1, "keys of old are still known, so that their signatures can be checked"


def test_a_key_that_was_never_registered_has_no_period() -> None:
    assert registry().members["ke-nctc"].period(key_of("stranger").public.thumbprint) is None


ORGS = ("ke-nctc", "fr-office")
WHY: dict[str, Any] = {"network": NETWORK, "sequence": "0" * 12, "previous": "A" * 43, "reason": "A reason."}


@dataclass
class Known:
    """The plain model of one organization: at which indices each of its keys is valid, named by their seeds."""

    standing: str = "active"
    keys: dict[str, list[int]] = field(default_factory=dict)
    current: str | None = None
    committed: str = ""
    revoked: dict[str, tuple[int, int]] = field(default_factory=dict)


class Deciding(RuleBasedStateMachine):
    """The roots and the organizations act in any order; the registry is compared with the model at every index."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = Registry.begin(TRUST)
        self.model: dict[str, Known] = {}
        self.index = 0
        self.used = 0

    def decide(self, action: Action, *, allowed: bool) -> bool:
        """Check and apply; whether it was allowed is what the model says."""
        if not allowed:
            with pytest.raises(BadAction):
                check(action, self.registry)
            return False
        check(action, self.registry)
        apply(action, self.registry, index=self.index, statement=bytes(32))
        self.index += 1
        return True

    def fresh(self) -> dict[str, Any]:
        self.used += 1
        members = enrolled(f"set {self.used}")
        del members["organization"], members["name"]
        return members

    def begin_keys(self, known: Known, name: str) -> None:
        """From this index on the set's signing key is valid, and no other."""
        if known.current is not None:
            known.keys[known.current].append(self.index)
        known.keys[f"set {name}"], known.current, known.committed = [self.index], f"set {name}", f"set {name} next"

    @rule(org=st.sampled_from(ORGS))
    def admit(self, org: str) -> None:
        place = {name: value for name, value in WHY.items() if name != "reason"}
        action = Admitted(organization=org, name="Office", **place, **self.fresh())
        if self.decide(action, allowed=org not in self.model):
            self.model[org] = Known()
            self.begin_keys(self.model[org], str(self.used))

    @rule(org=st.sampled_from(ORGS), kind=st.sampled_from([Suspended, Reinstated, Retired]))
    def stand(self, org: str, kind: Any) -> None:
        standing = self.model[org].standing if org in self.model else ""
        before = {Suspended: ["active"], Reinstated: ["suspended"], Retired: ["active", "suspended"]}[kind]
        if self.decide(kind(organization=org, **WHY), allowed=standing in before):
            self.model[org].standing = {Suspended: "suspended", Reinstated: "active", Retired: "retired"}[kind]

    @rule(org=st.sampled_from(ORGS))
    def replace(self, org: str) -> None:
        allowed = org in self.model and self.model[org].standing != "retired"
        if self.decide(KeyReplaced(organization=org, **WHY, **self.fresh()), allowed=allowed):
            self.begin_keys(self.model[org], str(self.used))

    @rule(org=st.sampled_from(ORGS), honest=st.booleans())
    def rotate(self, org: str, *, honest: bool) -> None:
        known = self.model.get(org)
        if known is None:
            return
        self.used += 1
        following = known.committed if honest else "thief"
        after = key_of(f"after {self.used}").public.thumbprint
        said = Rotation(NETWORK, org, 1, bytes(32), key_of(following).public, after)
        assert (check_rotation(said, self.registry) is None) == honest
        if honest and known.current is not None:
            apply_rotation(said, self.registry, index=self.index)
            self.index += 1
            known.keys[known.current].append(self.index)
            known.keys[following], known.current, known.committed = [self.index], following, f"after {self.used}"

    @rule(org=st.sampled_from(ORGS), last=st.integers(0, 5), which=st.integers(0, 3))
    def revoke(self, org: str, last: int, which: int) -> None:
        known = self.model.get(org)
        if known is None:
            return
        name = list(known.keys)[which % len(known.keys)]
        kid = key_of(name).public.thumbprint
        before = known.revoked.get(name)
        action = KeyRevoked(organization=org, key=kid, last_good_sequence=last, **WHY)
        at = self.index
        if self.decide(action, allowed=before is None or last < before[0]):
            known.revoked[name] = (last, at)
            if name == known.current:
                known.keys[name].append(at)
                known.current = None

    @invariant()
    def every_key_is_valid_exactly_where_the_model_says(self) -> None:
        for org, known in self.model.items():
            member = self.registry.members[org]
            assert str(member.standing) == known.standing
            assert member.next_key == key_of(known.committed).public.thumbprint
            for at in range(self.index + 2):
                valid = {name for name, span in known.keys.items() if span[0] <= at < (span[1:] or [10**6])[0]}
                found = {period.key.thumbprint for period in member.keys if period.valid_at(at)}
                assert found == {key_of(name).public.thumbprint for name in valid}
                assert len(found) <= 1
            for name, (last, at) in known.revoked.items():
                kid = key_of(name).public.thumbprint
                assert disputed_by(self.registry, org, kid, last + 1, at - 1) is not None
                assert disputed_by(self.registry, org, kid, last, at - 1) is None

    @invariant()
    def the_quorum_is_that_of_the_formula(self) -> None:
        number = sum(known.standing != "retired" for known in self.model.values())
        found = self.registry.witnesses(NETWORK)
        assert (len(found.keys), found.quorum) == (number, 2 * number // 3 + 1 if number else 0)


TestDeciding = Deciding.TestCase
TestDeciding.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
