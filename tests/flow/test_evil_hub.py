"""What a hub with all its keys can try: each cheat is made for real, noticed by honest nodes, and leaves evidence."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete

from hub import tables
from hub.split_views import SplitViews
from node.alarms import Name
from schemas.statement import parse_statement
from tests.flow.evil_hub import moved, put_in_place, without
from tests.flow.linked import make_network
from tests.flow.watched import Watched, signed_by_the_hub, signed_by_the_log, two_histories
from tests.signed_network import HUB_KEY, NETWORK, TRUST, signed_anew
from wire import jws
from wire.evidence_checks import verify_evidence
from wire.seal import Place, Sealed, seal

A, B, C = "xa-centre", "xb-office", "xc-agency"


def refused_by_all(watched: Watched, name: Name) -> None:
    """No node cosigns the log as it is now, and each says why."""
    note = watched.hub.checkpoint()
    assert [node.look(watched.hub, note) for node in watched.nodes] == [None, None, None]
    assert [node.alarms() for node in watched.nodes] == [[name], [name], [name]]


def test_an_honest_hub_is_cosigned_by_all_and_everything_is_delivered_and_proved(
    watched: Watched, tmp_path: Path
) -> None:
    watched.step("n2")
    assert [node.alarms() for node in watched.nodes] == [[], [], []]
    assert [node.delivered() for node in watched.nodes] == [3, 3, 3]
    assert verify_evidence(watched.hub.evidence(A, 3), TRUST).failed == []
    assert watched.hub.audited(tmp_path / "audit") == {}


@pytest.mark.parametrize("by", ["its author's old signature", "the hub's own"])
def test_hub_alters_a_statement(watched: Watched, tmp_path: Path, by: str) -> None:
    index = watched.says(A, "n2")
    ours = watched.node(A).token(3)
    told = Sealed(A, 3, "need", bytes(32), ours, b"")
    forged = signed_anew(told, HUB_KEY, time="2026-11-23T09:00:00.000Z").token
    if by != "the hub's own":
        forged = b".".join([ours.split(b".")[0], forged.split(b".")[1], ours.split(b".")[2]])
    watched.hub.change(put_in_place(index, forged))
    assert watched.hub.entries()[index].token == forged != ours
    assert watched.node(A).look(watched.hub) is None
    assert watched.node(A).alarms() == [Name.ALTERED]
    evidence = watched.node(A).evidence()
    assert (evidence["found"], evidence["ours"]) == (forged.decode(), ours.decode())
    promised = signed_by_the_hub(evidence["receipt"], A)
    assert (promised.logged.sequence, promised.logged.index) == (3, index)
    assert watched.node(A).delivered() == 2
    assert set(watched.hub.audited(tmp_path / "audit")) >= {"unknown-key" if by == "the hub's own" else "bad-signature"}


def test_hub_alters_what_was_cosigned(watched: Watched) -> None:
    before = watched.hub.size()
    index = watched.hub.index_of(A, 2)
    forged = signed_anew(Sealed(A, 2, "need", bytes(32), watched.node(A).token(2), b""), HUB_KEY).token
    watched.hub.change(put_in_place(index, forged))
    refused_by_all(watched, Name.SPLIT_VIEW)
    for node in watched.nodes:
        assert [each.size for each in two_histories(node.evidence())] == [before, before]


def test_hub_inserts_a_statement_in_another_s_name(watched: Watched, tmp_path: Path) -> None:
    place = Place(NETWORK, A, 3, watched.hub.writer.state.speakers[A].head)
    invented = seal(
        place, HUB_KEY, subject=f"need/{A}/n9", event_type="liaison.need.withdrawn", marking="TLP:CLEAR", body=b"{}"
    )
    model = watched.hub.entries()[watched.hub.index_of(A, 2)]
    row = replace(model, sequence=3, hash=invented.hash, token=invented.token, body=invented.body)
    watched.hub.change(lambda log: [*log, row])
    assert watched.hub.entries()[-1].token == invented.token
    assert watched.witnessed() == 2, "the others cannot know, and two of three are no quorum"
    assert watched.node(A).alarms() == [Name.STRANGER]
    assert watched.node(A).evidence()["found"] == invented.token.decode()
    with pytest.raises(jws.Malformed):
        jws.verified_payload(
            invented.token, jws.EVENT, {TRUST.log_key.thumbprint: watched.node(A).node.keyring.signing.public}
        )
    found = watched.hub.audited(tmp_path / "audit")
    assert found["unknown-key"] == [watched.hub.size() - 1]
    assert "no-quorum" in found


def test_hub_drops_a_statement_from_the_middle(watched: Watched, tmp_path: Path) -> None:
    index = watched.says(A, "n2")
    watched.says(A, "n3")
    watched.hub.change(without(index))
    assert watched.node(A).token(3) not in [entry.token for entry in watched.hub.entries()]
    assert watched.node(A).look(watched.hub) is None
    assert watched.node(A).alarms() == [Name.DROPPED]
    assert watched.node(A).evidence()["token"] == watched.node(A).token(4).decode()
    assert watched.hub.audited(tmp_path / "audit")["gap"] == [index]


def test_hub_drops_its_tail_after_a_receipt(watched: Watched) -> None:
    lost = watched.twin("without the last")
    index = watched.says(A, "n2")
    watched.node(B).say("n2")
    watched.carry(watched.node(B), to=lost)
    watched.hub = lost
    assert watched.node(A).token(3) not in [entry.token for entry in lost.entries()]
    note = lost.checkpoint()
    assert watched.node(A).look(lost, note) is None
    assert watched.node(A).alarms() == [Name.DROPPED]
    evidence = watched.node(A).evidence()
    assert signed_by_the_hub(evidence["receipt"], A).logged.index == index < signed_by_the_log(note).size
    assert evidence["token"] == watched.node(A).token(3).decode()
    assert watched.node(A).delivered() == 2, "what is not proved stays in the outbox"


def test_hub_drops_its_tail_after_it_was_cosigned(watched: Watched, tmp_path: Path) -> None:
    lost = watched.twin("without the last")
    watched.step("n2")
    kept = watched.hub.checkpoint()
    watched.hub = lost
    for node in watched.nodes:
        node.hub = lost
        lost.checkpoint()
        assert asyncio.run(node.witness.ask_newest()) is None
        assert node.alarms() == [Name.ROLLED_BACK]
        smaller, larger = sorted(signed_by_the_log(note).size for note in node.evidence().values())
        assert (smaller, larger) == (lost.size(), signed_by_the_log(kept).size)
    assert "rolled-back" in lost.audited(tmp_path / "audit", since=kept)


def test_hub_drops_its_head_and_goes_on(watched: Watched, tmp_path: Path) -> None:
    kept = watched.hub.checkpoint()
    watched.says(A, "n2")
    watched.says(A, "n3")
    first = watched.hub.entries()[0].token
    watched.hub.change(without(0))
    assert watched.hub.size() > signed_by_the_log(kept).size
    assert first not in [entry.token for entry in watched.hub.entries()]
    note = watched.hub.checkpoint()
    assert [node.look(watched.hub, note) for node in watched.nodes] == [None, None, None]
    for node in watched.nodes:
        assert Name.SPLIT_VIEW in node.alarms()
    assert {"registry-refused", "inconsistent"} <= set(watched.hub.audited(tmp_path / "audit", since=kept))


def test_hub_begins_another_log_under_the_same_name(watched: Watched, tmp_path: Path) -> None:
    """Everything in it is properly signed, by the same roots too; but it is not the log that the members know."""
    make_network(tmp_path / "made")
    other = Watched(tmp_path / "made", tmp_path / "other")
    other.step("n2")
    try:
        assert other.hub.audited(tmp_path / "audit") == {}
        assert other.hub.entries()[0].token != watched.hub.entries()[0].token
        note = other.hub.checkpoint()
        for node in watched.nodes:
            assert node.look(other.hub, note) is None
            assert Name.SPLIT_VIEW in node.alarms()
    finally:
        other.close()


def test_hub_reorders_what_was_cosigned(watched: Watched, tmp_path: Path) -> None:
    kept = watched.hub.checkpoint()
    before = [entry.token for entry in watched.hub.entries()]
    watched.hub.change(moved(len(before) - 1, len(before) - 2))
    after = [entry.token for entry in watched.hub.entries()]
    assert (after[-1], after[-2], sorted(after)) == (before[-2], before[-1], sorted(before))
    refused_by_all(watched, Name.SPLIT_VIEW)
    for node in watched.nodes:
        two_histories(node.evidence())
    assert "inconsistent" in watched.hub.audited(tmp_path / "audit", since=kept)


def test_hub_and_a_member_rewrite_history_together(watched: Watched, tmp_path: Path) -> None:
    """Every signature and every chain of the other history is good: only those who kept a checkpoint can tell."""
    kept = watched.hub.checkpoint()
    index = watched.hub.index_of(C, 2)
    assert index == watched.hub.size() - 1, "nothing of C's comes after it"
    told = Sealed(C, 2, "need", bytes(32), watched.node(C).token(2), b"")
    other = signed_anew(told, watched.node(C).node.keyring.signing, time="2026-11-23T09:00:00.000Z")
    watched.hub.change(put_in_place(index, other.token))
    note = watched.hub.checkpoint()
    assert watched.hub.audited(tmp_path / "fresh").keys() == {"no-quorum"}
    for node in watched.nodes[:2]:
        assert node.look(watched.hub, note) is None
        assert node.alarms() == [Name.SPLIT_VIEW]
        two_histories(node.evidence())
    assert "inconsistent" in watched.hub.audited(tmp_path / "known", since=kept)


def test_hub_splits_its_view(watched: Watched, tmp_path: Path) -> None:
    other = watched.twin("shown-to-b")
    watched.says(A, "for-all-but-b")
    watched.node(C).say("for-b-alone")
    watched.carry(watched.node(C), to=other)
    ours, theirs = watched.hub.checkpoint(), other.checkpoint()
    assert signed_by_the_log(ours).size == signed_by_the_log(theirs).size
    assert signed_by_the_log(ours).root != signed_by_the_log(theirs).root
    assert watched.node(A).look(watched.hub, ours) is not None
    line = watched.node(B).look(other, theirs)
    assert line is not None, "B has seen one history only: one voice of three"
    assert watched.node(A).look(watched.hub, theirs + line.encode()) is None
    assert watched.node(A).alarms() == [Name.SPLIT_VIEW]
    two_histories(watched.node(A).evidence())

    watched.node(B).say("n2")  # what B says next carries the root that it has seen into the other history
    watched.carry(watched.node(B))
    index = watched.hub.index_of(B, 3)
    seen = parse_statement(jws.take_apart(watched.node(B).token(3), jws.EVENT).payload).seen
    assert seen is not None
    assert SplitViews(watched.hub.engine, tmp_path).compare(seen, index) is False
    assert (tmp_path / "evidence" / f"split-view-{index}.json").exists()
    watched.hub.checkpoint()
    assert watched.hub.audited(tmp_path / "audit")["split-view"] == [index]


def test_hub_back_dates_a_statement_by_its_place(watched: Watched, tmp_path: Path) -> None:
    watched.step("n2")
    kept = watched.hub.checkpoint()
    index = watched.says(A, "n3")
    seen = parse_statement(jws.take_apart(watched.node(A).token(4), jws.EVENT).payload).seen
    assert seen == f"{index}:{seen.partition(':')[2] if seen else ''}", "A had seen all before it"
    watched.hub.change(moved(index, 9))
    assert watched.hub.index_of(A, 4) == 9 < index
    note = watched.hub.checkpoint()
    for node in watched.nodes:
        assert node.look(watched.hub, note) is None
        assert Name.SPLIT_VIEW in node.alarms()
    found = watched.hub.audited(tmp_path / "audit", since=kept)
    assert 9 in found["malformed"], "it has seen what by its place comes after it"
    assert "inconsistent" in found


def test_hub_shows_and_states_a_view_that_the_log_does_not_have(watched: Watched, tmp_path: Path) -> None:
    address = f"need/{B}/n1"
    honest = watched.hub.writer.state_view().outcome.entries[0]
    with watched.hub.engine.begin() as connection:
        lines = tables.view_lines
        assert connection.execute(delete(lines).where(lines.c.address == address)).rowcount == 1
    watched.hub.writer.reload()
    stated = watched.hub.writer.state_view().outcome.entries[0]
    watched.hub.checkpoint()
    assert watched.hub.audited(tmp_path / "audit")["view-wrong"] == [stated.index]
    assert (honest.body or b"") != (stated.body or b"")
