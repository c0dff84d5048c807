"""The journey of an auditor: from a record to its checks, and its evidence as a file that is checked elsewhere too."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.pages.browsing import a_page, axe_findings
from tests.signed_network import TRUST
from wire.evidence_checks import verify_evidence

PASSED = "Every check that could be made passed"


def test_an_auditor_verifies_a_record_and_takes_the_evidence_along(
    browser: Browser, served_hub: str, tmp_path: Path
) -> None:
    evidence, altered = tmp_path / "evidence.json", tmp_path / "altered.json"
    with a_page(browser, served_hub) as page:
        page.goto("/en/directory")
        page.locator("main h2 a").first.click()
        page.locator("main").get_by_role("link", name="Verify", exact=True).click()
        expect(page.get_by_role("heading", name=PASSED)).to_be_visible()
        expect(page.get_by_text("This proves who published it, not that it is correct.")).to_be_visible()
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Save the evidence as a file").click()
        waiting.value.save_as(evidence)
        # The file convinces without the hub, and the page says of another file by name what does not hold.
        assert verify_evidence(evidence.read_bytes(), TRUST).failed == []
        altered.write_bytes(evidence.read_bytes().replace(b'"form"', b'"from"'))
        page.set_input_files("#file", altered)
        page.get_by_role("button", name="Check", exact=True).click()
        expect(page.get_by_role("heading", name="This does not hold")).to_be_visible()
        assert axe_findings(page) == []
        page.set_input_files("#file", evidence)
        page.get_by_role("button", name="Check", exact=True).click()
        expect(page.get_by_role("heading", name=PASSED)).to_be_visible()
