"""What holds for every address of the hub at once: nothing above the reader's marking leaves, not even a count."""

import csv
import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openpyxl
import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from hub import tables
from hub.access import create_token
from hub.rebuild import rebuild
from hub.schema import MIGRATIONS
from schemas.body import make_body
from tests.hub.batches import view_of_all
from tests.hub.published import Published, example
from tests.hub.serving import api_of, served
from tests.migrated import migrated_engine
from tests.signed_network import contact, encrypted_to, key_of, message_of, need, nonce, statement_of
from wire.encoding import from_b64url
from wire.follow import blocks

# Words, places and themes that are in no record but the secret ones.
SECRET = ("zanzibar", "kilwa", "mafia island", '"SWZ"', "eswatini", '"LSO"', "lesotho", '"2.12"', "pemba")
GREEN = ("quelimane", "beira")
ADDRESSES = [
    *(("need", f"n{number}") for number in range(1, 7)),
    ("assessment", "a1"), ("contact", "c1"), ("activity", "v1"), ("offer", "o1"), ("need", "none"),
]  # fmt: skip
FILTERS = [
    {}, {"kind": "need"}, {"kind": ["assessment", "contact"]}, {"org": "xa-centre"}, {"place": "SWZ"}, {"place": "LSO"},
    {"place": "COM"}, {"place": "001"}, {"theme": "2.12"}, {"theme": "theme_1373:2.10"}, {"q": "zanzibar"},
    {"q": "kil"}, {"q": "pemba"}, {"q": "readers"}, {"q": "quelimane"}, {"status": "withdrawn"}, {"status": "current"},
    {"status": "acknowledged"}, {"status": ["withdrawn", "current"]}, {"since": "2020-01-01"}, {"limit": 1},
    {"after": 3, "limit": 2}, {"kind": "need", "status": "withdrawn", "q": "zanzibar"}, {"role": "duty_officer_24x7"},
    {"language": "en"}, {"available_24x7": "true"},
]  # fmt: skip
MATRICES = [
    {}, {"rows": "region"}, {"rows": "provider"}, {"place": "SWZ"}, {"place": "001"}, {"theme": "2.12"},
    {"scheme": "fatf"}, {"scheme": "who_jee"}, {"org": "xa-centre"}, {"state": "gap"},
    {"rows": "place", "columns": "provider"}, {"rows": "theme", "columns": "region"},
]  # fmt: skip

# Files and feeds take the same way to the records as the list: what leads to a secret is enough.
OF_EXPORTS = [
    {}, {"place": "SWZ"}, {"theme": "2.12"}, {"q": "zanzibar"}, {"q": "quelimane"},
    {"status": ["withdrawn", "current"]},
]  # fmt: skip

ABOUT_THE_LOG = ("/log/", "/api/v1/view/", "/api/v1/evidence/", "/api/v1/bodies/", "/metrics")


def hidden(title: str, **changes: Any) -> dict[str, Any]:
    """A need with words, a place and a theme that nobody else names."""
    themes = [{"scheme": "theme_1373", "code": "2.12"}]
    return need(title, beneficiary={"country": "SWZ"}, themes=themes, places=[{"country": "LSO"}], **changes)


def fill(network: Published, *, secrets: bool) -> None:
    """Public and members' records, and in the log's other places secret ones, or others that nobody may see either."""
    network.admit("fr-office")
    network.publish("need", need("Public readers"), id="n1")
    network.publish("contact", contact(name={"en": "Quelimane"}, unit="Beira"), marking="TLP:GREEN", id="c1")
    network.publish("offer", example("offer"), id="o1")
    network.publish("need", need("First clear, then secret"), id="n4")
    network.withdraw("offer", id="o1")
    if secrets:
        _say_secrets(network)
    network.publish("need", need("Public at the end"), id="n6")


def _say_secrets(network: Published) -> None:
    network.tell("fr-office", record=hidden("Zanzibar"), id="n2")
    network.tell("fr-office", record=hidden("Kilwa"), id="n3", marking="TLP:AMBER+STRICT")
    network.tell("fr-office", id="n3", action="withdrawn", marking="TLP:AMBER+STRICT", reason="Mafia island.")
    network.tell("fr-office", record=hidden("Zanzibar again"), id="n2", action="revised")
    network.tell("fr-office", record=hidden("Zanzibar again"), id="n2", action="confirmed")
    # Once public, and secret from now on.
    network.tell("fr-office", record=hidden("Zanzibar too"), id="n4", action="revised")
    assessment = example("assessment", consent="state_only", subject={"country": "SWZ"})
    network.tell("fr-office", record=assessment, kind="assessment", id="a1")
    activity = example("activity", title={"en": "Pemba"}, places=[{"country": "LSO"}])
    network.tell("fr-office", record=activity, kind="activity", id="v1")
    author = network.admit("xa-centre")
    # Mistakes: in clear under a marking that forbids it, in another form, to the wrong readers.
    for marking in ("TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"):
        network.deliver(message_of(author.say(hidden("Zanzibar in clear"), id="n5", marking=marking)))
    invalid = hidden("Kilwa", need_status="pemba")
    network.publish("need", invalid, id="n5", marking="TLP:AMBER")
    body = encrypted_to(make_body(hidden("Kilwa"), nonce(7)), "fr-office")
    network.deliver(author.say(id="n5", marking="TLP:AMBER", body=body, content_type="application/jose+json"))
    forged = author.twin().say(hidden("Zanzibar forged"), marking="TLP:AMBER", key=key_of("somebody else"))
    network.deliver(forged)


