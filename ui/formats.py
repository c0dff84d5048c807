"""How times, days, numbers, codes and texts are written on a page, in its language and direction."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal
from markupsafe import Markup

from ui.languages import DEFAULT, direction

_EMPTY: Final = Markup("")


class _Ways(NamedTuple):
    """What stands between items, before what a word introduces and before the hours, and the pattern of a day."""

    comma: str = ", "
    colon: str = ": "
    before_hours: str = ", "
    day: str = "d MMM y"


_USUAL: Final = _Ways()
_WAYS: Final = {
    "ar": _Ways(comma="، ", before_hours="، "),
    "fr": _Ways(colon="\u00a0: "),
    "zh": _Ways("、", "：", " ", "y年M月d日"),
}


class Text(NamedTuple):
    """A text in the language in which it was found."""

    language: str
    text: str


def choose(texts: Mapping[str, str], language: str) -> Text | None:
    """Choose from a text in several languages: the page's, then English, then whichever comes first."""
    if not texts:
        return None
    for wanted in (language, DEFAULT):
        for tag, text in texts.items():
            if tag.partition("-")[0].lower() == wanted:
                return Text(tag, text)
    return Text(*next(iter(texts.items())))


def as_datetime(value: str | datetime) -> datetime:
    """Read a time as records and statements write it, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Formats:
    """The ways of one language; what it gives is safe to put into a page."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._ways = _WAYS.get(language, _USUAL)
        self.comma, self.colon = self._ways.comma, self._ways.colon  # each with its blanks

    def any_of(self, words: Sequence[str]) -> str:
        """Write words as a choice: A, B or C."""
        # The English of the United Nations: no comma before "or".
        return format_list(words, "or", "en_GB" if self.language == "en" else self.language)

    def moment(self, value: str | datetime | None) -> Markup:
        """Write a time in UTC, to the minute."""
        if not value:
            return _EMPTY
        when = as_datetime(value)
        words = format_datetime(when, f"{self._ways.day}{self._ways.before_hours}HH:mm", locale=self.language)
        iso = when.isoformat(timespec="seconds").replace("+00:00", "Z")
        return Markup('<time datetime="{}">{} UTC</time>').format(iso, words)

    def day(self, value: str | date | None) -> Markup:
        """Write a day."""
        if not value:
            return _EMPTY
        when = date.fromisoformat(value[:10]) if isinstance(value, str) else value
        words = format_date(when, self._ways.day, locale=self.language)
        return Markup('<time datetime="{}">{}</time>').format(when.isoformat()[:10], words)

    def ago(self, value: str | datetime | None, now: datetime) -> Markup:
        """Write how long ago a time was, with the time itself as the title."""
        if not value:
            return _EMPTY
        when = as_datetime(value)
        words = format_timedelta(when - now, add_direction=True, locale=self.language)
        iso = when.isoformat(timespec="seconds").replace("+00:00", "Z")
        return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, iso, words)

    def number(self, value: float | None) -> str:
        """Write a number with the separators of the language."""
        return "" if value is None else _number(value, self.language)

    def ltr(self, value: object) -> Markup:
        """Keep an identifier, an address or a ratio in its own order within right-to-left text."""
        return Markup('<bdi dir="ltr">{}</bdi>').format(value) if value not in {None, ""} else _EMPTY

    def text(self, texts: Mapping[str, str] | None) -> Markup:
        """Write a record's text in the page's language, or in another one and which."""
        found = choose(texts or {}, self.language)
        if found is None:
            return _EMPTY
        shown = Markup('<span lang="{}" dir="{}">{}</span>').format(
            found.language, direction(found.language), found.text
        )
        if found.language.partition("-")[0].lower() == self.language:
            return shown
        return shown + Markup(' <span class="li-language" dir="ltr">{}</span>').format(found.language)

    def language_name(self, tag: str) -> Markup:
        """Write the name of a language (BCP 47) in the page's language; the tag itself where it has none."""
        name = language_name(tag, self.language)
        return Markup("<bdi>{}</bdi>").format(name) if name else self.ltr(tag)


@lru_cache(maxsize=1000)
def language_name(tag: str, language: str | None = None) -> str | None:
    """Give the name of a language (BCP 47), in another one or in itself; None where it has none."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(language)
    except (ValueError, UnknownLocaleError):
        return None


@lru_cache(maxsize=20_000)
def _number(value: float, language: str) -> str:
    """Pages have thousands of small counts, and to write one takes longer than to find it."""
    return format_decimal(value, locale=language)
