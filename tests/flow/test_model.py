"""Whatever happens between three nodes and a hub, they end with the view that a plain model in memory has.

The bus is a list here, and so are the receipts: the narrowest port there is. What an outbox offers goes in as
messages, in any order, twice or never comes out at the hub; what the hub says comes back as its real signed receipts,
or does not. Everything else is the real thing: stores, sealing, outbox, the relay's progress, verdicts, log and view.
"""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hub.filters import Page
from hub.queries import list_records
from hub.rebuild import rebuild
from node.edit import Change, Confirm, Put, Withdraw
from node.node import Refusal, own_record
from schemas.entry import parse_entry
from tests.flow.linked import MANY, ORGANIZATIONS, Hub, NodeEnd, copy_network, make_network
from tests.flow.plain_model import Model
from tests.signed_network import contact, need
from wire.encoding import b64url
from wire.examine import Message

MARKINGS = ("TLP:CLEAR", "TLP:GREEN", "TLP:RED")  # RED too: what must never leave would show
WIDER = ("TLP:CLEAR", "TLP:GREEN", "TLP:CLEAR", "TLP:GREEN", "TLP:RED")
ROUNDS = 6  # of 31 seconds, in which everything comes through: more than one loss after another can cost

needs = st.builds(
    lambda title, marking: {"kind": "need", "marking": marking, **need(title)},
    st.sampled_from(["Readers", "Scanners"]),
    st.sampled_from(WIDER),
)
contacts = st.builds(
    lambda unit, marking: {"kind": "contact", "marking": marking, **contact(unit=unit)},
    st.sampled_from(["Desk", "Watch"]),
    st.sampled_from(("TLP:GREEN", "TLP:GREEN", "TLP:RED")),
)
ids = st.just("a")  # the fewer records, the more happens to each
kinds = st.sampled_from(["need", "contact"])
puts = st.builds(lambda record_id, entry: Put(parse_entry({**entry, "id": record_id})), ids, needs | contacts)
ends = st.builds(Withdraw, kinds, ids, st.sampled_from(["It ended.", "It was wrong."]))
changes: st.SearchStrategy[Change] = st.sampled_from([0, 0, 0, 0, 1, 2]).flatmap(
    lambda sort: (puts, ends, st.builds(Confirm, kinds, ids))[sort]
)
edits = st.lists(changes, min_size=1, max_size=8)
who = st.integers(0, len(ORGANIZATIONS) - 1)
picks = st.lists(st.tuples(st.integers(0, 99), st.booleans()), min_size=1, max_size=16)


