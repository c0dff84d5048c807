"""A regional hub when the log was lost: it takes none in its place, and a new directory takes the next one whole."""

import hashlib
from copy import deepcopy
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from hub import tables
from hub.following import rounds, source
from hub.lost_log import LostLog, lost_log
from hub.rebuild import rebuild
from hub.writer import Writer
from tests.hub.batches import commit, view_of_all
from tests.hub.following.regional import Regional, opened
from tests.hub.following.test_rounds import shown
from tests.hub.following.test_writing import everything_of
from tests.hub.test_next_log import begun, said
from tests.signed_network import TRUST, key_of
from tests.wire.audited_log import AuditedLog
from tests.wire.lost_logs import NEXT, NEXT_KEY, A, B, C, D, eventful_log, knows, next_log, replacing
from wire.log_source import DirectoryLog


@pytest.fixture(scope="module")
def lost() -> AuditedLog:
    log = eventful_log()
    log.order_erasure(A, log.say(A, id="gone"))
    log.sign()
    return log


@pytest.fixture(scope="module")
def told(lost: AuditedLog) -> LostLog:
    return lost_log(TRUST, [knows(lost, A)], None)


class Next:
    """The hub at the beginning of the next log, and the log that it shows."""

    def __init__(self, engine: Engine, lost: AuditedLog, told: LostLog) -> None:
        self.engine = engine
        self.writer: Writer = begun(engine, told)
        self.lost = deepcopy(lost)  # its chains go on
        self.shown = AuditedLog(origin=NEXT.name, log_key=NEXT_KEY, witnesses=[A, B, C], witness_keys={B: "other-b"})

    def say(self, organization: str, name: str) -> None:
        """Have an organization say something new, with what it has seen last."""
        self.lost.say(organization, id=name)
        commit(self.writer, said(self.lost, organization)[-1])

    def show(self, place: Path) -> DirectoryLog:
        """Show what is there under a checkpoint that its witnesses have cosigned."""
        query = select(tables.log.c.token, tables.bodies.c.body).outerjoin(
            tables.bodies, tables.bodies.c.index == tables.log.c.index
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(tables.log.c.index)).all()
        self.shown.entries = [bytes(row.token) for row in rows]
        bodies = [bytes(row.body) for row in rows if row.body is not None]
        self.shown.bodies = {hashlib.sha256(body).digest(): body for body in bodies}
        self.shown.sign()
        return shown(self.shown, place)


@pytest.mark.parametrize("piece", [1, 1024])
def test_a_new_directory_takes_a_next_log_and_has_what_its_hub_has(
    lost: AuditedLog, told: LostLog, any_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(source, "PIECE", piece)
    monkeypatch.setattr(rounds, "STEP", 8)
    first = opened(tmp_path / "first.sqlite")
    hub = Next(first, lost, told)
    hub.show(tmp_path / "log")
    for organization in (C, B, D, A):
        commit(hub.writer, *said(lost, organization))
        hub.show(tmp_path / "log")
    hub.say(A, "of-the-lost-one")  # what it has seen is the lost log still
    hub.writer.state_view()
    regional = Regional(tmp_path / "regional", hub.show(tmp_path / "log"), any_engine)
    assert regional.once().word == "following", regional.hub.state.reason
    assert everything_of(any_engine) == everything_of(first)
    with any_engine.connect() as connection:
        disputed = select(tables.records.c.id).where(tables.records.c.disputed.is_(True))
        assert connection.scalars(disputed).all() == ["stolen"]
    hub.lost.seen = dict(hub.shown.seen)
    hub.say(A, "of-the-next-one")
    hub.say(A, "of-the-next-one-again")
    hub.writer.state_view()
    assert regional.again(hub.show(tmp_path / "log")).word == "following", regional.hub.state.reason
    assert everything_of(any_engine) == everything_of(first)
    assert regional.hub.writer.state.registry == hub.writer.state.registry
    before = view_of_all(any_engine)
    rebuild(any_engine)
    assert view_of_all(any_engine) == before
    first.dispose()


def test_a_directory_of_the_lost_log_refuses_the_next_one_and_says_what_to_do(
    lost: AuditedLog, regional: Regional, tmp_path: Path
) -> None:
    regional.once(shown(lost, tmp_path / "log"))
    size = regional.size()
    new = next_log(lost, replacing(lost))
    new.sign()
    evidence = regional.refused(shown(new, tmp_path / "log"))
    assert evidence["refused"] == "another-log"
    assert evidence["found"] == f"a checkpoint of {NEXT.name}"
    assert "liaison-hub follow NEW-DIR HUB --trust trust.json" in regional.hub.state.reason
    assert evidence["evidence"]["before"] == lost.notes[max(lost.notes)].decode()
    assert regional.again().word == "refused"
    assert regional.size() == size == lost.size


@pytest.mark.parametrize("lie", ["roots that are none", "a registry cut short", "another end", "nothing behind it"])
def test_a_next_log_that_the_roots_did_not_decide_is_refused(
    lost: AuditedLog, regional: Regional, tmp_path: Path, lie: str
) -> None:
    action = replacing(lost)
    if lie == "another end":
        ends = action.ends | {A: action.ends[A].model_copy(update={"hash": action.ends[B].hash})}
        action = action.model_copy(update={"ends": ends})
    roots = [key_of("thief")] if lie == "roots that are none" else None
    new = next_log(lost, action, roots, leave_out=1 if lie == "a registry cut short" else 0)
    if lie == "nothing behind it":
        new.entries = new.entries[:1]
    new.sign()
    evidence = regional.refused(shown(new, tmp_path / "log"))
    assert evidence["refused"] == ("forked" if lie == "another end" else "registry-refused")
    assert regional.size() == 0
