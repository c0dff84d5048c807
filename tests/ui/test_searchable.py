"""Tests of what makes lists searchable: every page brings the script and its words; the list itself needs neither."""

import re
from pathlib import Path

import lxml.html
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.responses import Response

from ui import assets
from ui.languages import LanguagePath
from ui.pages import Pages, asset

PAGE = """{% extends "layout.html" %}{% from "macros/forms.html" import select with context %}
{% block content %}{{ select("theme", "Theme", many, "c7", help="What it is about.", empty_label="any") }}
{{ select("hour", "Hour", many, plain=true) }}{% endblock %}"""


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    (tmp_path / "one.html").write_text(PAGE, "utf-8")
    pages = Pages("Liaison", "exercise.example", [tmp_path], [], [])
    app = FastAPI()
    app.add_middleware(LanguagePath)

    @app.get("/one")
    def one(request: Request) -> Response:
        return pages.render(request, "one.html", many=[(f"c{number}", f"Choice {number}") for number in range(30)])

    return TestClient(app)


def test_a_long_list_is_a_whole_control_of_its_own(client: TestClient) -> None:
    page = lxml.html.fromstring(client.get("/en/one").text)
    theme = page.get_element_by_id("theme")
    assert (theme.tag, theme.get("name"), theme.value) == ("select", "theme", "c7")
    assert page.xpath("//label[@for='theme']")
    assert page.get_element_by_id(theme.get("aria-describedby")).text_content() == "What it is about."
    assert theme.get("data-plain") is None
    assert page.get_element_by_id("hour").get("data-plain") is not None


def test_every_word_that_the_scripts_say_is_there_in_the_language_of_the_page(client: TestClient) -> None:
    scripts = [(assets.STATIC / name).read_text("utf-8") for name in ("choices.js", "narrowing.js")]
    said = {f"data-{word}" for script in scripts for word in re.findall(r"\bwords\.(\w+)", script)}
    english, arabic = (
        lxml.html.fromstring(client.get(f"/{language}/one").text).xpath("//script[@data-choices]")[0].attrib
        for language in ("en", "ar")
    )
    assert said == {name for name in english if name.startswith("data-")} - {"data-choices"}
    assert [name for name in said if not re.search("[\u0621-\u064a]", arabic[name])] == []
    assert all(("{n}" in words) == ("{n}" in english[name]) for name, words in arabic.items())


def test_the_scripts_are_our_own_files(client: TestClient) -> None:
    sources = lxml.html.fromstring(client.get("/en/one").text).xpath("//script/@src")
    assert sources == [asset("choices.js"), asset("narrowing.js")]
    assert all(client.get("/en/one").text.count(source) == 1 for source in sources)
    imported = re.findall(r'from "\./([^"]+)"', "".join(p.read_text("utf-8") for p in assets.STATIC.glob("*.js")))
    assert imported
    assert [name for name in imported if assets.find(name) is None] == []
