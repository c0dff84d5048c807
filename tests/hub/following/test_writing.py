"""A regional hub's database is the first one's, whatever was said; killed on the way, it goes on from the last step."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Table, select

from hub import tables
from hub.following import source
from hub.following.choice import Choice
from hub.following.tables import awaited
from hub.rebuild import rebuild
from hub.view_digest import Digests, snapshot
from tests.hub.batches import commit, rows, view_of_all
from tests.hub.following.regional import Regional, logged_by, shown_by
from tests.hub.published import Published, example
from tests.signed_network import key_of, message_of, need, statement_of
from wire.actions import KeyRevoked, Reinstated, Suspended
from wire.database import reading
from wire.encoding import from_b64url
from wire.log_source import DirectoryLog

SAME = (
    tables.log, tables.subjects, tables.tiles, tables.exclusions, tables.erasures, tables.confirmations,
    tables.records, tables.record_places, tables.record_themes, tables.coverage,
)  # fmt: skip


def say_much(network: Published) -> None:
    """Everything that a log can hold, and the hub's own statements that follow from it."""
    ours, theirs = network.admit("ke-nctc"), network.admit("xb-office")
    network.publish("contact", org="xa-centre", marking="TLP:GREEN")
    for kind in ("need", "activity", "offer", "assessment"):
        network.publish(kind, org="xa-centre", id=f"{kind}-1")
    old = [ours.say(id="a"), ours.say(id="b"), ours.say(id="c")]
    commit(network.writer, *old, ours.say(need(weight=1), id="bad"), ours.say(need("Second"), id="a", action="revised"))
    commit(network.writer, ours.say(need(weight=1), id="b", action="revised"), ours.say(id="c", action="withdrawn"))
    commit(network.writer, ours.tell("xb-office", id="secret"), message_of(ours.say(id="lost"))._replace(body=None))
    network.writer.state_view()
    order = ours.order("need/ke-nctc/a", [old[0].hash])
    logged = commit(network.writer, order, ours.rotate(), ours.say(id="d")).outcome.erasures[0]
    commit(network.writer, theirs.erased(logged.hash, logged.index), ours.order("need/ke-nctc/none", [old[0].hash]))
    network.register(Suspended(organization="xb-office", reason="For a test.", **network.roots.place()))
    network.register(Reinstated(organization="xb-office", reason="It ended.", **network.roots.place()))
    key = network.writer.state.registry.members["xa-centre"].keys[-1].key.thumbprint
    last = {"last_good_sequence": 3, "reason": "Stolen."}
    network.register(KeyRevoked(organization="xa-centre", key=key, **last, **network.roots.place()))
    twin = theirs.twin()
    commit(network.writer, theirs.say(id="one"), twin.say(id="two"))
    theirs.rotate(key_of("xb-office next"))
    network.writer.state_view()


def everything_of(engine: Engine) -> dict[str, Any]:
    """What a regional hub has like the first: all but clocks, what never leaves the first, and who is heard."""
    chains = ("org", "organization", "sequence", "head", "forked", "last_index")
    with engine.connect() as connection:
        names = connection.execute(select(*(tables.organizations.c[name] for name in chains))).all()
        gone = connection.execute(select(tables.erased.c.index, tables.erased.c.hash, tables.erased.c.ordered_at)).all()
    with snapshot(reading(engine)) as connection:
        state = Digests().state(connection)
    found: dict[str, Any] = {table.name: rows(engine, table) for table in SAME}
    return found | {"names": sorted(names), "erased": sorted(gone), "view": (state.size, state.rows, state.state)}


def bodies_of(engine: Engine, table: Table = tables.bodies) -> set[int]:
    with engine.connect() as connection:
        return set(connection.scalars(select(table.c.index)))


def test_every_table_is_the_first_one_s_also_when_it_is_taken_in_steps(
    first: Published, any_engine: Engine, tmp_path: Path
) -> None:
    first.publish("need", org="xa-centre", id="early")
    regional = Regional(tmp_path / "regional", shown_by(first, tmp_path / "log"), any_engine)
    assert (regional.once().word, regional.size()) == ("following", first.writer.state.size)
    say_much(first)
    assert regional.once(shown_by(first, tmp_path / "log")).word == "following", regional.hub.state.reason
    assert everything_of(any_engine) == everything_of(first.engine)
    left_out = bodies_of(first.engine, tables.exclusions)
    with first.engine.connect() as connection:
        amber = set(connection.scalars(select(tables.log.c.index).where(tables.log.c.marking == "TLP:AMBER")))
        control = set(connection.scalars(select(tables.log.c.index).where(tables.log.c.kind == "control")))
    assert bodies_of(any_engine) == bodies_of(first.engine) - amber - (left_out - control)
    before = view_of_all(any_engine)
    rebuild(any_engine)
    assert view_of_all(any_engine) == before


