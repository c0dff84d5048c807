"""docs/bus.md names every subject, header, stream and right that the code has, and no other."""

import re
from pathlib import Path

from hub.bus_config import BusAccount, BusSettings, render
from hub.questions import QUESTIONS
from hub.streams import STREAMS
from schemas.release import MARKINGS, slug
from tests.docs.project import text
from wire import subjects
from wire.nkeys import generate_nkey

KEYS = [generate_nkey()[1] for _ in range(2)]


def page() -> str:
    return text("docs/bus.md")


def rendered() -> str:
    settings = BusSettings(Path("state"), "127.0.0.1", 4222, 8222, KEYS[0])
    return render(settings, [BusAccount("xa-office", KEYS[1])])


def test_every_subject_of_the_code_is_documented() -> None:
    org, kind = "<org>", "<kind>"
    named = [
        subjects.events(org, kind),
        subjects.heads(org),
        subjects.ask(org, "<what>"),
        subjects.receipts(org),
        subjects.witness(org),
        subjects.CHECKPOINTS,
        f"log.<marking>.{kind}.{org}",
    ]
    assert [subject for subject in named if f"| `{subject}` |" not in page()] == []
    public = [name for name, value in vars(subjects).items() if callable(value) and value.__module__ == "wire.subjects"]
    assert sorted(public) == ["ask", "events", "heads", "log", "receipts", "witness"], (
        "document the new one, then name it here"
    )


def test_every_question_about_the_log_is_documented() -> None:
    asked = re.findall(r"^\| `(\w+)` \| `\{", page(), re.MULTILINE)
    assert set(asked) == set(QUESTIONS)


def test_every_marking_on_the_bus_and_every_header_is_documented() -> None:
    words = [slug(marking) for marking in MARKINGS if marking != "TLP:RED"]
    assert [word for word in words if f"`{word}`" not in page()] == []
    assert f"`{subjects.TOKEN_HEADER}`" in page()
    assert f"`{subjects.INDEX_HEADER}`" in page()


def test_streams_and_what_they_listen_to_are_documented() -> None:
    for plan in STREAMS:
        assert f"| `{plan.name}` | {', '.join(f'`{s}`' for s in plan.subjects)} |" in page()


def test_what_a_member_may_do_is_what_its_account_imports() -> None:
    account = rendered().partition('"xa-office": {')[2]
    imported = set(re.findall(r'account: "HUB", subject: "([^"]+)"', account))
    row = next(line for line in page().splitlines() if line.startswith("| an organization's id |"))
    assert {name.replace("<org>", "xa-office") for name in re.findall(r"`([^`]+)`", row)} == imported


def test_what_the_public_may_read_is_what_its_account_imports() -> None:
    account = rendered().partition('"PUBLIC": {')[2].partition("\n  }")[0]
    row = next(line for line in page().splitlines() if line.startswith("| `PUBLIC` |"))
    assert set(re.findall(r"`([^`]+)`", row)) - {"PUBLIC"} == set(re.findall(r'subject: "([^"]+)"', account))
