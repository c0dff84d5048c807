"""Tests of hub/exports/api.py: filters, visibility, headers, limits and descriptions of all exports at once."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from hub.access import Role, create_token
from hub.exports import csv_file, iati, json_lines, vcard
from hub.exports.api import _Running
from hub.exports.publishers import Publishers
from hub.filters import Filters
from hub.problem_details import Refusal
from hub.queries import Listed, list_records
from tests.hub.exports.test_batches import reading_of
from tests.hub.published import Published, example
from tests.hub.serving import api_of, served
from tests.signed_network import NETWORK, contact, need

RECORDS = "/api/v1/records"
AS_OF = "2026-11-26T15:00:00.000Z"
FILES = {".csv": "text/csv", ".jsonl": "application/jsonl", ".vcf": "text/vcard", ".iati.xml": "application/xml",
         ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
FEEDS = {".atom": "application/atom+xml", ".feed.json": "application/feed+json"}
ALL = {**FILES, **FEEDS}


@pytest.mark.parametrize("suffix", ALL)
def test_a_parameter_that_is_not_known_is_refused_as_in_the_list(reader: TestClient, suffix: str) -> None:
    for query, pointer in (("plaice=KEN", "/plaice"), ("place=Kenya", "/place/0"), ("limit=5", "/limit")):
        answer = reader.get(f"{RECORDS}{suffix}?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(("suffix", "media"), FILES.items())
def test_a_file_has_a_name_that_speaks_and_stays_out_of_caches(reader: TestClient, suffix: str, media: str) -> None:
    answer = reader.get(f"{RECORDS}{suffix}?org=xa-centre")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media)
    said = answer.headers["content-disposition"]
    assert said.startswith(f'attachment; filename="{NETWORK}-')
    assert "xa-centre-20" in said
    assert said.endswith(f'{suffix}"')
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "Authorization" in answer.headers["vary"]


@pytest.mark.parametrize(("suffix", "media"), FEEDS.items())
def test_a_feed_that_did_not_change_is_not_sent_again(small_network: Published, suffix: str, media: str) -> None:
    small_network.publish("need", need(), id="n1")
    client = TestClient(api_of(small_network))
    address = f"{RECORDS}{suffix}?kind=need"
    first = client.get(address)
    assert first.headers["content-type"] == media
    assert first.headers["vary"] == "Authorization, Cookie, Accept-Language"
    tag = first.headers["etag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(address, headers={"If-None-Match": tag, "Accept-Language": "ar"}).status_code == 200
    small_network.publish("need", need("Changed"), id="n1", action="revised")
    changed = client.get(address, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["etag"] == tag) == (200, False)


@pytest.mark.parametrize("suffix", ALL)
def test_no_export_tells_the_public_of_what_is_for_members(reader: TestClient, member: TestClient, suffix: str) -> None:
    if suffix != ".iati.xml":
        assert reader.get(f"{RECORDS}{suffix}").content != member.get(f"{RECORDS}{suffix}").content
    if suffix != ".xlsx":
        assert b"Members only" not in reader.get(f"{RECORDS}{suffix}").content


def test_a_contact_goes_no_further_than_its_visibility_whatever_its_marking_says(small_network: Published) -> None:
    """One that is marked wider than it is visible never enters the view: no list, search, count or export has it."""
    small_network.publish("contact", contact(visibility="public", name={"en": "Open"}), id="open")
    small_network.publish("contact", contact(visibility="members", name={"en": "Ajar"}), id="ajar", marking="TLP:GREEN")
    small_network.publish("contact", contact(visibility="members", name={"en": "Hidden"}), id="h1")
    for number, marking in ((2, "TLP:CLEAR"), (3, "TLP:GREEN")):
        record = contact(visibility="private", name={"en": "Hidden"})
        small_network.publish("contact", record, id=f"h{number}", marking=marking)
    # Once public, and for nobody from now on: the last version that might be shown stays, marked.
    small_network.publish("contact", contact(visibility="private", name={"en": "Hidden"}), id="open", action="revised")
    client = TestClient(api_of(small_network))
    for role, expected in (("public", ["open"]), ("member", ["open", "ajar"]), ("operator", ["open", "ajar"])):
        headers = token(small_network, role)
        items = client.get(RECORDS, params={"kind": "contact"}, headers=headers).json()["items"]
        assert [item["id"] for item in items] == expected, role
        assert items[0]["excluded"]["reason"] == "marking-violated"
        lines = client.get(f"{RECORDS}.jsonl?kind=contact", headers=headers).content.splitlines()
        assert [orjson.loads(line)["id"] for line in lines] == expected
        cards = client.get(f"{RECORDS}.vcf", headers=headers).text
        assert [name in cards for name in ("Open", "Ajar", "Hidden")] == [True, "ajar" in expected, False]
        for suffix in ("", ".csv", ".atom", ".feed.json", ".jsonl"):
            answer = client.get(f"{RECORDS}{suffix}?q=hidden", headers=headers)
            assert b"Hidden" not in answer.content
        for id_, end in itertools.product(("h1", "h2", "h3"), ("", "/history", ".vcf", ".qr.svg")):
            assert client.get(f"{RECORDS}/contact/xa-centre/{id_}{end}", headers=headers).status_code == 404


def token(network: Published, role: str) -> dict[str, str]:
    return {} if role == "public" else {"Authorization": f"Bearer {create_token(network.engine, role, role)}"}


def test_words_find_what_was_logged_a_moment_ago(small_network: Published) -> None:
    small_network.publish("need", need("Helicopters"), id="late")
    client = TestClient(api_of(small_network))
    for suffix in (".csv", ".atom"):
        assert b"Helicopters" in client.get(f"{RECORDS}{suffix}?q=helicopter").content


def test_a_workbook_leaves_nothing_on_the_disk(
    reader: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert reader.get(f"{RECORDS}.xlsx").content.startswith(b"PK")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["csv", "jsonl", "vcf", "iati"])
def test_a_file_is_written_as_it_is_read_so_that_a_million_records_need_no_more_room_than_a_batch(
    everything: Published, form: str
) -> None:
    kind = {"vcf": "contact", "iati": "activity"}.get(form, "need")
    changes = {"visibility": "public"} if kind == "contact" else {}
    item = {
        "kind": kind, "org": "xa-centre", "id": "r1", "marking": "TLP:CLEAR", "status": "current",
        "freshness": "due", "published": AS_OF, "record": example(kind, **changes),
    }  # fmt: skip
    taken = 0

    def batches() -> Iterator[list[dict[str, Any]]]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield [item]

    known = Publishers(reading_of(everything), Role.PUBLIC)
    parts = {
        "csv": lambda: csv_file.csv_lines(batches(), kind),
        "jsonl": lambda: json_lines.json_lines(batches()),
        "vcf": lambda: vcard.cards(batches(), NETWORK, known, "en", AS_OF),
        "iati": lambda: iati.iati(batches(), iati.Reporting(NETWORK, known, AS_OF), "all records"),
    }[form]()
    assert sum(len(part) for part in itertools.islice(parts, 3)) > 0
    assert taken <= 3


def test_a_file_that_breaks_off_does_not_look_finished(
    small_network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a real connection: what is short for want of a database must not be taken for all there is."""
    for number in range(4):
        small_network.publish("need", need(), id=f"n{number}")
    asked = 0

    def failing(*arguments: Any) -> Listed:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise OperationalError("SELECT", {}, Exception("the disk is gone"))
        return list_records(*arguments)

    monkeypatch.setattr("hub.exports.batches.MAX_LIMIT", 2)
    monkeypatch.setattr("hub.exports.batches.list_records", failing)
    with served(small_network) as hub, pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(f"{hub.address}{RECORDS}.csv", timeout=60)
    assert asked == 2


