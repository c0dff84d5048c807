"""The catalogues are whole: every text of the pages is in them, and no language leaves one out."""

import re
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tests.messages.__main__ import LANGUAGES, PACKAGES, catalogue, collect, updated

PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")


@pytest.fixture(scope="module", params=PACKAGES)
def package(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def collected(package: str) -> Catalog:
    return collect(package)


def read(package: str, language: str) -> list[Message]:
    found = read_po(BytesIO(catalogue(package, language).read_bytes()), locale=language)
    return [each for each in found if each.id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_pages_is_in_the_catalogue(package: str, language: str, collected: Catalog) -> None:
    same = catalogue(package, language).read_bytes() == updated(package, language, collected)
    assert same, f"{package}/locale/{language}.po is not what the pages say: run make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_in_english(package: str, language: str) -> None:
    left = [each.id for each in read(package, language) if not all(strings(each))]
    assert left == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_name_nothing_that_the_text_does_not_name(package: str, language: str) -> None:
    for each in read(package, language):
        named = {name for text in ids(each) for name in PLACE.findall(text)}
        for string in strings(each):
            assert set(PLACE.findall(string)) <= named, each.id
        if isinstance(each.id, str):
            assert set(PLACE.findall(strings(each)[0])) == named, each.id


@pytest.mark.parametrize("service", ["node", "hub"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_service_has_one_translation_of_each_text(service: str, language: str) -> None:
    said: dict[tuple[str | None, str], set[str]] = {}
    for package in (service, *(each for each in PACKAGES if each not in {"node", "hub"})):
        for each in read(package, language):
            said.setdefault((each.context, ids(each)[0]), set()).update(strings(each)[:1])
    assert {text: found for text, found in said.items() if len(found) > 1} == {}


def ids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, (tuple, list)) else [str(message.id)]


def strings(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (tuple, list)) else [str(message.string)]
