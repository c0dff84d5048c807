"""However events come, often, late or in whatever batches: the chains and the view are those of a quiet day."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from hub import tables
from hub.rebuild import VIEW, rebuild
from hub.schema import MIGRATIONS
from tests.hub.batches import chain_of, commit, logged, restarted, rows, view_of_all
from tests.hub.published import Published
from tests.migrated import migrated_engine
from tests.signed_network import Organization, key_of, need
from wire.database import open_database, sqlite_url
from wire.seal import Sealed

ORGANIZATIONS = ("ke-nctc", "fr-office", "xa-centre")
STEPS = ("published", "revised", "confirmed", "withdrawn", "bad", "red", "control")
PLAN = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(STEPS), st.integers(0, 2)), min_size=1, max_size=14)


@pytest.fixture(scope="module")
def admitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the three organizations have just been admitted."""
    path = tmp_path_factory.mktemp("admitted") / "hub.db"
    engine = migrated_engine(path, MIGRATIONS)
    network = Published(engine)
    for name in ORGANIZATIONS:
        network.admit(name)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


def copied(path: Path, folder: Path) -> Engine:
    return open_database(sqlite_url(Path(shutil.copy(path, folder / "hub.db"))))


def spoken(engine: Engine, plan: list[tuple[int, str, int]]) -> list[Sealed]:
    """Events of three organizations after a plan: who, what, about which record."""
    members = restarted(engine).state.registry.members
    authors = [Organization(name, members[name].admitted_by, key_of(name)) for name in ORGANIZATIONS]
    return [_said(authors[who], number, what, f"n{which}") for number, (who, what, which) in enumerate(plan)]


def _said(author: Organization, number: int, what: str, record: str) -> Sealed:
    if what == "control":
        return author.rotate()
    if what == "bad":
        return author.say(need(f"Bad {number}", weight=1), id=record, action="revised")
    if what == "red":
        return author.say(need(f"Red {number}"), id=record, marking="TLP:RED")
    return author.say(need(f"Title {number}"), id=record, action=what)


def shown(engine: Engine) -> dict[str, Any]:
    """What the view says, without log indices, which depend on the order of arrival."""
    names, records = tables.organizations, tables.records
    query = select(
        names.c.organization, records.c.kind, records.c.id, records.c.withdrawn, records.c.title, records.c.marking,
        records.c.excluded_index.is_(None), records.c.review_due,
    ).join(names, names.c.org == records.c.org)  # fmt: skip
    with engine.begin() as connection:
        found = sorted(tuple(row) for row in connection.execute(query))
    return {"records": found, "counts": [len(rows(engine, table)) for table in VIEW]}


@settings(max_examples=25)
@given(plan=PLAN, data=st.data())
def test_any_order_duplication_and_partition_into_batches_ends_in_the_same_chains_and_view(
    plan: list[tuple[int, str, int]], data: st.DataObject, admitted: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plain, shaken = (copied(admitted, tmp_path_factory.mktemp("hub")) for _ in range(2))
    events = spoken(plain, plan)
    commit(restarted(plain), *events)
    arriving = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=6))))
    writer = restarted(shaken)
    while arriving:
        size = data.draw(st.integers(1, len(arriving)))
        commit(writer, *arriving[:size])
        arriving = arriving[size:]
    for name in ORGANIZATIONS:
        assert chain_of(shaken, name) == chain_of(plain, name)
    assert sum(len(chain_of(shaken, name)) for name in ORGANIZATIONS) == len(events)
    assert shown(shaken) == shown(plain)
    assert [index for index, _, _ in logged(shaken)] == list(range(writer.state.size))
    assert restarted(shaken).state == writer.state
    for engine in (plain, shaken):
        before = view_of_all(engine)
        rebuild(engine)
        assert view_of_all(engine) == before
        engine.dispose()