def test_too_many_at_once_are_refused_and_those_that_ended_make_room(
    everything: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.exports.api.MAX_RUNNING", 1)
    running = _Running()
    first = running.counted(iter([b"a", b"b"]))
    assert next(first) == b"a"
    with pytest.raises(Refusal, match="exports run already") as refused:
        running.one(lambda: 1)
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "60"})
    assert list(first) == [b"b"]
    assert running.one(lambda: 1) == 1


def test_the_interface_names_media_type_and_filters_of_every_export(reader: TestClient) -> None:
    document = reader.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1.")
    for suffix, media in ALL.items():
        said: Any = document["paths"][f"{RECORDS}{suffix}"]["get"]
        assert list(said["responses"]["200"]["content"]) == [media]
        names = [parameter["name"] for parameter in said["parameters"]]
        assert names == [*Filters.model_fields, *(["before"] if suffix in FEEDS else [])]
        assert all(parameter["description"] for parameter in said["parameters"])
    for suffix, media in ((".vcf", "text/vcard"), (".qr.svg", "image/svg+xml")):
        said = document["paths"][f"{RECORDS}/contact/{{org}}/{{id}}{suffix}"]["get"]
        assert list(said["responses"]["200"]["content"]) == [media]


def test_exports_agree_with_the_list_whatever_is_asked_for(member: TestClient) -> None:
    for query in ("kind=need", "place=XAA", "theme=theme_1373:2.10", "status=withdrawn", "q=duty", "since=2020-01-01"):
        listed = [item["id"] for item in member.get(f"{RECORDS}?{query}").json()["items"]]
        lines = member.get(f"{RECORDS}.jsonl?{query}").content.splitlines()
        feed = member.get(f"{RECORDS}.feed.json?{query}").json()["items"]
        assert [orjson.loads(line)["id"] for line in lines] == listed
        assert [item["_liaison"]["id"] for item in reversed(feed)] == listed
        assert listed, query
