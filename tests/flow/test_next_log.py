"""A hub that has lost its log for good, and the network that goes on: nothing that was delivered is lost with it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from hub.split_views import SplitViews
from node import testifying
from node.alarms import Name
from node.cli import app
from node.going_over import go_over_to
from node.next_log import Beginning
from node.node import begin as begin_node
from node.progress import Alarm
from node.settling import settle
from node.store import Writing
from node.store.next_log import NextLog, go_over
from tests.flow.linked import ORGANIZATIONS, NodeEnd
from tests.flow.next_logs import begin, decided, empty_hub, forge, known, replaced
from tests.flow.watched import Watched, Watcher
from tests.signed_network import NETWORK, NOON, ROOT, TRUST, key_of, statement_of
from wire.actions import Admitted, WitnessesChanged
from wire.checkpoint import open_checkpoint
from wire.enrolment import make_admission, open_enrolment
from wire.evidence_checks import verify_evidence
from wire.key_sets import ENROLMENT_FILE
from wire.keys import SigningKey
from wire.notes import VerifierKey
from wire.registry import HUB, REGISTRY
from wire.testimony import parse_testimony

A, B, C = ORGANIZATIONS
NEXT = VerifierKey(f"{NETWORK}/log/2", key_of("log 2").public)


def offer_again(watched: Watched) -> None:
    """Each node is shown the next log and offers what it has said, as after a receipt of that hub."""
    note = watched.hub.checkpoint()
    for node in watched.nodes:
        node.look(watched.hub, note)
        node.end.enter(watched.hub.receipt(node.end.organization), answer=True)
    watched.carry()


def shown(watched: Watched) -> set[tuple[object, ...]]:
    """Every record that the hub shows: kind, organization's number, id, marking, whether withdrawn or disputed."""
    return {(row[1], row[3], row[6], row[7], row[13]) for row in watched.hub.view()["records"]}


def started_again(watched: Watched, organization: str) -> Watcher:
    """The node, killed and started."""
    old = watched.node(organization)
    old.end.close()
    old.end.open()
    fresh = Watcher(old.end, watched.hub, old.directory)
    watched.nodes[ORGANIZATIONS.index(organization)] = fresh
    return fresh


def test_the_network_goes_on_after_the_loss_of_its_log_and_nothing_delivered_is_lost(
    watched: Watched, tmp_path: Path
) -> None:
    watched.step("n2")
    before, old = shown(watched), watched.hub.evidence(A, 3)
    lost = replaced(watched)
    offer_again(watched)
    assert watched.witnessed() == 3
    assert shown(watched) == before
    assert [node.delivered() for node in watched.nodes] == [3, 3, 3]
    watched.step("n3")
    assert [node.alarms() for node in watched.nodes] == [[], [], []]
    assert [node.delivered() for node in watched.nodes] == [4, 4, 4]
    assert len(shown(watched)) == len({row[1] for row in before} | {"n3"})
    assert watched.hub.audited(tmp_path / "audit") == {}
    for organization, sequence in ((A, 3), (A, 4), ("registry", lost.statements[-1].sequence + 1)):
        verdict = verify_evidence(watched.hub.evidence(organization, sequence), TRUST)
        assert verdict.failed == []
        assert "exercise.example/log/2" in verdict.says
    assert verify_evidence(old, TRUST).failed == []
    assert "exercise.example/log," in verify_evidence(old, TRUST).says


def test_a_node_that_was_away_for_two_losses_goes_over_to_the_newest_log(watched: Watched) -> None:
    keys = watched.hub.writer.state.registry.witnesses(NETWORK).keys
    jwks = {name: key.jwk for name, key in keys.items()}
    watched.hub.act(WitnessesChanged, witnesses=jwks, quorum=2, reason="One may be away.")
    watched.step("n2")
    away = watched.node(C)
    replaced(watched)
    watched.nodes.remove(away)
    note = watched.hub.checkpoint()
    for node in watched.nodes:
        node.look(watched.hub, note)
    lost = known(watched)
    action = decided(lost)
    assert action.origin == "exercise.example/log/3"
    third = empty_hub(watched, "third")
    third.log_key = "log 3"
    key = key_of("log 3").public
    watched.hub = begin(third, lost, decided(lost, vkey=str(VerifierKey(action.origin, key))))
    watched.nodes.append(away)
    assert away.node.log.on(TRUST) == TRUST
    offer_again(watched)
    assert [node.alarms() for node in watched.nodes] == [[], [], []]
    assert {node.node.log.on(TRUST).origin for node in watched.nodes} == {action.origin}
    assert watched.witnessed() == 3


