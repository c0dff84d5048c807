"""Questions about the log: entries in order, own events, proofs that verify, and bodies only for whom they are."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from hub import checkpoints, tables
from hub.damage import Damage
from hub.log_checks import LogDamaged
from hub.questions import MAX_QUESTION, Questions, named_recipients
from tests.hub.published import Published
from tests.signed_network import TRUST, key_of, statement_of
from wire.checkpoint import Checkpoint, Witnesses, open_checkpoint, sign_checkpoint
from wire.encoding import b64url, from_b64url
from wire.merkle import Frontier, leaf_hash
from wire.tlog_proof import parse_proof, verify_proof

NESTED = b"[" * 1_000 + b"]" * 1_000  # more than can be shown


class Asked:
    """The questions of one network, answered as over the bus."""

    def __init__(self, network: Published, folder: Path) -> None:
        self.network = network
        self.damage = Damage(folder)
        self.questions = Questions(network.engine, lambda: network.tail.size, self.damage)

    def raw(self, what: str, org: str = "xa-centre", **asked: Any) -> bytes:
        return self.questions.answer(org, what, orjson.dumps(asked))

    def ask(self, what: str, org: str = "xa-centre", **asked: Any) -> dict[str, Any]:
        answer: dict[str, Any] = orjson.loads(self.raw(what, org, **asked))
        return answer

    def all_tokens(self) -> list[bytes]:
        tokens: list[bytes] = []
        while len(tokens) < self.network.tail.size:
            answer = self.ask("entries", start=len(tokens))
            assert len(tokens) == answer["start"]
            tokens += [each.encode() for each in answer["tokens"]]
        return tokens

    def keep_checkpoint(self) -> Checkpoint:
        tree = self.network.writer.state.tree
        made = Checkpoint(TRUST.origin, tree.size, tree.root())
        with self.network.engine.begin() as connection:
            note = sign_checkpoint(made, key_of("log"))
            checkpoints.keep(connection, made, note, "2026-11-23T12:00:00.000Z", quorum=True)
        return made


@pytest.fixture
async def asked(network: Published, tmp_path: Path) -> Asked:
    return Asked(network, tmp_path)


async def test_the_entries_are_all_tokens_of_the_log_in_order(asked: Asked) -> None:
    for number in range(3):
        asked.network.publish("need", id=f"n{number}")
    frontier = Frontier()
    for token in asked.all_tokens():
        frontier.append(leaf_hash(token))
    assert frontier.root() == asked.network.writer.state.tree.root()


async def test_entries_come_with_the_bodies_of_the_registry_and_no_others(asked: Asked) -> None:
    asked.network.publish("need")
    answer = asked.ask("entries", start=0)
    assert {"0", "1"} == set(answer["bodies"])
    assert b"signatures" in from_b64url(answer["bodies"]["1"])


async def test_entries_over_many_bundles_are_bounded_and_go_on_where_they_stopped(
    small_network: Published, tmp_path: Path
) -> None:
    asked = Asked(small_network, tmp_path)
    for number in range(1100):
        small_network.publish("need", id=f"n{number}")
    first = asked.raw("entries", start=300)
    assert len(first) < 1024 * 1024
    assert orjson.loads(first)["start"] == 300
    assert len(asked.all_tokens()) == small_network.tail.size


async def test_own_events_come_with_their_bodies_and_those_of_others_do_not(asked: Asked) -> None:
    index = asked.network.publish("need", org="xa-centre")
    asked.network.publish("need", org="xb-office")
    events = asked.ask("events", "xa-centre", start=1)["events"]
    assert [(1, index)] == [(each["sequence"], each["index"]) for each in events]
    assert b'"record"' in from_b64url(events[0]["body"])
    assert asked.ask("events", "xa-centre", start=2)["events"] == []
    assert asked.ask("events", "nobody", start=1)["events"] == []


async def test_a_proof_leads_to_the_newest_checkpoint_with_a_quorum(asked: Asked) -> None:
    index = asked.network.publish("need")
    assert "no checkpoint with a quorum" in asked.ask("proof", sequence=1)["error"]
    made = asked.keep_checkpoint()
    token = asked.all_tokens()[index]
    for question in ({"sequence": 1}, {"index": index}):
        proof = parse_proof(asked.raw("proof", **question))
        assert made == verify_proof(proof, token, TRUST.log_verifier, Witnesses(TRUST.network)).checkpoint
    assert "no statement 2" in asked.ask("proof", sequence=2)["error"]
    assert made == open_checkpoint(asked.raw("checkpoint"), TRUST.log_verifier).checkpoint
    assert made == open_checkpoint(asked.raw("checkpoint", size=made.size), TRUST.log_verifier).checkpoint
    assert "no such checkpoint" in asked.ask("checkpoint", size=1)["error"]


async def test_a_body_is_given_to_its_author_and_to_members_who_may_see_it(asked: Asked) -> None:
    green = asked.network.publish("need", id="green", marking="TLP:GREEN")
    tokens = asked.all_tokens()
    digest = statement_of(tokens[green])["datahash"]
    for org in ("xa-centre", "xb-office"):
        assert b'"record"' in asked.raw("body", org, hash=digest)
    for wrong in ("A" * 43, "x", "", None, 7):
        assert "error" in asked.ask("body", hash=wrong)


async def test_a_body_that_is_not_in_the_view_is_given_to_its_author_only(asked: Asked) -> None:
    author = asked.network.admit("xa-centre")
    sealed = author.say({"title": {"en": "not a need"}})
    asked.network.deliver(sealed)
    digest = statement_of(sealed.token)["datahash"]
    assert sealed.body == asked.raw("body", "xa-centre", hash=digest)
    assert "error" in asked.ask("body", "xb-office", hash=digest)


@pytest.mark.parametrize(
    ("what", "payload"),
    [("entries", b"{}"), ("entries", b"[]"), ("entries", b"{"), ("entries", b'{"start":-1}'),
     ("entries", b'{"start":1.5}'),
     ("entries", b'{"start":true}'), ("entries", b'{"start":"1"}'), ("entries", b"x" * (MAX_QUESTION + 1)),
     ("events", b'{"start":9007199254740993}'), ("proof", b'{"old":2,"new":1}'), ("proof", b'{"old":0,"new":99999}'),
     ("proof", b'{"index":99999}'), ("checkpoint", b'{"size":null}'), ("body", b'{"hash":{}}'),
     ("entries", b'{"start":' + NESTED + b"}"), ("body", b'{"hash":' + NESTED + b"}"), ("body", b"{}")],
)  # fmt: skip
async def test_questions_that_make_no_sense_are_answered_with_a_sentence(
    small_network: Published, tmp_path: Path, what: str, payload: bytes
) -> None:
    answer = orjson.loads(Asked(small_network, tmp_path).questions.answer("xa-centre", what, payload))
    assert {"error"} == set(answer)


async def test_entries_beyond_the_end_are_none(asked: Asked) -> None:
    assert asked.ask("entries", start=9999)["tokens"] == []


async def test_a_damaged_entry_is_not_answered_and_is_reported(small_network: Published, tmp_path: Path) -> None:
    asked = Asked(small_network, tmp_path)
    small_network.publish("need")
    small_network.publish("contact")
    with small_network.engine.begin() as connection:
        other = connection.scalar(select(tables.log.c.token).where(tables.log.c.index == 1))
        connection.execute(update(tables.log).where(tables.log.c.index == 2).values(token=other))
    assert "damaged" in asked.ask("entries", start=0)["error"]
    with pytest.raises(LogDamaged, match="log entry 2"):
        await asked.damage.watch()
    assert b"leaf_expected" in (tmp_path / "log-damage.json").read_bytes()


def test_recipients_are_read_from_the_protected_header_alone() -> None:
    header = b64url(orjson.dumps({"enc": "A256GCM", "to": ["xa-centre", "xb-office"], "typ": "liaison-body+jwe"}))
    assert named_recipients(orjson.dumps({"protected": header})) == ["xa-centre", "xb-office"]
    for nonsense in (
        b"",
        b"[]",
        b"{}",
        b'{"protected":7}',
        b'{"protected":"%"}',
        b'{"protected":[]}',
        b'{"protected":["a","b","c","d"]}',
        b'{"protected":{}}',
        orjson.dumps({"protected": b64url(b"7")}),
    ):
        assert named_recipients(nonsense) == []
