"""Erasing at a node: what is destroyed here, what is ordered of others, and obeying the orders of others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, func, select

from node import tables
from node.edit import Put, Withdraw
from node.erasing import Eraser
from node.log_fold import LoggedOrder
from node.node import Node, build, join
from node.sealing import Refusal
from node.store import Judged, Letter, Promise, Waiting
from tests.node.logs import Watched
from tests.node.nodes import NETWORK, ORG, HubEnd, joined_node, make_node, put
from tests.signed_network import Organization, enrolled, key_of
from tests.words_in_files import files_with
from wire.database import reading
from wire.encoding import b64url, from_b64url
from wire.erasure import read_done, read_order
from wire.examine import Message, examine
from wire.key_sets import ENROLMENT_FILE
from wire.seal import Sealed
from wire.tidying import leave_no_trace

SECRET = "Zauberlehrling"


@pytest.fixture(params=["sqlite", "postgres"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    database = "" if request.param == "sqlite" else str(request.getfixturevalue("node_postgres_url"))
    node = joined_node(tmp_path / "node", database)
    yield node
    node.engine.dispose()


def outbox(node: Node) -> list[Waiting]:
    return node.outbox.after(0, 10_000, 10**9)


def test_erasing_a_record_destroys_all_its_bodies_and_orders_it_of_everybody(node: Node) -> None:
    node.editor.apply([put("duty", SECRET)])
    node.editor.apply([put("other", "Stays")])
    node.editor.apply([put("duty", f"{SECRET} again")])
    node.editor.apply([Withdraw("contact", "duty", f"{SECRET} left.")])
    done = node.eraser.erase("contact", "duty", "The person asked for it.")
    assert (done.outcome, done.sequence) == ("erased", 6)
    events = {event.sequence: event for event in outbox(node)}
    assert [number for number, event in events.items() if event.body is None] == [2, 4, 5]
    last = events[6]
    read = examine(
        Message(ORG, last.kind, last.token, last.body), NETWORK,
        {node.keyring.signing.public.thumbprint: node.keyring.signing.public},
    )  # fmt: skip
    assert (read.refusal, read.signature, read.exclusion) == (None, True, None)
    assert read.said is not None
    assert (read.said.type, read.said.record_id) == ("liaison.erasure.ordered", "erasure-6")
    order = read_order(ORG, last.body or b"")
    assert order.record == f"contact/{ORG}/duty"
    assert sorted(order.statements) == sorted(events[number].hash for number in (2, 4, 5))
    stood = node.reading.record("contact", "duty")
    assert stood is not None
    assert (stood.kept.state, stood.kept.content) == ("erased", b"{}")
    assert [item.kept.id for item in node.reading.page(["contact"]).items] == ["other"]
    assert ("contact", "duty") not in node.reading.current("contact")


def test_the_erased_words_are_in_no_file_of_the_node_any_more(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    for number in range(30):
        node.editor.apply([put(f"n{number}", f"{SECRET} {number}" if number % 7 == 3 else f"Unit {number}")])
    node.outbox.logged(
        Promise(4, 4, b""), [], [Judged(5, "warning", "schema-invalid", SECRET, "", "[]", "")], {"trouble": None}
    )
    assert files_with(tmp_path, SECRET)
    for number in range(3, 30, 7):
        node.eraser.erase("contact", f"n{number}")
    assert files_with(tmp_path, SECRET) == []


@contextmanager
def reader_in_the_way(directory: Path) -> Iterator[None]:
    """Another process, as SQLite sees it, that began to read before the erasure and has not come to its end."""
    other = build(directory)
    with reading(other.engine).connect() as connection:
        connection.execute(select(tables.statements.c.sequence)).fetchall()
        yield
    other.engine.dispose()


def test_what_a_reader_keeps_in_the_files_is_overwritten_when_it_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.erasing.BUSY_MILLISECONDS", 1)
    node = joined_node(tmp_path / "node")
    node.editor.apply([put("duty", SECRET)])
    with reader_in_the_way(tmp_path / "node"):
        node.eraser.erase("contact", "duty")
        assert node.eraser.tidy() is False
        assert files_with(tmp_path, SECRET)
        assert node.eraser.untidy
    assert node.eraser.tidy() is True
    assert files_with(tmp_path, SECRET) == []
    assert not node.eraser.untidy
    node.engine.dispose()


@pytest.mark.parametrize("why", ["a reader is in the way", "the process ends"])
def test_what_is_left_of_an_erased_body_is_overwritten_by_the_next_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    monkeypatch.setattr("node.erasing.BUSY_MILLISECONDS", 1)
    node = joined_node(tmp_path / "node")
    node.editor.apply([put("duty", SECRET)])
    if why == "the process ends":
        with monkeypatch.context() as patch:
            patch.setattr("node.erasing.tidy", crash)
            with pytest.raises(KeyboardInterrupt):
                node.eraser.erase("contact", "duty")
    else:
        with reader_in_the_way(tmp_path / "node"):
            node.eraser.erase("contact", "duty")
    assert files_with(tmp_path, SECRET)
    build(tmp_path / "node").engine.dispose()
    assert files_with(tmp_path, SECRET) == []
    node.engine.dispose()


def crash(*_: object) -> bool:
    raise KeyboardInterrupt


def test_an_erasure_that_does_not_happen_leaves_nothing_to_overwrite(node: Node) -> None:
    with pytest.raises(Refusal, match="is not a record of this node"):
        node.eraser.erase("contact", "duty")
    assert not node.eraser.untidy
    assert node.eraser.tidy() is True


def test_what_the_hub_says_of_an_erased_event_is_not_kept_again(node: Node) -> None:
    node.editor.apply([put("duty", SECRET)])
    said = Judged(2, "warning", "schema-invalid", SECRET, "", "[]", "")
    node.outbox.logged(Promise(2, 2, b""), [], [said], {"trouble": None})
    assert node.reading.judgements() == [said]
    node.eraser.erase("contact", "duty")
    node.outbox.logged(Promise(3, 3, b""), [], [said, said._replace(reason="body-missing")], {"trouble": None})
    assert node.reading.judgements() == []


def test_before_the_join_a_record_is_simply_forgotten(tmp_path: Path) -> None:
    node = make_node(tmp_path / "node")
    node.editor.apply([put("duty", SECRET), put("other")])
    assert node.eraser.erase("contact", "duty").outcome == "forgotten"
    assert files_with(tmp_path, SECRET) == []
    join(node, HubEnd().admit((tmp_path / "node" / ENROLMENT_FILE).read_bytes()))
    assert [event.kind for event in outbox(node)] == ["organization", "contact"]
    assert node.orders.listed() == []


def test_a_record_that_never_left_is_forgotten_too(node: Node) -> None:
    node.editor.apply([put("duty", SECRET, marking="TLP:RED")])
    assert node.eraser.erase("contact", "duty").outcome == "forgotten"
    assert node.reading.record("contact", "duty") is None
    assert len(outbox(node)) == 1


def test_an_erased_record_can_be_put_again_and_is_revised_by_it(node: Node) -> None:
    node.editor.apply([put("duty", SECRET)])
    node.eraser.erase("contact", "duty")
    [done] = node.editor.apply([put("duty", "Clean")])
    assert done.outcome == "revised"
    node.eraser.erase("contact", "duty")
    assert len(node.orders.listed()) == 2
    assert len(read_order(ORG, outbox(node)[-1].body or b"").statements) == 1, "what is erased is not ordered again"


def test_a_record_with_more_statements_than_an_order_names_takes_several(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.erasing.MAX_STATEMENTS", 2)
    for number in range(5):
        node.editor.apply([put("duty", f"Unit {number}")])
    node.eraser.erase("contact", "duty")
    orders = [event for event in outbox(node) if event.kind == "control"]
    assert [len(read_order(ORG, order.body or b"").statements) for order in orders] == [2, 2, 1]
    assert [order.statements for order in node.orders.listed()] == [2, 2, 1]


def test_what_is_not_there_or_erased_already_cannot_be_erased(node: Node) -> None:
    with pytest.raises(Refusal, match="is not a record of this node"):
        node.eraser.erase("contact", "duty")
    node.editor.apply([put("duty")])
    node.eraser.erase("contact", "duty")
    with pytest.raises(Refusal, match="is erased already"):
        node.eraser.erase("contact", "duty")
    with pytest.raises(Refusal, match="is erased already"):
        node.editor.apply([Withdraw("contact", "duty", "Gone.")])


def test_a_node_with_an_alarm_orders_nothing_and_destroys_nothing(node: Node) -> None:
    node.editor.apply([put("duty")])
    node.outbox.sound_alarm("diverged", "another copy has signed")
    with pytest.raises(Refusal, match="another copy has signed"):
        node.eraser.erase("contact", "duty")
    assert outbox(node)[1].body is not None


_metadata = MetaData()
_copies = Table("copies", _metadata, Column("hash", LargeBinary, primary_key=True), Column("body", LargeBinary))


class Inbox:
    """A table of bodies that others have sent, as a recipient keeps it."""

    def __init__(self, node: Node, bodies: dict[bytes, bytes]) -> None:
        self.node = node
        with node.engine.begin() as connection:
            _metadata.create_all(connection)
            connection.execute(_copies.insert(), [{"hash": each, "body": body} for each, body in bodies.items()])

    def destroy(self, connection: Connection, _organization: str, statements: Sequence[bytes]) -> int:
        return connection.execute(_copies.delete().where(_copies.c.hash.in_(statements))).rowcount

    def held(self) -> int:
        with self.node.engine.begin() as connection:
            return connection.scalar(select(func.count()).select_from(_copies)) or 0


def recipient(node: Node) -> tuple[Eraser, Inbox]:
    inbox = Inbox(node, {b"1" * 32: SECRET.encode(), b"2" * 32: b"Other"})
    return Eraser(node.engine, node.keys, [inbox]), inbox


ORDER = LoggedOrder(70, b"o" * 32, "ke-nctc", (b"1" * 32, b"9" * 32))


def test_a_recipient_destroys_its_copy_and_confirms_it_once(node: Node) -> None:
    eraser, inbox = recipient(node)
    assert eraser.obey(ORDER) is True
    assert inbox.held() == 1
    [done] = [event for event in outbox(node) if event.kind == "control"]
    read = examine(
        Message(ORG, done.kind, done.token, done.body), NETWORK,
        {node.keyring.signing.public.thumbprint: node.keyring.signing.public},
    )  # fmt: skip
    assert read.exclusion is None
    assert read.said is not None
    assert (read.said.type, read.said.record_id) == ("liaison.erasure.done", "erased-70")
    assert read_done(done.body or b"") == ORDER.hash
    assert eraser.obey(ORDER) is False
    assert len([event for event in outbox(node) if event.kind == "control"]) == 1


def test_an_order_about_nothing_that_is_held_is_not_confirmed(node: Node) -> None:
    eraser, inbox = recipient(node)
    assert eraser.obey(LoggedOrder(70, b"o" * 32, "ke-nctc", (b"9" * 32,))) is False
    assert inbox.held() == 2
    assert [event.kind for event in outbox(node)] == ["organization"]


def test_while_nothing_may_be_signed_copies_are_destroyed_and_the_confirmation_is_owed(node: Node) -> None:
    eraser, inbox = recipient(node)
    node.outbox.sound_alarm("diverged", "another copy has signed")
    assert eraser.obey(ORDER) is True
    assert inbox.held() == 1
    assert [event.kind for event in outbox(node)] == ["organization"]
    with node.engine.begin() as connection:
        connection.execute(tables.chain.update().values(alarm=None, alarm_text=None))
    assert eraser.obey(LoggedOrder(71, b"p" * 32, "ke-nctc", (b"9" * 32,))) is False
    assert [read_done(event.body or b"") for event in outbox(node)[1:]] == [ORDER.hash]


def test_attack_an_older_copy_of_the_node_brings_its_own_body_back(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    node.editor.apply([put("duty", SECRET)])
    node.editor.apply([put("kept", SECRET)])
    node.editor.apply([put("kept", "Clean")])
    leave_no_trace(node.engine, 1000)
    backup = (tmp_path / "node" / "node.sqlite").read_bytes()
    events = outbox(node)
    node.eraser.erase("contact", "duty")
    node.engine.dispose()
    for file in (tmp_path / "node").glob("node.sqlite*"):
        file.unlink()
    (tmp_path / "node" / "node.sqlite").write_bytes(backup)
    restored = build(tmp_path / "node")
    assert restored.eraser.obey(LoggedOrder(9, b"o" * 32, ORG, (events[1].hash,))) is True
    assert restored.eraser.obey(LoggedOrder(10, b"p" * 32, ORG, (events[2].hash,))) is True
    assert files_with(tmp_path, SECRET) == []
    states = {item.kept.id: item.kept.state for item in restored.reading.page(states=("current", "erased")).items}
    assert (states["duty"], states["kept"]) == ("erased", "current")
    assert [event.kind for event in outbox(restored)].count("control") == 0


def test_an_erased_event_that_was_never_logged_is_sent_without_its_body(node: Node) -> None:
    node.editor.apply([put("duty", SECRET)])
    before = outbox(node)[1]
    node.eraser.erase("contact", "duty")
    after = outbox(node)[1]
    assert (after.token, after.hash, after.body) == (before.token, before.hash, None)
    assert [event.sequence for event in outbox(node)] == [1, 2, 3]


def test_an_import_neither_withdraws_nor_compares_with_what_is_erased(node: Node) -> None:
    entry = put("duty", SECRET).entry
    node.editor.apply([Put(entry, "offices")])
    node.eraser.erase("contact", "duty")
    assert node.reading.imported("offices") == set()
    [done] = node.editor.apply([Withdraw("contact", "duty", "Gone from the file.", quietly=True)])
    assert done.outcome == "unchanged"


def test_orders_are_listed_with_what_the_hub_has_told(node: Node) -> None:
    node.editor.apply([put("duty")])
    node.eraser.erase("contact", "duty", "Asked for.")
    [order] = node.orders.listed()
    assert (order.sequence, order.id, order.reason, order.index, order.missing) == (3, "duty", "Asked for.", None, None)
    node.orders.note_answer(order.hash, [{"org": "hub", "index": 9}], ["fr-office"], "2026-11-24T12:00:00.000Z")
    [order] = node.orders.listed()
    assert (order.confirmed, order.missing) == ([{"org": "hub", "index": 9}], ["fr-office"])
    assert b64url(order.hash)


def other_organization(watched: Watched) -> Organization:
    """One that the log knows, with keys of its own."""
    members = {**enrolled("ke-nctc"), "encryption_key": {"crv": "X25519", "kty": "OKP", "x": b64url(b"k" * 32)}}
    admitted = watched.end._register(members)
    watched.log.take_registry()
    return Organization("ke-nctc", admitted.hash, key_of("ke-nctc"))


def log_order(watched: Watched, order: Sealed) -> None:
    watched.log.bodies[watched.log.size] = order.body
    watched.log.tokens.append(order.token)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path)
    yield found
    found.close()


def test_orders_are_obeyed_as_the_log_is_read_and_the_confirmation_waits_in_the_outbox(watched: Watched) -> None:
    inbox = Inbox(watched.node, {b"1" * 32: SECRET.encode()})
    watched.node = replace(watched.node, eraser=Eraser(watched.node.engine, watched.node.keys, [inbox]))
    watched.witness = watched._witness()
    watched.log.take_outbox(watched.node)
    order = other_organization(watched).order("need/ke-nctc/n1", [b"1" * 32])
    index = watched.log.size
    log_order(watched, order)
    assert watched.consider() == watched.log.size
    assert inbox.held() == 0
    done = outbox(watched.node)[-1]
    assert (done.kind, read_done(done.body or b"")) == ("control", order.hash)
    assert f"erased-{index}".encode() in from_b64url(done.token.split(b".")[1])


@pytest.mark.parametrize("attack", ["stranger", "another name", "no body", "another body"])
def test_attack_an_order_that_its_organization_did_not_sign_is_not_obeyed(watched: Watched, attack: str) -> None:
    inbox = Inbox(watched.node, {b"1" * 32: SECRET.encode()})
    watched.node = replace(watched.node, eraser=Eraser(watched.node.engine, watched.node.keys, [inbox]))
    watched.witness = watched._witness()
    watched.log.take_outbox(watched.node)
    author = other_organization(watched)
    if attack == "stranger":
        author.key = key_of("stranger")
    if attack == "another name":
        author = Organization("fr-office", author.head, author.key)
    log_order(watched, author.order(f"need/{author.id}/n1", [b"1" * 32]))
    if attack == "no body":
        del watched.log.bodies[watched.log.size - 1]
    if attack == "another body":
        watched.log.bodies[watched.log.size - 1] = author.order(f"need/{author.id}/n1", [b"1" * 32, b"2" * 32]).body
    assert watched.consider() == watched.log.size
    assert inbox.held() == 1


def test_a_node_s_own_bodies_that_a_backup_brought_back_go_as_it_reads_its_order(watched: Watched) -> None:
    watched.node.editor.apply([put("duty", SECRET)])
    watched.node.eraser.erase("contact", "duty")
    watched.log.take_outbox(watched.node)
    said = {event.token: event for event in outbox(watched.node)}
    for index, token in enumerate(watched.log.tokens):
        if token in said and said[token].kind == "control":
            watched.log.bodies[index] = said[token].body or b""
    with watched.node.engine.begin() as connection:
        connection.execute(tables.statements.update().where(tables.statements.c.id == "duty").values(body=b"secret"))
    assert watched.consider() == watched.log.size
    assert outbox(watched.node)[1].body is None
    assert [event.kind for event in outbox(watched.node)].count("control") == 1
    assert watched.alarms() == []


def test_what_a_restored_database_shows_of_a_record_goes_though_its_last_bodies_never_came_back(node: Node) -> None:
    for number in range(2):
        node.editor.apply([put("duty", f"{SECRET} {number}")])
    hashes = tuple(event.hash for event in outbox(node)[1:])
    with node.engine.begin() as connection:
        connection.execute(tables.statements.update().where(tables.statements.c.sequence == 3).values(body=None))
    assert node.eraser.obey(LoggedOrder(9, b"o" * 32, ORG, hashes)) is True
    stood = node.reading.record("contact", "duty")
    assert stood is not None
    assert (stood.kept.state, stood.kept.content) == ("erased", b"{}")
    assert node.eraser.obey(LoggedOrder(9, b"o" * 32, ORG, hashes)) is False


def letter(index: int, statement: bytes, org: str = "ke-nctc") -> Letter:
    """What another organization has written to this one."""
    body = b'{"nonce":"AAAAAAAAAAAAAAAAAAAAAA","record":{"title":"Zauberlehrling"}}'
    return Letter(
        index, org, "need", "n1", "published", "TLP:AMBER", "2026-11-24T12:00:00.000Z", statement, b"d" * 32, body,
        (ORG, org), None, (),
    )  # fmt: skip


def test_letters_in_the_inbox_go_as_their_author_orders_and_others_stay(watched: Watched) -> None:
    letters = watched.node.letters
    letters.keep(letter(3, b"1" * 32))
    letters.keep(letter(4, b"2" * 32, "fr-office"))
    watched.log.take_outbox(watched.node)
    log_order(watched, other_organization(watched).order("need/ke-nctc/n1", [b"1" * 32, b"2" * 32]))
    watched.consider()
    assert [each.body is None for each in letters.all()] == [True, False]
    assert outbox(watched.node)[-1].kind == "control"


def test_a_letter_that_is_on_its_way_when_it_is_erased_is_not_kept(watched: Watched) -> None:
    watched.log.take_outbox(watched.node)
    author = other_organization(watched)
    said = author.say()
    watched.node.letters.note([], [(7, said.token)])
    log_order(watched, author.order("need/ke-nctc/n1", [said.hash]))
    watched.consider()
    assert watched.node.letters.waiting(-1, 10) == []
    watched.node.letters.keep(letter(7, said.hash), asked=True)
    assert watched.node.letters.all() == []