def test_an_organization_that_is_admitted_afterwards_begins_with_the_next_log(watched: Watched, tmp_path: Path) -> None:
    lost = replaced(watched)
    offer_again(watched)
    place = tmp_path / "xd-new"
    begin_node(place, organization="xd-new", name="xd-new", org_type="10", database="")
    index, _ = watched.hub.act(Admitted, **open_enrolment((place / ENROLMENT_FILE).read_bytes()))
    member, hub = watched.hub.entries()[index], lost.statements[0]
    assert member.body is not None
    document = make_admission(TRUST, (hub.token, hub.body), (member.token, member.body), "nats://127.0.0.1:1")
    (place / "admission.json").write_bytes(document)
    end = NodeEnd(place, watched.hub.clock)
    end.join()
    newcomer = Watcher(end, watched.hub, place)
    watched.nodes.append(newcomer)
    assert watched.witnessed() == 4
    assert newcomer.alarms() == []
    assert newcomer.node.log.on(TRUST).log_verifier == NEXT
    watched.nodes.remove(newcomer)
    end.close()


@pytest.mark.parametrize(
    ("changed", "roots", "why"),
    [
        ({}, [key_of("thief")], "0 of the network's roots signed it"),
        ({"network": "other.example"}, [ROOT], "other.example"),
        ({"sequence": "000000000002"}, [ROOT], "000000000002"),
        ({"vkey": str(VerifierKey(f"{NETWORK}/log/2", key_of("thief").public))}, [ROOT], "is not signed by"),
    ],
)
def test_a_replacement_that_the_roots_did_not_decide_is_refused_with_the_evidence(
    watched: Watched, changed: dict[str, Any], roots: list[SigningKey], why: str
) -> None:
    lost = known(watched)
    false = begin(empty_hub(watched, "false"), lost, decided(lost))
    forge(false, decided(lost, **changed), roots)
    for node in watched.nodes:
        before = node.node.log.cosigned()
        for _ in range(2):  # each of its checkpoints tells the same
            assert node.look(false, false.checkpoint()) is None
        assert node.alarms() == [Name.FALSE_REPLACEMENT]
        assert why in node.node.log.alarms()[0].finding.text
        kept = node.evidence()
        assert kept["token"] == false.entries()[0].token.decode()
        assert open_checkpoint(kept["note"].encode(), NEXT).checkpoint.origin == NEXT.name
        assert node.node.log.cosigned() == before
        assert node.node.log.on(TRUST) == TRUST
        settle(node.node, str(Name.FALSE_REPLACEMENT), "The operator says that it is right.", NOON)
        assert node.look(false, false.checkpoint()) is None, "no person can let pass what no root has signed"


def test_a_replacement_that_sets_the_network_back_is_refused_until_a_person_lets_it_pass(watched: Watched) -> None:
    earlier = known(watched)
    watched.step("n2")
    before = shown(watched)
    replaced(watched, earlier)
    note = watched.hub.checkpoint()
    for node in watched.nodes:
        assert node.look(watched.hub, note) is None
        assert node.alarms() == [Name.FALSE_REPLACEMENT]
        assert "has cosigned" in node.node.log.alarms()[0].finding.text
        cosigned = open_checkpoint(node.evidence()["note that this node cosigned"].encode(), TRUST.log_verifier)
        assert cosigned.checkpoint.size > earlier.checkpoint.checkpoint.size
        settle(node.node, str(Name.FALSE_REPLACEMENT), "No other node could be reached.", NOON)
    offer_again(watched)
    assert watched.witnessed() == 3
    assert shown(watched) == before


def test_a_replacement_that_forgets_what_another_had_said_is_refused_by_all(watched: Watched) -> None:
    watched.step("n2")
    lost = known(watched)
    ends = decided(lost).ends
    shorter = ends[A].model_copy(update={"sequence": ends[A].sequence - 1})
    replaced(watched, replace(lost, ends={**lost.ends, A: (shorter.sequence, lost.ends[A][1])}))
    note = watched.hub.checkpoint()
    assert [node.look(watched.hub, note) for node in watched.nodes] == [None, None, None]
    texts = [node.node.log.alarms()[0].finding.text for node in watched.nodes]
    assert "2 was delivered" not in texts[0]
    assert "3 was delivered" in texts[0]
    assert all(f"the chain of {A} had ended otherwise" in text for text in texts[1:])


