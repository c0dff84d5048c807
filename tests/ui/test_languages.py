"""Tests of languages: how one is chosen, and that plural forms are those of each language."""

from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from ui.languages import LANGUAGES, LanguagePath, direction, negotiate, translated, translations


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"), ("ar", "ar"), ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"), ("de, ar;q=0.2", "ar"),
        ("en;q=0.1, fr;q=0.9", "fr"), ("zh-Hant-TW, en;q=0.1", "zh"), ("ru", "ru"), ("de, es;q=0.1", "es"),
        ("fr;q=0", "en"), ("fr;q=x, ar", "ar"), (";;;,,,=", "en"), ("x" * 9000, "en"),
    ],
)  # fmt: skip
def test_the_best_language_of_the_six_is_chosen(accept: str, language: str) -> None:
    assert negotiate(accept) == language


def test_the_six_languages_of_the_united_nations_are_there() -> None:
    assert {each.tag for each in LANGUAGES} == {"ar", "zh", "en", "fr", "ru", "es"}
    assert [direction(tag) for tag in ("ar", "fr", "fa-AF", "zh")] == ["rtl", "ltr", "rtl", "ltr"]


def test_a_language_before_the_path_is_taken_off_it_and_kept_for_links() -> None:
    app = FastAPI()
    app.add_middleware(LanguagePath)

    @app.get("/needs")
    def needs(request: Request) -> list[str]:
        return [request.state.language, request.state.language_prefix, request.url.path]

    @app.get("/")
    def first(request: Request) -> list[str]:
        return [request.state.language]

    asked = TestClient(app, headers={"Accept-Language": "fr"})
    assert asked.get("/ar/needs").json() == ["ar", "/ar", "/ar/needs"]
    assert asked.get("/needs").json() == ["fr", "", "/needs"]
    assert asked.get("/ar").json() == ["ar"]
    assert asked.get("/ar/ar/needs").status_code == 404
    assert asked.get("/de/needs").status_code == 404


def test_arabic_has_six_forms_in_the_order_of_cldr(tmp_path: Path) -> None:
    header = (
        'msgid ""\nmsgstr ""\n"Language: ar\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=6; '
        'plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;\\n"\n\n'
    )
    forms = "".join(f'msgstr[{form}] "{form}"\n' for form in range(6))
    (tmp_path / "ar.po").write_text(f'{header}msgid "one need"\nmsgid_plural "%(num)s needs"\n{forms}', "utf-8")
    texts = translations([tmp_path], "ar")
    said = [texts.ngettext("one need", "%(num)s needs", n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103)]
    assert said == list("0123344553")


def test_texts_are_given_by_their_english_where_they_are_translated(tmp_path: Path) -> None:
    (tmp_path / "fr.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Search"\nmsgstr "Chercher"\n\nmsgid "Find"\nmsgstr ""\n\n'
        'msgctxt "act"\nmsgid "Open"\nmsgstr "Ouvrir"\n\n'
        'msgid "a need"\nmsgid_plural "needs"\nmsgstr[0] "un besoin"\nmsgstr[1] "besoins"\n',
        "utf-8",
    )
    assert translated([tmp_path, tmp_path / "none"], "fr") == {"Search": "Chercher"}
    assert translated([tmp_path], "ru") == {}


def test_a_language_without_a_catalogue_speaks_english(tmp_path: Path) -> None:
    assert translations([tmp_path], "ru").gettext("Search") == "Search"
