"""How the command liaison-node speaks: data on standard output, messages on standard error, errors in a sentence."""

import codecs
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NoReturn

import orjson

from node.done import Done
from schemas.amount import amount, entries
from schemas.entry import InvalidEntry
from schemas.readable import readable, readable_json, readable_line

_MEANINGS = {
    "unchanged": "unchanged: nothing to publish",
    "local": "kept here only (TLP:RED, or a draft)",
    "waiting": "waiting until the node has joined a network",
    "dropped": "deleted here; it was never published",
    "erased": "erased here; the order to the others waits in the outbox until it is sent (liaison-node status)",
    "forgotten": "forgotten here; nothing of it was ever sealed",
}


class Format(StrEnum):
    """What `export` writes."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    JSONL = "jsonl"


def say(text: str) -> None:
    """Tell the person something."""
    sys.stderr.write(readable(text) + "\n")


def fail(text: str) -> NoReturn:
    """End with a negative finding."""
    say(f"liaison-node: {text}")
    raise SystemExit(1)


def wrong_use(text: str) -> NoReturn:
    """End because the command was not used as it must be."""
    say(f"liaison-node: {text}")
    raise SystemExit(2)


def print_json(document: Any) -> None:
    """Print data for programs."""
    sys.stdout.write(readable_json(orjson.dumps(document, option=orjson.OPT_INDENT_2)).decode() + "\n")


def print_line(text: str) -> None:
    """Print a line in which others have a word."""
    sys.stdout.write(readable_line(text) + "\n")


def read_documents(data: bytes, name: str) -> list[Any]:
    """Read one JSON object, a list of them, or JSON lines; ends with a message if it is none of these."""
    data = data.removeprefix(codecs.BOM_UTF8)  # as editors of Windows begin a file
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return _lines(data, name, error)
    return document if isinstance(document, list) else [document]


def _lines(data: bytes, name: str, whole: orjson.JSONDecodeError) -> list[Any]:
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), start=1) if line.strip()]
    documents = []
    for number, line in lines:
        try:
            documents.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            if not documents:
                fail(f"{name} is not JSON: {whole}")
            fail(f"{name}: line {number} is not JSON: {error}")
    if not documents:
        fail(f"{name} is empty; a record was expected")
    return documents


def say_problems(name: str, error: InvalidEntry) -> None:
    """Tell what is wrong with a record, a line for each field."""
    say(f"liaison-node: {name} is not valid:")
    for problem in error.problems:
        say(f"  {problem.pointer or '(whole)'}: {problem.message}")


def explained_outcomes(done: Sequence[Done]) -> str:
    """Say in a line what became of all changes."""
    return counted(Counter(each.outcome for each in done))


def show_done(done: Sequence[Done], *, as_data: bool) -> None:
    """Print what became of changes."""
    if as_data:
        print_json([each._asdict() for each in done])
        return
    for each in done:
        sys.stdout.write(f"{each.kind}/{each.id}\t{each.outcome}\n")
    say(explained_outcomes(done))


def counted(outcomes: Mapping[str, int]) -> str:
    """Say how many changes had which outcome."""
    if not outcomes:
        return "Nothing to publish: everything is unchanged."
    return "; ".join(f"{number} {_MEANINGS.get(outcome, outcome)}" for outcome, number in outcomes.items())


def print_records(records: Iterable[Mapping[str, Any]]) -> None:
    """Print records, one a line: address, marking, progress, title, and what the hub said of it."""
    for record in records:
        address = f"{record['kind']}/{record['id']}"
        judged = record.get("judgement")
        note = f"  [{judged['severity']}: {judged['reason']}]" if judged else ""
        ended = record["status"] in ("withdrawn", "erased")
        status = f"{record['status']}, {record['progress']}" if ended else record["progress"]
        title = _title(record["record"] or {})
        print_line(f"{address:<48} {record['marking']:<12} {status:<10} {title}{note}")


def _title(record: Mapping[str, Any]) -> str:
    for name in ("title", "name", "label"):
        text = record.get(name)
        if isinstance(text, dict) and text:
            return str(text.get("en") or next(iter(text.values())))[:80].replace("\n", " ")
        if isinstance(text, str):
            return text[:80].replace("\n", " ")
    return ""


def print_status(document: Mapping[str, Any]) -> None:
    """Print the status for a person."""
    bus, hub, outbox, records = document["bus"], document["hub"], document["outbox"], document["records"]
    lines = [
        ("organization", document["organization"]),
        ("network", document["network"] or "not joined yet"),
        ("served", "yes" if document["served"] else "no: nothing is published until liaison-node serve runs"),
        ("records", _counted_records(records)),
        ("saved", amount(document["sealed"] + document["waiting_for_join"], "change") + " to publish"),
        ("signed", str(document["sealed"])),
        ("sent", str(document["sent"])),
        ("logged", f"{document['logged']}" + _at(" (receipt of", hub["receipt_at"], ")")),
        ("witnessed", f"{document['witnessed']} proven under a quorum's checkpoint"),
        ("in the view", f"{document['in_view']}; delivered, witnessed and in the view: {document['delivered']}"),
        ("outbox", amount(outbox["events"], "event") + " not proven yet" + _at(", the oldest since", outbox["oldest"])),
        ("log read", _reading_line(document["log"])),
        ("cosigned", _cosigned_line(document["log"])),
        ("bus", f"{bus['state']}" + _at(" since", bus["since"]) + f": {bus['reason']}"),
        ("seen by the hub", f"{hub['state'] or 'nothing heard yet'} {hub['reason'] or ''}".strip()),
    ]
    if document["waiting_for_join"]:
        lines.append(("before the join", amount(document["waiting_for_join"], "change waits", "changes wait")))
    if document["trouble"]:
        lines.append(("nothing is sent", document["trouble"]))
    if document["alarm"]:
        lines.append(("ALARM", f"{document['alarm']['state']}: {document['alarm']['reason']}"))
    lines += [
        (_alarm_word(each), f"{each['number']} {each['name']}: {each['text']} (noticed {each['at']}{_settled(each)})")
        for each in document["alarms"]
    ]
    for name, value in lines:
        print_line(f"{name:<16} {value}")
    for order in document["erasures"]:
        sys.stdout.write(
            f"{'erasure':<16} {order['kind']}/{order['id']}, event {order['sequence']}: {_obeyed(order)}\n"
        )
    for judged in document["judgements"]:
        fields = "; ".join(problem.get("message", "") for problem in judged["problems"])
        print_line(
            f"{judged['severity']:<16} event {judged['sequence']}: {judged['reason']}: "
            f"{fields or judged['found'] or judged['meaning']} ({judged['what_to_do']})"
        )


def _alarm_word(alarm: Mapping[str, Any]) -> str:
    return "settled" if alarm["settled"] else "ALARM" if alarm["stops"] else "note"


def _settled(alarm: Mapping[str, Any]) -> str:
    settled = alarm["settled"]
    return f"; settled {settled['at']}: {settled['reason']}" if settled else ""


def _reading_line(log: Mapping[str, Any]) -> str:
    line = f"{log['read']:,} of {entries(log['known'])}"
    return f"{line}; it waits: {log['trouble']}" if log["trouble"] else line


def _cosigned_line(log: Mapping[str, Any]) -> str:
    cosigned = log["cosigned"]
    line = "nothing yet" if cosigned is None else f"{entries(cosigned['size'])}, at {cosigned['at']}"
    return f"{line}; no more because of the alarm {log['stopped_by']}" if log["stopped_by"] else line


def _counted_records(records: Mapping[str, int]) -> str:
    told = f"{records['current']} current, {records['local']} only here, {records['withdrawn']} withdrawn"
    return told + f", {records['erased']} erased" * bool(records["erased"])


def _obeyed(order: Mapping[str, Any]) -> str:
    if order["index"] is None:
        return "the order is not in the log yet"
    if order["missing"] is None:
        return "in the log; the hub has not told yet who has obeyed"
    confirmed = ", ".join(each["org"] for each in order["confirmed"]) or "nobody"
    missing = ", ".join(order["missing"]) or "nobody"
    return f"destroyed by {confirmed}; missing: {missing} (as of {order['as_of']})"


def _at(before: str, moment: str | None, after: str = "") -> str:
    return f"{before} {moment}{after}" if moment else ""
