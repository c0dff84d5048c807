"""A desk officer's pages over 100,000 own records: how long each takes, at the 95th percentile of many openings."""

import asyncio
import csv
import io
import statistics
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Message

from node.edit import Put
from node.node import Node
from node.pages.desk import Role
from schemas.entry import Entry, parse_entry
from tests.node.nodes import joined_node
from tests.node.pages.asked import BROWSER, api_of
from tests.node.test_cli_readers import letter
from tests.schemas.examples import EXAMPLES

RECORDS = 100_000
LETTERS = 2_000
OFFERS = 100
ROWS = 1_000
ROUNDS = 40
ADDRESSES = {
    "first page": "/records",
    "one kind": "/records?kind=need",
    "words": "/records?q=harbour+office+77",
    "words of many": "/records?q=harbour",
    "Arabic": "/records?q=وثائق",
    "facets": "/records?kind=contact&marking=TLP:GREEN&fresh=overdue&progress=sealed",
    "theme": "/records?theme=theme_1373:2.10&sort=title",
    "place": "/records?place=KEN&sort=due",
    "by title": "/records?sort=title",
    "nothing delivered": "/records?progress=delivered",
    "withdrawn": "/records?state=withdrawn",
    "my desk": "/desk",
    "a record": "/records/need/r7",
    "inbox": "/inbox",
    "unread": "/inbox?state=unread",
    "a letter": "/inbox/1",
    "a draft": "/drafts/1",
    "check": "/drafts/1/check",
    "import": "/import",
    "outbox": "/outbox",
    "trail": "/acts",
}
DOWNLOADS = {
    "records as workbook": "/records.xlsx?kind=contact&q=7", "records as CSV": "/records.csv?kind=contact&q=7",
    "template": "/import/template/need.xlsx", "trail as CSV": "/acts.csv",
}  # fmt: skip
PLACES = ("KEN", "TCD", "FRA", "XAA", "SDN")


def measure_desk(folder: Path, records: int = RECORDS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Give milliseconds: of pages at the 95th percentile, of an import's steps, and of downloads, each apart."""
    node = joined_node(folder / "node")
    begun = time.perf_counter()
    fill(node, records)
    fill_desk(node)
    _say(f"{records:,} records put in {time.perf_counter() - begun:.0f} s")
    app, found = api_of(node, *Role), dict[str, float]()
    client = TestClient(app, headers=BROWSER)
    for name, address in {**ADDRESSES, "a later page": _later(client)}.items():
        client.get(address)
        found[name] = _percentile(client, address, rounds)
        _say(f"{name}: {found[name]:.0f} ms")
    downloads = {name: asyncio.run(_download(app, address)) for name, address in DOWNLOADS.items()}
    _say(f"downloads: {downloads}")
    imported = _import(client, node)
    _say(f"an import of {ROWS:,} rows: {imported}")
    node.engine.dispose()
    return {"pages_ms": found, "import_ms": imported, "downloads_ms": downloads}


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


def fill_desk(node: Node) -> None:
    """Put letters of others, offers that match their needs, and a draft whose title is like many."""
    for index in range(LETTERS):
        kind = "need" if index % 2 else "contact"
        node.letters.keep(letter(index + 1, kind=kind, id=f"n{index}", statement=index.to_bytes(32, "big")))
    offer = {**EXAMPLES["offer"], "open": True, "available_until": "2099-12-31"}
    node.editor.apply([Put(parse_entry({**offer, "id": f"o{number}"})) for number in range(OFFERS)])
    need = {name: value for name, value in EXAMPLES["need"].items() if name not in {"kind", "id", "marking"}}
    entry = {"marking": "TLP:GREEN", "record": {**need, "title": {"en": "Harbour office 77"}}}
    node.drafts.begin("need", None, (1, "Amina Warsame"), entry, "2026-11-26T10:00:00.000Z")


def _later(client: TestClient) -> str:
    """Give the address of the twentieth page, or of the last if there are fewer."""
    address = "/records?sort=title"
    for _ in range(20):
        _, found, rest = client.get(address).text.partition('rel="next" href="')
        if not found:
            break
        address = rest.partition('"')[0].replace("&amp;", "&")
    return address


def _percentile(client: TestClient, address: str, rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        assert client.get(address).status_code == 200, address
        taken.append(_since(begun))
    return round(statistics.quantiles(taken, n=20)[-1], 1)


async def _download(app: FastAPI, address: str) -> dict[str, float]:
    """Give how long it takes until the first byte is sent, and until the last one is."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "headers": [],
        "server": ("localhost", 80), "client": ("localhost", 1), "state": {},
    }  # fmt: skip
    begun, moments, size = time.perf_counter(), list[float](), 0

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal size
        assert message.get("status", 200) == 200, address
        size += len(message.get("body", b""))
        if message["type"] == "http.response.body":
            moments.append(_since(begun))

    await app(scope, receive, send)
    return {"first_byte": moments[0], "whole": moments[-1], "kilobytes": round(size / 1000, 1)}


def _import(client: TestClient, node: Node) -> dict[str, float]:
    """Give how long it takes to upload some of one's own records, changed; to check them; and to publish them."""
    rows = list(
        csv.reader(io.StringIO(client.get("/records.csv?kind=contact&sort=due&q=1").text.removeprefix("\ufeff")))
    )
    head, rows = rows[0], rows[1 : ROWS + 1]
    for row in rows:
        row[head.index("unit")] = "Changed"
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    taken = {}
    begun = time.perf_counter()
    got = client.post("/import", files={"file": ("contacts.csv", text.getvalue().encode())})
    assert got.status_code == 200, got.text
    taken["upload and check"] = _since(begun)
    number = got.url.path.rpartition("/")[-1]
    for step in ("check", "publish"):
        begun = time.perf_counter()
        assert client.post(f"/import/{number}", data={"do": step}).status_code == 200
        taken[step] = _since(begun)
    batch = node.batches.one(int(number))
    while batch is not None and batch.state == "publishing":
        time.sleep(0.02)
        batch = node.batches.one(int(number))
    taken["published"] = _since(begun)
    outcome = None if batch is None else batch.outcome
    assert outcome == {"outcomes": {"revised": len(rows)}}, outcome
    return taken


def _since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 1)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
