"""A hub that has lost its log for good, and the network that goes on: nothing that was delivered is lost with it."""

from pathlib import Path

from tests.flow.linked import ORGANIZATIONS
from tests.flow.next_logs import replaced
from tests.flow.watched import Watched
from tests.signed_network import TRUST
from wire.evidence_checks import verify_evidence

A, B, C = ORGANIZATIONS


def offered_again(watched: Watched) -> None:
    """Each node is shown the next log and offers what it has said, as after a receipt of that hub."""
    note = watched.hub.checkpoint()
    for node in watched.nodes:
        node.look(watched.hub, note)
        node.end.enter(watched.hub.receipt(node.end.organization), answer=True)
    watched.carry()


def test_the_network_goes_on_after_the_loss_of_its_log_and_nothing_delivered_is_lost(
    watched: Watched, tmp_path: Path
) -> None:
    watched.step("n2")
    before = {row[0]: row for row in watched.hub.view()["records"]}
    old = watched.hub.evidence(A, 3)
    lost = replaced(watched, tmp_path)
    offered_again(watched)
    assert [node.alarms() for node in watched.nodes] == [[], [], []]
    assert watched.witnessed() == 3
    watched.step("n3")
    assert [node.alarms() for node in watched.nodes] == [[], [], []]
    assert [node.delivered() for node in watched.nodes] == [4, 4, 4]
    assert len(watched.hub.view()["records"]) == len(before) + 3
    assert watched.hub.audited(tmp_path / "audit") == {}
    assert verify_evidence(watched.hub.evidence(A, 3), TRUST).failed == []
    assert verify_evidence(watched.hub.evidence(A, 4), TRUST).failed == []
    assert verify_evidence(watched.hub.evidence("registry", lost.statements[-1].sequence + 1), TRUST).failed == []
    assert verify_evidence(old, TRUST).failed == []
