"""The six languages of the pages: how one is chosen, what an address in it looks like, and its catalogue of texts."""

from collections.abc import Mapping, Sequence
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

RTL: Final = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
MAX_HEADER: Final = 500


class Language(NamedTuple):
    """A language of the pages: its tag, and its name in itself."""

    tag: str
    name: str

    @property
    def direction(self) -> str:
        """Give rtl or ltr."""
        return direction(self.tag)


LANGUAGES: Final = (
    Language("en", "English"),
    Language("fr", "Français"),
    Language("ar", "العربية"),
    Language("es", "Español"),
    Language("ru", "Русский"),
    Language("zh", "中文"),
)
DEFAULT: Final = "en"
_TAGS: Final = {language.tag: language for language in LANGUAGES}


def language_of(tag: str) -> Language:
    """Give a language of the pages; KeyError for another."""
    return _TAGS[tag]


def direction(tag: str) -> str:
    """Give the direction in which a language (BCP 47) is written: rtl or ltr."""
    return "rtl" if tag.partition("-")[0].lower() in RTL else "ltr"


def gettext_noop(text: str) -> str:
    """Mark a text for translation that a template translates later."""
    return text


def negotiate(accept: str) -> str:
    """Choose a language from an Accept-Language header: the first best of the six, else English."""
    wanted: list[tuple[float, str]] = []
    for part in accept[:MAX_HEADER].split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = parameters.strip().removeprefix("q=") if parameters else "1"
        try:
            wanted.append((float(quality), tag.strip().partition("-")[0].lower()))
        except ValueError:
            continue
    for weight, language in sorted(wanted, key=lambda pair: -pair[0]):
        if language in _TAGS and weight > 0:
            return language
    return DEFAULT


class LanguagePath:
    """Takes /ar, /fr … off the front of an address, so that each page is there in each language.

    Sets `language` and `language_prefix` ("/ar", or "" where the language was negotiated) in the request's state.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI's own
        if scope["type"] == "http":
            first = scope["path"].removeprefix("/").partition("/")[0]
            state = scope.setdefault("state", {})
            if first in _TAGS:
                prefix = f"/{first}"
                path = scope["path"]
                if path == prefix:
                    path += "/"
                scope = {**scope, "path": path, "root_path": scope.get("root_path", "") + prefix}
                state |= {"language": first, "language_prefix": prefix}
            else:
                state |= {"language": negotiate(_accept_language(scope)), "language_prefix": ""}
        await self._app(scope, receive, send)


def _accept_language(scope: Scope) -> str:
    found = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    return bytes(found).decode("latin-1")


def translations(folders: Sequence[Path], tag: str) -> NullTranslations:
    """Give the texts of a language from all `<folder>/<tag>.po` that there are; English where a text is missing."""
    return _translations(tuple(folders), tag)


def translated(folders: Sequence[Path], tag: str) -> Mapping[str, str]:
    """Give the texts of a language by their English, without those in a context or with a number."""
    return _translated(tuple(folders), tag)


@cache
def _translations(folders: tuple[Path, ...], tag: str) -> NullTranslations:
    # Commands mark texts with `gettext_noop`, too, and show no pages.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.support import Translations  # noqa: PLC0415

    found: Translations | None = None
    for each in _catalogues(folders, tag):
        compiled = BytesIO()
        write_mo(compiled, each)
        compiled.seek(0)
        catalogue = Translations(compiled)
        found = catalogue if found is None else found.add(catalogue)
    return found if found is not None else NullTranslations()


@cache
def _translated(folders: tuple[Path, ...], tag: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for catalogue in _catalogues(folders, tag):
        singles = ((each.id, each.string) for each in catalogue if each.context is None)
        found |= {key: text for key, text in singles if isinstance(key, str) and key and isinstance(text, str) and text}
    return found


@cache
def _catalogues(folders: tuple[Path, ...], tag: str) -> "tuple[Catalog, ...]":
    from babel.messages.pofile import read_po  # noqa: PLC0415

    paths = [folder / f"{tag}.po" for folder in folders if (folder / f"{tag}.po").is_file()]
    return tuple(read_po(BytesIO(path.read_bytes()), locale=tag) for path in paths)
