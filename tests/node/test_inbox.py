"""The inbox: what others encrypt to this organization is found, opened, judged and kept; nothing else is."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from node.inbox import Inbox, letter_form
from node.node import Node
from node.store import Letter, Writing
from node.store.next_log import FORMER, NextLog, go_over
from schemas.body import make_body
from schemas.entry import parse_entry
from tests.node.nodes import ORG, joined_node
from tests.schemas.examples import EXAMPLES
from tests.signed_network import NETWORK, NOON, Organization, encrypted_to, key_of, need, nonce, reading_key_of
from wire import jws
from wire.bus import BusAway
from wire.encoding import b64url, from_b64url
from wire.encryption import encrypt
from wire.jwe import CONTENT_TYPE
from wire.registry import KeyPeriod, Member, Registry, Standing
from wire.seal import Sealed, seal
from wire.x25519 import DecryptionKey


@dataclass
class World:
    """A log that the node reads, with the hub's answers to questions about bodies, by the hub's own rule."""

    node: Node
    registry: Registry = field(default_factory=Registry)
    tokens: list[bytes] = field(default_factory=lambda: [b"0", b"1", b"2"])
    bodies: dict[str, bytes] = field(default_factory=dict)
    read: int = 0
    asked: int = 0
    away: bool = False

    def __post_init__(self) -> None:
        self.inbox = Inbox(NETWORK, ORG, self.node.keyring.reading, self.node.letters)
        own = Member(ORG, "Us", Standing.ACTIVE, 0, bytes(32), (), encryption=self.node.keyring.reading.public)
        self.registry.admit(own)
        self.sender = self.admit("ke-nctc")

    def admit(self, name: str) -> Organization:
        """Another organization."""
        key, reading = key_of(name), reading_key_of(name).public
        periods = (KeyPeriod(key.public, 1),)
        self.registry.admit(Member(name, name, Standing.ACTIVE, 0, bytes(32), periods, encryption=reading))
        return Organization(name, bytes(32), key)

    def log(self, sealed: Sealed, body: bytes | None = None) -> int:
        """What it says enters the log."""
        self.tokens.append(sealed.token)
        statement = orjson.loads(_payload(sealed.token))
        self.bodies[statement["datahash"]] = sealed.body if body is None else body
        return len(self.tokens) - 1

    def tell(self, *readers: str, record: dict[str, Any] | None = None, reads: bool = True, **said: Any) -> int:
        """The sender says something to these readers, and to us if `reads`."""
        plain = make_body(record or need("The harbour"), nonce(self.sender.sequence))
        keys = {name: reading_key_of(name).public for name in (*readers, self.sender.id)}
        if reads:
            keys[ORG] = self.node.keyring.reading.public
        given = {"marking": "TLP:AMBER", "content_type": CONTENT_TYPE, **said}
        return self.log(self.sender.say(body=encrypt(plain, keys), **given))

    async def ask(self, what: str, question: bytes) -> bytes:
        """The hub gives a body to those whom it names."""
        assert what == "body"
        self.asked += 1
        if self.away:
            raise BusAway("the bus is away")
        body = self.bodies.get(orjson.loads(question)["hash"], b"{}")
        if body == b"{}" or ORG.encode() not in _to(body):
            return b'{"error":"there is no such body, or it may not be seen by this organization"}'
        return body

    def catch_up(self) -> list[Letter]:
        """The node reads on and asks; gives the newest letters."""
        self.inbox.take(self.read, self.tokens[self.read :], self.registry)
        self.read = len(self.tokens)
        asyncio.run(self.inbox.fetch(self.ask))
        return self.node.letters.all()


def _payload(token: bytes) -> bytes:
    return jws.take_apart(token, jws.EVENT).payload


def _to(body: bytes) -> bytes:
    try:
        return from_b64url(orjson.loads(body)["protected"])
    except (KeyError, ValueError):
        return ORG.encode()


@pytest.fixture(params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    database = "" if request.param == "sqlite" else str(request.getfixturevalue("node_postgres_url"))
    node = joined_node(tmp_path / "node", database)
    yield World(node)
    node.engine.dispose()


def test_what_is_addressed_to_us_is_opened_and_kept_with_its_place_and_its_readers(world: World) -> None:
    index = world.tell("fr-office")
    [letter] = world.catch_up()
    form = letter_form(letter)
    assert (form["org"], form["kind"], form["id"], form["index"]) == ("ke-nctc", "need", "n1", index)
    assert (form["marking"], form["status"], form["record"]) == ("TLP:AMBER", "current", need("The harbour"))
    assert form["readers"] == ["fr-office", "ke-nctc", ORG]
    assert form["statement"] == b64url(world.sender.head)
    assert "not_valid" not in form
    assert world.node.letters.waiting(-1, 10) == []


def test_nothing_is_kept_of_what_is_not_addressed_to_us(world: World) -> None:
    world.tell("fr-office", reads=False)
    assert world.catch_up() == []
    assert world.node.letters.waiting(-1, 10) == []
    asked = world.asked
    assert world.catch_up() == []
    assert world.asked == asked == 1


def test_what_others_publish_for_all_and_what_we_say_ourselves_is_not_asked_for(world: World) -> None:
    world.log(world.sender.say())
    world.log(world.sender.say(marking="TLP:GREEN"))
    own = Organization(ORG, bytes(32), world.node.keyring.signing)
    world.log(own.say(marking="TLP:AMBER", body=encrypted_to(b"{}", ORG), content_type=CONTENT_TYPE))
    assert world.catch_up() == []
    assert world.asked == 0


def test_revised_and_withdrawn_ones_follow(world: World) -> None:
    first = world.tell()
    second = world.tell(record=need("The other harbour"), action="revised")
    [letter] = world.catch_up()
    assert (letter.index, letter.record) == (second, need("The other harbour"))
    assert [(each.index, each.superseded) for each in world.node.letters.all(older=True)] == [
        (first, second),
        (second, None),
    ]
    keys = {"ke-nctc": reading_key_of("ke-nctc").public, ORG: world.node.keyring.reading.public}
    ended = encrypt(b'{"nonce":"AAAAAAAAAAAAAAAAAAAAAA","reason":"It was built."}', keys)
    world.log(world.sender.say(action="withdrawn", marking="TLP:AMBER", body=ended, content_type=CONTENT_TYPE))
    [letter] = world.catch_up()
    form = letter_form(letter)
    assert (form["status"], form["record"], form["reason"]) == ("withdrawn", None, "It was built.")


@pytest.mark.parametrize("later", ["for others", "for all"])
def test_a_later_version_that_is_not_for_us_alone_supersedes_what_we_have(world: World, later: str) -> None:
    first = world.tell()
    world.catch_up()
    if later == "for others":
        second = world.tell("fr-office", reads=False, action="revised")
    else:
        second = world.log(world.sender.say(action="revised", marking="TLP:GREEN"))
    [letter] = world.catch_up()
    assert (letter.index, letter.superseded) == (first, second)
    assert letter_form(letter)["status"] == "superseded"


@pytest.mark.parametrize(
    ("record", "reason"),
    [(need("The harbour", need_status="wished"), "schema-invalid"), ({"title": "x"}, "schema-invalid")],
)
def test_content_that_is_not_valid_is_kept_with_its_problem_and_not_shown_as_a_record(
    world: World, record: dict[str, Any], reason: str
) -> None:
    world.tell(record=record)
    [letter] = world.catch_up()
    form: Any = letter_form(letter)
    assert (form["record"], form["not_valid"]["reason"]) == (None, reason)
    assert form["not_valid"]["problems"]
    assert letter.body is not None


def test_content_without_the_consent_that_its_marking_needs_is_said_to_be_so(world: World) -> None:
    record = parse_entry({**EXAMPLES["assessment"], "consent": "none"}).record
    world.tell(record=record, kind="assessment", id="a1")
    [letter] = world.catch_up()
    assert letter.reason == "consent-missing"


def test_a_body_that_names_us_with_a_key_that_is_not_ours_is_kept_as_what_cannot_be_read(world: World) -> None:
    keys = {"ke-nctc": reading_key_of("ke-nctc").public, ORG: DecryptionKey.generate().public}
    body = encrypt(make_body(need(), nonce(1)), keys)
    world.log(world.sender.say(marking="TLP:AMBER", body=body, content_type=CONTENT_TYPE))
    [letter] = world.catch_up()
    assert (letter.reason, letter.body) == ("marking-violated", None)


def test_a_hub_that_gives_another_body_is_not_believed_and_asked_again(world: World) -> None:
    world.tell()
    [[datahash, body]] = world.bodies.items()
    keys = {"ke-nctc": reading_key_of("ke-nctc").public, ORG: world.node.keyring.reading.public}
    world.bodies[datahash] = encrypt(make_body(need("A false harbour"), nonce(9)), keys)
    assert world.catch_up() == []
    world.bodies[datahash] = body
    [letter] = world.catch_up()
    assert letter.record == need("The harbour")


def test_without_the_bus_what_was_found_waits_and_nothing_is_lost(world: World) -> None:
    world.away = True
    world.tell()
    assert world.catch_up() == []
    world.away = False
    assert len(world.catch_up()) == 1


def test_a_batch_that_is_read_again_after_a_crash_changes_nothing(world: World) -> None:
    world.tell()
    world.tell(id="n2")
    world.inbox.take(0, world.tokens, world.registry)
    assert len(world.catch_up()) == 2
    world.read = 0
    asked = world.asked
    assert len(world.catch_up()) == 2
    assert world.asked == asked
    assert [each.superseded for each in world.node.letters.all(older=True)] == [None, None]


def test_a_hub_that_logs_what_nobody_signed_puts_nothing_into_the_inbox(world: World) -> None:
    forged = world.sender.twin().say(
        marking="TLP:AMBER", key=key_of("hub"), content_type=CONTENT_TYPE, body=encrypted_to(b"{}", "ke-nctc")
    )
    world.log(forged)
    world.tokens.append(b"x.y.z")
    assert world.catch_up() == []
    assert world.asked == 0


def test_what_the_node_reads_tells_it_who_is_there_and_by_which_key(world: World) -> None:
    world.catch_up()
    members = world.node.directory.members()
    assert set(members) == {ORG, "ke-nctc"}
    assert members["ke-nctc"].encryption == reading_key_of("ke-nctc").public
    world.registry.set_standing("ke-nctc", Standing.RETIRED)
    world.catch_up()
    assert not world.node.directory.members()["ke-nctc"].can_read


def test_a_body_of_another_form_is_not_kept_though_its_hash_is_right(world: World) -> None:
    world.log(world.sender.say(marking="TLP:AMBER", body=b'{"ciphertext":1}', content_type=CONTENT_TYPE))
    assert world.catch_up() == []
    assert world.node.letters.waiting(-1, 10) == []


@pytest.mark.parametrize("read_at_once", [True, False])
def test_a_later_version_that_the_hub_has_left_out_supersedes_nothing(world: World, read_at_once: bool) -> None:
    """The author said it in clear, against its own marking: the last valid version stays."""
    hub = world.admit("hub")
    first = world.tell()
    world.catch_up()
    wrong = world.log(world.sender.say(action="revised", marking="TLP:AMBER"))
    world.bodies = {name: body for name, body in world.bodies.items() if b"ciphertext" in body}
    if not read_at_once:
        assert world.catch_up()[0].superseded == wrong
    world.tokens.append(excluded_by(hub, wrong))
    [letter] = world.catch_up()
    assert (letter.index, letter.superseded) == (first, None)
    assert world.node.letters.waiting(-1, 10) == []


def excluded_by(hub: Organization, index: int) -> bytes:
    """The hub's statement that an event is not in the view."""
    return seal(
        hub.place(), hub.key, subject=f"control/hub/excluded-{index}", event_type="liaison.body.excluded",
        marking="TLP:CLEAR", body=b"{}", now=NOON,
    ).token  # fmt: skip


