"""Rotation and replacement in the node: always one key that the network knows, whenever the process is killed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from node.keyring import newest_keys
from node.node import Node, build, join
from node.progress import Alarm
from node.refusal import Refusal
from node.rotating import mend, prepare_replacement, rotate
from node.store.outbox import Judged, Promise
from tests.node.nodes import NETWORK, ORG, HubEnd, joined_node, put
from wire.enrolment import BadEnrolment, open_admission, open_enrolment
from wire.erasure import read_order
from wire.examine import Message, examine
from wire.key_sets import ENROLMENT_FILE, key_sets
from wire.keys import BadKey
from wire.registry import KeyPeriod, Member, Registry, Standing
from wire.rotation import apply_rotation
from wire.verdict import Accepted, Chain, judge


class Heard:
    """What the network makes of a node's statements: the registry as its admission began it, and the logged chain."""

    def __init__(self, node: Node) -> None:
        admission = node.admission()
        assert admission is not None
        keys = (KeyPeriod(admission.signing_key, 0),)
        member = Member(ORG, ORG, Standing.ACTIVE, 0, b"", keys, next_key=admission.keys.next_key)
        self.registry = Registry(network=NETWORK)
        self.registry.admit(member)
        self.chain, self.index = Chain(0, admission.previous), 1

    def hear(self, node: Node, *, most: int = 10**6) -> list[str]:
        """Judge what waits in the outbox; a word for each."""
        said = []
        for event in node.outbox.after(self.chain.sequence, most, 10**9):
            message = Message(ORG, event.kind, event.token, event.body)
            found = examine(message, NETWORK, self.registry.keys)
            verdict = judge(found, self.chain, self.registry, self.index, None)
            if isinstance(verdict, Accepted):
                if verdict.rotation is not None:
                    apply_rotation(verdict.rotation, self.registry, index=self.index)
                self.chain, self.index = Chain(event.sequence, event.hash), self.index + 1
                said.append("excluded" if verdict.exclusion else "accepted")
            else:
                said.append(type(verdict).__name__ if not hasattr(verdict, "refusal") else str(verdict.refusal.reason))
        return said

    def receipt(self, node: Node, state: str = "live", refused: str = "") -> None:
        """Let the node know how far its chain is logged."""
        sequence = self.chain.sequence
        error = [Judged(sequence + 1, "error", refused, "", "", "[]", "")] if refused else []
        node.outbox.logged(Promise(sequence, self.index, b""), [], error, {"logged": sequence, "hub_state": state})


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node that has joined and said two things."""
    made = joined_node(tmp_path / "node")
    made.editor.apply([put("one")])
    return made


@pytest.fixture(params=["sqlite", "postgres"])
def any_node(request: pytest.FixtureRequest, tmp_path: Path) -> Node:
    """The same on each database."""
    url = str(request.getfixturevalue("node_postgres_url")) if request.param == "postgres" else ""
    made = joined_node(tmp_path / "node", url)
    made.editor.apply([put("one")])
    return made


def test_after_a_rotation_the_new_key_signs_and_the_network_follows(node: Node) -> None:
    heard = Heard(node)
    done = rotate(node)
    node.editor.apply([put("two")])
    assert heard.hear(node) == ["accepted"] * 4
    assert heard.registry.members[ORG].keys[-1].key.thumbprint == done.key
    assert heard.registry.members[ORG].next_key in done.next_file.name
    heard.receipt(node)
    rotate(node)
    node.editor.apply([put("three")])
    assert heard.hear(node) == ["accepted"] * 2


def test_another_process_signs_with_the_new_key_from_the_same_moment_on(node: Node) -> None:
    other, heard = build(node.settings.directory), Heard(node)
    other.editor.apply([put("before")])
    rotate(node)
    other.editor.apply([put("after")])
    assert heard.hear(node) == ["accepted"] * 5


def test_heads_are_signed_with_the_key_that_the_hub_knows(node: Node) -> None:
    old = node.announcing().public
    done = rotate(node)
    assert node.announcing().public == old, "the hub has not logged the rotation yet"
    heard = Heard(node)
    heard.hear(node)
    heard.receipt(node)
    assert node.announcing().public.thumbprint == done.key


def test_a_second_rotation_waits_until_the_first_is_logged(node: Node) -> None:
    rotate(node)
    with pytest.raises(Refusal, match="not logged yet"):
        rotate(node)


class Killed(BaseException):
    """The process ends here."""


WRITES = ["node.rotating.SigningKey.save", "node.store.Writing.append", "node.store.Writing.use"]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
def test_a_node_killed_at_any_write_of_a_rotation_signs_correctly(
    node: Node, monkeypatch: pytest.MonkeyPatch, write: str, *, after: bool
) -> None:
    import importlib

    place, name = write.rsplit(".", 1)
    module, owner = place.rsplit(".", 1)
    target: Any = getattr(importlib.import_module(module), owner)
    real: Callable[..., Any] = getattr(target, name)

    def kill(*arguments: Any, **named: Any) -> None:
        if after:
            real(*arguments, **named)
        raise Killed

    monkeypatch.setattr(target, name, kill)
    monkeypatch.setattr(Path, "unlink", lambda *_: None)  # a killed process tidies nothing up
    with pytest.raises(Killed):
        rotate(node)
    monkeypatch.undo()
    again, heard = build(node.settings.directory), Heard(node)
    again.editor.apply([put("two")])
    assert heard.hear(again) == ["accepted"] * 3, "nothing of the rotation was done"
    rotate(again)
    again.editor.apply([put("three")])
    assert heard.hear(again) == ["accepted"] * 2


def test_a_node_with_another_next_key_than_it_promised_does_not_rotate(node: Node) -> None:
    keys = node.settings.directory / "keys"
    (keys / "next.pem").write_bytes((keys / "witness.pem").read_bytes())
    with pytest.raises(Refusal, match="was promised"):
        rotate(build(node.settings.directory))


@pytest.mark.parametrize("sent", [True, False], ids=["refused", "never sent"])
def test_one_that_is_suspended_rotates_although_others_wait_and_loses_none(node: Node, *, sent: bool) -> None:
    heard = Heard(node)
    heard.hear(node, most=1)
    node.editor.apply([put("two")])
    heard.registry.members[ORG] = replace(heard.registry.members[ORG], standing=Standing.SUSPENDED)
    if sent:
        node.outbox.sent(3, [])
        assert heard.hear(node) == ["suspended", "Early"]
    heard.receipt(node, "suspended", "suspended" if sent else "")
    done = rotate(node)
    assert (done.sequence, done.resealed) == (2, 2)
    assert heard.hear(node) == ["accepted", "suspended", "Early"]
    heard.registry.members[ORG] = replace(heard.registry.members[ORG], standing=Standing.ACTIVE)
    assert heard.hear(node) == ["accepted", "accepted"]


def test_one_that_is_suspended_takes_nothing_back_that_may_be_logged_yet(node: Node) -> None:
    heard = Heard(node)
    heard.hear(node, most=1)
    node.outbox.sent(2, [])
    heard.receipt(node, "suspended")
    assert (rotate(node).resealed, heard.hear(node)) == (0, ["accepted", "accepted"])


def test_a_forked_chain_goes_on_after_the_rotation_without_losing_a_record(any_node: Node) -> None:
    """The hub logged event 1 and froze the chain: what it has not logged goes behind the rotation, sealed anew."""
    node = any_node
    heard = Heard(node)
    heard.hear(node, most=1)
    node.editor.apply([put("two")])
    heard.chain = Chain(heard.chain.sequence, heard.chain.head, forked=True)
    heard.receipt(node, "forked")
    done = rotate(node)
    assert (done.sequence, done.resealed) == (2, 2)
    assert heard.hear(node) == ["accepted"] * 3
    assert [each.kind for each in node.outbox.after(0, 10, 10**9)][-3:] == ["control", "contact", "contact"]
    places = [stood.kept.sequence for name in ("one", "two") if (stood := node.reading.record("contact", name))]
    assert places == [3, 4]
    node.engine.dispose()


def test_what_was_erased_before_a_fork_was_resolved_stays_erased_and_the_order_still_names_it(node: Node) -> None:
    heard = Heard(node)
    heard.hear(node, most=1)
    node.editor.apply([put("two")])
    node.eraser.erase("contact", "two")
    heard.chain = Chain(heard.chain.sequence, heard.chain.head, forked=True)
    heard.receipt(node, "forked")
    rotate(node)
    assert heard.hear(node) == ["accepted", "accepted", "excluded", "accepted"]  # the excluded one: body-missing
    *_, erased, order = node.outbox.after(0, 10, 10**9)
    assert erased.body is None
    assert read_order(ORG, order.body or b"").statements == (erased.hash,)
    [listed] = node.orders.listed()
    assert (listed.sequence, listed.hash) == (order.sequence, order.hash)


def test_a_node_that_stands_on_the_other_branch_is_told_what_to_do(node: Node) -> None:
    node.outbox.sound_alarm(Alarm.DIVERGED, "two copies have signed")
    with pytest.raises(Refusal, match=r"Stop every copy.*keys replace"):
        rotate(node)


def replaced(node: Node, hub: HubEnd) -> bytes:
    """The admission after the roots' key.replaced."""
    return hub.replace(prepare_replacement(node.settings, node.reading.in_use()).read_bytes())


