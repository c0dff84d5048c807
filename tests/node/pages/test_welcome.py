"""Tests of the first run: nobody but the code's holder begins, each step is found done or missing, errors are said."""

from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest
from fastapi.testclient import TestClient

from node.accounts.tables import TABLES
from node.api.application import create_api
from node.edit import Put
from node.node import Node
from node.pages.desk import Role
from people.log_ins import From
from people.passwords import Passwords
from schemas.entry import parse_entry
from tests.node.nodes import ORG, HubEnd, contact, make_node
from tests.node.pages.asked import BROWSER, Reader
from tests.people.desks import PASSWORD, QUICK
from wire.key_sets import ENROLMENT_FILE

FILE = "application/json"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node as `init` leaves it."""
    made = make_node(tmp_path / "node")
    made.people.log_ins._passwords = Passwords(QUICK)
    yield made
    made.engine.dispose()


@pytest.fixture
def administrator(node: Node) -> Reader:
    """The first administrator, after the first step."""
    node.people.log_ins.by_code(node.people.first_code() or "", PASSWORD, From("192.0.2.1"))
    return Reader(node, Role.ADMINISTRATOR, Role.OFFICER)


def badges(reader: Reader) -> list[str]:
    steps = reader.read("/welcome").xpath("//h2/span")
    return [" ".join(each.text_content().split()) for each in steps]


def upload(reader: Reader, document: bytes) -> str:
    got = reader.client.post("/welcome/admission", files={"admission": ("a.json", document, FILE)})
    reader.status = got.status_code
    return got.text


def join(reader: Reader, offered: str) -> None:
    """Press the button of the page that shows what is offered."""
    [document] = lxml.html.fromstring(offered).xpath("//form[@action='/welcome/join']/input[@name='document']/@value")
    reader.send("/welcome/join", document=str(document))


def test_whoever_holds_the_code_begins_and_then_nobody_else_can(node: Node) -> None:
    browser = TestClient(create_api(node), headers=BROWSER)
    assert "Step 1 of 5" in browser.get("/welcome").text
    code = node.people.first_code() or ""
    guess = browser.post("/welcome", data={"code": "k3fq", "person": "Eve", "password": PASSWORD})
    assert guess.status_code == 401
    short = browser.post("/welcome", data={"code": code, "person": "Amina W.", "password": "short"})
    assert (short.status_code, 'value="Amina W."' in short.text) == (422, True)
    begun = browser.post("/welcome", data={"code": code, "person": "Amina W.", "password": PASSWORD})
    assert "First steps" in begun.text
    assert "Amina W." in begun.text
    assert node.people.listed()[0]["person"] == "Amina W."
    other = TestClient(browser.app, headers=BROWSER, follow_redirects=False)
    assert other.get("/welcome").headers["location"] == "/login?next=%2Fwelcome"
    assert other.post("/welcome", data={"code": code, "person": "Eve", "password": PASSWORD}).status_code == 403
    assert Reader(node, Role.OFFICER).client.get("/welcome").status_code == 403


def test_another_account_s_code_makes_nobody_an_administrator(node: Node) -> None:
    node.people.first_code()
    code = node.people.add("test", "bruno", ["officer"], person="Bruno B.")
    browser = TestClient(create_api(node), headers=BROWSER, follow_redirects=False)
    browser.post("/welcome", data={"code": code, "person": "Boss", "password": PASSWORD})
    assert not node.people.begun()
    assert [each["person"] for each in node.people.listed()] == ["Administrator", "Bruno B."]
    assert browser.get("/people").status_code == 403


def test_guessing_the_code_is_slowed_down(node: Node) -> None:
    node.people.first_code()
    browser = TestClient(create_api(node), headers=BROWSER)
    form = {"person": "Eve", "password": PASSWORD}
    statuses = [browser.post("/welcome", data={"code": f"code{n}", **form}).status_code for n in range(22)]
    assert (statuses[0], statuses[-1]) == (401, 429)


def test_each_step_is_found_done_or_missing_and_can_be_resumed(node: Node, administrator: Reader) -> None:
    assert badges(administrator) == ["✓ done", *["○ to do"] * 4]
    administrator.send("/welcome/organization", name="Centre de Xandia", language="fr", org_type="40")
    record = node.reading.record("organization", ORG)
    assert record is not None
    assert record.kept.record is not None
    assert record.kept.record["name"] == {"en": "Centre of Xandia", "fr": "Centre de Xandia"}
    assert record.kept.record["org_type"]["code"] == "40"
    enrolment = administrator.client.get("/welcome/enrolment.json")
    assert enrolment.content == (node.settings.directory / ENROLMENT_FILE).read_bytes()
    join(administrator, upload(administrator, HubEnd().admit(enrolment.content)))
    assert node.admission() is not None
    assert badges(administrator) == [*["✓ done"] * 3, *["○ to do"] * 2]
    node.editor.apply([Put(parse_entry(contact()))])
    administrator.send("/welcome/test")
    assert badges(administrator) == [*["✓ done"] * 4, "○ to do"]
    page = administrator.read("/welcome")
    assert page.xpath("//*[@data-look-again]")
    trail = [" ".join(each.text_content().split()) for each in page.xpath("//*[@id='trail']/ol/li")]
    assert trail[:3] == ["✓ done saved here", "✓ done signed with the organization's key", "○ not yet sent to the hub"]
    stood = node.reading.record("organization", ORG)
    assert stood is not None
    assert stood.kept.sequence == node.reading.chain().sequence, "the test event is a real one"
    assert {each.act for each in node.acts.listed()} >= {"welcome.organization", "network.joined", "welcome.tested"}


def test_the_hash_of_trust_json_and_whom_to_ask_are_shown_before_the_button_that_joins(
    node: Node, administrator: Reader
) -> None:
    end = HubEnd()
    text = upload(administrator, end.admit((node.settings.directory / ENROLMENT_FILE).read_bytes()))
    assert node.admission() is None, "nothing has been joined yet"
    assert node.acts.listed(act="network.joined") == []
    shown = " ".join(lxml.html.fromstring(text).get_element_by_id("content").text_content().split())
    before = shown.partition("It is the same: join with this admission")[0]
    assert end.trust.digest.hex() in before
    assert "to the network exercise.example" in before
    assert "with the one that the network publishes, and with the hub's operator by another way" in before
    join(administrator, text)
    assert (node.settings.directory / "trust.json").read_bytes() == end.trust.to_bytes()


def test_an_admission_that_was_changed_after_it_was_shown_is_refused(node: Node, administrator: Reader) -> None:
    for document in ("e30", "no base64", ""):
        page = administrator.send("/welcome/join", document=document)
        assert administrator.status == 422
        assert page.xpath("//*[@id='errors']//a[@href='#admission']")
    assert node.admission() is None


@pytest.mark.parametrize(
    "document", [b"", b"{}", b"no json", b'{"trust": 1}'], ids=["no file", "empty", "no json", "nonsense"]
)
def test_what_is_no_admission_is_told_at_its_field(node: Node, administrator: Reader, document: bytes) -> None:
    assert 'href="#admission"' in upload(administrator, document)
    assert administrator.status == 422
    assert node.admission() is None


def test_another_node_s_admission_is_refused_and_noted(node: Node, administrator: Reader, tmp_path: Path) -> None:
    other = make_node(tmp_path / "other", organization="xb-it")
    text = upload(administrator, HubEnd().admit((other.settings.directory / ENROLMENT_FILE).read_bytes()))
    assert "xb-it" in text
    [act] = node.acts.listed(act="network.joined")
    assert act.outcome == "refused"


def test_a_file_that_is_too_large_or_no_form_is_refused(administrator: Reader) -> None:
    upload(administrator, b"x" * 300_000)
    assert administrator.status == 413
    got = administrator.client.post(
        "/welcome/admission", content=b"--", headers={"Content-Type": "multipart/form-data"}
    )
    assert got.status_code == 400


def test_the_test_event_waits_for_the_join(administrator: Reader) -> None:
    page = administrator.send("/welcome/test")
    assert administrator.status == 422
    assert "not joined" in page.get_element_by_id("errors").text_content()


def test_a_name_or_kind_that_cannot_be_is_told(administrator: Reader) -> None:
    for fields in ({"name": " ", "language": "en", "org_type": "10"}, {"name": "X", "language": "en", "org_type": "x"}):
        page = administrator.send("/welcome/organization", **fields)
        assert administrator.status == 422
        assert page.xpath("//*[@id='errors']//li")


def test_the_first_page_leads_to_the_beginning_only_while_there_is_none(node: Node) -> None:
    assert "/welcome" in Reader(node).read("/").xpath("//main//a/@href")
    node.people.log_ins.by_code(node.people.first_code() or "", PASSWORD, From("192.0.2.1"))
    assert "/welcome" not in Reader(node).read("/").xpath("//main//a/@href")
    with node.engine.begin() as connection:
        connection.execute(TABLES.accounts.delete())
