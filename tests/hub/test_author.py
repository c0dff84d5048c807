"""The hub's voice: it signs with the key that the registry names at the place, before and after that is another one."""

import pytest
from sqlalchemy import Engine

from hub.author import Author
from hub.writer import Writer
from tests.hub.batches import everything
from tests.hub.published import Published
from tests.signed_network import HUB_KEY, TRUST, key_of, replacement_of
from wire import jws
from wire.actions import BadAction
from wire.registry import HUB

NEW = key_of("hub again")
KEYS = {key.public.thumbprint: key for key in (HUB_KEY, NEW)}


def with_both_keys(engine: Engine) -> Writer:
    return Writer(engine, TRUST, Author(HUB_KEY, KEYS.get))


def signers(network: Published) -> list[str]:
    return [jws.take_apart(token, jws.EVENT).kid for token in network.logged()]


@pytest.fixture
def replaced(network: Published) -> Published:
    """A network whose hub has gone over to other keys."""
    network.writer = with_both_keys(network.engine)
    network.register(replacement_of(HUB, network.roots.place(), NEW))
    return network


def test_the_decision_is_carried_under_the_old_key_and_all_after_it_under_the_new_one(replaced: Published) -> None:
    network, place = replaced, len(replaced.logged()) - 1
    assert network.writer.signing_key is NEW
    network.writer.state_view()
    network.admit("xb-police")
    assert signers(network)[place] == HUB_KEY.public.thumbprint
    assert signers(network)[place + 1 :] == [NEW.public.thumbprint] * 2
    assert jws.verified_payload(network.logged()[place + 1], jws.EVENT, {NEW.public.thumbprint: NEW.public})


def test_after_a_restart_the_log_says_which_key_signs(replaced: Published) -> None:
    assert with_both_keys(replaced.engine).signing_key is NEW
    began = with_both_keys(replaced.engine)
    replaced.writer = began
    replaced.publish("need", id="n2")
    began.state_view()
    assert signers(replaced)[-1] == NEW.public.thumbprint


def test_a_key_that_is_not_here_is_not_gone_over_to_and_nothing_is_changed(network: Published) -> None:
    before = everything(network.engine)
    with pytest.raises(BadAction, match="does not hold the key"):
        network.register(replacement_of(HUB, network.roots.place(), NEW))
    assert everything(network.engine) == before
    assert network.writer.signing_key is HUB_KEY
    network.writer.state_view()
    assert signers(network)[-1] == HUB_KEY.public.thumbprint


def test_a_hub_that_has_only_its_old_keys_says_nothing_more(replaced: Published) -> None:
    """A copy of its directory from before, or who has stolen it, adds nothing to the log."""
    thief, size = Writer(replaced.engine, TRUST, Author(HUB_KEY)), len(replaced.logged())
    with pytest.raises(BadAction, match="does not hold the key"):
        thief.state_view()
    assert len(replaced.logged()) == size