def test_lost_keys_are_replaced_and_what_was_sealed_with_them_is_sealed_anew(tmp_path: Path) -> None:
    hub = HubEnd()
    node = joined_node(tmp_path / "node", hub=hub)
    heard = Heard(node)
    heard.hear(node)
    node.editor.apply([put("one"), put("two")])
    document = replaced(node, hub)
    join(node, document)
    new = open_admission(document).keys
    heard.registry.replace_key(ORG, open_admission(document).signing_key, heard.index, new.next_key)
    heard.receipt(node, refused=heard.hear(node)[0])
    assert mend(node) == 2
    assert mend(node) == 0
    assert heard.hear(node) == ["accepted"] * 2
    build(node.settings.directory).editor.apply([put("three")])
    assert heard.hear(node) == ["accepted"]
    heard.receipt(node)
    rotate(node)
    assert heard.hear(node) == ["accepted"], "the new set has a next key of its own"


def test_a_refusal_for_another_reason_lets_nothing_be_sealed_anew(node: Node) -> None:
    heard = Heard(node)
    for reason in ("", "suspended", "forked", "bad-signature"):
        heard.receipt(node, refused=reason)
        assert mend(node) == 0
    heard.receipt(node, refused="key-not-valid")
    assert mend(node) == 0, "it was sealed with the very key that speaks now"


