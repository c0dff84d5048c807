"""Every reason can be brought about by a real event, is explained, and stands at its place in the contract's order."""

from collections.abc import Callable

import pytest

from tests.signed_network import key_of, message_of, need, signed_anew
from tests.wire.hearing import Hearing, network
from wire.encoding import b64url
from wire.examine import Message
from wire.reasons import EXPLANATIONS, PASSING, Reason
from wire.registry import Standing

Case = Callable[[], tuple[Hearing, Message]]
CASES: dict[Reason, Case] = {}


def case(reason: Reason) -> Callable[[Case], Case]:
    """Register what brings this reason about."""

    def keep(found: Case) -> Case:
        CASES[reason] = found
        return found

    return keep


def changed(**members: str) -> tuple[Hearing, Message]:
    hearing, ours = network()
    return hearing, signed_anew(ours.say(), ours.key, **members)


CASES[Reason.MALFORMED] = lambda: changed(marking="TLP:WHITE")
CASES[Reason.UNKNOWN_KIND] = lambda: changed(type="liaison.need.exploded")
CASES[Reason.WRONG_SUBJECT] = lambda: changed(subject="need/fr-office/n1")


@case(Reason.TOO_LARGE)
def _too_large() -> tuple[Hearing, Message]:
    hearing, ours = network()
    return hearing, message_of(ours.say())._replace(body=bytes(2**18 + 1))


@case(Reason.WRONG_NETWORK)
def _wrong_network() -> tuple[Hearing, Message]:
    hearing, ours = network()
    ours.network = "other.example"
    return hearing, message_of(ours.say())


@case(Reason.UNKNOWN_ORGANIZATION)
def _unknown_organization() -> tuple[Hearing, Message]:
    return Hearing(), message_of(network()[1].say())


def _standing(standing: Standing) -> tuple[Hearing, Message]:
    hearing, ours = network()
    hearing.registry.set_standing(ours.id, standing)
    return hearing, message_of(ours.say())


CASES[Reason.SUSPENDED] = lambda: _standing(Standing.SUSPENDED)
CASES[Reason.RETIRED] = lambda: _standing(Standing.RETIRED)


@case(Reason.UNKNOWN_KEY)
def _unknown_key() -> tuple[Hearing, Message]:
    hearing, ours = network()
    return hearing, message_of(ours.say(key=key_of("stranger")))


@case(Reason.KEY_NOT_VALID)
def _key_not_valid() -> tuple[Hearing, Message]:
    hearing, ours = network()
    hearing.registry.replace_key(ours.id, key_of("new").public, hearing.size)
    return hearing, message_of(ours.say())


@case(Reason.BAD_SIGNATURE)
def _bad_signature() -> tuple[Hearing, Message]:
    hearing, ours = network()
    message = message_of(ours.say())
    return hearing, message._replace(token=message.token.rsplit(b".", 1)[0] + b"." + b64url(bytes(64)).encode())


@case(Reason.FORKED)
def _forked() -> tuple[Hearing, Message]:
    hearing, ours = network()
    copy = ours.twin()
    hearing.judge(message_of(ours.say()))
    return hearing, message_of(copy.say(need("Something else")))


@case(Reason.BODY_MISSING)
def _body_missing() -> tuple[Hearing, Message]:
    hearing, ours = network()
    return hearing, message_of(ours.say())._replace(body=None)


@case(Reason.BODY_MISMATCH)
def _body_mismatch() -> tuple[Hearing, Message]:
    hearing, ours = network()
    return hearing, message_of(ours.say())._replace(body=b"{}")


@case(Reason.SCHEMA_INVALID)
def _schema_invalid() -> tuple[Hearing, Message]:
    hearing, ours = network()
    return hearing, message_of(ours.say(need(weight=1)))


@case(Reason.MARKING_VIOLATED)
def _marking_violated() -> tuple[Hearing, Message]:
    hearing, ours = network()
    return hearing, message_of(ours.say(marking="TLP:RED"))


@case(Reason.CONSENT_MISSING)
def _consent_missing() -> tuple[Hearing, Message]:
    hearing, ours = network()
    return hearing, message_of(ours.say(need(consent_to_publish=False)))


@pytest.mark.parametrize("reason", list(Reason))
def test_a_real_event_brings_every_reason_about(reason: Reason) -> None:
    hearing, message = CASES[reason]()
    assert hearing.reason(message) == reason


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_explained_with_a_remedy(reason: Reason) -> None:
    explanation = EXPLANATIONS[reason]
    assert explanation.meaning
    assert explanation.remedy


def test_reasons_stand_in_the_order_of_the_contract() -> None:
    steps = [EXPLANATIONS[reason].step for reason in Reason]
    assert steps == sorted(steps)
    assert set(steps) == {1, 2, 4, 5, 6, 7, 8, 9, 10}


def test_only_what_the_registry_can_mend_is_offered_again() -> None:
    assert {Reason.SUSPENDED, Reason.UNKNOWN_ORGANIZATION} == PASSING
