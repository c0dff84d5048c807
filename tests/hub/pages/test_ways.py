"""The other ways to get the same: only where they fit what is asked for, and safe to paste."""

from starlette.requests import Request

from hub.filters import Filters
from hub.pages.ways import MAX_SUBJECTS, ways_of


def ways(address: str = "https://hub.example", **asked: object) -> dict[str, list[str]]:
    scope = {"type": "http", "scheme": "http", "server": ("127.0.0.1", 8300), "path": "/", "headers": []}
    found: dict[str, list[str]] = {}
    for way in ways_of(Request(scope), address, Filters.model_validate(asked)):
        found.setdefault(way.name, []).append(way.address)
    return found


def test_address_books_are_of_contacts_and_iati_is_of_activities() -> None:
    assert "Address book (vCard)" in ways(kind=["contact"])
    assert "Address book (vCard)" not in ways(kind=["need"])
    assert "Activities (IATI)" in ways(kind=["activity"], place=["KEN"])


def test_commands_are_for_this_hub_and_hold_what_they_can_say() -> None:
    told = ways(kind=["need"], theme=["theme_1373:2.10"])
    assert told["Live, on the command line"] == [
        "liaison watch https://hub.example --kind need --theme theme_1373:2.10"
    ]
    assert ways(address="")["Live, on the command line"] == ["liaison watch http://127.0.0.1:8300"]
    assert "Live, on the command line" not in ways(q="gates; rm")


def test_there_is_a_subject_of_the_bus_for_each_kind_and_organization_unless_they_are_too_many() -> None:
    assert ways(kind=["need"])["Live, on the bus (NATS subject)"] == ["log.clear.need.*"]
    many = [f"org-{number}" for number in range(MAX_SUBJECTS + 1)]
    assert "Live, on the bus (NATS subject)" not in ways(org=many)