def test_an_organization_that_speaks_as_the_hub_leaves_nothing_out(world: World) -> None:
    world.admit("hub")
    world.tell()
    forged = Organization("hub", bytes(32), key_of("ke-nctc"))
    world.tokens.append(excluded_by(forged, len(world.tokens) - 1))
    assert len(world.catch_up()) == 1


def test_letters_of_a_lost_log_stay_and_are_there_once_when_they_are_said_again(world: World) -> None:
    first, second = world.tell(), world.tell(record=need("The other harbour"), action="revised")
    world.catch_up()
    with Writing.begin(world.node.engine) as writing:
        go_over(writing.connection, NextLog("a key", b"token", b"body", None), "2026-11-23T12:00:00.000Z")
    [letter] = world.node.letters.all()
    assert (letter.record, letter.index < 0) == (need("The other harbour"), True)
    old = world.node.letters.all(older=True)
    for each in old:
        world.node.letters.keep(replace(each, index=each.index - FORMER + 5, superseded=None))
        [shown] = world.node.letters.all()
        assert shown.record is not None
    kept = world.node.letters.all(older=True)
    assert [(each.index, each.superseded) for each in kept] == [(first + 5, second + 5), (second + 5, None)]
    assert [each.body for each in kept] == [each.body for each in old]
