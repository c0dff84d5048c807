"""Tests of wire/audit/view.py: a hub hides records, calls them something else, or lists without end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.signed_network import TRUST, key_of, statement_of
from tests.wire.audit.audits import found
from tests.wire.audited_log import AuditedLog, hash_of, honest_log
from tests.wire.log_server import LogServer, serving
from wire.actions import KeyRevoked
from wire.audit.report import Report
from wire.audit.run import Audit, Wish
from wire.audit.view import compare_view
from wire.encoding import b64url
from wire.log_source import HubLog, LogAway

A, B = "xa-centre", "xb-police"
RECORDS = "/api/v1/records"


@dataclass
class Shown:
    """A hub that shows what its log says, until a test changes that: items by address, and answers by path."""

    log: AuditedLog
    server: LogServer
    items: dict[str, dict[str, Any]] = field(default_factory=dict)

    def begin(self) -> "Shown":
        last: dict[str, int] = {}
        for index, entry in enumerate(self.log.entries):
            said = statement_of(entry)
            if said["type"].startswith("liaison.need.") and not said["subject"].endswith("/bad"):
                last[said["subject"]] = index
        for address, index in last.items():
            item = self.item(index)
            if item["status"] == "current":
                self.items[address] = item
        return self

    def item(self, index: int, **changed: Any) -> dict[str, Any]:
        said = statement_of(self.log.entries[index])
        kind, organization, name = said["subject"].split("/")
        status = "withdrawn" if said["type"].endswith("withdrawn") else "current"
        record = orjson.loads(self.log.body_of(index)).get("record", {})
        statement = b64url(hash_of(self.log.entries[index]))
        return {
            "kind": kind, "org": organization, "id": name, "index": index, "statement": statement, "status": status,
            "marking": said["marking"], "published": said["time"], "record": record, **changed,
        }  # fmt: skip

    def hide(self, address: str, answer: dict[str, Any], status: int = 200) -> None:
        """Take a record out of the list, and give this at its own address."""
        del self.items[address]
        self.server.replaced[f"{RECORDS}/{address}"] = orjson.dumps(answer)
        self.server.statuses[f"{RECORDS}/{address}"] = status

    def audited(self) -> Report:
        listed = sorted(self.items.values(), key=lambda item: item["index"])
        self.server.replaced.setdefault(RECORDS, orjson.dumps({"items": listed, "next": None}))
        source = HubLog(self.server.address, tries=1)
        audit = Audit(source, TRUST, Wish(workers=1), lambda _done, _total: None)
        report = audit.run()
        compare_view(source, audit.folds, report)
        source.close()
        return report


@pytest.fixture
def log() -> AuditedLog:
    log = honest_log()
    log.say(A, id="n8")
    log.sign()
    return log


@pytest.fixture
def hub(log: AuditedLog, tmp_path: Path) -> Iterator[Shown]:
    with serving(log.write(tmp_path / "log")) as server:
        yield Shown(log, server).begin()


def write_again(hub: Shown) -> None:
    hub.log.write(hub.server.directory)


def test_a_hub_that_shows_what_its_log_says_passes(hub: Shown) -> None:
    report = hub.audited()
    assert (found(report), report.done["view"]) == ({}, len(hub.items))
    assert len(hub.items) > 5


N8 = f"need/{A}/n8"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": "withdrawn"}, "record-differs"),
        ({"status": "current"}, "record-missing"),
        ({"index": 5}, "record-differs"),
        ({"statement": "x"}, "record-differs"),
        ({"marking": "TLP:GREEN"}, "record-differs"),
        ({"record": {"title": {"en": "Something else"}}}, "record-differs"),
        ({"id": "n9"}, "record-differs"),
    ],
)
def test_hub_hides_a_record_behind_an_answer_at_its_own_address(hub: Shown, answer: dict[str, Any], code: str) -> None:
    item = hub.items[N8]
    hub.hide(N8, answer if answer == {"status": "withdrawn"} else item | answer)
    assert list(found(hub.audited())) == [code]


@pytest.mark.parametrize("status", ["withdrawn", "gone", "erased"])
def test_hub_calls_a_record_something_that_the_log_does_not(hub: Shown, status: str) -> None:
    hub.hide(N8, hub.items[N8] | {"status": status})
    report = hub.audited()
    assert found(report) == {"record-missing": [hub.log.size - 1]}
    assert f"shown as {status}" in report.findings.kept[0].found


def test_a_record_that_the_hub_says_it_does_not_have_is_missing(hub: Shown) -> None:
    hub.hide(N8, {"type": "x/no-such-record", "detail": "none"}, 404)
    assert list(found(hub.audited())) == ["record-missing"]


def test_hub_calls_a_record_disputed_that_no_revocation_disputes(hub: Shown) -> None:
    hub.hide(N8, hub.items[N8] | {"status": "disputed"})
    report = hub.audited()
    assert (list(found(report)), report.status) == (["record-unexplained"], 1)


def test_what_a_revocation_disputes_may_be_shown_as_disputed(hub: Shown) -> None:
    last, kid = hub.log.heads[A][0] - 1, key_of(A).public.thumbprint
    said = hub.log.action_place()
    hub.log.act(KeyRevoked(**said, organization=A, key=kid, last_good_sequence=last, reason="Stolen."))
    hub.log.sign()
    write_again(hub)
    hub.hide(N8, hub.items[N8] | {"status": "disputed"})
    assert found(hub.audited()) == {}


def erased(ordered_at: int | None) -> dict[str, Any]:
    return {"type": "x/erased", "detail": "It was erased.", "ordered_at": ordered_at}


@pytest.mark.parametrize("ordered_at", [None, 7, 0])
def test_hub_calls_a_record_erased_that_nobody_ordered(hub: Shown, ordered_at: int | None) -> None:
    hub.hide(N8, erased(ordered_at), 410)
    assert list(found(hub.audited())) == ["record-unexplained"]


def test_an_order_explains_what_it_names_and_nothing_else(hub: Shown) -> None:
    named = hub.log.size - 1
    order = hub.log.order_erasure(A, named)
    hub.log.sign()
    write_again(hub)
    hub.hide(N8, erased(order), 410)
    assert found(hub.audited()) == {}
    hub.server.replaced.pop(RECORDS)
    hub.hide(f"need/{A}/n0", erased(order), 410)
    assert list(found(hub.audited())) == ["record-unexplained"]


def test_what_is_newer_than_the_checkpoint_is_counted_and_not_judged(hub: Shown) -> None:
    hub.hide(N8, hub.items[N8] | {"index": hub.log.size + 3})
    hub.hide(f"need/{A}/n0", erased(hub.log.size + 4), 410)
    report = hub.audited()
    assert (found(report), report.told["records said to be newer than the checkpoint"]) == ({}, 2)


@pytest.mark.parametrize(
    "page",
    [
        {"items": [], "next": 3},
        {"items": [{"kind": "need", "org": 5, "id": "n1", "index": 1, "statement": "s"}], "next": None},
        {"items": [{"kind": "need", "org": A, "id": "n1", "index": True, "statement": "s"}], "next": None},
        {"items": ["n1"], "next": None},
        {"items": 7, "next": None},
        {"next": None},
        {"items": [{}], "next": 1.5},
    ],
)
def test_a_list_that_is_none_or_has_no_end_is_found(hub: Shown, page: dict[str, Any]) -> None:
    hub.server.replaced[RECORDS] = orjson.dumps(page)
    report = hub.audited()
    assert list(found(report)) == ["record-differs"]
    assert "view" in report.text()


def test_a_list_that_goes_round_in_a_circle_is_found(hub: Shown) -> None:
    first = min(hub.items.values(), key=lambda item: item["index"])
    hub.server.replaced[RECORDS] = orjson.dumps({"items": [first], "next": first["index"]})
    report = hub.audited()
    assert (list(found(report)), hub.server.asked.count(RECORDS)) == (["record-differs"], 2)


def test_a_refused_list_is_found_and_a_hub_that_is_away_is_not_judged(hub: Shown) -> None:
    hub.server.replaced[RECORDS] = b'{"type":"x/forbidden","detail":"No."}'
    hub.server.statuses[RECORDS] = 403
    assert list(found(hub.audited())) == ["record-differs"]
    hub.server.statuses[RECORDS] = 503
    with pytest.raises(LogAway):
        hub.audited()


def test_hub_shows_other_entries_to_the_comparison_than_to_the_audit(hub: Shown) -> None:
    log = hub.log
    item = hub.items[N8] | {"statement": b64url(hash_of(log.entries[-1]))}
    source = HubLog(hub.server.address, tries=1)
    audit = Audit(source, TRUST, Wish(workers=1), lambda _done, _total: None)
    report = audit.run()
    hub.server.replaced[RECORDS] = orjson.dumps({"items": [item], "next": None})
    log.entries[-1] = log.entries[-1].replace(b".", b".e", 1)
    write_again(hub)
    compare_view(source, audit.folds, report)
    assert list(found(report)) == ["part-missing"]
