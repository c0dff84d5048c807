"""Debian's Chromium driven by Playwright, and what axe-core finds on a page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 60_000  # milliseconds: the machine may be busy with other things
OF_COLOURS = ("color-contrast", "link-in-text-block")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser; where there is none, that is a skip on a user's machine and an error in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("LIAISON_CI"):
            pytest.fail("chromium is not installed, and in CI nothing is skipped")
        pytest.skip("chromium is not installed: apt install chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS, timeout=120_000)
        yield browser
        browser.close()


@contextmanager
def a_page(browser: Browser, base: str, size: dict[str, int] = DESKTOP, **context: Any) -> Iterator[Page]:
    """Open a page in a session of its own; errors of its scripts and refusals of its policy fail the test."""
    session = browser.new_context(base_url=base, viewport=size, **context)  # type: ignore[arg-type]
    page = session.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    page.on(
        "console", lambda line: said.append(f"{page.url}: {line.text}") if "Content Security" in line.text else None
    )
    page.set_default_timeout(PATIENCE)
    yield page
    session.close()
    assert said == []


def is_there(page: Page) -> None:
    """Wait until the page that a click has led to is all there."""
    page.locator("h1").first.wait_for()
    page.wait_for_load_state()


def axe_findings(page: Page, *, colours: bool = True) -> list[str]:
    """Give what axe-core finds against WCAG 2.2 AA on the page as it stands, one line for each.

    Without `colours` no contrast is measured, which takes as long as all else.
    """
    is_there(page)
    # All that passed need not be listed with all its elements: that takes longer than looking.
    # Nor must style sheets and films be fetched once more, which only rules ask for that are on no page of ours.
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"], "preload": False}
    if not colours:
        options["rules"] = {rule: {"enabled": False} for rule in OF_COLOURS}
    found = Axe().run(page, options=options)
    return [
        f"{page.url}: {each['id']} ({each['help']}): {node['html'][:160]}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]
