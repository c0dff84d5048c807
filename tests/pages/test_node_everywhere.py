"""What holds on every page of a node: axe-core finds nothing, in both directions, on a desk and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from node.alarms import Finding, Name
from node.edit import Put
from node.node import Node
from node.pages.desk import Role
from node.store.batches import BULK, REVIEW
from people.log_ins import From
from schemas.entry import parse_entry
from tests.node.nodes import joined_node
from tests.node.pages.asked import Reader, api_of
from tests.node.pages.test_importing import MAPPED, ROWS, as_csv, upload
from tests.node.serving import served
from tests.node.test_cli_readers import letter
from tests.pages.browsing import DESKTOP, PHONE, a_page, axe_findings
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
    node.editor.apply([Put(parse_entry(offer))])
    node.letters.keep(letter(7))
    node.letters.keep(letter(9, reason="schema-invalid"))
    node.log.sound(Finding(Name.ROLLED_BACK, "It went back.", 9, {}), "2026-11-24T12:00:00.000Z")
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
    found: list[str] = []
    with a_page(browser, served_node, size) as page:
        for address in PAGES:
            page.goto(prefix + address)
            assert page.locator("h1").count() == 1, address
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{address} is too wide"
            found += axe_findings(page)
    assert found == []
