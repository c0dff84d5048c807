"""What a hub shows, record by record, against what its log says: same statements, same content, none missing."""

from typing import Any

import orjson

from wire.audit.digest import ViewFold
from wire.audit.report import Report
from wire.client import HubClient, HubRefused
from wire.encoding import b64url, from_b64url
from wire.log_source import LogSource, has_hash
from wire.tiles import WIDTH, width_in


def compare_view(client: HubClient, source: LogSource, view: ViewFold, report: Report) -> None:
    """Compare all records of the API with the log that was audited; what is newer than its checkpoint is left out."""
    bundles = _Bundles(source, report.size)
    shown = set[str]()
    try:
        for item in client.records():
            address = f"{item['kind']}/{item['org']}/{item['id']}"
            shown.add(address)
            if item["index"] < report.size:
                report.done["view"] += 1
                _compare(item, address, view, report, bundles)
    except (KeyError, TypeError, AttributeError) as error:
        report.findings.add(
            "record-differs", f"a list of another form ({type(error).__name__}: {error})", "records as in the contract"
        )
        return
    for address in view.public_addresses():
        if address not in shown:
            _missing(address, client, view, report)


class _Bundles:
    """The bundle that was read last: records come in the order of the log."""

    def __init__(self, source: LogSource, size: int) -> None:
        self._source = source
        self._size = size
        self._number = -1
        self._entries: list[bytes] = []

    def token(self, index: int) -> bytes:
        number = index // WIDTH
        if number != self._number:
            self._entries = self._source.entries(number, width_in(0, number, self._size))
            self._number = number
        return self._entries[index % WIDTH]

    def body(self, datahash: bytes) -> bytes | None:
        found = self._source.bodies([datahash])[0]
        return found if found is not None and has_hash(found, datahash) else None


def _compare(item: dict[str, Any], address: str, view: ViewFold, report: Report, bundles: _Bundles) -> None:
    row = view.row(address)
    expected = None if row is None else (row[-1].index, b64url(row[-1].hash))
    if expected is None or (item["index"], item["statement"]) != expected:
        told = "no such record" if expected is None else f"statement {expected[1]}, entry {expected[0]}"
        _differs(report, item, f"{address} as statement {item['statement']}", told)
        return
    token = bundles.token(item["index"])
    statement = orjson.loads(_payload(token))
    if statement["marking"] != item["marking"] or statement["time"] != item["published"]:
        _differs(
            report, item, f"{address} with another marking or time", f"{statement['marking']}, {statement['time']}"
        )
    body = bundles.body(from_b64url(statement["datahash"]))
    if body is None:
        report.told["records shown whose body was not read"] += 1
    elif orjson.loads(body).get("record") != item["record"]:
        _differs(report, item, f"{address} with other content", "the record in the body that was signed")


def _missing(address: str, client: HubClient, view: ViewFold, report: Report) -> None:
    kind, organization, name = address.split("/")
    try:
        item = client.record(kind, organization, name)
    except HubRefused as error:
        if error.name == "erased":
            return  # whether somebody ordered that, the check of absent bodies tells
        item = None
    row = view.row(address)
    # One that is not listed may be withdrawn since, disputed, or held elsewhere: then it is shown as that.
    if item is None and row is not None:
        report.findings.add(
            "record-missing", f"{address} is not shown", f"statement {b64url(row[-1].hash)}",
            index=row[-1].index, organization=organization,
        )  # fmt: skip


def _differs(report: Report, item: dict[str, Any], found: str, expected: str) -> None:
    report.findings.add("record-differs", found, expected, index=item["index"], organization=item["org"], shown=item)


def _payload(token: bytes) -> bytes:
    return from_b64url(token.split(b".")[1])
