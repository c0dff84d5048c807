"""What holds on every page of a node: axe-core finds nothing, in both directions, on a desk and on a phone."""

from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import lxml.html
import orjson
import pytest
from playwright.sync_api import Browser

from node.alarms import Finding, Name
from node.edit import Put
from node.node import Node
from node.pages.desk import Role
from node.store import Judged, Promise
from node.store.batches import BULK, REVIEW
from people.log_ins import From
from schemas.entry import parse_entry
from schemas.problems import problem
from tests.node.nodes import joined_node
from tests.node.pages.asked import BROWSER, Reader, api_of
from tests.node.pages.test_importing import MAPPED, ROWS, as_csv, upload
from tests.node.serving import served
from tests.node.test_cli_readers import letter
from tests.pages.browsing import DESKTOP, PHONE
from tests.pages.every_page import look_at
from tests.pages.left_in_latin import LANGUAGES, left_in_latin
from tests.pages.worn import lost
from tests.schemas.examples import EXAMPLES

# Every page, with an address that shows something, as somebody with all roles sees it.
PAGES = (
    "/",
    "/login",
    "/login/first",
    "/account",
    "/people",
    "/people/administrator",
    "/tokens",
    "/welcome",
    "/acts",
    "/acts?after=x",
    "/no-such-page",
    "/desk",
    "/new",
    "/backup",
    "/connection",
    "/outbox",
    "/keys",
    "/keys/rotate",
    "/drafts/1",
    "/drafts/1?tried=1",
    "/drafts/2/check",
    "/inbox",
    "/inbox?older=1",
    "/inbox?state=unread",
    "/inbox/7",
    "/inbox/9",
    "/records",
    "/records?kind=offer&fresh=overdue",
    "/records?kind=x&q=nothing",
    "/import",
    "/import/1/map",
    "/import/2",
    "/batches",
    "/batches/3",
    "/records/offer/o1",
    "/records/offer/o1/withdraw",
)

ROLLED_BACK = (
    "the log's newest checkpoint has 7 entries; it has signed one of 9 before: the hub has gone back, from a backup or "
    "in order to tell another history"
)
# What the hub says in English of an event.
PROBLEMS = (
    problem(("needed_by",), '"soon"', "be a date, as 2026-11-23"),
    problem(("themes", 2), '"9"', "be one of the 42 codes of the list theme_1373; the nearest are 2.9, 1.9"),
)
# What an Arabic page says in Latin letters all the same.
LATIN = {
    "Name", "Code", "Unit",  # columns of the file that is imported
    "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED",  # markings are never translated
    "Offices.csv · Centre of Xandia", "Administrator · Centre of Xandia",  # titles of what a file or a person is called
}  # fmt: skip


def import_some(node: Node) -> None:
    """Upload a file to be mapped, another that is checked, and ask for a bulk act that waits for somebody else."""
    reader = Reader(node, *Role)
    upload(reader, as_csv(ROWS))
    upload(reader, as_csv(ROWS))
    reader.send("/import/2/map", **MAPPED)
    work = {"act": "withdraw", "value": "Closed.", "recipients": [], "addresses": [["offer", "o1"], ["offer", "x"]]}
    times = ("2026-11-26T10:00:00.000Z", "2027-11-26T10:00:00.000Z")
    node.batches.begin(BULK, (2, "Bao"), REVIEW, work, times)


@pytest.fixture(scope="module")
def served_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a node in which somebody with all roles is logged in."""
    node = joined_node(tmp_path_factory.mktemp("node") / "node")
    offer = {**EXAMPLES["offer"], "id": "o1", "review_due": "2020-01-01"}
    done = node.editor.apply([Put(parse_entry(offer))])[0]
    problems = orjson.dumps([{"pointer": each.pointer, "message": each.message} for each in PROBLEMS]).decode()
    judged = Judged(done.sequence or 0, "warning", "schema-invalid", "x", "y", problems, "2026-11-24T00:00:00.000Z")
    node.outbox.logged(Promise(done.sequence or 0, 7, b""), [], [judged], {"logged": done.sequence})
    node.letters.keep(letter(7))
    node.letters.keep(letter(9, reason="schema-invalid"))
    node.log.sound(Finding(Name.ROLLED_BACK, ROLLED_BACK, 9, {}), "2026-11-24T12:00:00.000Z")
    beside = ("kind", "id", "marking")
    whole = {"marking": "TLP:CLEAR", "record": {n: v for n, v in EXAMPLES["need"].items() if n not in beside}}
    for entry in ({"marking": "TLP:CLEAR", "record": {}}, whole):
        node.drafts.begin("need", None, (1, "Amina Warsame"), entry, "2026-11-26T10:00:00.000Z")
    node.people.first_code()
    node.access.create("Case system", "2026-11-26T10:00:00.000Z")
    ends = "2099-11-26T10:00:00.000Z"
    node.access.create("Laptop", "2026-11-26T10:00:00.000Z", account=1, role="officer reviewer", ends=ends)
    node.people.log_ins.by_password("administrator", "wrong", From("192.0.2.1"))
    node.acts.note("command (root)", "token.made", "Case system")
    import_some(node)
    with served(api_of(node, *Role)) as address:
        yield address
    node.engine.dispose()


@pytest.mark.parametrize(("prefix", "size"), [("/en", DESKTOP), ("/ar", PHONE)], ids=["desktop-en", "phone-ar"])
def test_axe_finds_nothing_on_any_page(browser: Browser, served_node: str, prefix: str, size: dict[str, int]) -> None:
    found, worn = look_at(browser, served_node, prefix, PAGES, size)
    assert found == []
    assert lost(worn) == []


def fetched(address: str) -> str:
    """Give a page as a browser gets it, an error's page too."""
    try:
        with urlopen(Request(address, headers=BROWSER)) as answer:  # noqa: S310 - our own server
            return str(answer.read().decode())
    except HTTPError as error:
        return error.read().decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_in_other_letters_says_nothing_in_english(served_node: str, language: str) -> None:
    left: dict[str, list[str]] = {}
    for address in PAGES:
        page = lxml.html.fromstring(fetched(f"{served_node}/{language}{address}"))
        found = [each for each in left_in_latin(page) if each not in LATIN]
        if found:
            left[address] = found
    assert left == {}
