"""What filters ask for, in words of the reader's language, for the sentence that macros/sentence.html makes of it."""

from collections.abc import Callable
from typing import Any

from fastapi import Request

from hub.filters import Filters, themes_of
from hub.subscriptions.lanes import asked_of
from schemas.codelists import THEME_SCHEMES, codes
from ui.pages import Pages


def choice_of(pages: Pages, request: Request, filters: str | Filters) -> dict[str, Any]:
    """Give the words for each list of filters, as they are kept or as they were asked."""
    asked = asked_of(filters) if isinstance(filters, str) else filters
    words: dict[str, Any] = dict(pages.environment(request.state.language).globals)
    return {
        "kinds": [words["kind_name"](kind) for kind in asked.kind],
        "places": [words["place_text"](place) for place in asked.place],
        "themes": [theme_text(words["label_text"], theme) for theme in asked.theme],
        "orgs": asked.org,
        "statuses": asked.status,
        "words": asked.q,
        "since": asked.since,
    }


def theme_text(label: Callable[[str, str], str], theme: str) -> str:
    """Give the label of a theme as filters name it: with the scheme it says, or the first that has it."""
    [(scheme, code)] = themes_of([theme])
    found = scheme or next((each for each in THEME_SCHEMES if code in codes(each)), None)
    return label(found, code) if found else code
