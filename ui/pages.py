"""Renders a service's pages: its templates over the shared ones, in the reader's language, with strict headers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import BytecodeCache, Environment, FileSystemLoader
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ui import assets
from ui.absent import Absent
from ui.formats import Formats
from ui.languages import LANGUAGES, Language, language_of, translated, translations
from ui.packing import packed
from ui.sentences import Sentences
from ui.states import badge

FOLDER: Final = Path(__file__).parent
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "private, no-cache",
    "Vary": "Accept-Encoding, Accept-Language, Authorization, Cookie",
}


class _CompiledOnce(BytecodeCache):
    """Templates as code, for all languages of this process: what a language differs in is looked up as a page is made.

    A template is told from another of its name, and from an earlier one of its own, by its text.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


_COMPILED: Final = _CompiledOnce()


@dataclass(frozen=True)
class Place:
    """An entry of the navigation: its address, its name in English, and how much is unread there."""

    address: str
    name: str
    unread: int = 0


@dataclass
class Pages:
    """Built once for a service. `templates` and `catalogues` are folders, the service's own before the shared ones.

    `words` gives functions and values that the templates of a language may use, made from its tag and its gettext;
    `per_request` gives more for one request, such as who is logged in.
    """

    service: str
    network: str
    templates: Sequence[Path]
    catalogues: Sequence[Path]
    navigation: Sequence[Place]
    words: Callable[[str, Callable[[str], str]], Mapping[str, Any]] = lambda _tag, _gettext: {}
    per_request: Callable[[Request], Mapping[str, Any]] = lambda _request: {}
    _environments: dict[str, Environment] = field(default_factory=dict, init=False, repr=False)
    _sentences: dict[str, Sentences] = field(default_factory=dict, init=False, repr=False)

    def render(
        self, request: Request, template: str, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:  # fmt: skip
        """Give a page in the language of the request."""
        language = language_of(request.state.language)
        page = self.environment(language.tag).get_template(template)
        html = page.render(self._common(request, language) | dict(self.per_request(request)) | context)
        sent = {**HEADERS, "Content-Language": language.tag, **(headers or {})}
        return packed(request, HTMLResponse(html, status, sent))

    def gettext(self, request: Request, text: str) -> str:
        """Translate a text that was marked for it into the language of the request."""
        return str(translations([*self.catalogues, FOLDER / "locale"], request.state.language).gettext(text))

    def said(self, request: Request, english: str) -> Markup:
        """Give a sentence with values in it, as `words_of` in templates does, in the language of the request."""
        return self.sentences(request.state.language).said(english)

    def sentences(self, tag: str) -> Sentences:
        """Give the sentences of one language."""
        if tag not in self._sentences:
            self._sentences[tag] = Sentences(tag, translated([*self.catalogues, FOLDER / "locale"], tag))
        return self._sentences[tag]

    def environment(self, tag: str) -> Environment:
        """Give the templates of one language; also for mail, which has no request."""
        if tag not in self._environments:
            self._environments[tag] = self._new_environment(tag)
        return self._environments[tag]

    def _new_environment(self, tag: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader([*self.templates, FOLDER / "templates"]), autoescape=True,
            undefined=Absent, trim_blocks=True, lstrip_blocks=True, bytecode_cache=_COMPILED,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )  # fmt: skip
        texts = translations([*self.catalogues, FOLDER / "locale"], tag)
        environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]
        formats = Formats(tag)
        environment.globals |= {
            "language": language_of(tag), "moment": formats.moment, "day": formats.day, "ago": formats.ago,
            "number": formats.number, "ltr": formats.ltr, "text": formats.text, "badge": badge, "asset": asset,
            "comma": formats.comma, "colon": formats.colon, "any_of": formats.any_of,
            "name_of_language": formats.language_name,
            "words_of": self.sentences(tag).said,
            "service": self.service, "network": self.network, "navigation": self.navigation,
            **self.words(tag, texts.gettext),
        }  # fmt: skip
        return environment

    def _common(self, request: Request, language: Language) -> dict[str, Any]:
        prefix = request.state.language_prefix
        path = request.url.path.removeprefix(prefix) or "/"
        return {
            "request": request,
            "path": path,
            "link": partial(link, prefix),
            "plain_link": partial(link, ""),
            "here": partial(_here, request, prefix + path),
            "languages": [(each, _in_language(each, path, request.url.query)) for each in LANGUAGES],
            "lang": language.tag,
        }


def link(prefix: str, address: str, **query: Any) -> str:
    """Give an address in the page's language; lists are repeated, None is left out."""
    pairs = [
        (name, each)
        for name, value in query.items()
        for each in (value if isinstance(value, list | tuple) else [value])
        if each is not None and each != ""
    ]
    return prefix + address + (f"?{urlencode(pairs)}" if pairs else "")


def _here(request: Request, path: str, **changes: Any) -> str:
    """Give the page's own address with some parameters changed: a list replaces, None removes."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    added = [
        (name, each)
        for name, value in changes.items()
        for each in (value if isinstance(value, list | tuple) else [value])
        if each is not None and each != ""
    ]
    pairs = [*kept, *added]
    return path + (f"?{urlencode(pairs)}" if pairs else "")


def _in_language(language: Language, path: str, query: str) -> str:
    return f"/{language.tag}{path}" + (f"?{query}" if query else "")


def asset(name: str) -> str:
    """Give the address of a style sheet, script, font or picture of ours."""
    return f"/static/{assets.release()}/{name}"
