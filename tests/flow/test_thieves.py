"""What a thief of keys can try: each key is used for real, and what it can do ends where its owner looks."""

import hashlib

import pytest
from sqlalchemy import select

from hub import tables
from node.alarms import Name
from schemas.body import make_body
from tests.flow.evil_hub import EvilHub
from tests.flow.watched import Watched, signed_by_the_hub, signed_by_the_log, two_histories
from tests.signed_network import HUB_KEY, NETWORK, TRUST, enrolled, key_of, message_of, need, nonce, statement_of
from wire import jws
from wire.actions import Admitted, BadAction, KeyReplaced, KeyRevoked, open_action
from wire.checkpoint import cosign, open_checkpoint
from wire.database import reading
from wire.encoding import b64url, from_b64url
from wire.keys import SigningKey
from wire.reasons import Reason
from wire.registry import Registry
from wire.seal import Place, Sealed, seal, seal_rotation

A, B, C = "xa-centre", "xb-office", "xc-agency"


def place_of(hub: EvilHub, organization: str) -> Place:
    """The next place in a chain, as everybody can read it in the log."""
    speaker = hub.writer.state.speakers[organization]
    return Place(NETWORK, organization, speaker.sequence + 1, speaker.head)


def forged(hub: EvilHub, key: SigningKey, title: str = "By a thief") -> Sealed:
    """A need in A's name, signed with this key."""
    return seal(
        place_of(hub, A), key, subject=f"need/{A}/n9", event_type="liaison.need.published", marking="TLP:CLEAR",
        body=make_body(need(title), nonce(9)),
    )  # fmt: skip


def test_thief_of_a_signing_key_speaks_and_the_owner_s_node_raises_the_alarm(watched: Watched) -> None:
    stolen = watched.node(A).node.keyring.signing
    said = forged(watched.hub, stolen)
    committed = watched.hub.take([message_of(said)])
    watched.hub.receipts.clear()
    assert [entry.token for entry in committed.outcome.entries] == [said.token], "the hub cannot know better"
    assert watched.witnessed() == 2
    assert watched.node(A).alarms() == [Name.STRANGER]
    evidence = watched.node(A).evidence()
    assert evidence["found"] == said.token.decode()
    jws.verified_payload(evidence["found"].encode(), jws.EVENT, {stolen.public.thumbprint: stolen.public})

    words = {"organization": A, "key": stolen.public.thumbprint, "last_good_sequence": 2, "reason": "Stolen."}
    watched.hub.act(KeyRevoked, **words)
    records = tables.records.c
    with reading(watched.hub.engine).connect() as connection:
        shown = select(records.id).where(records.disputed.is_(True))
        assert list(connection.scalars(shown)) == ["n9"], "what came after the last good one leaves the view"
    again = watched.hub.take([message_of(forged(watched.hub, stolen, "Once more"))])
    assert [each.reason for each in again.outcome.quarantined] == [Reason.KEY_NOT_VALID]


def test_thief_and_owner_speak_for_one_place_and_both_tokens_stay(watched: Watched) -> None:
    stolen = watched.node(A).node.keyring.signing
    theirs = forged(watched.hub, stolen)
    watched.says(A, "n2")
    ours = watched.node(A).token(3)
    committed = watched.hub.take([message_of(theirs)])
    [found] = committed.outcome.entries
    assert found.body is not None
    for token in (ours, theirs.token):
        assert token in found.body
        jws.verified_payload(token, jws.EVENT, {stolen.public.thumbprint: stolen.public})
    assert watched.hub.take([message_of(forged(watched.hub, stolen))]).outcome.entries == []
    assert watched.hub.writer.state.speakers[A].forked


def test_thief_of_a_signing_key_cannot_rotate(watched: Watched) -> None:
    stolen, own = watched.node(A).node.keyring.signing, key_of("the thief")
    rotation = seal_rotation(place_of(watched.hub, A), stolen, own, key_of("after that").public.thumbprint)
    committed = watched.hub.take([message_of(rotation)])
    watched.hub.receipts.clear()
    assert committed.outcome.entries[0].token == rotation.token, "it is in the log for all to see"
    assert [each.exclusion.reason for each in committed.outcome.exclusions] == [Reason.SCHEMA_INVALID]
    assert watched.hub.writer.state.registry.members[A].keys[-1].key == stolen.public
    assert watched.hub.take([message_of(forged(watched.hub, own))]).outcome.quarantined[0].reason == Reason.UNKNOWN_KEY
    assert watched.node(A).look(watched.hub) is None
    assert watched.node(A).alarms() == [Name.STRANGER]


