"""What an event costs as the log grows: CPU µs to judge and commit one, at 10,000, 50,000 and 150,000 entries."""

import sys
import time
from pathlib import Path

from hub.reads import keys_in, read_message
from tests.bench.network import BenchNetwork, make_network

SIZES = (10_000, 50_000, 150_000)
BATCH = 1000


def measure_growth(folder: Path) -> dict[str, float]:
    """Give CPU µs per event of the last 5,000 before each size."""
    network = make_network(folder)
    costs: dict[str, float] = {}
    size = 0
    for target in SIZES:
        while size < target:
            cost = _commit(network, 5 * BATCH)
            size += 5 * BATCH
        costs[str(target)] = round(cost, 1)
        print(f"{target:,} entries: {cost:.1f} µs CPU an event", file=sys.stderr, flush=True)
    return costs


def _commit(network: BenchNetwork, count: int) -> float:
    writer = network.writer()
    keys = keys_in(writer.packed_keys)
    read = [(m, read_message(m, network.keyring.trust.network, keys)) for m in network.events(count)]
    begun = time.process_time()
    for start in range(0, count, BATCH):
        writer.commit(read[start : start + BATCH])
    return (time.process_time() - begun) / count * 1e6