class Interleaving(RuleBasedStateMachine):
    """Edits, and everything that can go wrong with what they say on its way."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=template.parent)
        self.hub, self.nodes, self.clock = copy_network(template, Path(self.folder.name) / "network")
        self.bus: list[Message] = []
        self.models = {name: Model() for name in ORGANIZATIONS}
        for name, model in self.models.items():
            assert model.edit([Put(parse_entry(own_record(name, name, "10")))])

    @rule(n=who, edits=edits, most=st.integers(0, 8))
    def edit(self, n: int, edits: list[Change], most: int) -> None:
        """Each change by itself; some of what they say is sent at once, none by a node that has not joined yet."""
        for change in edits:
            self.edit_at_once(n, [change])
        self.bus += self.nodes[n].send(most)

    @rule(n=who, edits=edits)
    def edit_at_once(self, n: int, edits: list[Change]) -> None:
        """One transaction: a single change that cannot be made undoes the others."""
        node = self.nodes[n]
        if self.models[node.organization].edit(edits):
            node.node.editor.apply(edits)
        else:
            with pytest.raises(Refusal):
                node.node.editor.apply(edits)

    @rule(n=who, most=st.integers(1, 5))
    def send(self, n: int, most: int) -> None:
        if not self.nodes[n].joined:
            self.nodes[n].join()
        self.bus += self.nodes[n].send(most)

    @rule(taken=picks, batch=st.sampled_from([1, 3, MANY]))
    def deliver(self, taken: list[tuple[int, bool]], batch: int) -> None:
        """Any messages in any order; those that are not acknowledged come again."""
        messages = [_take(self.bus, place, keep=again) for place, again in taken if self.bus]
        for part in _batched(messages, batch):
            self.hub.take(part)

    @rule(taken=picks)
    def lose(self, taken: list[tuple[int, bool]]) -> None:
        for place, also in taken[: 1 + len(self.bus) // 2]:
            if self.bus and also:
                _take(self.bus, place)

    @rule(taken=picks)
    def carry_receipts(self, taken: list[tuple[int, bool]]) -> None:
        """Any receipts in any order; some come twice."""
        for place, again in taken:
            if self.hub.receipts:
                organization, receipt = _take(self.hub.receipts, place, keep=again)
                self._node(organization).enter(receipt)

    @rule(taken=picks)
    def lose_receipts(self, taken: list[tuple[int, bool]]) -> None:
        for place, _ in taken:
            if self.hub.receipts:
                _take(self.hub.receipts, place)

    @rule()
    def crash_hub(self) -> None:
        self.hub.close()
        self.hub.open()

    @rule(n=who)
    def crash_node(self, n: int) -> None:
        self.nodes[n].close()
        self.nodes[n].open()

    @rule(n=who)
    def ask(self, n: int) -> None:
        """A question is answered as things stand when the hub does not catch up in time."""
        if self.nodes[n].joined:
            self.nodes[n].enter(self.hub.receipt(self.nodes[n].organization), answer=True)

    @rule(seconds=st.sampled_from([0.001, 6.0, 31.0]))
    def wait(self, seconds: float) -> None:
        self.clock.seconds += seconds

    @rule()
    def settle(self) -> None:
        """From now on nothing is lost: what the relay does by itself must be enough."""
        self.nodes[-1].join()
        for _ in range(ROUNDS):
            self.clock.seconds += 31.0
            for node in self.nodes:
                stalled = node.progress.stalled(self.clock.seconds)
                node.enter(self.hub.receipt(node.organization), answer=stalled)
                self.bus += node.send(MANY)
            self.hub.take(self.bus)
            self.bus = []
            if all(node.progress.logged == self.models[node.organization].sequence for node in self.nodes):
                break
        self._all_is_as_in_the_model()

    @invariant()
    def nothing_is_logged_or_confirmed_that_was_not_said(self) -> None:
        for node in self.nodes:
            stand = self.hub.writer.stand(node.organization)
            assert stand is not None
            assert not stand.sequence or stand.head == node.node.outbox.hash_at(stand.sequence)
            assert node.progress.logged <= stand.sequence

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.hub.close()
            for node in self.nodes:
                node.close()
            self.folder.cleanup()

    def _all_is_as_in_the_model(self) -> None:
        expected: dict[tuple[str, str, str], dict[str, Any]] = {}
        for node in self.nodes:
            model = self.models[node.organization]
            expected |= model.view(node.organization)
            assert node.node.outbox.head()[0] == model.sequence
            assert node.node.outbox.relay().logged == model.sequence
            states = {key: known.state for key, known in model.records.items() if known.state != "new"}
            page = node.node.reading.page(states=("current", "withdrawn", "local"), limit=MANY)
            assert {(stood.kept.kind, stood.kept.id): stood.kept.state for stood in page.items} == states
        assert self.hub.quarantined() == []
        assert _seen(self.hub, self.nodes) == expected
        before = self.hub.view()
        rebuild(self.hub.engine)
        assert self.hub.view() == before

    def _node(self, organization: str) -> NodeEnd:
        return self.nodes[ORGANIZATIONS.index(organization)]


def _take(queue: list[Any], place: int, *, keep: bool = False) -> Any:
    return queue[place % len(queue)] if keep else queue.pop(place % len(queue))


def _batched(messages: list[Message], size: int) -> list[list[Message]]:
    return [messages[place : place + size] for place in range(0, len(messages), size)]


def _seen(hub: Hub, nodes: list[NodeEnd]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What readers see; each record must stand on the very statement that its author sealed last."""
    with hub.engine.connect() as connection:
        found = list_records(connection, Page(status=["current", "withdrawn"], limit=500), MARKINGS, date(2026, 11, 24))
    seen = {}
    for item in found.items:
        stood = nodes[ORGANIZATIONS.index(item["org"])].node.reading.record(item["kind"], item["id"])
        assert stood is not None
        assert stood.hash is not None
        assert b64url(stood.hash) == item["statement"]
        assert stood.place in (None, item["index"])  # None: the one receipt that told the place was lost
        told = {name: item.get(name) for name in ("status", "marking", "record", "reason", "sequence")}
        seen[item["kind"], item["org"], item["id"]] = told
    return seen


def test_any_interleaving_of_edits_crashes_redelivery_reordering_and_loss_ends_in_the_view_of_a_plain_model(
    tmp_path: Path,
) -> None:
    make_network(tmp_path / "template")
    profile = settings()
    moderate = settings(profile, max_examples=max(1, profile.max_examples * 4 // 5), stateful_step_count=40)
    run_state_machine_as_test(lambda: Interleaving(tmp_path / "template"), settings=moderate)  # type: ignore[arg-type]