@pytest.mark.parametrize("first", ["the next log is shown", "the events are offered"])
def test_what_waited_when_the_log_was_lost_is_delivered_as_it_was_sealed(
    watched: Watched, tmp_path: Path, first: str
) -> None:
    watched.step("n2")
    node = watched.node(A)
    node.say("n9")
    waiting = node.token(4)
    said = int(str(statement_of(waiting)["seen"]).partition(":")[0])
    replaced(watched)
    if first == "the next log is shown":
        offer_again(watched)
    for each in watched.nodes:
        each.end.enter(watched.hub.receipt(each.end.organization), answer=True)
    for each in reversed(watched.nodes):
        watched.carry(each)
    assert watched.hub.entries()[watched.hub.index_of(A, 4)].token == waiting == node.token(4)
    could_be = said <= watched.hub.index_of(A, 4)
    assert could_be == (first != "the next log is shown"), "by its size alone it could be one of the next log"
    assert watched.witnessed() == 3
    watched.step("n10")
    watched.step("n11")
    assert [each.alarms() for each in watched.nodes] == [[], [], []]
    assert "seen" in statement_of(node.token(6))
    assert watched.hub.audited(tmp_path / "audit") == {}
    splits = SplitViews(watched.hub.engine, tmp_path)
    assert watched.hub.writer.state.speakers[A].seen > 0
    before = watched.hub.writer.state.speakers[A]
    watched.hub.writer.reload()
    assert watched.hub.writer.state.speakers[A] == before
    assert splits.found == 0


class _Ended(Exception):
    """The process ends here."""


def _go_over_and_end(engine: Engine, log: NextLog) -> None:
    with Writing.begin(engine) as writing:
        go_over(writing.connection, log, "2026-11-23T12:00:00.000Z")
        raise _Ended


def test_killed_while_it_goes_over_a_node_is_with_the_old_log_or_with_the_next_one(watched: Watched) -> None:
    node = watched.node(A)
    lost = replaced(watched)
    entry = watched.hub.entries()[0]
    beginning = Beginning(entry.token, entry.body or b"", NEXT, decided(lost), {})
    log = NextLog(str(NEXT), entry.token, entry.body or b"", None)
    with pytest.raises(_Ended):
        _go_over_and_end(node.node.engine, log)
    node = started_again(watched, A)
    assert node.node.log.on(TRUST) == TRUST
    assert node.delivered() == 2
    go_over_to(node.node, beginning, None, "2026-11-23T12:00:00.000Z")
    node = started_again(watched, A)
    assert orjson.loads((node.directory / "witness.json").read_bytes())["note"].startswith("exercise.example/log\n")
    assert node.node.log.on(TRUST).log_verifier == NEXT
    assert node.node.reading.chain().alarm is None
    offer_again(watched)
    assert watched.witnessed() == 3
    assert node.delivered() == 2
    assert orjson.loads((node.directory / "witness.json").read_bytes())["note"].startswith("exercise.example/log/2\n")


def test_a_database_from_before_the_replacement_signs_nothing(watched: Watched) -> None:
    node = watched.node(A)
    path = node.directory / "node.sqlite"
    node.end.close()
    kept = path.read_bytes()
    started_again(watched, A)
    replaced(watched)
    offer_again(watched)
    assert watched.witnessed() == 3
    watched.node(A).end.close()
    for left in node.directory.glob("node.sqlite-*"):
        left.unlink()
    path.write_bytes(kept)
    node = started_again(watched, A)
    assert node.node.reading.chain().alarm == Alarm.RESTORED
    assert "an older one" in (node.node.reading.chain().alarm_text or "")


def test_it_tells_the_registry_all_ends_and_the_checkpoint_that_it_has_cosigned(watched: Watched) -> None:
    node = watched.nodes[0]
    found = testifying.testify(node.node, NOON)
    assert (found.organization, found.size) == (node.end.organization, watched.hub.size())
    speakers = watched.hub.writer.state.speakers
    spoke = {name: (each.sequence, each.head) for name, each in speakers.items() if each.sequence}
    assert found.ends == spoke
    assert {HUB, REGISTRY} & set(found.ends) == {REGISTRY}
    assert len(found.registry) == speakers[REGISTRY].sequence
    witnesses = watched.hub.writer.state.registry.witnesses(TRUST.network)
    alone, all_of_them = (open_checkpoint(note, TRUST.log_verifier, witnesses) for note in found.checkpoints)
    assert alone.cosigners == {node.end.organization: int(NOON.timestamp())}
    assert len(all_of_them.cosigners) == 3


def test_the_command_writes_a_file_with_no_record_in_it(watched: Watched, tmp_path: Path) -> None:
    node, file = watched.nodes[1], tmp_path / "told.json"
    done = CliRunner().invoke(app, ["testify", str(node.directory), "-o", str(file)])
    assert done.exit_code == 0, done.output
    assert parse_testimony(file.read_bytes()).organization == node.end.organization
    assert b"Readers for border posts" not in file.read_bytes()
