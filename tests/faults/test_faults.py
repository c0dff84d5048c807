"""However often node, hub and bus are killed while real data load: the same view, nothing lost, nothing double."""

import os
from collections.abc import Iterator

import pytest

from deploy.demo.network import Network
from tests.faults.killing import BUS, HUB, KILLS, Kill, Killer
from tests.faults.outcome import Outcome, outcome, sealed, wait_delivered
from tests.faults.prepared import ALL, SOME, Prepared, prepare
from tests.shared_files import needs_shared

pytestmark = needs_shared
SEEDS = int(os.environ.get("LIAISON_FAULT_SEEDS", "0"))  # 0: part of the data, once, as in `make test`


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("faults") / "prepared", ALL if SEEDS else SOME)


@pytest.fixture(scope="module")
def undisturbed(prepared: Prepared) -> Iterator[Outcome]:
    with prepared.copy("undisturbed") as network:
        network.start()
        wait_delivered(network)
        found = outcome(network, prepared.token)
        network.stop()
        yield found


@pytest.mark.parametrize("seed", range(1, max(SEEDS, 1) + 1))
def test_ten_kills_while_data_load_lead_to_the_same_view_as_none(
    prepared: Prepared, undisturbed: Outcome, seed: int
) -> None:
    with prepared.copy(f"seed-{seed}") as network:
        kills = Killer(network, seed, prepared.sealed).run()
        print(*kills, sep="\n")  # noqa: T201 - shown when it fails
        wait_delivered(network)
        for service in network.services:
            service.wait_ready()
        disturbed = outcome(network, prepared.token)
        _assert_all_hit_unfinished_work(kills, undisturbed)
        _assert_same(disturbed, undisturbed)
        _assert_nothing_lost_or_double(disturbed, network)
        network.stop()  # and all of them stop as they should


def _assert_all_hit_unfinished_work(kills: list[Kill], undisturbed: Outcome) -> None:
    assert len(kills) == len(KILLS)
    assert all(kill.ended_by == 9 for kill in kills), kills
    assert {BUS, HUB} < {kill.target for kill in kills}
    assert all(kill.waiting > 0 for kill in kills), kills
    sizes = [kill.logged for kill in kills]
    assert sizes == sorted(sizes)
    midst = [size for size in sizes if sizes[0] < size < undisturbed.log_size]
    assert len(midst) >= 3, f"the kills did not fall into the midst of the work: {kills}"


def _assert_same(disturbed: Outcome, undisturbed: Outcome) -> None:
    assert disturbed.records.keys() == undisturbed.records.keys()
    for address, record in undisturbed.records.items():
        assert disturbed.records[address] == record
    # What the hub itself says, such as the state of the view, bears its own time and nonce.
    assert _of_others(disturbed) == _of_others(undisturbed)


def _of_others(found: Outcome) -> tuple[object, object]:
    heads = {org: head for org, head in found.heads.items() if org != "hub"}
    return heads, {place: digest for place, digest in found.statements.items() if place[0] != "hub"}


def _assert_nothing_lost_or_double(found: Outcome, network: Network) -> None:
    signed = sealed(network)
    assert signed
    assert {place: found.statements.get(place) for place in signed} == signed, "the log has all that was signed"
    assert found.double == []
    assert found.quarantined == []
    assert found.waiting == 0
    assert found.log_size == len(found.statements)
    assert found.on_bus == (found.log_size, found.log_size - 1), "readers on the bus get each entry once"
