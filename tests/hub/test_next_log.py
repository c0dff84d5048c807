"""A next log in the hub's database: begun as a whole or not at all, and what the organizations had said comes back."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import Engine, select

from hub import tables
from hub.author import Author
from hub.log_state import LogState
from hub.lost_log import LostLog, lost_log
from hub.next_log import number_of, rehearse, replacement
from hub.rebuild import rebuild
from hub.writer import Writer
from tests.hub.batches import commit, everything, restarted, view_of_all
from tests.hub.published import Published
from tests.signed_network import HUB_KEY, ROOT, TRUST, key_of, statement_of
from tests.wire.audited_log import AuditedLog
from tests.wire.lost_logs import NEXT, NEXT_KEY, A, B, C, D, eventful_log, knows
from wire.actions import BadAction, LogReplaced, Reinstated, parse_action, sign_action
from wire.encoding import b64url, from_b64url
from wire.examine import Message
from wire.registry import HUB, REGISTRY, Standing
from wire.seal import Sealed


class Dying(Author):
    """An author in whose place the process ends, where the view would be stated: after all else is written."""

    def state(self, log: LogState, event_type: str, name: str, members: dict[str, Any]) -> Sealed:
        """End."""
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def log() -> AuditedLog:
    return eventful_log()


@pytest.fixture(scope="module")
def lost(log: AuditedLog) -> LostLog:
    return lost_log(TRUST, [knows(log, A)], None)


def decision(lost: LostLog) -> tuple[LogReplaced, bytes]:
    """What the roots decide."""
    action = replacement(TRUST.network, lost, NEXT_KEY.public, "The disk failed.")
    return action, sign_action(action, [ROOT])


def begun(engine: Engine, lost: LostLog) -> Writer:
    """A hub at the beginning of the next log."""
    writer = Writer(engine, TRUST, Author(HUB_KEY))
    writer.begin_next(decision(lost)[1], lost.statements)
    return writer


def said(log: AuditedLog, organization: str) -> list[Message]:
    """What an organization offers again."""
    found = []
    for entry in log.entries:
        statement = statement_of(entry)
        if statement["source"].endswith(f"/{organization}"):
            body = log.bodies[from_b64url(statement["datahash"])]
            found.append(Message(organization, statement["subject"].partition("/")[0], entry, body))
    return found


def test_everything_that_was_said_comes_back_in_any_order_and_stays_so(
    any_engine: Engine, log: AuditedLog, lost: LostLog
) -> None:
    writer = begun(any_engine, lost)
    for organization in (C, B, D, A):
        commit(writer, *said(log, organization))
    with any_engine.connect() as connection:
        assert connection.scalars(select(tables.quarantine.c.reason)).all() == []
        disputed = select(tables.records.c.id).where(tables.records.c.disputed.is_(True))
        assert connection.scalars(disputed).all() == ["stolen"]
    for organization in (A, B, C, D):
        speaker = writer.state.speakers[organization]
        assert (speaker.sequence, speaker.head) == log.heads[organization]
    before = view_of_all(any_engine)
    again = restarted(any_engine)
    assert (again.state.registry.log, again.state.size) == (NEXT, writer.state.size)
    assert again.state.registry == writer.state.registry
    rebuild(any_engine)
    assert view_of_all(any_engine) == before


def test_the_registry_stands_as_it_did_and_goes_on(sqlite_engine: Engine, log: AuditedLog, lost: LostLog) -> None:
    writer = begun(sqlite_engine, lost)
    registry = writer.state.registry
    assert (registry.members[C].standing, registry.members[D].standing) == (Standing.SUSPENDED, Standing.RETIRED)
    assert registry.members[B].key_at(writer.state.size) == key_of("other-b").public
    assert set(registry.witnesses(TRUST.network).keys) == {A, B, C}
    action, _ = decision(lost)
    place = writer.state.next_place(REGISTRY)
    assert place.sequence == int(action.sequence) + 1
    assert writer.state.next_place(HUB).sequence == log.heads[HUB][0] + 2
    members = {"network": TRUST.network, "sequence": f"{place.sequence:012d}"}
    reinstated = Reinstated(**members, previous=b64url(place.previous), organization=C, reason="It is over.")
    writer.register(sign_action(reinstated, [ROOT]))
    assert restarted(sqlite_engine).state.registry.members[C].standing is Standing.ACTIVE


def test_killed_at_the_last_step_nothing_is_begun_and_it_can_be_done_again(any_engine: Engine, lost: LostLog) -> None:
    empty = everything(any_engine)
    dying = Writer(any_engine, TRUST, Dying(HUB_KEY))
    with pytest.raises(KeyboardInterrupt):
        dying.begin_next(decision(lost)[1], lost.statements)
    assert everything(any_engine) == empty
    assert dying.state.size == 0
    writer = begun(any_engine, lost)
    assert writer.state.size == len(lost.statements) + 2
    with pytest.raises(BadAction, match=rf"a log of {writer.state.size} entries"):
        writer.begin_next(decision(lost)[1], lost.statements)


def test_a_decision_that_was_not_made_for_this_is_refused_before_anything_is_written(lost: LostLog) -> None:
    action, body = decision(lost)
    rehearse(TRUST, action, body, lost.statements)
    with pytest.raises(BadAction, match="0 of the network's roots signed it"):
        rehearse(TRUST, action, sign_action(action, [key_of("thief")]), lost.statements)
    with pytest.raises(BadAction, match="another place"):
        rehearse(TRUST, action, body, lost.statements[:-1])


def test_a_log_that_is_not_lost_is_not_replaced(small_network: Published, lost: LostLog) -> None:
    action = decision(lost)[0].model_copy(update={**small_network.roots.place(), "ends": {}})
    with pytest.raises(BadAction, match="begins another log, and this one is not lost"):
        small_network.register(action)


def test_a_second_loss_is_followed_by_a_third_log(sqlite_engine: Engine, log: AuditedLog, lost: LostLog) -> None:
    writer = begun(sqlite_engine, lost)
    for organization in (A, B):
        commit(writer, *said(log, organization))
    with sqlite_engine.connect() as connection:
        rows = connection.execute(
            select(tables.log.c.token, tables.bodies.c.body)
            .outerjoin(tables.bodies, tables.bodies.c.index == tables.log.c.index)
            .order_by(tables.log.c.index)
        ).all()
    second = AuditedLog(origin=NEXT.name, entries=[bytes(row.token) for row in rows], log_key=NEXT_KEY)
    second.bodies = {hashlib.sha256(bytes(row.body)).digest(): bytes(row.body) for row in rows}
    second.witnesses, second.witness_keys = [A, B, C], {B: "other-b"}
    second.heads = {name: (each.sequence, each.head) for name, each in writer.state.speakers.items()}
    second.sign()
    again = lost_log(TRUST, [knows(second, A)], None)
    assert (number_of(again), again.log) == (3, NEXT)
    assert again.covered == again.statements[-1].sequence
    action = replacement(TRUST.network, again, key_of("log 3").public, "Again.")
    assert action.origin == "exercise.example/log/3"
    rehearse(TRUST, action, sign_action(action, [ROOT]), again.statements)
    assert parse_action(again.statements[-1].body).action == "log.replaced"
