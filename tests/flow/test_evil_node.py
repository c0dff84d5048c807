"""What a member can try in its own name: it back-dates, tells two stories, and denies; its signature stays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from node.edit import Editor, Put, Withdraw
from node.store import Members
from schemas.entry import parse_entry
from schemas.statement import parse_statement
from tests.flow.watched import Watched
from tests.signed_network import TRUST, need, signed_anew, statement_of
from wire import jws
from wire.checkpoint import open_checkpoint
from wire.encoding import b64url
from wire.evidence import parse_evidence
from wire.evidence_checks import verify_evidence
from wire.seal import Sealed

A, B, C = "xa-centre", "xb-office", "xc-agency"


def say_at(watched: Watched, moment: datetime) -> int:
    """A's node has this clock for one event; gives the event's index."""
    node = watched.node(A)
    entry = parse_entry({"kind": "need", "id": "n2", "marking": "TLP:CLEAR", **need()})
    Editor(node.node.engine, node.node.keys, Members(node.node.engine), lambda: moment).apply([Put(entry)])
    watched.carry(node)
    assert watched.witnessed() == 3
    return watched.hub.index_of(A, 3)


def test_node_back_dates_an_event(watched: Watched, tmp_path: Path) -> None:
    before = watched.hub.size()
    index = say_at(watched, datetime(2020, 1, 1, tzinfo=UTC))
    said = parse_statement(jws.take_apart(watched.node(A).token(3), jws.EVENT).payload)
    assert said.time == "2020-01-01T00:00:00.000Z", "it claims what it likes"
    assert watched.hub.audited(tmp_path / "audit") == {"back-dated": [index]}

    # The bracket by hand: the checkpoint that it says it has seen, and the first one that has it.
    document = watched.hub.evidence(A, 3)
    assert said.seen is not None
    size, _, root = said.seen.partition(":")
    kept = watched.hub.kept(int(size))
    witnesses = watched.hub.writer.state.registry.witnesses(TRUST.network)
    earlier = open_checkpoint(kept, TRUST.log_verifier, witnesses)
    later = open_checkpoint(parse_evidence(document).proof.checkpoint, TRUST.log_verifier, witnesses)
    assert (int(size), root) == (before, b64url(earlier.checkpoint.root))
    assert earlier.checkpoint.size <= index < later.checkpoint.size
    assert min(earlier.cosigners.values()) > datetime.fromisoformat(said.time).timestamp() + 86_400
    [time] = [check for check in verify_evidence(document, TRUST).checks if check.name == "time"]
    assert f"after its author had seen {before} entries" in time.means
    assert "claims 2020-01-01" in time.means


def test_node_post_dates_an_event(watched: Watched, tmp_path: Path) -> None:
    index = say_at(watched, datetime.now(UTC) + timedelta(days=30))
    assert watched.hub.audited(tmp_path / "audit") == {"post-dated": [index]}
    verdict = verify_evidence(watched.hub.evidence(A, 3), TRUST)
    [time] = [check for check in verdict.checks if check.name == "time"]
    assert (verdict.failed, time.result) == ([], "not checked"), "a clock is shown, never a verdict"


def test_node_tells_two_stories(watched: Watched, tmp_path: Path) -> None:
    watched.says(A, "n2", "The one story")
    first = watched.node(A).token(3)
    told = Sealed(A, 3, "need", bytes(32), first, b"")
    other = signed_anew(told, watched.node(A).node.keyring.signing, subject=f"need/{A}/n9")
    committed = watched.hub.take([other])
    watched.hub.receipts.clear()
    [found] = committed.outcome.entries
    assert (found.organization, statement_of(found.token)["type"]) == ("hub", "liaison.fork.found")
    assert found.body is not None
    key = watched.node(A).node.keyring.signing.public
    for token in (first, other.token):
        assert token in found.body
        jws.verified_payload(token, jws.EVENT, {key.thumbprint: key})
    assert {statement_of(token)["sequence"] for token in (first, other.token)} == {"000000000003"}
    assert watched.witnessed() == 3, "the logged branch stands, and nobody is misled"
    assert watched.hub.audited(tmp_path / "audit") == {}


def test_node_denies_what_it_said(watched: Watched, tmp_path: Path) -> None:
    watched.says(A, "n2", "We need readers")
    assert watched.witnessed() == 3
    kept = tmp_path / "evidence.json"
    kept.write_bytes(watched.hub.evidence(A, 3))
    node = watched.node(A)
    node.node.editor.apply([Withdraw("need", "n2", "We never said that.")])
    watched.carry(node)
    assert watched.witnessed() == 3

    verdict = verify_evidence(kept.read_bytes(), TRUST)  # offline, from trust.json alone
    assert verdict.failed == []
    assert f"liaison.need.published about need/{A}/n2" in verdict.says
    assert "cosigned by 3 of the witnesses" in verdict.says
    body = parse_evidence(kept.read_bytes()).body
    assert body is not None
    assert orjson.loads(body)["record"]["title"] == {"en": "We need readers"}


def test_somebody_puts_other_words_into_the_evidence(watched: Watched, tmp_path: Path) -> None:
    watched.says(A, "n2", "We need readers")
    assert watched.witnessed() == 3
    honest = orjson.loads(watched.hub.evidence(A, 3))
    watched.says(A, "n3", "We need something else")
    assert watched.witnessed() == 3
    other = orjson.loads(watched.hub.evidence(A, 4))
    assert honest["body"] != other["body"]
    forged = orjson.dumps({**honest, "body": other["body"]}, option=orjson.OPT_SORT_KEYS)
    assert "body hash" in verify_evidence(forged, TRUST).failed
    moved = orjson.dumps({**other, "proof": honest["proof"]}, option=orjson.OPT_SORT_KEYS)
    assert "inclusion" in verify_evidence(moved, TRUST).failed
