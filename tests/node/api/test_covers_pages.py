"""Tests that the API does what the pages do, for the same roles; and that what it does not is left out for a reason."""

from node.accounts.rules import Role
from tests.node.api.test_asker import PEOPLE, PROGRAMS
from tests.node.pages.test_roles import OPEN, PAGES

V1, RECORD = "/api/v1", "/api/v1/records/{kind}/{record_id}"
DRAFT, IMPORT, BULK, PERSON = (
    f"{V1}/drafts/{{number}}", f"{V1}/imports/{{number}}", f"{V1}/bulk/{{number}}", f"{V1}/people/{{name}}",
)  # fmt: skip
# A page, and the addresses at which programs find and do what a person finds and does there.
COVERED: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "/acts"): (f"GET {V1}/acts",),
    ("GET", "/acts.csv"): (f"GET {V1}/acts.csv",),
    ("GET", "/backup"): (f"GET {V1}/backup",),
    ("GET", "/connection"): (f"GET {V1}/doctor",),
    ("GET", "/batches"): (f"GET {V1}/bulk",),
    ("GET", "/batches/{number}"): (f"GET {BULK}",),
    ("GET", "/import"): (f"GET {V1}/imports", f"GET {V1}/mappings"),
    ("GET", "/import/mappings/{name}.toml"): (f"GET {V1}/mappings/{{name}}",),
    ("GET", "/import/template/{kind}.xlsx"): (f"GET {V1}/files/template/{{kind}}.xlsx",),
    ("GET", "/import/{number:int}"): (f"GET {IMPORT}",),
    ("GET", "/import/{number:int}/marked.xlsx"): (f"GET {IMPORT}/marked.xlsx",),
    ("GET", "/records"): (f"GET {V1}/search",),
    ("GET", "/records.csv"): (f"GET {V1}/files/records.csv",),
    ("GET", "/records.xlsx"): (f"GET {V1}/files/records.xlsx",),
    ("GET", "/drafts/{number}/check"): (f"GET {DRAFT}/check",),
    ("GET", "/inbox"): (f"GET {V1}/inbox", f"GET {V1}/matches"),
    ("GET", "/inbox/{index}"): (f"GET {V1}/inbox/{{index}}", f"POST {V1}/inbox/{{index}}/read"),
    ("GET", "/keys"): (f"GET {V1}/keys",),
    ("GET", "/keys/rotate"): (f"GET {V1}/keys",),
    ("GET", "/outbox"): (f"GET {V1}/outbox",),
    ("GET", "/people"): (f"GET {V1}/people", f"GET {V1}/log-ins"),
    ("GET", "/people/{name}"): (f"GET {PERSON}",),
    ("GET", "/records/{kind}/{record_id}"): (f"GET {RECORD}", f"GET {RECORD}/history", f"GET {RECORD}/audience"),
    ("GET", "/tokens"): (f"GET {V1}/tokens",),
    ("POST", "/backup"): (f"POST {V1}/backup",),
    ("POST", "/backup/test"): (f"POST {V1}/backup/test",),
    ("POST", "/connection/test"): (f"POST {V1}/doctor",),
    ("POST", "/desk/confirm"): (f"POST {RECORD}/confirm",),
    ("POST", "/drafts"): (f"POST {V1}/drafts",),
    ("POST", "/drafts/{number}"): (f"PUT {DRAFT}", f"DELETE {DRAFT}"),
    ("POST", "/inbox/answer"): (f"POST {V1}/inbox/answer",),
    ("POST", "/inbox/{index}/unread"): (f"POST {V1}/inbox/{{index}}/unread",),
    ("POST", "/keys/rotate"): (f"POST {V1}/keys/rotate",),
    ("POST", "/outbox/settle"): (f"POST {V1}/alarms/{{number}}/settle",),
    ("POST", "/import"): (f"POST {V1}/imports",),
    ("POST", "/import/mappings"): (f"POST {V1}/mappings",),
    ("POST", "/import/mappings/{name}"): (f"DELETE {V1}/mappings/{{name}}",),
    ("POST", "/import/{number:int}/map"): (f"PUT {IMPORT}/mapping",),
    ("POST", "/people"): (f"POST {V1}/people",),
    ("POST", "/people/{name}/code"): (f"POST {PERSON}/code",),
    ("POST", "/people/{name}/disable"): (f"POST {PERSON}/disable",),
    ("POST", "/people/{name}/enable"): (f"POST {PERSON}/enable",),
    ("POST", "/people/{name}/roles"): (f"PUT {PERSON}/roles",),
    ("POST", "/records/bulk"): (f"POST {V1}/bulk/plan",),
    ("POST", "/records/bulk/do"): (f"POST {V1}/bulk",),
    ("POST", "/records/{kind}/{record_id}/{act}"): (
        f"POST {RECORD}/confirm", f"DELETE {RECORD}", f"POST {RECORD}/erase",
    ),
    ("POST", "/tokens"): (f"POST {V1}/tokens",),
    ("POST", "/tokens/mine/remove"): (f"DELETE {V1}/tokens/{{token_id}}",),
}  # fmt: skip
# Where a page has several buttons, or an address shows the same to one role more: together they are for these roles.
SPLIT: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "/drafts/{number}"): (f"GET {DRAFT}",),
    ("GET", "/import/{number:int}/map"): (f"GET {IMPORT}",),
    ("GET", "/desk"): (f"GET {V1}/drafts", f"GET {V1}/drafts?review=true", f"GET {V1}/search"),
    ("POST", "/drafts/{number}/check"): (f"POST {DRAFT}/submit", f"POST {DRAFT}/return", f"POST {DRAFT}/publish"),
    ("POST", "/import/{number:int}"): (
        f"POST {IMPORT}/check", f"POST {IMPORT}/publish", f"POST {IMPORT}/resume", f"POST {IMPORT}/approve",
        f"POST {IMPORT}/return", f"DELETE {IMPORT}",
    ),
    ("POST", "/batches/{number}"): (f"POST {BULK}/approve", f"DELETE {BULK}"),
    ("POST", "/tokens/remove"): (f"DELETE {V1}/tokens/{{token_id}}",),
}  # fmt: skip
# docs/api.md says these, too.
LEFT_OUT = {
    ("GET", "/account"): "whose token it is stands in GET /api/v1/tokens",
    ("POST", "/account"): "a password is set by its owner, logged in",
    ("GET", "/backup/file"): "it holds the private keys",
    ("POST", "/tokens/mine"): "no token makes another of a person",
    ("GET", "/new"): "it only asks which kind",
    ("GET", "/records/{kind}/{record_id}/{act}"): "it only asks whether that is meant",
    ("GET", "/welcome/enrolment.json"): "the first run",
    ("POST", "/welcome/admission"): "the first run",
    ("POST", "/welcome/join"): "the first run",
    ("POST", "/welcome/organization"): "the first run",
    ("POST", "/welcome/test"): "the first run",
}


def test_everything_the_pages_do_is_in_the_api_or_left_out_for_a_reason() -> None:
    assert {*COVERED, *SPLIT, *LEFT_OUT} == {*PAGES} - OPEN


def test_the_api_asks_for_the_roles_that_the_pages_ask_for() -> None:
    asked = PROGRAMS | PEOPLE
    for page, addresses in COVERED.items():
        for address in addresses:
            assert asked[address] == PAGES[page], f"{page} and {address}"
    for page, addresses in SPLIT.items():
        together = frozenset[Role]().union(*(asked[address] for address in addresses))
        assert together >= PAGES[page], page
