"""Whose receipts count: the hub's newest key, as far as the log was read, and never one that the roots have ended."""

from node.hub_key import HubKey
from tests.signed_network import HUB_KEY, TRUST, Roots, admission_of, key_of, replacement_of
from wire.actions import Action, apply
from wire.registry import HUB, Registry

SECOND, THIRD = key_of("hub second"), key_of("hub third")


def decisions() -> list[Action]:
    """The hub is admitted, and its keys are replaced twice."""
    roots = Roots()
    found = [admission_of(HUB, roots.place(), HUB_KEY)]
    for number, key in enumerate((SECOND, THIRD)):
        roots.done(bytes([number]) * 32)
        found.append(replacement_of(HUB, roots.place(), key, name=f"hub-{number}"))
    return found


def after(number: int) -> Registry:
    """The registry after so many of the decisions."""
    registry = Registry.begin(TRUST)
    for index, action in enumerate(decisions()[:number]):
        apply(action, registry, index=index, statement=bytes(32))
    return registry


def test_it_begins_with_the_key_of_the_admission_and_goes_over_as_the_roots_decide() -> None:
    key = HubKey(HUB_KEY.public)
    assert key.now() == HUB_KEY.public
    for number, expected in ((1, HUB_KEY), (2, SECOND), (3, THIRD)):
        key.follow(after(number))
        assert key.now() == expected.public


def test_a_registry_that_is_not_read_to_its_own_key_yet_takes_nothing_back() -> None:
    """Who joined with the newest key reads the log from its first entry on, in which older ones come first."""
    key = HubKey(THIRD.public)
    for number in (0, 1, 2):
        key.follow(after(number))
        assert key.now() == THIRD.public
    key.follow(after(3))
    assert key.now() == THIRD.public


def test_the_key_of_another_organization_is_never_the_hubs() -> None:
    registry = after(1)
    apply(admission_of("xa-centre", Roots().place()), registry, index=1, statement=bytes(32))
    key = HubKey(key_of("xa-centre").public)
    key.follow(registry)
    assert key.now() == key_of("xa-centre").public  # only an admission gives it, and no registry makes it the hub's
    other = HubKey(HUB_KEY.public)
    other.follow(registry)
    assert other.now() == HUB_KEY.public
