"""The frame of the node's pages: navigation, templates, words, who is visiting."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import Request

import schemas
from node.entry_form.choices import form_words
from node.pages.desk import Desk
from schemas.codelists import codes, countries, country, is_country, label, regions
from schemas.field_names import field_name
from schemas.words import fold
from ui import labels
from ui.labels import Labels, Vocabulary
from ui.languages import gettext_noop as N_
from ui.pages import Pages, Place

NODE: Final = Path(__file__).parents[1]
NAVIGATION: Final = (
    Place("/desk", N_("My desk")),
    Place("/records", N_("Records")),
    Place("/import", N_("Import")),
    Place("/inbox", N_("Inbox")),
    Place("/connection", N_("Connection")),
    Place("/outbox", N_("Outbox")),
    Place("/keys", N_("Keys")),
    Place("/people", N_("People")),
)
VOCABULARY: Final = Vocabulary(codes, label, countries, country, is_country, regions, field_name, fold)


def words(language: str, gettext: Callable[[str], str]) -> Mapping[str, Any]:
    """Give templates the words of a language, those of forms included."""
    found = labels.words(VOCABULARY, language, gettext)
    return {**found, **form_words(Labels(VOCABULARY, language, gettext), gettext)}


def create_pages(desk: Desk) -> Pages:
    """Build what renders the node's pages."""

    def visiting(request: Request) -> Mapping[str, Any]:
        organization = desk.node.settings.organization
        return {"now": desk.now(), "visitor": desk.visitor(request), "organization": organization}

    settings = desk.node.settings
    return Pages(
        settings.name or settings.organization, settings.organization, [NODE / "templates"],
        [NODE / "locale", Path(schemas.__file__).parent / "locale"], NAVIGATION, words, visiting,
    )  # fmt: skip
