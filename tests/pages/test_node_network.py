"""Journeys of a node's people that end at a real hub: published, corrected, approved, a new key, the first run."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.commands import hub, node
from deploy.demo.service import Service, free_port
from node.api.application import create_api
from node.edit import Put
from node.pages.record import TRAIL
from schemas.entry import Entry
from tests.halted import halted
from tests.node.serving import served
from tests.pages.browsing import DESKTOP, PHONE, a_page, axe_findings
from tests.pages.live_node import ADMINISTRATOR, OFFICER, ORG, REVIEWER, LiveNode, live_node
from tests.pages.people import HUB, Person
from tests.people.desks import PASSWORD
from tests.schemas.examples import EXAMPLES

NEWCOMER = "xb-office"
IN_VIEW = "It has arrived: everybody who may read it finds it in the global view."
BOTH = pytest.mark.parametrize(("language", "size"), [("en", DESKTOP), ("ar", PHONE)], ids=["desktop-en", "phone-ar"])
NAMES = {"en": "Harbour duty office", "ar": "مكتب مناوبة الميناء"}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveNode]:
    """A network of one node."""
    with live_node(tmp_path_factory.mktemp("live")) as made:
        yield made


def fill_contact(page: Page, language: str, name: str) -> None:
    expect(page.locator("[name=organization]")).to_have_value(ORG)
    page.select_option("[name=card_kind]", "group")
    page.fill(f"[name='name.{language}']", name)
    page.select_option("[name=roles]", ["duty_officer_24x7"])
    expect(page.locator("[name=confirmed_at]")).not_to_have_value("")
    page.select_option("[name=visibility]", "public")


def place_in_log(page: Page) -> str:
    """Give the place in the log that the trail of a record names."""
    found = re.search(r"#\d+", page.locator("#delivery").inner_text())
    assert found is not None
    return found[0]


def each_step_has_its_time(page: Page) -> None:
    times = [each.get_attribute("datetime") or "" for each in page.locator("#delivery ol time").all()]
    assert len(times) == page.locator("#delivery ol li").count() == len(TRAIL)
    assert times[:5] == sorted(times[:5]), "saved, signed, sent, logged, witnessed"


@BOTH
def test_an_officer_enters_publishes_and_withdraws_a_contact_and_sees_each_reach_the_hub(
    browser: Browser, live: LiveNode, language: str, size: dict[str, int]
) -> None:
    with a_page(browser, live.address, size) as page:
        officer, at_hub = Person(page, language), Person(page, language, HUB)
        officer.logs_in(OFFICER, PASSWORD)
        officer.follows("Enter something new")
        officer.presses("Contact point")
        fill_contact(page, language, NAMES[language])
        page.fill("[name='emails.0.address']", "duty at harbour")
        officer.fits()
        officer.presses("Check before publishing")
        # One field is wrong: it is said once above, and the link leads to it.
        expect(page).to_have_title(re.compile(f"^{officer.words('Error:')}"))
        expect(page.locator("#errors li")).to_have_count(1)
        page.locator("#errors a").click()
        expect(page.locator("[id='emails.0.address']")).to_be_focused()
        page.fill("[name='emails.0.address']", "duty@harbour.example")
        officer.presses("Check before publishing")
        expect(officer.heading).to_have_text(officer.words("Check before publishing"))
        with halted(live.network.hub.pid):  # what is sent waits on the bus, and is seen under way however quick all is
            officer.presses("Publish")
            expect(officer.heading).to_have_text(NAMES[language])
            officer.is_told("On its way. This page looks again by itself.")
        officer.is_told(IN_VIEW)
        expect(page.locator("#delivery")).not_to_contain_text(officer.words("not yet"))
        each_step_has_its_time(page)
        officer.fits()
        record, published = page.url, place_in_log(page)
        officer.follows("See it in the global view")
        expect(page).to_have_url(re.compile(f"^{re.escape(f'{live.hub}/{language}/records/contact/{ORG}/')}"))
        expect(at_hub.heading).to_have_text(NAMES[language])
        expect(page.locator("main")).to_contain_text(published)
        expect(page.get_by_role("link", name="duty@harbour.example")).to_be_visible()
        at_hub.fits()

        page.goto(record)
        officer.follows("Withdraw it")
        page.get_by_label(officer.words("Reason, for everybody to read")).fill("It has moved.")
        officer.presses("Withdraw it")
        officer.is_told("Its withdrawal has arrived: everybody sees that it no longer holds.")
        each_step_has_its_time(page)
        withdrawn = place_in_log(page)
        assert withdrawn != published
        officer.follows("See it in the global view")
        at_hub.is_told(
            "Its author has withdrawn this record. It no longer holds; what is shown here is what it said last."
        )
        expect(page.locator("main")).to_contain_text("It has moved.")
        expect(page.locator("main")).to_contain_text(withdrawn)


def test_a_record_that_the_hub_left_out_is_told_with_its_field_corrected_and_accepted(
    browser: Browser, live: LiveNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a node of another version, in which this is allowed, signs and sends.
    monkeypatch.setattr("node.edit.check_release", lambda *_: None)
    monkeypatch.setattr("node.sealing.Sealer._check", lambda *_: None)
    record = {name: value for name, value in EXAMPLES["offer"].items() if name not in {"kind", "id", "marking"}}
    live.node.editor.apply([Put(Entry("offer", "left-out", "TLP:CLEAR", {**record, "assistance_modes": ["wishing"]}))])
    with a_page(browser, live.address) as page:
        officer = Person(page)
        officer.logs_in(OFFICER, PASSWORD, "/records/offer/left-out")
        officer.is_told("The hub has not taken it into the global view; what is to be done stands above.")
        expect(page.get_by_role("link", name="See it in the global view")).to_have_count(0)
        officer.follows("My desk")
        told = page.locator("section", has=page.locator("#refused"))
        expect(told).to_contain_text("the record does not fit its schema")
        expect(told).to_contain_text("correct the fields that are named and publish the record again")
        expect(told.locator("li li")).to_contain_text("Assistance modes")
        told.get_by_role("button", name=re.compile("^Fix it.*Training of border officers")).click()
        page.locator("#errors a").click()
        expect(page.locator("#assistance_modes")).to_be_focused()
        page.select_option("#assistance_modes", ["equipment"])
        officer.presses("Check before publishing")
        officer.presses("Publish")
        officer.is_told(IN_VIEW)
        officer.follows("See it in the global view")
        expect(page.locator("main")).to_contain_text("Equipment")
        page.goto(f"{live.address}/en/desk")
        expect(page.locator("#refused")).to_have_count(0)


@BOTH
def test_a_second_person_approves_what_reaches_the_hub(
    browser: Browser, live: LiveNode, language: str, size: dict[str, int]
) -> None:
    strict = replace(live.node, settings=replace(live.node.settings, four_eyes=True))
    with (
        served(create_api(strict)) as address,
        a_page(browser, address, size) as hers,
        a_page(browser, address, size) as others,
    ):
        author, second, name = Person(hers, language), Person(others, language), f"{NAMES[language]} 2"
        author.logs_in(OFFICER, PASSWORD, "/new")
        author.presses("Contact point")
        fill_contact(hers, language, name)
        author.presses("Check before publishing")
        author.presses("Hand in for review")
        author.is_told("It waits for a second person now.")

        second.logs_in(REVIEWER, PASSWORD)
        others.get_by_role("link", name=name).click()
        others.get_by_label(second.words("What is to be changed")).fill("Say when it can be reached.")
        second.presses("Give it back")
        second.is_told("It is given back.")

        author.goes_to("/desk")
        author.is_told("given back")
        hers.get_by_role("link", name=name).first.click()
        expect(hers.get_by_role("note")).to_contain_text("Say when it can be reached.")
        hers.get_by_text(author.words("More that may be said"), exact=True).click()
        hers.select_option("[name=available_24x7]", "yes")
        author.presses("Check before publishing")
        author.presses("Hand in for review")

        second.goes_to("/desk")
        others.get_by_role("link", name=name).click()
        second.fits()
        second.presses("Approve and publish")
        second.is_told(IN_VIEW)
        author.goes_to("/desk")
        author.is_told("delivered")


def test_an_administrator_rotates_the_key_and_the_hub_registers_the_new_one(browser: Browser, live: LiveNode) -> None:
    following = live.node.keys.following(live.node.reading.in_use()).public.thumbprint
    with a_page(browser, live.address) as page:
        administrator = Person(page)
        administrator.logs_in(ADMINISTRATOR, PASSWORD, "/connection")
        administrator.is_told("Nothing is wrong between this node and the network.")
        administrator.follows("Keys")
        administrator.follows("Begin a rotation")
        administrator.presses("Rotate")
        administrator.is_told(
            "Done: the next key speaks from now on. The hub is being told; below it says when it is logged."
        )
        expect(page.locator("dd").first).to_have_text(following)
        expect(page.locator("dd").nth(1)).to_contain_text(re.compile(r"entry #\d+ of the log"))
        since = re.search(r"entry (#\d+)", page.locator("dd").nth(1).inner_text())
        assert since is not None
        page.goto(f"{live.hub}/en/audit/keys/{ORG}")
        now = page.get_by_role("row").filter(has_text="valid now")
        expect(now).to_have_count(1)
        expect(now).to_contain_text(following)
        page.goto(f"{live.address}/en/acts")
        expect(page.get_by_role("table")).to_contain_text("key.rotated")


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory, live: LiveNode) -> Iterator[Service]:
    """Another node, as `init` leaves it, served; once it has joined it is needed for the quorum."""
    place = tmp_path_factory.mktemp("newcomer") / "node"
    node("init", str(place), "--org", NEWCOMER, "--name", "Office of Xandia", "--org-type", "10")
    port = free_port()
    words = ["liaison-node", "serve", str(place), "--port", str(port)]
    made = Service(NEWCOMER, words, place, port, place.parent / "node.log")
    made.start()
    made.wait_ready()
    yield made
    made.stop()


def test_a_first_administrator_begins_joins_and_sees_a_signed_event_come_back(
    browser: Browser, live: LiveNode, newcomer: Service, tmp_path: Path
) -> None:
    code = node("person", "first", str(newcomer.log.parent / "node")).strip()
    with a_page(browser, newcomer.url, accept_downloads=True) as page:
        page.goto("/en/")
        page.get_by_role("link", name="Begin").click()
        assert axe_findings(page) == []
        page.fill("#code", code)
        page.fill("#person", "Amina Warsame")
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="Set the password and go on").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("First steps")
        page.fill("#name", "Xandia Counter-Terrorism Office")
        page.get_by_role("button", name="Save name and kind").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the enrolment").click()
        enrolment, admission = tmp_path / "enrolment.json", tmp_path / "admission.json"
        download.value.save_as(enrolment)
        hub("admit", str(live.network.hub_dir), str(enrolment), "-o", str(admission))
        page.set_input_files("#admission", admission)
        page.get_by_role("button", name="Look at this admission").click()
        expect(page.locator("#offered")).to_be_visible()
        assert axe_findings(page) == []
        page.get_by_role("button", name="It is the same: join with this admission").click()
        expect(page.locator("#step-3")).to_contain_text("done")
        assert axe_findings(page) == []
        page.get_by_role("button", name="Send a test event").click()
        expect(page.locator("#trail")).to_contain_text("It came back: everything works.", timeout=60_000)
        expect(page.locator("#step-5")).to_contain_text("done")
        expect(page.locator("#trail")).to_contain_text(re.compile(r"in the network's log \(#\d+\)"))
        page.get_by_role("link", name="Trail", exact=True).click()
        expect(page.get_by_role("table")).to_contain_text("welcome.tested")
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
        page.goto(f"{live.hub}/en/organizations/{NEWCOMER}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Xandia Counter-Terrorism Office")
    with a_page(browser, newcomer.url, PHONE) as page:
        arabic = Person(page, "ar")
        arabic.logs_in("administrator", PASSWORD, "/welcome")
        expect(page.locator("#step-5")).to_be_visible()
        arabic.fits()
        assert axe_findings(page) == []
