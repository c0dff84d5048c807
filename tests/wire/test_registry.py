"""The registry: every validity is a range of log indices, whatever the clock says."""

from hypothesis import given
from hypothesis import strategies as st

from tests.signed_network import key_of
from wire.registry import KeyPeriod, Member, Registry, Standing


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