@pytest.mark.parametrize("piece", [1, 1024])
def test_wherever_the_pieces_end_it_is_the_same_and_bodies_that_were_left_out_need_not_be_there(
    first: Published, regional: Regional, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    """In pieces of one entry, each exclusion is stated after its entry was folded."""
    monkeypatch.setattr(source, "PIECE", piece)
    say_much(first)
    log = logged_by(first)
    log.sign()
    for index in bodies_of(first.engine, tables.exclusions):
        log.bodies.pop(from_b64url(statement_of(log.entries[index])["datahash"]), None)
    assert regional.once(DirectoryLog(log.write(tmp_path / "log"))).word == "following", regional.hub.state.reason
    assert everything_of(regional.engine) == everything_of(first.engine)
    assert bodies_of(regional.engine, awaited) == set()
    assert regional.again().word == "following"


@pytest.mark.parametrize(
    "choice", [Choice(organizations=("xa-centre",)), Choice(kinds=("contact",)), Choice(places=("KEN",))]
)
def test_with_a_choice_of_bodies_the_view_s_digest_is_the_first_one_s_still(
    first: Published, regional: Regional, tmp_path: Path, choice: Choice
) -> None:
    say_much(first)
    regional.choice, engine = choice, regional.engine
    assert regional.again(shown_by(first, tmp_path / "log")).word == "following", regional.hub.state.reason
    ours, theirs = everything_of(engine), everything_of(first.engine)
    assert [ours[name] for name in ("view", "log", "exclusions", "names")] == [
        theirs[name] for name in ("view", "log", "exclusions", "names")
    ]
    with engine.connect() as connection:
        shown = connection.execute(select(tables.records.c.kind, tables.organizations.c.organization).join(
            tables.organizations, tables.organizations.c.org == tables.records.c.org
        ).where(*tables.shown(), tables.records.c.marking != "TLP:AMBER")).all()  # fmt: skip
        elsewhere = connection.execute(select(tables.records).where(tables.records.c.held.is_(False))).all()
    assert shown
    assert elsewhere
    assert all(choice.asks_for(*each) for each in shown)
    assert {row.title for row in elsewhere} == {""}
    before = view_of_all(engine)
    rebuild(engine)
    assert view_of_all(engine) == before


def test_a_body_that_comes_late_is_folded_in_and_found(first: Published, regional: Regional, tmp_path: Path) -> None:
    first.publish("need", {**example("need"), "title": {"en": "Zeppelin"}}, id="n1")
    log = logged_by(first)
    log.sign()
    missing = {datahash: body for datahash, body in log.bodies.items() if b"Zeppelin" in body}
    for datahash in missing:
        del log.bodies[datahash]
    state = regional.once(DirectoryLog(log.write(tmp_path / "log")))
    assert (state.word, state.awaited) == ("following", 1)
    assert "1 bodies" in state.reason
    log.bodies |= missing
    state = regional.again(DirectoryLog(log.write(tmp_path / "log")))
    assert (state.word, state.awaited) == ("following", 0)
    assert everything_of(regional.engine) == everything_of(first.engine)
    assert bodies_of(regional.engine, awaited) == set()


def test_an_order_to_erase_destroys_what_is_held_here_and_in_the_files(
    first: Published, regional: Regional, tmp_path: Path
) -> None:
    ours = first.admit("ke-nctc")
    said = ours.say(need("Zauberlehrling"), id="n1")
    first.deliver(said)
    regional.once(shown_by(first, tmp_path / "log"))
    first.deliver(ours.order("need/ke-nctc/n1", [said.hash]))
    assert regional.once(shown_by(first, tmp_path / "log")).word == "following"
    assert everything_of(regional.engine) == everything_of(first.engine)
    regional.engine.dispose()
    files = [path for path in tmp_path.glob("regional*") if path.is_file()]
    assert [path.name for path in files if b"Zauberlehrling" in path.read_bytes()] == []
    assert (tmp_path / "regional" / "erased").exists()


def test_a_step_that_was_not_finished_leaves_nothing_behind(
    first: Published, regional: Regional, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill: what was written of the step was never committed."""
    monkeypatch.setattr(source, "PIECE", 4)
    say_much(first)
    log = logged_by(first)
    log.sign()
    last = log.registry[-1]
    whole = DirectoryLog(log.write(tmp_path / "log"))
    path = tmp_path / "log" / "bodies" / statement_of(log.entries[last])["datahash"]
    kept = path.read_bytes()
    path.unlink()
    state = regional.once(whole)
    assert (state.word, regional.size()) == ("behind", 0)
    assert f"the body of entry {last}, a decision of the roots, is not there" in state.reason
    path.write_bytes(kept)
    assert regional.once().word == "following"
    assert everything_of(regional.engine) == everything_of(first.engine)