@pytest.fixture
def networks(tmp_path: Path) -> Iterator[dict[bool, Published]]:
    """Two networks that differ in what nobody may see."""
    engines = {}
    for secrets in (True, False):
        engines[secrets] = migrated_engine(tmp_path / f"{secrets}.db", MIGRATIONS)
    found = {secrets: Published(engine) for secrets, engine in engines.items()}
    for secrets, network in found.items():
        fill(network, secrets=secrets)
    yield found
    for engine in engines.values():
        engine.dispose()


def bearer(engine: Engine, role: str) -> dict[str, str]:
    return {} if role == "public" else {"Authorization": f"Bearer {create_token(engine, role, 'reader')}"}


def datahashes(network: Published) -> list[str]:
    """Every body that was ever said, by its hash: all that a guesser of addresses could try."""
    with network.engine.connect() as connection:
        tokens = connection.scalars(select(tables.log.c.token)).all()
    return sorted({str(statement_of(bytes(token))["datahash"]) for token in tokens})


def questions(client: TestClient, network: Published) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every GET address that the hub describes, with every value that leads to a secret; events are read apart."""
    values = {
        "sequence": list(map(str, range(1, 12))), "datahash": datahashes(network),
        "org": ["xa-centre", "fr-office"], "version": ["1"], "kind": sorted({kind for kind, _ in ADDRESSES}),
        "number": ["0", "4095"], "id": ["none"], "level": ["0", "1"], "size": list(map(str, range(40))),
        "path": [f"000.p/{width}" for width in range(1, 40)],
    }  # fmt: skip
    for path, said in client.get("/openapi.json").json()["paths"].items():
        if "get" not in said or path == "/api/v1/events":
            continue
        if (path.startswith("/api/v1/records") and "{" not in path) or path.endswith("/preview"):
            accepted = {each["name"] for each in said["get"]["parameters"]}
            filters = FILTERS if path.endswith("records") else OF_EXPORTS
            yield from ((path, each) for each in filters if set(each) <= accepted)
        elif path.startswith("/api/v1/records/contact/"):
            yield from ((path.format(org="xa-centre", id=id_), {}) for _, id_ in ADDRESSES)
        elif path.startswith("/api/v1/matrix"):
            yield from ((path, each) for each in MATRICES)
        elif "{id}" in path and "{kind}" in path:
            yield from ((path.format(kind=kind, org="xa-centre", id=id_), {}) for kind, id_ in ADDRESSES)
        else:
            names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
            for chosen in itertools.product(*(values[name] for name in names)):
                yield path.format(**dict(zip(names, chosen, strict=True))), {}


def statements_in(bundle: bytes) -> bytes:
    """What the tokens in a bundle of entries say; hashes and signatures may spell anything."""
    return b"\n".join(from_b64url(payload) for payload in re.findall(rb"eyJ[\w-]+\.([\w-]+)\.", bundle))


def opened(evidence: bytes) -> bytes:
    """Evidence with what its long base64url texts hold, bodies among them; a workbook with its sheets."""
    if evidence.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(evidence)) as sheets:
            return b"\n".join(sheets.read(name) for name in sheets.namelist())
    return evidence + b"".join(
        from_b64url(each) for each in re.findall(rb'"([\w-]{86,})"', evidence) if len(each) % 4 != 1
    )


def told(answer: bytes, words: tuple[str, ...]) -> list[str]:
    """Which of the words are in an answer, in any case of letters."""
    return [word for word in words if word.lower().encode() in answer.lower()]


@pytest.mark.parametrize("role", ["public", "member", "operator"])
def test_no_answer_of_any_address_has_a_word_of_what_its_reader_may_not_see(
    networks: dict[bool, Published], role: str
) -> None:
    network = networks[True]
    client = TestClient(api_of(network), raise_server_exceptions=False)
    forbidden = SECRET + (GREEN if role == "public" else ())
    headers = bearer(network.engine, role)
    asked = 0
    for path, parameters in questions(client, network):
        answer = client.get(path, params=parameters, headers=headers)
        assert answer.status_code < 500, (path, parameters)
        if path.startswith(("/schemas/", "/openapi.json", "/asyncapi.json")):
            continue  # code lists are public
        # What a reader asks with stands in the link to the next page.
        asked_with = tuple(str(value) for value in parameters.values())
        heads = str([value for name, value in answer.headers.items() if name != "link"]).encode()
        words = tuple(word for word in forbidden if word not in asked_with)
        content = statements_in(answer.content) if path.startswith("/log/") else opened(answer.content)
        assert told(content + heads, words) == [], (path, parameters)
        asked += 1
    assert asked > 80


def without_statements(document: Any) -> Any:
    """An answer without what the public statements alone say: indices, hashes and counts of statements."""
    if isinstance(document, dict):
        # The numbers of statements are public, and so is where in the log they stand.
        public = {"index", "sequence", "statement", "statements", "log_size", "excluded", "quarantine", "next", "as_of"}
        volatile = {"lag_seconds", "last_event", "refused_at", "refused_reason", "reason", "state", "nodes"}
        return {k: without_statements(v) for k, v in document.items() if k not in public | volatile}
    return [without_statements(each) for each in document] if isinstance(document, list) else document


def comparable(path: str, media: str, answer: bytes) -> Any:
    """An answer without indices and hashes of statements, and without the time at which it was given."""
    if path.endswith(".xlsx"):
        about, *sheets = openpyxl.load_workbook(io.BytesIO(answer))
        columns = [[cell.value for cell in column] for sheet in sheets for column in sheet.iter_cols()]
        rows = [row for row in about.iter_rows(values_only=True) if row[0] not in {"As of", "Address"}]
        return rows, [column for column in columns if column[0] not in {"index", "statement"}]
    answer = re.sub(rb"20[0-9-]{8}T[0-9:.]+Z", b"", answer)
    if "/history." in path:  # an entry is named by its place in the log
        answer = re.sub(rb"\?version=[0-9]+", b"", answer)
    if path.endswith(".csv"):
        lines = csv.DictReader(answer.decode("utf-8-sig").splitlines())
        return [{name: value for name, value in line.items() if name not in {"index", "statement"}} for line in lines]
    if path.endswith(".jsonl"):
        return [without_statements(orjson.loads(line)) for line in answer.splitlines()]
    return without_statements(orjson.loads(answer)) if "json" in media else answer


@pytest.mark.parametrize("role", ["public", "member"])
def test_no_answer_to_a_question_about_records_changes_with_what_its_reader_may_not_see(
    networks: dict[bool, Published], role: str
) -> None:
    """Lists, pages, exports, counts and matrix are as if the secret records were not; a record made secret is gone."""
    answers: dict[bool, list[Any]] = {True: [], False: []}
    networks[False].tell("fr-office", id="n4", action="revised")  # of n4 it is public that it is not public any more
    for secrets, network in networks.items():
        client = TestClient(api_of(network), raise_server_exceptions=False)
        headers = bearer(network.engine, role)
        for path, parameters in questions(client, network):
            if (
                "after" in parameters
                or "/nodes" in path
                or path.startswith(ABOUT_THE_LOG)
                or path.endswith("/evidence")
            ):
                continue  # a cursor is a place in the log, and the log is public
            answer = client.get(path, params=parameters, headers=headers)
            content = comparable(path, answer.headers["content-type"], answer.content)
            answers[secrets].append((path, parameters, answer.status_code, content))
    assert answers[True] == answers[False]


@pytest.mark.parametrize("role", ["public", "member"])
@pytest.mark.parametrize(
    "address", ["/api/v1/events?after=-1", "/api/v1/events?snapshot=true", "/feed/stream?after=-1"]
)
def test_no_live_stream_has_a_word_of_what_its_reader_may_not_see(
    networks: dict[bool, Published], role: str, address: str
) -> None:
    network = networks[True]
    with (
        served(network) as hub,
        httpx2.stream("GET", hub.address + address, headers=bearer(network.engine, role), timeout=60) as answer,
    ):
        seen: list[str] = []
        for block in blocks(answer.iter_lines()):
            seen.append(str(block.data))
            if "Public at the end" in seen[-1]:
                break
    text = " ".join(seen).encode()
    assert told(text, SECRET + (GREEN if role == "public" else ())) == []
    assert b"ciphertext" not in text


def test_a_view_made_anew_from_the_log_is_the_same_with_what_is_encrypted(networks: dict[bool, Published]) -> None:
    engine = networks[True].engine
    before = view_of_all(engine)
    rebuild(engine)
    assert view_of_all(engine) == before
    assert [row for row in before["records"] if "TLP:AMBER" in row and row[9]] == []  # no title


def test_a_record_that_is_public_again_shows_nothing_of_what_it_was_meanwhile(small_network: Published) -> None:
    small_network.publish("need", need("First"), id="n1")
    small_network.tell("fr-office", record=hidden("Zanzibar"), id="n1", action="revised")
    small_network.publish("need", need("Last"), id="n1", action="revised")
    client = TestClient(api_of(small_network))
    history = client.get("/api/v1/records/need/xa-centre/n1/history")
    assert [item.get("record", {}).get("title") for item in history.json()["items"]] == [
        {"en": "First"}, None, {"en": "Last"},
    ]  # fmt: skip
    assert told(history.content, SECRET) == []
    assert client.get("/api/v1/records", params={"q": "zanzibar"}).json()["items"] == []
    assert client.get("/api/v1/records", params={"place": "SWZ"}).json()["items"] == []
    assert len(client.get("/api/v1/records", params={"place": "KEN"}).json()["items"]) == 1
