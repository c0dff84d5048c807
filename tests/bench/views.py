"""What readers wait for with a million records in the view: p50, p95, p99 of each question. Its database stays.

`python -m tests.bench.views --records 1000000 --database sqlite|postgresql [--fresh]` asks the hub's own application.
PostgreSQL's database is a copy of SQLite's, which is filled first: see tests/bench/filled.py.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from typing import Any, Final

from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from hub import tables
from hub.access import create_token
from hub.api.application import create_api
from hub.performance import settle_garbage_collection
from hub.tail import Tail
from tests.bench.cpu import run_seconds
from tests.bench.exported import measure_exports
from tests.bench.filled import about, filled, say, servers_of, size_of
from tests.bench.synthetic import NETWORK
from wire.database import reading
from wire.registry import Registry

ROUNDS: Final = 40
LIMIT_MS: Final = 100.0
FAR_TOO_SLOW_MS: Final = 2_000
Question = tuple[str, list[str]]  # name, addresses that are asked in turn


def measure_views(
    records: int, database: str, *, fresh: bool = False, rounds: int = ROUNDS, only: str = ""
) -> dict[str, Any]:
    """Give for each question milliseconds at the 50th, 95th and 99th percentile; those over LIMIT_MS are named."""
    settle_garbage_collection()
    with filled(records, database, fresh=fresh) as engine:
        size = size_of(engine)
        app = create_api(engine, NETWORK, b"{}", Registry, Tail(size))
        token = create_token(engine, "member", "bench")
        client = TestClient(app)
        result: dict[str, Any] = {}
        for name, addresses in ((name, asked) for name, asked in questions(engine) if only in name):
            for who, headers in (("", {}), (" (member)", {"Authorization": f"Bearer {token}"})):
                figures = _ask(client, addresses, headers, rounds, servers_of(engine))
                result[name + who] = figures
                say(f"{name + who:44} {_in_words(figures)}")
        exports = measure_exports(app, records) if only in "export" else {}
        said = about(engine)
    slow = sorted(name for name, figures in result.items() if figures["p95"] > LIMIT_MS)
    return {
        "records": records, "database": database, **said, "limit_ms": LIMIT_MS, "over_limit": slow, "ms": result,
        "exports": exports,
    }  # fmt: skip


def questions(engine: Engine) -> list[Question]:
    """Give what is asked: words of every rarity and script, filters, deep pages, matrices, single records."""
    api = "/api/v1/records"
    middle = size_of(engine) // 2
    some = _some_records(engine)
    return [
        ("search: common word", [f"{api}?q={word}" for word in ("training", "border", "assistance")]),
        ("search: common word, 20 items", [f"{api}?q={word}&limit=20" for word in ("training", "border", "review")]),
        ("search: rare word", [f"{api}?q={word}" for word in ("karumi", "no77", "temizor", "no4711")]),
        ("search: absent word", [f"{api}?q={word}" for word in ("xyzzy", "qwertzuiop", "غيرموجود")]),
        ("search: Arabic", [f"{api}?q={word}" for word in ("تدريب", "الحدود", "محكمه", "القضاة")]),
        ("search: Han", [f"{api}?q={word}" for word in ("培训", "边", "法院法官", "海关")]),
        ("search: Cyrillic", [f"{api}?q={word}" for word in ("граница", "судьи помощь")]),
        ("search: two common words", [f"{api}?q=training+border", f"{api}?q=law+judges", f"{api}?q=a+b"]),
        ("search: short beginning", [f"{api}?q={word}" for word in ("tr", "bo", "n", "no1")]),
        ("search: word and place", [f"{api}?q=training&place={place}" for place in ("KEN", "AFG", "ZWE")]),
        ("search: word, kind, theme", [f"{api}?q=border&kind=need&theme={theme}" for theme in ("2.10", "1.1")]),
        ("search: absent with filters", [f"{api}?q=xyzzy&kind=need&place=002", f"{api}?q=xyzzy&theme=2.10"]),
        ("search: word, region, deep", [f"{api}?q=law&place=002&after={middle}"]),
        ("list: all", [f"{api}", f"{api}?after={middle}"]),
        ("list: kind and place", [f"{api}?kind=need&place={place}" for place in ("KEN", "FRA", "ZWE")]),
        ("list: region", [f"{api}?place={place}&after={middle}" for place in ("002", "014", "001")]),
        ("list: theme", [f"{api}?theme={theme}" for theme in ("2.10", "theme_1373:1.1", "fatf:R.5")]),
        ("list: place and theme", [f"{api}?place=KEN&theme=2.10", f"{api}?place=019&theme=1.1&kind=offer"]),
        ("list: organization and place", [f"{api}?org=organization-007&place=KEN"]),
        ("list: status", [f"{api}?kind=need&status={status}" for status in ("submitted", "met", "withdrawn")]),
        ("list: erased, disputed", [f"{api}?status=erased", f"{api}?status=disputed&place=KEN"]),
        ("list: since", [f"{api}?since={day}&place=KEN" for day in ("2025-06-01", "2025-10-01", "2030-01-01")]),
        ("directory: first page", [f"{api}?kind=contact", f"{api}?kind=contact&q=training"]),
        (
            "directory: deep page",
            [f"{api}?kind=contact&after={middle}", f"{api}?kind=contact&place=KEN&after={middle}"],
        ),
        ("matrix: world", ["/api/v1/matrix"]),
        ("matrix: one State", ["/api/v1/matrix?place=KEN", "/api/v1/matrix?place=FRA"]),
        ("matrix: regions", ["/api/v1/matrix?rows=region"]),
        ("matrix: within a region", ["/api/v1/matrix?place=014", "/api/v1/matrix?place=002&rows=region"]),
        ("matrix: providers", ["/api/v1/matrix?rows=provider"]),
        ("matrix: gaps", ["/api/v1/matrix?state=gap", "/api/v1/matrix?scheme=fatf&state=gap"]),
        ("matrix: States and providers", ["/api/v1/matrix?rows=place&columns=provider&place=002"]),
        ("matrix: one publisher", ["/api/v1/matrix?org=organization-007"]),
        ("page: directory", ["/en/directory", "/en/directory?q=training", "/ar/directory?place=KEN"]),
        ("page: directory, facets", ["/en/directory?language=ar", "/en/directory?role=general&theme=theme_1373:2.10"]),
        ("page: needs", ["/en/needs", "/en/needs?unmet=true&place=KEN", "/ar/needs?q=border"]),
        ("page: matrix of regions", ["/en/matrix"]),
        ("page: matrix of a region", ["/en/matrix?rows=place&place=014"]),
        ("page: overview", ["/en/", "/ar/"]),
        ("page: place", ["/en/places/KEN", "/en/places/ZWE"]),
        ("page: need", [f"/en/needs/{address.partition('/')[2]}" for address in some if address.startswith("need/")]),
        ("page: record", [f"/en/records/{address}" for address in some]),
        ("stats", ["/api/v1/stats"]),
        ("record", [f"{api}/{address}" for address in some]),
        ("history", [f"{api}/{address}/history" for address in some]),
    ]


def _ask(
    client: TestClient, addresses: Sequence[str], headers: dict[str, str], rounds: int, servers: list[int]
) -> dict[str, float]:
    """Give wall-clock milliseconds at three percentiles; CPU of ours at the 95th, of the database in the mean."""
    walls, cpus = list[float](), list[float]()
    served = 0.0
    for number in range(max(rounds, len(addresses)) + len(addresses)):
        address = addresses[number % len(addresses)]
        begun, used = time.perf_counter(), time.process_time()
        answer = client.get(address, headers=headers)
        walls.append((time.perf_counter() - begun) * 1000)
        cpus.append((time.process_time() - used) * 1000)
        if answer.status_code not in {200, 404}:
            raise SystemExit(
                f"{address} answers {answer.status_code}, so the figures mean nothing: {answer.text[:500]}"
            )
        if number == len(addresses) - 1:
            if statistics.fmean(walls) > FAR_TOO_SLOW_MS:  # a few are enough to say so
                break
            walls.clear()  # each question once before it counts
            cpus.clear()
            served = run_seconds(servers)
    cuts, own = (statistics.quantiles(each * 2, n=100, method="inclusive") for each in (walls, cpus))
    of_server = (run_seconds(servers) - served) * 1000 / len(walls) if served else 0.0
    figures = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "cpu_p95": own[94], "database_cpu": of_server}
    return {name: round(value, 1) for name, value in figures.items()}


def _in_words(figures: dict[str, float]) -> str:
    return "   ".join(f"{name} {value:8.1f}" for name, value in figures.items()) + " ms"


def _some_records(engine: Engine) -> list[str]:
    names, records = tables.organizations.c, tables.records.c
    query = select(records.kind, names.organization, records.id).join_from(
        tables.records, tables.organizations, names.org == records.org
    )
    with reading(engine).connect() as connection:
        size = size_of(engine)
        asked = [size * part // 20 for part in range(20)]
        found = [
            connection.execute(query.where(records.index >= at).order_by(records.index).limit(1)).first()
            for at in asked
        ]
    return ["/".join(row) for row in found if row is not None]


def main() -> None:
    """Progress goes to standard error, one line of JSON to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--fresh", action="store_true", help="fill the database anew")
    parser.add_argument("--only", default="", help="only questions with this in their name")
    asked = parser.parse_args()
    print(
        json.dumps(
            measure_views(asked.records, asked.database, fresh=asked.fresh, rounds=asked.rounds, only=asked.only)
        )
    )


if __name__ == "__main__":
    main()
