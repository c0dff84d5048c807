"""What a hub shows, record by record, against what its log says: same statements, same content, none missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import orjson

from wire import jws
from wire.audit.digest import Version
from wire.audit.report import Report
from wire.audit.state import Folds
from wire.client import HubRefused
from wire.disputes import disputed_by
from wire.encoding import b64url, from_b64url
from wire.erasure import read_action, read_order
from wire.examine import statement_hash
from wire.log_source import HubLog, PartMissing, has_hash
from wire.registry import REGISTRY
from wire.tiles import WIDTH, width_in


def compare_view(source: HubLog, folds: Folds, report: Report) -> None:
    """Compare all records of the API with the log that was audited; what is newer than its checkpoint is left out.

    LogAway if the hub does not answer any more.
    """
    comparison = _Comparison(source, folds, report)
    try:
        comparison.listed()
        comparison.unlisted()
    except PartMissing as error:
        report.findings.add("part-missing", str(error), "what was audited, and records as in the contract")
    except HubRefused as error:
        report.findings.add("record-differs", f"no list: {error}", "records as in the contract")
    except BadItem as error:
        report.findings.add("record-differs", str(error), "records as in the contract")


class BadItem(ValueError):
    """What the hub shows is no record, or no list of them; the message says why."""


@dataclass(frozen=True, slots=True)
class _Item:
    """What a hub shows as a record."""

    address: str
    organization: str
    index: int
    statement: str
    shown: dict[str, Any]

    @classmethod
    def of(cls, shown: Any) -> Self:
        if not isinstance(shown, dict):
            raise BadItem("an item that is no record")
        told = [shown.get(name) for name in ("kind", "org", "id", "statement")]
        index = shown.get("index")
        if not all(isinstance(each, str) for each in told) or type(index) is not int or index < 0:
            raise BadItem("an item without kind, org, id, statement or index")
        kind, organization, name, statement = map(str, told)
        return cls(f"{kind}/{organization}/{name}", organization, index, statement, shown)


class _Comparison:
    """The records that are listed, and then those that are not and should be."""

    def __init__(self, source: HubLog, folds: Folds, report: Report) -> None:
        self._source = source
        self._folds = folds
        self._report = report
        self._bundles = _Bundles(source, report.size)
        self._shown = set[str]()

    def listed(self) -> None:
        """Compare the list, up to the end of what was audited: it is in the order of the log, so it has an end."""
        last = -1
        for item in map(_Item.of, _pages(self._source)):
            if item.index <= last:
                raise BadItem(f"a list with entry {item.index} after entry {last}")
            last = item.index
            if item.index >= self._report.size:
                return
            self._shown.add(item.address)
            self._compare(item)

    def unlisted(self) -> None:
        """Ask for each public record that was in no list what has become of it."""
        for address in self._folds.view.public_addresses():
            row = self._folds.view.row(address)
            if address not in self._shown and row is not None:
                self._ask(address, row[-1])

    def _ask(self, address: str, version: Version) -> None:
        kind, organization, name = address.split("/")
        try:
            item = _Item.of(self._source.ask(lambda client: client.record(kind, organization, name)))
        except HubRefused as error:
            if error.name == "erased":
                self._erased(address, version, error.members.get("ordered_at"))
            else:
                self._missing(address, version, "is not shown")
            return
        if item.address != address:
            raise BadItem(f"{item.address} at the address of {address}")
        if item.index >= self._report.size:
            self._report.told["records said to be newer than the checkpoint"] += 1
        elif self._compare(item):
            self._ended(item, version)

    def _ended(self, item: _Item, version: Version) -> None:
        """Judge why a record that the log has as public is in no list."""
        status = str(item.shown.get("status"))[:40]
        if status == "elsewhere":
            self._report.told["records shown as held elsewhere"] += 1
        elif status != "disputed":
            self._missing(item.address, version, f"is in no list, and is shown as {status}")
        elif not self._is_disputed(item, version):
            self._unexplained(item.address, version, status)

    def _is_disputed(self, item: _Item, version: Version) -> bool:
        parts = self._bundles.parts(version)
        sequence = int(orjson.loads(parts.payload)["sequence"])
        registry = self._folds.registry.registry
        return disputed_by(registry, item.organization, parts.kid, sequence, version.index) is not None

    def _erased(self, address: str, version: Version, ordered_at: object) -> None:
        """Judge an erasure: only an order in the log that names the statement explains it."""
        if type(ordered_at) is int and ordered_at >= self._report.size:
            self._report.told["records said to be newer than the checkpoint"] += 1
        elif self._folds.bodies.was_ordered(version.hash) or (
            type(ordered_at) is int and self._order_names(ordered_at, version.hash)
        ):
            self._report.done["view"] += 1
        else:
            self._unexplained(address, version, "erased")

    def _order_names(self, index: int, digest: bytes) -> bool:
        order = self._folds.orders.effective_at(index)
        if order is None:
            return False
        statement = orjson.loads(self._bundles.parts(Version(index, order, public=True)).payload)
        organization = str(statement["source"]).rpartition("/")[2]
        body = self._bundles.body(from_b64url(statement["datahash"]))
        if body is None:
            return False
        named = read_action(body) if organization == REGISTRY else read_order(organization, body)
        return named is not None and digest in named.statements

    def _compare(self, item: _Item) -> bool:
        """Whether the record that is shown is the one in the log; what differs is found."""
        self._report.done["view"] += 1
        row = self._folds.view.row(item.address)
        if row is None or (item.index, item.statement) != (row[-1].index, b64url(row[-1].hash)):
            told = "no such record" if row is None else f"statement {b64url(row[-1].hash)}, entry {row[-1].index}"
            return self._differs(item, f"{item.address} as statement {item.statement[:60]}", told)
        statement = orjson.loads(self._bundles.parts(row[-1]).payload)
        marking, time = statement["marking"], statement["time"]
        if (item.shown.get("marking"), item.shown.get("published")) != (marking, time):
            return self._differs(item, f"{item.address} with another marking or time", f"{marking}, {time}")
        body = self._bundles.body(from_b64url(statement["datahash"]))
        if body is None:
            self._report.told["records shown whose body was not read"] += 1
        elif _record_in(body) != item.shown.get("record"):
            return self._differs(item, f"{item.address} with other content", "the record in the body that was signed")
        return True

    def _differs(self, item: _Item, found: str, expected: str) -> bool:
        self._report.findings.add(
            "record-differs", found, expected, index=item.index, organization=item.organization, shown=item.shown
        )
        return False

    def _missing(self, address: str, version: Version, how: str) -> None:
        self._report.findings.add(
            "record-missing", f"{address} {how}", f"statement {b64url(version.hash)}",
            index=version.index, organization=address.split("/")[1],
        )  # fmt: skip

    def _unexplained(self, address: str, version: Version, status: str) -> None:
        self._report.findings.add(
            "record-unexplained", f"{address} as {status}", f"an entry of this log that says so of statement "
            f"{b64url(version.hash)}", index=version.index, organization=address.split("/")[1],
        )  # fmt: skip


class _Bundles:
    """The bundle that was read last: records come in the order of the log."""

    def __init__(self, source: HubLog, size: int) -> None:
        self._source = source
        self._size = size
        self._number = -1
        self._entries: list[bytes] = []

    def parts(self, version: Version) -> jws.Jws:
        """Give an entry that was audited; PartMissing if another one is served in its place by now."""
        number = version.index // WIDTH
        if number != self._number:
            self._entries = self._source.entries(number, width_in(0, number, self._size))
            self._number = number
        try:
            parts = jws.take_apart(self._entries[version.index % WIDTH], jws.EVENT)
        except jws.Malformed:
            parts = None
        if parts is None or statement_hash(parts.payload) != version.hash:
            raise PartMissing(f"entry {version.index} is another one now than it was before, in one audit")
        return parts

    def body(self, datahash: bytes) -> bytes | None:
        found = self._source.bodies([datahash])[0]
        return found if found is not None and has_hash(found, datahash) else None


def _pages(source: HubLog) -> Iterator[Any]:
    """Give all records that the hub lists; each page must have some."""
    after: dict[str, str | int] = {}
    while True:
        page = source.ask(lambda client, after=after: client.get("/api/v1/records", {"limit": 500, **after}))  # type: ignore[misc]
        items, following = page.get("items"), page.get("next")
        if not isinstance(items, list) or (following is not None and not (items and isinstance(following, int | str))):
            raise BadItem("a page without items, or without an end")
        yield from items
        if following is None:
            return
        after = {"after": following}


def _record_in(body: bytes) -> object:
    try:
        return orjson.loads(body).get("record")
    except (orjson.JSONDecodeError, AttributeError):
        return None
