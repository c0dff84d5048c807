"""The log read back: a damaged one stops the hub, and a whole one verifies from itself and trust.json alone."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, func, select, update

from hub import tables
from hub.history import read_log
from hub.log_checks import LogDamaged
from tests.hub.batches import commit, restarted
from tests.hub.published import Published
from tests.signed_network import NETWORK, ROOT, TRUST, Organization, key_of, need, signed_anew
from wire.action_fold import fold_action
from wire.actions import Admitted, Suspended, sign_action
from wire.examine import Message, examine
from wire.registry import REGISTRY, Registry
from wire.rotation import apply_rotation
from wire.verdict import Accepted, Chain, judge

log, bodies, organizations = tables.log, tables.bodies, tables.organizations


@pytest.fixture
def filled(network: Published) -> Published:
    """Two organizations, an exclusion, a fork, a rotation that counts, one that does not, and a suspension."""
    ours, theirs = network.admit("ke-nctc"), network.admit("fr-office")
    copy = theirs.twin()
    commit(network.writer, ours.say(), theirs.say(), ours.say(need(weight=1), action="revised"))
    commit(network.writer, copy.say(need("Another")))
    commit(network.writer, ours.rotate(), ours.say(need("Under the new key"), id="n2"))
    commit(network.writer, ours.twin().rotate(key_of("thief")))
    network.register(Suspended(organization="ke-nctc", reason="A leak.", **network.roots.place()))  # type: ignore[arg-type]
    return network


def last_index(connection: Connection) -> int:
    return int(connection.scalar(select(func.max(log.c.index))) or 0)


def index_of(connection: Connection, organization: str, sequence: int) -> int:
    org = select(organizations.c.org).where(organizations.c.organization == organization).scalar_subquery()
    query = select(log.c.index).where(log.c.org == org, log.c.sequence == sequence)
    return int(connection.execute(query).scalar_one())


def cut_last(connection: Connection) -> None:
    connection.execute(delete(log).where(log.c.index == last_index(connection)))


def cut_all(connection: Connection) -> None:
    connection.execute(delete(log))


def swap_token(connection: Connection) -> None:
    other = connection.scalar(select(log.c.token).where(log.c.index == 0))
    connection.execute(update(log).where(log.c.index == last_index(connection)).values(token=other))


def break_token(connection: Connection) -> None:
    connection.execute(update(log).where(log.c.index == last_index(connection)).values(token=b"gone"))


def swap_hash(connection: Connection) -> None:
    connection.execute(update(log).where(log.c.index == last_index(connection)).values(hash=bytes(32)))


def drop_chain_end(connection: Connection) -> None:
    connection.execute(delete(log).where(log.c.index == index_of(connection, "ke-nctc", 5)))


def turn_chain_back(connection: Connection) -> None:
    connection.execute(update(organizations).where(organizations.c.organization == "ke-nctc").values(sequence=1))


def drop_admission(connection: Connection) -> None:
    connection.execute(delete(bodies).where(bodies.c.index == index_of(connection, REGISTRY, 2)))


def forge_admission(connection: Connection) -> None:
    body = connection.scalar(select(bodies.c.body).where(bodies.c.index == index_of(connection, REGISTRY, 3)))
    connection.execute(update(bodies).where(bodies.c.index == index_of(connection, REGISTRY, 2)).values(body=body))


def suspend_without_roots(connection: Connection) -> None:
    forged = Suspended(
        organization="fr-office", reason="None.", network=NETWORK, sequence=f"{4:012d}", previous="A" * 43
    )
    body = sign_action(forged, [key_of("not a root")])
    connection.execute(update(bodies).where(bodies.c.index == index_of(connection, REGISTRY, 4)).values(body=body))


def rotation(connection: Connection) -> int:
    return index_of(connection, "ke-nctc", 3)


def drop_rotation(connection: Connection) -> None:
    connection.execute(delete(bodies).where(bodies.c.index == rotation(connection)))


def forge_rotation(connection: Connection) -> None:
    mine = signed_anew(Organization("ke-nctc", bytes(32), key_of("thief")).rotate(), key_of("thief"))
    connection.execute(update(log).where(log.c.index == rotation(connection)).values(token=mine.token))


def let_the_thief_rotate(connection: Connection) -> None:
    connection.execute(delete(tables.exclusions).where(tables.exclusions.c.index == index_of(connection, "ke-nctc", 5)))


DAMAGES = [
    cut_last, cut_all, swap_token, break_token, swap_hash, drop_chain_end, turn_chain_back, drop_admission,
    forge_admission, suspend_without_roots, drop_rotation, forge_rotation, let_the_thief_rotate,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_hub_whose_log_was_damaged_does_not_start(filled: Published, damage: Callable[[Connection], None]) -> None:
    restarted(filled.engine)
    with filled.engine.begin() as connection:
        damage(connection)
    with pytest.raises(LogDamaged, match="restore a backup"):
        restarted(filled.engine)


def test_log_and_all_chains_verify_from_the_log_alone(filled: Published) -> None:
    """An auditor needs trust.json and the entries: the hub's own chain and the registry's are judged like any other."""
    with filled.engine.begin() as connection:
        entries = read_log(connection)
    registry, chains = Registry.begin(TRUST), {REGISTRY: Chain(0, TRUST.digest)}
    assert [entry.index for entry in entries] == list(range(len(entries)))
    spoken = set()
    for entry in entries:
        event = examine(
            Message(entry.organization, entry.kind, entry.token, entry.body), NETWORK, registry.keys
        )  # fmt: skip
        said = event.said
        assert event.refusal is None
        assert said is not None
        spoken.add(entry.organization)
        assert (said.sequence, event.hash) == (entry.sequence, entry.hash)
        if entry.organization == REGISTRY:
            place = chains[REGISTRY]
            assert said.previous == place.head
            action = fold_action(
                entry.body or b"", registry, index=entry.index, sequence=place.sequence + 1, previous=place.head,
                statement=entry.hash,
            )  # fmt: skip
            if isinstance(action, Admitted):
                chains[action.organization] = Chain(0, entry.hash)
            hub_key = registry.members["hub"].keys[0].key
            again = examine(
                Message(REGISTRY, entry.kind, entry.token, entry.body), NETWORK, {hub_key.thumbprint: hub_key}
            )
            assert again.signature is True
        else:
            verdict = judge(event, chains[entry.organization], registry, entry.index, None)
            assert isinstance(verdict, Accepted), verdict
            if verdict.rotation is not None:
                apply_rotation(verdict.rotation, registry, index=entry.index)
        chains[entry.organization] = Chain(said.sequence, entry.hash)
    assert spoken == {"registry", "hub", "ke-nctc", "fr-office"}
    assert registry == filled.writer.state.registry


def test_every_entry_names_the_one_before_it_on_its_subject(filled: Published) -> None:
    last: dict[tuple[str, str, str], int] = {}
    with filled.engine.begin() as connection:
        entries = read_log(connection)
    for entry in entries:
        subject = (entry.organization, entry.kind, entry.marking)
        assert entry.lastindex == last.get(subject, -1)
        last[subject] = entry.index


def test_the_log_is_read_in_parts_from_any_place(filled: Published) -> None:
    with filled.engine.begin() as connection:
        entries = read_log(connection)
        assert read_log(connection, 2, limit=3) == entries[2:5]
        assert read_log(connection, len(entries)) == []


def test_the_roots_need_not_be_there_to_read_the_log(filled: Published) -> None:
    assert ROOT.public.raw not in filled.writer.packed_keys