def test_keys_to_replace_the_others_are_made_once_and_do_not_speak_before_they_are_joined(node: Node) -> None:
    before = node.keys.current(node.reading.in_use()).public
    path = prepare_replacement(node.settings, node.reading.in_use())
    first = open_enrolment(path.read_bytes())
    assert open_enrolment(prepare_replacement(node.settings, node.reading.in_use()).read_bytes()) == first
    assert key_sets(node.settings.directory) == [1, 2]
    assert build(node.settings.directory).keyring.signing.public == before
    secrets = [each for each in (node.settings.directory / "keys").rglob("*") if each.suffix in {".pem", ".nk"}]
    assert {each.stat().st_mode & 0o777 for each in secrets} == {0o600}


def test_an_admission_from_before_the_replacement_does_not_bring_the_old_keys_back(tmp_path: Path) -> None:
    hub = HubEnd()
    node = joined_node(tmp_path / "node", hub=hub)
    old = node.reading.chain().admission
    assert old is not None
    join(node, replaced(node, hub))
    with pytest.raises(BadEnrolment, match="newest admission"):
        join(node, old)
    assert (node.settings.directory / ENROLMENT_FILE).exists()


def test_all_keys_are_lost_and_the_chain_goes_on_with_new_ones(tmp_path: Path) -> None:
    hub = HubEnd()
    node = joined_node(tmp_path / "node", hub=hub)
    directory = node.settings.directory
    for path in (directory / "keys").iterdir():
        path.unlink()
    with pytest.raises(BadKey, match="restore it"):
        build(directory)
    document = replaced(node, hub)
    join(build(directory, keyring=newest_keys(directory)), document)
    again = build(directory)
    again.editor.apply([put("one")])
    assert again.outbox.head()[0] == 2
    join(again, document)


def test_joining_again_after_a_rotation_keeps_the_rotated_key(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    document = node.reading.chain().admission
    assert document is not None
    done = rotate(node)
    join(node, document)
    assert node.keys.current(node.reading.in_use()).public.thumbprint == done.key
