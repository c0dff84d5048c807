"""Tests of pages: layout, links in the reader's language, and headers that let nothing foreign in."""

import gzip
from pathlib import Path

import lxml.html
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.responses import Response

from tests.on_the_line import on_the_line
from ui.languages import LanguagePath
from ui.pages import Pages, Place, asset, link


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    (tmp_path / "one.html").write_text(
        '{% extends "layout.html" %}{% block title %}{{ _("One") }}{% endblock %}'
        '{% block content %}<h1>{{ said }}</h1><a id="more" href="{{ here(after=7) }}">x</a>'
        '<a id="to" href="{{ link("/two", place=["KEN", "TCD"], q=None) }}">y</a>{% endblock %}',
        "utf-8",
    )
    pages = Pages("Liaison", "exercise.example", [tmp_path], [], [Place("/one", "One"), Place("/two", "Two")])
    app = FastAPI()
    app.add_middleware(LanguagePath)

    @app.get("/one")
    def one(request: Request) -> Response:
        return pages.render(request, "one.html", said="<b>&")

    return TestClient(app)


def test_a_page_is_in_its_language_and_direction_and_marks_where_the_reader_is(client: TestClient) -> None:
    page = lxml.html.fromstring(client.get("/ar/one?q=a&after=3").text)
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    assert page.xpath('//a[@aria-current="page"]/@href') == ["/ar/one"]
    assert page.get_element_by_id("more").get("href") == "/ar/one?q=a&after=7"
    assert page.get_element_by_id("to").get("href") == "/ar/two?place=KEN&place=TCD"
    assert page.xpath('//link[@hreflang="fr"]/@href') == ["/fr/one?q=a&after=3"]
    assert "tabler.rtl.min.css" in page.xpath('//link[@rel="stylesheet"]/@href')[0]


def test_what_records_say_is_escaped(client: TestClient) -> None:
    assert "<h1>&lt;b&gt;&amp;</h1>" in client.get("/one").text


def test_a_page_lets_no_script_style_or_frame_of_others_in(client: TestClient) -> None:
    headers = client.get("/one").headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["vary"] == "Accept-Encoding, Accept-Language, Authorization, Cookie"


def test_a_page_comes_packed_over_a_slow_line(client: TestClient) -> None:
    raw, headers = on_the_line(client, "/one", "gzip")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == on_the_line(client, "/one", "identity")[0]


def test_a_template_is_compiled_once_for_all_languages_and_again_when_its_text_changes(tmp_path: Path) -> None:
    def code(text: str, tag: str) -> object:
        (tmp_path / "one.html").write_text(text, "utf-8")
        pages = Pages("Liaison", "exercise.example", [tmp_path], [], [])
        return pages.environment(tag).get_template("one.html").root_render_func.__code__

    assert code("{{ day }} 1", "en") is code("{{ day }} 1", "ar")
    assert code("{{ day }} 2", "en") is not code("{{ day }} 1", "en")


def test_a_sentence_with_values_is_said_in_the_language_of_the_request(tmp_path: Path) -> None:
    (tmp_path / "ar.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Wait {n} s."\nmsgstr "انتظر {n} ث."\n',
        "utf-8",
    )
    (tmp_path / "one.html").write_text("{{ words_of(said) }} {{ plain }}", "utf-8")
    pages = Pages("Liaison", "exercise.example", [tmp_path], [tmp_path], [])
    app = FastAPI()
    app.add_middleware(LanguagePath)

    @app.get("/one")
    def one(request: Request) -> Response:
        return pages.render(request, "one.html", said="Wait 5 s.", plain=pages.said(request, "Wait 6 s."))

    asked = TestClient(app)
    assert asked.get("/ar/one").text == "انتظر <bdi>5</bdi> ث. انتظر <bdi>6</bdi> ث."
    assert asked.get("/en/one").text == "Wait 5 s. Wait 6 s."


def test_links_leave_out_what_is_not_asked_for() -> None:
    assert link("/fr", "/needs", place=None, q="", theme=["1.1"]) == "/fr/needs?theme=1.1"
    assert asset("liaison.css").startswith("/static/")