def test_registry_registers_a_false_key_for_an_organization(watched: Watched) -> None:
    keys = {name: value for name, value in enrolled("the thief").items() if name not in ("organization", "name")}
    index, _ = watched.hub.act(KeyReplaced, organization=A, reason="They asked for it.", **keys)
    said = forged(watched.hub, key_of("the thief"))
    committed = watched.hub.take([message_of(said)])
    watched.hub.receipts.clear()
    assert [entry.token for entry in committed.outcome.entries] == [said.token], "the roots let the thief speak"
    assert watched.node(B).look(watched.hub) is not None, "the log itself is in order"
    assert watched.node(A).look(watched.hub) is None
    assert sorted(watched.node(A).alarms()) == [Name.FOREIGN_KEY, Name.STRANGER]
    evidence = watched.node(A).evidence_of(Name.FOREIGN_KEY)
    assert evidence["signing key"] == key_of("the thief").public.thumbprint
    assert evidence["token"] == watched.hub.entries()[index].token.decode()
    # The roots' own signatures: whoever has trust.json can verify who decided this.
    told = statement_of(evidence["token"].encode())
    assert told["datahash"] == b64url(hashlib.sha256(evidence["action"].encode()).digest())
    sequence, previous = int(told["sequence"]), from_b64url(told["previous"])
    action = open_action(evidence["action"].encode(), Registry.begin(TRUST), sequence=sequence, previous=previous)
    assert isinstance(action, KeyReplaced)
    assert action.organization == A


def test_registry_admits_an_organization_a_second_time(watched: Watched) -> None:
    members = {name: value for name, value in enrolled("the thief").items() if name != "organization"}
    before = watched.hub.size()
    with pytest.raises(BadAction, match="already"):
        watched.hub.act(Admitted, organization=A, **members)
    assert watched.hub.size() == before


def test_thief_of_the_hub_s_key_delivers_nothing_with_a_receipt(watched: Watched) -> None:
    node = watched.node(A)
    node.say("n2")
    twin = watched.twin("the thief's")
    watched.carry(node, to=twin)
    receipt = twin.receipt(A)
    opened = signed_by_the_hub(receipt.decode(), A)
    assert opened.logged.sequence == 3, "it says that all is logged"
    node.look(watched.hub)
    node.take(receipt)
    assert (node.delivered(), node.node.reading.counts().outbox) == (2, 1)
    watched.node(B).say("n2")
    watched.carry(watched.node(B))
    assert node.look(watched.hub) is None
    assert node.alarms() == [Name.DROPPED]
    assert signed_by_the_hub(node.evidence()["receipt"], A).logged == opened.logged


def test_thief_of_all_the_hub_s_keys_does_not_speak_or_rotate_for_it_over_the_bus(watched: Watched) -> None:
    place, before = place_of(watched.hub, "hub"), watched.hub.size()
    after = key_of("after that").public.thumbprint
    rotation = seal_rotation(place, HUB_KEY, key_of("hub next"), after)
    word = seal(
        place._replace(previous=bytes(32)), HUB_KEY, subject="need/hub/n1", event_type="liaison.need.withdrawn",
        marking="TLP:CLEAR", body=b"{}",
    )  # fmt: skip
    refused = watched.hub.take([message_of(rotation), message_of(word)]).outcome
    assert refused.entries == []
    assert [(each.message.token, each.reason) for each in refused.quarantined] == [
        (rotation.token, Reason.WRONG_SUBJECT),
        (word.token, Reason.WRONG_SUBJECT),
    ]
    speaker = watched.hub.writer.state.speakers["hub"]
    assert (watched.hub.size(), speaker.forked) == (before, False)
    assert watched.hub.writer.state.registry.members["hub"].keys[-1].key == HUB_KEY.public


def test_thief_of_a_witness_s_key_cosigns_another_history(watched: Watched) -> None:
    other = watched.twin("another history")
    watched.says(A, "n2")
    watched.node(C).say("n2")
    watched.carry(watched.node(C), to=other)
    assert watched.node(A).look(watched.hub) is not None
    note = other.checkpoint()
    stolen = cosign(signed_by_the_log(note), NETWORK, A, watched.node(A).node.keyring.witness, 1)
    forged = note + stolen.line.encode()
    witnesses = other.writer.state.registry.witnesses(NETWORK)
    opened = open_checkpoint(forged, TRUST.log_verifier, witnesses)
    assert (set(opened.cosigners), opened.has_quorum) == ({A}, False)
    assert watched.node(A).look(watched.hub, forged) is None
    assert watched.node(A).alarms() == [Name.SPLIT_VIEW]
    two_histories(watched.node(A).evidence())
