"""What the roots register in our name: keys that we asked for are ours, any other one is an alarm."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.alarms import Name
from node.log_fold import LogFold, RegistryHistory
from node.own_keys import judge_keys, keys_held
from node.rotating import prepare_replacement, rotate
from tests.node.logs import Watched
from tests.node.nodes import ORG, make_node
from tests.signed_network import enrolled, key_of
from wire import jws
from wire.actions import KeyReplaced, WitnessesChanged, sign_action
from wire.encoding import b64url
from wire.enrolment import open_admission, open_enrolment
from wire.key_sets import ENROLMENT_FILE
from wire.merkle import Frontier
from wire.seal import Place, control_subject, seal


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path)
    found.log.take_outbox(found.node)
    assert found.consider() == found.log.size
    yield found
    found.close()


def replace(watched: Watched, members: dict[str, Any]) -> None:
    """Let the roots replace our keys by these."""
    given = {name: value for name, value in members.items() if name != "name"}
    watched.end._register({**given, "organization": ORG, "reason": "Lost."}, KeyReplaced)
    watched.log.take_registry()


def asked_for(watched: Watched) -> dict[str, Any]:
    """The enrolment with which this node asks for new keys."""
    return open_enrolment(prepare_replacement(watched.node.settings, watched.node.reading.in_use()).read_bytes())


def test_keys_that_the_roots_register_and_nobody_here_asked_for_are_an_alarm_with_their_decision(
    watched: Watched,
) -> None:
    replace(watched, enrolled("a thief"))
    assert watched.consider() is None
    assert watched.alarms() == [Name.FOREIGN_KEY]
    [document] = watched.evidence()
    evidence = document["evidence"]
    registered = watched.end.registered[-1]
    assert (evidence["token"], evidence["action"]) == (registered.token.decode(), registered.body.decode())
    assert evidence["signing key"] == key_of("a thief").public.thumbprint
    assert {"witness key", "encryption key", "key for the bus"} < set(evidence)
    jws.verified_payload(
        evidence["token"].encode(), jws.EVENT, {watched.end.key.public.thumbprint: watched.end.key.public}
    )


def test_one_foreign_key_among_ours_is_enough(watched: Watched) -> None:
    """With our encryption key alone another could read what is written to us."""
    replace(watched, {**asked_for(watched), "encryption_key": enrolled("a thief")["encryption_key"]})
    assert watched.consider() is None
    assert "encryption key" in watched.evidence()[0]["evidence"]
    assert "signing key" not in watched.evidence()[0]["evidence"]


def test_a_witness_key_that_the_roots_put_in_the_place_of_ours_is_an_alarm(watched: Watched) -> None:
    end = watched.end
    place = Place(end.trust.network, "registry", end._sequence + 1, end._previous)
    action = WitnessesChanged(
        network=place.network, sequence=f"{place.sequence:012d}", previous=b64url(place.previous),
        witnesses={ORG: key_of("a thief witness").public.jwk}, quorum=0, reason="As agreed.",
    )  # fmt: skip
    end.registered.append(
        seal(
            place, end.key, subject=control_subject("registry", f"witnesses-changed-{place.sequence}"),
            event_type="liaison.witnesses.changed", marking="TLP:CLEAR", body=sign_action(action, [end.root]),
            content_type="application/jose+json",
        )
    )  # fmt: skip
    watched.log.take_registry()
    assert watched.consider() is None
    assert watched.evidence()[0]["evidence"]["witness key"] == key_of("a thief witness").public.thumbprint


def test_keys_that_this_node_asked_for_are_none_also_before_it_has_joined_with_them(watched: Watched) -> None:
    replace(watched, asked_for(watched))
    assert watched.consider() == watched.log.size
    assert watched.alarms() == []


def test_a_rotation_of_our_own_is_none(watched: Watched) -> None:
    rotate(watched.node)
    watched.log.take_outbox(watched.node)
    assert watched.consider() == watched.log.size
    assert watched.alarms() == []


def test_the_alarm_ends_when_the_roots_have_registered_our_keys_again_and_its_evidence_stays(watched: Watched) -> None:
    replace(watched, enrolled("a thief"))
    assert watched.consider() is None
    replace(watched, asked_for(watched))
    assert watched.consider() == watched.log.size
    assert watched.alarms() == []
    assert [each["alarm"] for each in watched.evidence()] == ["foreign-key"]


def test_a_revocation_of_our_key_is_an_alarm_and_the_witness_goes_on(watched: Watched) -> None:
    watched.revoke()
    assert watched.alarms() == [Name.KEY_REVOKED]
    [document] = watched.evidence()
    assert document["evidence"]["action"] == watched.end.registered[-1].body.decode()
    watched.log.grow(1)
    assert watched.consider() == watched.log.size


def test_the_alarm_of_a_revocation_ends_when_the_roots_have_registered_our_keys(watched: Watched) -> None:
    watched.revoke()
    replace(watched, asked_for(watched))
    assert watched.consider() == watched.log.size
    assert watched.alarms() == []


def test_a_revocation_that_was_healed_before_it_is_read_is_none(watched: Watched) -> None:
    watched.end.revoke(watched.node.keyring.signing.public)
    replace(watched, asked_for(watched))
    assert watched.consider() == watched.log.size
    assert (watched.alarms(), watched.evidence()) == ([], [])


def test_a_foreign_key_that_is_revoked_is_both(watched: Watched) -> None:
    """The thief's other keys are registered still."""
    replace(watched, enrolled("a thief"))
    watched.end.revoke(key_of("a thief").public)
    watched.log.take_registry()
    assert watched.consider() is None
    assert set(watched.alarms()) == {Name.FOREIGN_KEY, Name.KEY_REVOKED}


def test_the_revocation_of_a_key_from_before_is_none(watched: Watched) -> None:
    before = watched.node.keyring.signing.public
    rotate(watched.node)
    watched.log.take_outbox(watched.node)
    watched.consider()
    watched.end.revoke(before)
    watched.log.take_registry()
    assert watched.consider() == watched.log.size
    assert watched.alarms() == []


def test_keys_from_before_those_that_the_node_has_joined_with_are_the_past(watched: Watched, tmp_path: Path) -> None:
    """Everything was lost: the node was made anew, and the log begins with keys that nobody holds any more."""
    make_node(tmp_path / "fresh")
    document = watched.end.replace((tmp_path / "fresh" / ENROLMENT_FILE).read_bytes())
    watched.log.take_registry()
    fold = LogFold(watched.end.trust, ORG, Frontier(), RegistryHistory(watched.end.trust))
    registered = fold.take(watched.log.tokens, watched.log.bodies).keys
    assert [each.sequence for each in registered] == [2, 3]
    held = keys_held(tmp_path / "fresh")
    assert judge_keys(registered, open_admission(document), lambda: held) == ([], [Name.FOREIGN_KEY, Name.KEY_REVOKED])
    assert judge_keys(registered[:1], open_admission(document), frozenset) == ([], [])
