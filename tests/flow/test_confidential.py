"""What one organization writes to another: through a real hub that cannot read it, into one inbox and no other."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from hub import tables
from hub.damage import Damage
from hub.questions import Questions
from hub.schema import MIGRATIONS
from node.alarms import Finding
from node.cosigning import asking
from node.edit import Confirm, Put, Withdraw
from node.inbox import Inbox, letter_form
from node.log_reader import LogReader
from schemas.entry import parse_entry
from tests.flow.linked import Hub, NodeEnd, copy_network, make_network
from tests.hub.published import Published
from tests.hub.stations import at_work
from tests.migrated import migrated_engine
from tests.node.nodes import make_node
from tests.signed_network import NETWORK, need, reading_key_of
from wire.encoding import b64url
from wire.jwe import parse_jwe
from wire.reasons import Reason


class Network:
    """Three nodes and their hub; what is said is carried to it, and what it logged is read back by everybody."""

    def __init__(self, directory: Path) -> None:
        make_network(directory / "template")
        self.hub, ends, _ = copy_network(directory / "template", directory / "run")
        self.author, self.reader, self.other = ends
        self.other.join()
        self.exchange()

    def size(self) -> int:
        with self.hub.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(tables.log)) or 0

    def exchange(self) -> list[str]:
        """Carry everything once; gives the reasons for which the hub left something out."""
        left_out: list[str] = []
        for end in self.ends:
            while messages := end.send(100):
                committed = self.hub.take(messages)
                left_out += [str(each.exclusion.reason) for each in committed.outcome.exclusions]
        for organization, receipt in self.hub.receipts:
            {end.organization: end for end in self.ends}[organization].enter(receipt)
        self.hub.receipts.clear()
        for end in self.ends:
            asyncio.run(self.read(end))
        return left_out

    async def read(self, end: NodeEnd) -> None:
        """One node reads the log on from where it was, and asks for what may be for it."""
        node, admission = end.node, end.node.admission()
        assert admission is not None
        inbox, found = node.inbox(admission), list[Finding]()
        questions = Questions(self.hub.engine, self.size, Damage(self.hub.directory))

        async def ask(what: str, question: bytes) -> bytes:
            return questions.answer(end.organization, what, question)

        async def here(work: Callable[..., Any], *arguments: Any) -> Any:
            return work(*arguments)

        key = node.keyring.signing.public
        reader = LogReader(
            admission.trust, end.organization, key, node.log, ask, here, found.extend, lambda: "now", inbox.take
        )
        await reader.read_to(self.size())
        await inbox.fetch(ask)
        assert found == []

    @property
    def ends(self) -> tuple[NodeEnd, NodeEnd, NodeEnd]:
        return self.author, self.reader, self.other

    def close(self) -> None:
        for end in self.ends:
            end.close()
        self.hub.close()


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    network = Network(tmp_path)
    yield network
    network.close()


async def test_over_a_real_bus_each_reader_gets_its_letters_and_nobody_elses(tmp_path: Path) -> None:
    engine = migrated_engine(tmp_path / "hub.db", MIGRATIONS)
    told = Published(engine)
    told.tell("fr-office", id="n1", record=need("For the French office"))
    told.tell("xc-agency", id="n2", record=need("For the agency"))
    log = told.logged()
    async with at_work(tmp_path / "bus", told, "fr-office", "xc-agency") as hub:
        for name, title in (("fr-office", "For the French office"), ("xc-agency", "For the agency")):
            node = make_node(tmp_path / name, organization=name)
            inbox = Inbox(NETWORK, name, reading_key_of(name), node.letters)
            inbox.take(0, log, told.writer.state.registry)
            assert await inbox.fetch(asking(await hub.member(name), name))
            assert [letter.record for letter in node.letters.all()] == [need(title)]
            assert node.letters.waiting(-1, 10) == []
            node.engine.dispose()
    engine.dispose()


def write_to(network: Network, title: str, *readers: str) -> None:
    entry = {"kind": "need", "id": "n1", "marking": "TLP:AMBER", "recipients": list(readers), **need(title)}
    network.author.node.editor.apply([Put(parse_entry(entry))])


def everything(hub: Hub) -> bytes:
    """Every byte that the hub keeps."""
    return b"".join(path.read_bytes() for path in hub.directory.glob("hub.sqlite*"))


def test_what_one_writes_to_another_comes_into_that_inbox_only_and_the_hub_never_holds_it(network: Network) -> None:
    write_to(network, "The harbour of Xandia", "xb-office")
    assert network.exchange() == []
    [letter] = network.reader.node.letters.all()
    assert letter_form(letter)["record"] == need("The harbour of Xandia")
    assert letter.readers == ("xa-centre", "xb-office")
    assert network.other.node.letters.all() == []
    assert network.author.node.letters.all() == []
    kept = everything(network.hub)
    assert b"ciphertext" in kept
    assert b"harbour of Xandia" not in kept
    network.author.node.editor.apply([Confirm("need", "n1"), Withdraw("need", "n1", "The harbour was built.")])
    assert network.exchange() == []
    [letter] = network.reader.node.letters.all()
    assert letter_form(letter)["reason"] == "The harbour was built."
    assert b"harbour was built" not in everything(network.hub)


def test_a_reader_taken_off_the_list_keeps_what_it_had_and_sees_that_there_is_more(network: Network) -> None:
    write_to(network, "First", "xb-office", "xc-agency")
    network.exchange()
    write_to(network, "Second", "xc-agency")
    network.exchange()
    [old], [new] = network.reader.node.letters.all(), network.other.node.letters.all()
    assert (letter_form(old)["status"], letter_form(new)["status"]) == ("superseded", "current")
    assert (old.record, new.record) == (need("First"), need("Second"))


def test_a_bus_that_changes_the_list_of_readers_is_found_out_and_nobody_gets_anything(network: Network) -> None:
    write_to(network, "First", "xb-office")
    [message] = network.author.send(10)
    assert message.body is not None
    members = orjson.loads(message.body)
    header = b64url(b'{"enc":"A256GCM","to":["xa-centre","xb-office","xc-agency"],"typ":"liaison-body+jwe"}')
    longer = members | {"protected": header, "recipients": [*members["recipients"], members["recipients"][0]]}
    body = orjson.dumps(longer, option=orjson.OPT_SORT_KEYS)
    committed = network.hub.take([message._replace(body=body)])
    assert [each.exclusion.reason for each in committed.outcome.exclusions] == [Reason.BODY_MISMATCH]
    network.exchange()
    assert network.other.node.letters.all() == network.reader.node.letters.all() == []


def test_the_readers_that_the_node_encrypts_to_are_those_whom_the_log_names(network: Network) -> None:
    write_to(network, "First", "xb-office", "xc-agency")
    body = network.author.send(10)[0].body
    assert body is not None
    members = network.hub.writer.state.registry.members
    assert [each.organization for each in parse_jwe(body).recipients] == ["xa-centre", "xb-office", "xc-agency"]
    assert {members[end.organization].encryption for end in network.ends} == {
        end.node.keyring.reading.public for end in network.ends
    }
