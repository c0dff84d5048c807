"""A desk officer's pages over 100,000 own records: how long each takes, at the 95th percentile of many openings."""

import statistics
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from node.edit import Put
from node.node import Node
from node.pages.desk import Role
from schemas.entry import Entry, parse_entry
from tests.node.nodes import joined_node
from tests.node.pages.asked import BROWSER, api_of
from tests.schemas.examples import EXAMPLES

RECORDS = 100_000
ROUNDS = 40
ADDRESSES = {
    "first page": "/records",
    "one kind": "/records?kind=need",
    "words": "/records?q=harbour+office+777",
    "words of many": "/records?q=harbour",
    "Arabic": "/records?q=وثائق",
    "facets": "/records?kind=contact&marking=TLP:GREEN&fresh=overdue&progress=sealed",
    "theme": "/records?theme=theme_1373:2.10&sort=title",
    "place": "/records?place=KEN&sort=due",
    "by title": "/records?sort=title",
    "nothing delivered": "/records?progress=delivered",
    "withdrawn": "/records?state=withdrawn",
}
PLACES = ("KEN", "TCD", "FRA", "XAA", "SDN")


def measure_desk(folder: Path, records: int = RECORDS) -> dict[str, float]:
    """Give milliseconds at the 95th percentile for each address."""
    node = joined_node(folder / "node")
    begun = time.perf_counter()
    fill(node, records)
    print(f"{records:,} records put in {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    client, found = TestClient(api_of(node, *Role), headers=BROWSER), {}
    for name, address in ADDRESSES.items():
        client.get(address)
        found[name] = _percentile(client, address)
        print(f"{name}: {found[name]:.0f} ms", file=sys.stderr, flush=True)
    found["a later page"] = _percentile(client, _later(client))
    node.engine.dispose()
    return {name: round(value, 1) for name, value in found.items()}


def fill(node: Node, records: int) -> None:
    """Put so many records of two kinds: titles, places and days of review differ."""
    checked = {kind: parse_entry(EXAMPLES[kind]) for kind in ("contact", "need")}
    begin = date(2026, 1, 1)

    def one(number: int) -> Put:
        kind = "need" if number % 3 else "contact"
        words = {"en": f"Harbour office {number}", "ar": "مكتب الوثائق" if number % 50 == 0 else "ميناء"}
        record = {
            **checked[kind].record, "title" if kind == "need" else "name": words,
            "places": [{"country": PLACES[number % 5]}],
            "review_due": (begin + timedelta(days=number % 700)).isoformat(),
        }  # fmt: skip
        return Put(Entry(kind, f"r{number}", "TLP:GREEN", record))

    for start in range(0, records, 1000):
        node.editor.apply([one(number) for number in range(start, min(records, start + 1000))])


def _later(client: TestClient) -> str:
    """Give the address of the twentieth page."""
    address = "/records?sort=title"
    for _ in range(20):
        text = client.get(address).text
        address = text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    return address


def _percentile(client: TestClient, address: str) -> float:
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        assert client.get(address).status_code == 200, address
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.quantiles(taken, n=20)[-1]
